"""The one decorator of all kernels."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

from ..base.folders import cache_folder

# Set before numba reads it: a read-only installation cannot keep a cache beside the source.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "numba"))

import numba

_log = logging.getLogger(__name__)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function without the GIL, and keep the result in the user's cache folder.

    Never `parallel=True`: it aborts the process when called from threads of a pool.
    """
    try:
        compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError as error:
        # numba's word for "no folder can be written": compile anew in each run.
        _log.info("%s is not cached: %s", function.__name__, error)
        compiled = numba.njit(nogil=True)(function)
    return compiled
