"""One file a view; no view knows another."""
