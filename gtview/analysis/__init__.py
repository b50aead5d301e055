"""Answers to questions about clusters: a frozen query in, a frozen result out."""
