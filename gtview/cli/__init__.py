"""The commands; each imports what it needs when it runs, so that `--help` is instant."""

from . import dataset_commands, generation_commands, study_commands, window_commands
from .group import main, run

__all__ = [
    "dataset_commands",
    "generation_commands",
    "main",
    "run",
    "study_commands",
    "window_commands",
]
