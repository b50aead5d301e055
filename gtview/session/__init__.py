"""One opened dataset and what the user does with it; knows no widget."""
