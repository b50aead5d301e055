"""Whether the kernels, as they are now, were compiled on this machine before."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from pathlib import Path

import numba

from ..base.progress import Reporter, ignore_progress
from .warmup import warm_up


def compile_once(report: Reporter = ignore_progress) -> bool:
    """Compile every kernel unless that was done before; return whether it was done now.

    Kernels that were compiled are loaded when a view first needs them. Loading all of them ahead
    would keep the interpreter busy for half a second, just when the user begins to click.
    """
    stamp = _stamp()
    if stamp.exists():
        return False
    warm_up(report)
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    except OSError:
        # A cache folder that cannot be written keeps no kernels either.
        return True
    return True


def _stamp() -> Path:
    """Return the file that says so: of this code, this Python, this numba, this processor."""
    what = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        state = path.stat()
        what.update(f"{path}{state.st_mtime_ns}{state.st_size}".encode())
    what.update(f"{sys.version}{numba.__version__}{platform.processor()}".encode())
    return Path(os.environ["NUMBA_CACHE_DIR"]) / f"compiled-{what.hexdigest()[:16]}"
