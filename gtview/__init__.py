"""gtview: look at a spike sorter's output, and see how far it is from the truth."""

__version__ = "0.1.0"
