"""One array type for each argument of a kernel, so that each kernel is compiled only once.

To numba a read-only array is another type than a writable one, and so are a strided, a
big-endian and a memory-mapped one: each would cost seconds of compilation in the middle of a
view. The public functions of this package therefore pass every input array through `as_input`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def as_input(array: ArrayLike, dtype: Any) -> NDArray[Any]:
    """Return a read-only C-contiguous view of an array; a copy only where it is not so already.

    Parameters
    ----------
    array : array of any shape
        It stays writable itself.
    dtype
        Type of the numbers that the kernel expects.
    """
    # `asarray` also turns a memory map into a plain array that looks at the same pages.
    view = np.asarray(array, dtype=dtype, order="C").view()
    view.flags.writeable = False
    return view
