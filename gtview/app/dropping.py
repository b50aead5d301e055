"""Folders that are dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QMimeData


def dropped_folder(data: QMimeData | None) -> Path | None:
    """Return the first file or folder of this machine among what is dropped."""
    urls = data.urls() if data is not None and data.hasUrls() else []
    local = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return local[0] if local else None
