"""Readers of exports, recordings, probes and ground truths; decides nothing about clusters."""
