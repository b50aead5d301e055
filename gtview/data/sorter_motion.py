"""The motion that the sorter estimated, read without running anything that the file says."""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..base.types import FloatArray, frozen
from .ground_truth import Motion

OPS_NAME = "ops.npy"
# Kilosort 4 writes some megabytes for each probe of 384 channels.
MAX_BYTES = 1 << 30
_MAX_VALUES = 1 << 26
_PLAIN_KINDS = "fiu"


@dataclass(frozen=True, slots=True, eq=False)
class SorterMotion:
    """The sorter's estimate of the motion, or why there is none.

    Attributes
    ----------
    motion
        None when it is absent.
    reason
        A sentence when it is absent, else "".
    """

    motion: Motion | None
    reason: str = ""


def read_sorter_motion(folder: Path, sample_rate_hz: float) -> SorterMotion:
    """Read the motion estimated by Kilosort 4 from `ops.npy`.

    That file is a pickle, which could hold any program. Nothing of it is ever run: only arrays
    and plain values are recognised (see `_ArraysOnly`), and anything else ends the reading.

    Kilosort 4 keeps, for each batch and block of depths, by how much the batch has to be shifted
    up to fit the others (`dshift`, `yblk`); the tissue has then moved by as much downwards.

    Parameters
    ----------
    folder
        Folder of the export.
    sample_rate_hz
        Used where the file does not say.
    """
    path = folder / OPS_NAME
    if not path.is_file():
        return SorterMotion(None, f"The export has no {OPS_NAME}, which would hold it.")
    try:
        motion = _to_motion(_read_ops(path), sample_rate_hz)
    except _NotUsableError as error:
        return SorterMotion(None, f"{OPS_NAME} cannot be used: {error}.")
    except Exception:  # noqa: BLE001  (a damaged pickle raises nearly anything)
        return SorterMotion(None, f"{OPS_NAME} cannot be used: it is damaged.")
    return SorterMotion(motion)


class _NotUsableError(Exception):
    """Why the file is of no use, as the end of a sentence."""


# Stand-ins for what NumPy's own pickles name. They only keep what the file says: even a
# damaged state never reaches NumPy. Each has `__setstate__` and no `__dict__`, so that a pickle
# cannot change the class either.


class _StoredType:
    """What a pickle says of a `numpy.dtype`."""

    __slots__ = ("order", "text")

    def __init__(self, text: str = "", *_: Any) -> None:
        self.text = text
        self.order = "|"

    def __setstate__(self, state: Any) -> None:
        self.order = state[1]

    def to_dtype(self) -> np.dtype[Any]:
        """Return the type, if it is one of plain numbers."""
        dtype = np.dtype(str(self.text)).newbyteorder(">" if self.order == ">" else "<")
        if dtype.kind not in _PLAIN_KINDS:
            raise _NotUsableError("the motion in it is not made of numbers")
        return dtype


class _StoredArray:
    """What a pickle says of a `numpy.ndarray`."""

    __slots__ = ("state",)

    def __init__(self, *_: Any) -> None:
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def to_array(self) -> FloatArray:
        """Return a copy as float64, if it is an array of plain numbers."""
        _, shape, stored_type, is_fortran, data = self.state
        dtype = stored_type.to_dtype()
        n_values = math.prod(int(n) for n in shape)
        if not isinstance(data, bytes) or not 0 <= n_values <= _MAX_VALUES:
            raise _NotUsableError("the motion in it is not made of numbers")
        values = np.frombuffer(data, dtype, n_values)
        array: FloatArray = values.reshape(shape, order="F" if is_fortran else "C").astype(
            np.float64
        )
        return array


class _StoredScalar:
    """What a pickle says of a single NumPy number."""

    __slots__ = ("data", "stored_type")

    def __init__(self, stored_type: Any = None, data: Any = b"", *_: Any) -> None:
        self.stored_type = stored_type
        self.data = data

    def __setstate__(self, state: Any) -> None:
        raise _NotUsableError("it is damaged")

    def to_float(self) -> float:
        """Return the number."""
        return float(np.frombuffer(self.data, self.stored_type.to_dtype(), 1)[0])


