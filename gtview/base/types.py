"""Names of the array types that cross floors; shapes and units are given where they are used."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

BoolArray: TypeAlias = NDArray[np.bool_]
IntArray: TypeAlias = NDArray[np.integer]
Int32Array: TypeAlias = NDArray[np.int32]
Int64Array: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.floating]
Float32Array: TypeAlias = NDArray[np.float32]
Float64Array: TypeAlias = NDArray[np.float64]


def frozen(array: NDArray) -> NDArray:  # type: ignore[type-arg]
    """Make an array read-only, so that threads may share it without a lock; return it."""
    array.setflags(write=False)
    return array
