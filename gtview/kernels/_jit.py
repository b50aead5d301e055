"""The one decorator of all kernels."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..base.folders import cache_folder

# Set before numba reads it: a read-only installation cannot keep a cache beside the source.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "numba"))

import numba
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys

_log = logging.getLogger(__name__)

# Nobody takes the address of a kernel: without the code for that, compiling is faster by a tenth.
_LESS_CODE = {"no_cfunc_wrapper": True}


class _KernelCache(FunctionCache):  # type: ignore[misc]
    """Loads compiled kernels without what only a compiler needs.

    numba first learns all of Python and NumPy that it can compile, a fifth of a second at each
    start. Machine code needs its memory allocator alone; where a kernel is not in the cache, the
    compiler learns the rest by itself.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors(), _without_scipy():
            return self._load_overload(sig, target_context)


@contextmanager
def _without_scipy() -> Iterator[None]:
    """Leave SciPy's linear algebra for who needs it.

    numba imports it, a fifth of a second at each start, only to see that it is there; whoever
    compiles a product of matrices looks for it again.
    """
    if "numba.np.arraymath" in sys.modules:
        yield
        return
    from numba.np import linalg

    check, linalg.ensure_blas = linalg.ensure_blas, lambda: None
    try:
        yield
    finally:
        linalg.ensure_blas = check


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function without the GIL, and keep the result in the user's cache folder.

    Never `parallel=True`: it aborts the process when called from threads of a pool.
    """
    compiled = numba.njit(nogil=True, **_LESS_CODE)(function)
    try:
        compiled._cache = _KernelCache(function)
    except RuntimeError as error:
        # numba's word for "no folder can be written": compile anew in each run.
        _log.info("%s is not cached: %s", function.__name__, error)
    return _for_any_value(compiled)


def _for_any_value(compiled: Any) -> Callable[..., Any]:
    """Keep numba from compiling a kernel once more for a call with a constant, such as 0."""
    find = compiled.get_call_template

    def find_for_type(args: Any, kws: Any) -> Any:
        plain = {name: numba.types.unliteral(kind) for name, kind in kws.items()}
        return find(tuple(numba.types.unliteral(kind) for kind in args), plain)

    compiled.get_call_template = find_for_type
    return compiled  # type: ignore[no-any-return]