_KNOWN: Mapping[tuple[str, str], type] = {
    ("numpy", "dtype"): _StoredType,
    ("numpy", "ndarray"): _StoredArray,
    ("numpy.core.multiarray", "_reconstruct"): _StoredArray,
    ("numpy._core.multiarray", "_reconstruct"): _StoredArray,
    ("numpy.core.multiarray", "scalar"): _StoredScalar,
    ("numpy._core.multiarray", "scalar"): _StoredScalar,
}


class _ArraysOnly(pickle.Unpickler):
    """Knows the names that NumPy's arrays need, each as a stand-in, and no other name."""

    def find_class(self, module: str, name: str) -> type:
        known = _KNOWN.get((module, name))
        if known is None:
            raise _NotUsableError(
                f"it holds more than arrays and plain values ({module}.{name}), and that is "
                "never loaded"
            )
        return known


def _read_ops(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > MAX_BYTES:
        raise _NotUsableError("it is far larger than such a file can be")
    try:
        with path.open("rb") as file:
            _skip_header(file)
            stored = _ArraysOnly(io.BytesIO(file.read())).load()
    except OSError as error:
        raise _NotUsableError(f"{error.strerror or error}") from error
    ops = stored
    if isinstance(stored, _StoredArray):
        # One Python object in an array without dimensions.
        ops = stored.state[4]
        ops = ops[0] if isinstance(ops, list) and len(ops) == 1 else None
    if not isinstance(ops, dict):
        raise _NotUsableError("it does not hold the sorter's settings")
    return ops


def _skip_header(file: BinaryIO) -> None:
    npy = np.lib.format
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    _, _, dtype = read(file)
    if not dtype.hasobject:
        raise _NotUsableError("it does not hold the sorter's settings")


def _to_motion(ops: Mapping[str, Any], sample_rate_hz: float) -> Motion:
    shifts, depths = ops.get("dshift"), ops.get("yblk")
    if shifts is None:
        raise _NotUsableError("the sorter did not correct for motion, so it holds none")
    if not isinstance(shifts, _StoredArray):
        raise _NotUsableError("the motion in it is not an array")
    displacement = -shifts.to_array()
    displacement = displacement[:, None] if displacement.ndim == 1 else displacement
    depths_um: FloatArray = np.zeros(displacement.shape[-1])
    if isinstance(depths, _StoredArray):
        depths_um = depths.to_array().ravel()
    if displacement.ndim != 2 or displacement.shape[1] != len(depths_um) or not displacement.size:
        raise _NotUsableError("the shifts and the depths in it do not fit together")
    if not np.isfinite(displacement).all() or not np.isfinite(depths_um).all():
        raise _NotUsableError("the motion in it has values that are not numbers")
    rate = _number(ops, "fs", sample_rate_hz)
    batch_s = _number(ops, "batch_size", _number(ops, "NT", 2 * rate)) / rate
    if not 0 < batch_s < math.inf:
        raise _NotUsableError("it does not say how long a batch is")
    times_s = _number(ops, "tmin", 0.0) + batch_s * (np.arange(len(displacement)) + 0.5)
    order = np.argsort(depths_um, kind="stable")
    return Motion(
        times_s=frozen(times_s),
        depths_um=frozen(depths_um[order].astype(np.float64)),
        displacement_um=frozen(displacement[:, order].astype(np.float32)),
    )


def _number(ops: Mapping[str, Any], name: str, otherwise: float) -> float:
    settings = ops.get("settings")
    for place in (ops, settings if isinstance(settings, dict) else {}):
        value = place.get(name)
        if isinstance(value, _StoredScalar):
            value = value.to_float()
        if isinstance(value, int | float) and math.isfinite(value):
            return float(value)
    return otherwise
