"""Where what jobs print is written."""

from __future__ import annotations

from pathlib import Path

from ..base.folders import log_folder


def log_file(name: str) -> Path | None:
    """Return the file of that name in the log folder, made if need be; None: it cannot be."""
    path = log_folder() / f"{name}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:
        return None
    return path
