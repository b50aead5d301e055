"""The panel in which a recipe is written, with a look at what it leads to."""
