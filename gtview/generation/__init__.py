"""From a recipe to a recording with known truth: probe, units, templates, motion, trains, noise."""
