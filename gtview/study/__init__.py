"""Studies: many recordings, sorted by many sorters, scored, and looked at together."""
