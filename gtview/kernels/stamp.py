"""Whether the kernels, as they are now, were compiled on this machine; does not load numba."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from pathlib import Path
from typing import Literal, get_args

from ..base.folders import cache_folder

# What every window needs, and what those with a ground truth need too.
Part = Literal["window", "truth"]
PARTS: tuple[Part, ...] = get_args(Part)


def is_compiled(part: Part) -> bool:
    """Return whether every kernel of a part of this code was compiled before."""
    return stamp_path(part).exists()


def stamp_path(part: Part) -> Path:
    """Return the file that says so: of this code, this Python, this numba, this processor."""
    # Slow to load, and not needed before the window is there.
    from importlib.metadata import version

    what = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        state = path.stat()
        what.update(f"{path}{state.st_mtime_ns}{state.st_size}".encode())
    what.update(f"{sys.version}{version('numba')}{platform.processor()}".encode())
    folder = os.environ.get("NUMBA_CACHE_DIR") or cache_folder() / "numba"
    return Path(folder) / f"compiled-{part}-{what.hexdigest()[:16]}"
