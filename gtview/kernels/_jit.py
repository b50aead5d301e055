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
import numba.np.linalg


def _load_without_scipy() -> None:
    """Load what every kernel needs of numba, and leave SciPy's linear algebra for who needs it.

    numba imports it, a fifth of a second at each start, only to see that it is there; whoever
    compiles a product of matrices looks for it again.
    """
    check, numba.np.linalg.ensure_blas = numba.np.linalg.ensure_blas, lambda: None
    try:
        from numba.np import arraymath  # noqa: F401
    finally:
        numba.np.linalg.ensure_blas = check


_load_without_scipy()

_log = logging.getLogger(__name__)

# Nobody takes the address of a kernel: without the code for that, compiling is faster by a tenth.
_LESS_CODE = {"no_cfunc_wrapper": True}


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function without the GIL, and keep the result in the user's cache folder.

    Never `parallel=True`: it aborts the process when called from threads of a pool.
    """
    try:
        compiled = numba.njit(nogil=True, cache=True, **_LESS_CODE)(function)
    except RuntimeError as error:
        # numba's word for "no folder can be written": compile anew in each run.
        _log.info("%s is not cached: %s", function.__name__, error)
        compiled = numba.njit(nogil=True, **_LESS_CODE)(function)
    return _for_any_value(compiled)


def _for_any_value(compiled: Any) -> Callable[..., Any]:
    """Keep numba from compiling a kernel once more for a call with a constant, such as 0."""
    find = compiled.get_call_template

    def find_for_type(args: Any, kws: Any) -> Any:
        plain = {name: numba.types.unliteral(kind) for name, kind in kws.items()}
        return find(tuple(numba.types.unliteral(kind) for kind in args), plain)

    compiled.get_call_template = find_for_type
    return compiled  # type: ignore[no-any-return]
