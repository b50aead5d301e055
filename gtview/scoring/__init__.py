"""Answers to questions about the truth."""
