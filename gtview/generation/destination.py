"""Says whether a dataset can be written to a folder, before any work."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .writer import SPARE_BYTES


def problem_with(folder: Path, disk_mb: float) -> str:
    """Return why a dataset cannot be written to a folder, as a sentence; "" where it can.

    Parameters
    ----------
    folder
        Must not exist.
    disk_mb
        How much room is needed, in millions of bytes.
    """
    folder = folder.expanduser()
    if not folder.is_absolute():
        return "The folder must be named from the root, or from your home (~)."
    if folder.exists():
        return f"{folder.name or folder} exists already: choose another name."
    above = folder.parent
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        return f"{above} is no folder."
    if not os.access(above, os.W_OK | os.X_OK):
        return f"{above} cannot be written to."
    free = shutil.disk_usage(above).free
    if 1e6 * disk_mb + SPARE_BYTES > free:
        return (
            f"It needs {disk_mb / 1e3:.2f} GB, but the disk of {above} has only "
            f"{free / 1e9:.2f} GB left."
        )
    return ""
