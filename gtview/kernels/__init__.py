"""Compiled loops over spikes and samples: arrays in, arrays out; no objects, no files."""
