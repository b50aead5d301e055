"""Whether the kernels, as they are now, were compiled on this machine; does not load numba."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from ..base.folders import cache_folder


def is_compiled() -> bool:
    """Return whether every kernel of this code was compiled before."""
    return stamp_path().exists()


def stamp_path() -> Path:
    """Return the file that says so: of this code, this Python, this numba, this processor."""
    what = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        state = path.stat()
        what.update(f"{path}{state.st_mtime_ns}{state.st_size}".encode())
    what.update(f"{sys.version}{version('numba')}{platform.processor()}".encode())
    folder = os.environ.get("NUMBA_CACHE_DIR") or cache_folder() / "numba"
    return Path(folder) / f"compiled-{what.hexdigest()[:16]}"
