"""Reads `.npy` files of any dialect without ever loading a pickle; knows no file by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..base.errors import DatasetError
from ..base.types import Float32Array, frozen
from .diagnostics import DiagnosticLog

# Passes over long vectors go by pieces of this many values: few enough to need little memory, and
# many, as each call of NumPy waits for Python's lock while the window's modules are imported.
CHUNK = 1 << 20

AnyArray = NDArray[Any]


class ArrayError(DatasetError):
    """A file that cannot be used; `reason` is the sentence without the name of the file."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} cannot be used: {reason}.")
        self.reason = reason


def open_array(path: Path) -> AnyArray:
    """Map a `.npy` file read-only, whatever its shape, order and byte order.

    Returns
    -------
    array
        Numeric or boolean array in the file's own dtype and shape, mapped, not writable.

    Raises
    ------
    ArrayError
        The file is missing, truncated, no `.npy` file, or holds something else than numbers.
    """
    try:
        array = np.asarray(np.lib.format.open_memmap(path, mode="r"))
    except FileNotFoundError as error:
        raise ArrayError(path, "the file is missing") from error
    except Exception as error:
        # Damaged headers raise nearly anything: ValueError, SyntaxError, OverflowError, ...
        raise ArrayError(path, _explain(path, error)) from error
    if array.dtype.kind not in "biuf":
        raise ArrayError(path, f"it holds {array.dtype} values, not numbers")
    return array


def _explain(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if "Python objects" in str(error):
        return "it holds Python objects, which are never loaded"
    try:
        size = path.stat().st_size
    except OSError:
        return "it cannot be read"
    if size == 0:
        return "the file is empty; a program may have stopped while it wrote it"
    if "mmap length" in str(error):
        return "the file is shorter than its header says; it may have been cut off"
    return "it is not a NumPy file, or it is damaged"


def native(array: AnyArray) -> AnyArray:
    """Return the array in this machine's byte order; a copy only where that differs."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def read_vector(path: Path) -> AnyArray:
    """Map a vector stored as (n,), (n, 1), (1, n) or a single number.

    Returns
    -------
    array, (n,)
        In the file's own dtype, in native byte order, read-only, mapped when it can be.

    Raises
    ------
    ArrayError
        As `open_array`, or the array has more than one axis that is longer than 1.
    """
    array = open_array(path)
    if array.ndim > 1 and sum(length != 1 for length in array.shape) > 1:
        raise ArrayError(path, f"its shape is {array.shape} where one value a row was expected")
    return frozen(native(array.reshape(-1)))


@dataclass(frozen=True, slots=True)
class Extent:
    """Smallest and largest value of a vector, and whether it never decreases."""

    low: int
    high: int
    is_sorted: bool


def measure(vector: AnyArray) -> Extent:
    """Measure an integer vector, (n,), in one pass by pieces; an empty one is (0, -1, True)."""
    if not len(vector):
        return Extent(0, -1, True)
    low, high, is_sorted = vector[0], vector[0], True
    for start in range(0, len(vector), CHUNK):
        # One value of overlap, so that no pair of neighbours is missed.
        piece = vector[max(start - 1, 0) : start + CHUNK]
        if is_sorted:
            is_sorted = not bool((piece[1:] < piece[:-1]).any())
        if is_sorted:
            high = piece[-1]
            continue
        low, high = min(low, piece.min()), max(high, piece.max())
    return Extent(int(low), int(high), is_sorted)


def measure_range(vector: AnyArray) -> tuple[int, int]:
    """Return the smallest and largest value of an integer vector, (n,), n > 0, in one pass."""
    pieces = list(_pieces(vector))
    return int(min(p.min() for p in pieces)), int(max(p.max() for p in pieces))


def read_integers(path: Path, dtype: DTypeLike, log: DiagnosticLog) -> NDArray[np.signedinteger]:
    """Read a vector of whole numbers; mapped where the file needs no conversion.

    Parameters
    ----------
    path
        A `.npy` file, (n,), (n, 1) or (1, n), of integers, or of floats that are whole numbers.
    dtype
        int32 or int64.
    log
        Told about values that did not fit.

    Returns
    -------
    vector of `dtype`, (n,)
        Read-only. Values that do not fit are the nearest that do.

    Raises
    ------
    ArrayError
        The file cannot be used, or holds fractions or NaN.
    """
    vector = read_vector(path)
    wanted = np.dtype(dtype)
    if vector.dtype == wanted:
        return vector
    if vector.dtype.kind == "f":
        _refuse_fractions(path, vector)
    elif vector.dtype.kind == "u" and vector.dtype.itemsize == wanted.itemsize:
        view = vector.view(wanted)
        if not len(view) or not any((piece < 0).any() for piece in _pieces(view)):
            return view
    return frozen(_convert(path, vector, wanted, log))


def _pieces(vector: AnyArray) -> Iterator[AnyArray]:
    return (vector[start : start + CHUNK] for start in range(0, len(vector), CHUNK))


def _refuse_fractions(path: Path, vector: AnyArray) -> None:
    for piece in _pieces(vector):
        if not np.isfinite(piece).all():
            raise ArrayError(path, "it holds values that are not numbers (NaN or infinity)")
        if (piece != np.rint(piece)).any():
            raise ArrayError(path, "it holds fractions where whole numbers were expected")


def _convert(path: Path, vector: AnyArray, wanted: np.dtype[Any], log: DiagnosticLog) -> AnyArray:
    result = np.empty(len(vector), wanted)
    if np.can_cast(vector.dtype, wanted):
        result[:] = vector
        return result
    limits = np.iinfo(wanted)
    n_outside = 0
    for start in range(0, len(vector), CHUNK):
        piece = vector[start : start + CHUNK]
        place = result[start : start + CHUNK]
        # The largest int64 has no exact float: a float that equals it is already beyond.
        too_low, too_high = piece < limits.min, piece >= limits.max
        is_outside = too_low | too_high
        place[:] = np.where(is_outside, piece.dtype.type(0), piece)
        place[too_low], place[too_high] = limits.min, limits.max
        n_outside += int(np.count_nonzero(is_outside))
    if n_outside:
        log.warning(
            path.name,
            f"{n_outside:,} of its values do not fit into {wanted}.",
            "They were replaced by the nearest value that fits.",
        )
    return result


def read_floats(path: Path, log: DiagnosticLog) -> Float32Array:
    """Read a vector of numbers as float32, (n,); mapped when the file holds float32.

    Values that are not finite become 0, and are told.

    Raises
    ------
    ArrayError
        The file cannot be used.
    """
    vector = read_vector(path)
    with np.errstate(over="ignore"):
        values: Float32Array = vector.astype(np.float32, copy=False)
    n_bad = sum(int(len(p) - np.count_nonzero(np.isfinite(p))) for p in _pieces(values))
    if n_bad:
        message = f"{n_bad:,} of its values are not finite numbers."
        log.warning(path.name, message, "They count as 0.")
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    return frozen(values)


def read_table(path: Path, dtype: DTypeLike) -> AnyArray:
    """Read a small array whole, in C order, as `dtype`; NaN stays NaN.

    Raises
    ------
    ArrayError
        The file cannot be used.
    """
    with np.errstate(over="ignore"):
        return np.array(open_array(path), dtype=dtype, order="C")
