"""Spike times and unit names of a ground truth, checked and brought into one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.errors import DatasetError
from ..base.types import Int32Array, Int64Array
from .arrays import ArrayError
from .diagnostics import DiagnosticLog
from .ground_truth import UnitId

# Fractions up to this are seconds (11 days); more can only be fractions of samples.
_MAX_SECONDS = 1e6
# 290 years at 30 kHz.
_MAX_SAMPLE = 1 << 48
_MAX_COUNTED = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class RawTrains:
    """All true spikes in the order of their source.

    Attributes
    ----------
    unit_ids
        (n_units,), each once; also units without spikes.
    samples : int64 array, (n_spikes,)
    units : int32 array, (n_spikes,)
        Position in `unit_ids` of each spike's unit.
    sample_rate_hz
        None where the source does not say.
    """

    unit_ids: tuple[UnitId, ...]
    samples: Int64Array
    units: Int32Array
    sample_rate_hz: float | None


def load_array(path: Path) -> NDArray[Any]:
    """Map a `.npy` file that may also hold text or records; never a pickle.

    Raises
    ------
    ArrayError
        The file is missing or cannot be used.
    """
    try:
        return np.asarray(np.lib.format.open_memmap(path, mode="r"))
    except FileNotFoundError as error:
        raise ArrayError(path, "the file is missing") from error
    except Exception as error:
        # Damaged headers raise nearly anything.
        is_pickle = "Python objects" in str(error)
        reason = (
            "it holds Python objects, which are never loaded"
            if is_pickle
            else "it is not a NumPy file, or it is damaged"
        )
        raise ArrayError(path, reason) from error


def as_vector(array: NDArray[Any], name: str) -> NDArray[Any]:
    """Return (n,), (n, 1) or (1, n) as (n,).

    Raises
    ------
    DatasetError
        It has another shape.
    """
    if array.ndim > 1 and sum(length != 1 for length in array.shape) > 1:
        raise DatasetError(f"{name} has the shape {array.shape}; one value a spike was expected.")
    return array.reshape(-1)


def to_samples(
    times: NDArray[Any], name: str, sample_rate_hz: float | None, log: DiagnosticLog
) -> Int64Array:
    """Turn spike times of any number type into samples.

    Whole numbers are samples. Times with fractions are seconds, unless they are too large for
    that: then they are rounded to the nearest sample.

    Parameters
    ----------
    times : array, (n_spikes,)
    name
        Of their file.
    sample_rate_hz
        Needed for seconds.
    log
        Told what was assumed.

    Returns
    -------
    int64 array, (n_spikes,)

    Raises
    ------
    DatasetError
        They are no numbers, not finite, too large, or seconds without a sampling rate.
    """
    if times.dtype.kind in "iu":
        return _checked(times, name)
    if times.dtype.kind != "f":
        raise DatasetError(f"{name} holds {times.dtype} values, not spike times.")
    values = times.astype(np.float64)
    if not np.isfinite(values).all():
        raise DatasetError(f"{name} holds values that are not numbers (NaN or infinity).")
    if (values != np.rint(values)).any():
        values = _without_fractions(values, name, sample_rate_hz, log)
    return _checked(np.rint(values), name)


def _without_fractions(
    values: NDArray[np.float64], name: str, sample_rate_hz: float | None, log: DiagnosticLog
) -> NDArray[np.float64]:
    if np.abs(values).max() > _MAX_SECONDS:
        log.warning(name, "Spike times have fractions.", "They were rounded to whole samples.")
        return values
    if sample_rate_hz is None:
        raise DatasetError(
            f"{name} holds times in seconds, and nothing says how many samples a second has."
        )
    log.warning(
        name, "Spike times have fractions.", f"They were read as seconds at {sample_rate_hz:g} Hz."
    )
    return values * sample_rate_hz


def _checked(values: NDArray[Any], name: str) -> Int64Array:
    if len(values) and max(int(values.max()), -int(values.min())) > _MAX_SAMPLE:
        raise DatasetError(f"{name} holds times that are no samples of a recording.")
    return np.ascontiguousarray(values, dtype=np.int64)


def to_unit_ids(values: ArrayLike | Sequence[object], name: str) -> tuple[UnitId, ...]:
    """Turn the names of units into integers where they are numbers, else into text.

    Text made of digits stays text.

    Raises
    ------
    DatasetError
        They are neither whole numbers nor text, or one is there twice.
    """
    items = values.tolist() if isinstance(values, np.ndarray) else list(values)  # type: ignore[arg-type]
    ids = tuple(_to_unit_id(item, name) for item in items)
    if len(set(ids)) != len(ids):
        raise DatasetError(f"{name} names a unit twice.")
    return ids


def _to_unit_id(item: object, name: str) -> UnitId:
    if isinstance(item, str):
        return item
    if isinstance(item, bytes):
        return item.decode("utf-8", "replace")
    if isinstance(item, int) and not isinstance(item, bool):
        return item
    if isinstance(item, float) and item.is_integer():
        return int(item)
    raise DatasetError(f"{name} names a unit {item!r}; whole numbers or text were expected.")


def identify_units(
    labels: NDArray[Any], name: str, known: tuple[UnitId, ...] | None = None
) -> tuple[tuple[UnitId, ...], Int32Array]:
    """Find the units in the labels of spikes.

    Parameters
    ----------
    labels : array of integers or text, (n_spikes,)
    name
        Of their file.
    known
        All units, also those without spikes, where the source says; else the labels that occur,
        increasing.

    Returns
    -------
    unit_ids
        (n_units,)
    units : int32 array, (n_spikes,)
        Position of each spike's unit.

    Raises
    ------
    DatasetError
        A label is neither a whole number nor text, or not among the known ones.
    """
    found, inverse = _find_distinct(labels)
    ids = to_unit_ids(found, name)
    if known is None:
        return ids, inverse.astype(np.int32)
    places = {unit_id: i for i, unit_id in enumerate(known)}
    strange = [unit_id for unit_id in ids if unit_id not in places]
    if strange:
        raise DatasetError(f"{name} holds spikes of a unit {strange[0]!r} that is not listed.")
    lookup = np.array([places[unit_id] for unit_id in ids], np.int32)
    return known, lookup[inverse] if len(lookup) else np.empty(0, np.int32)


def _find_distinct(labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.integer]]:
    """Return the increasing distinct labels, and the position in them of each label."""
    if labels.dtype.kind in "iu" and len(labels):
        low, high = int(labels.min()), int(labels.max())
        if high - low < _MAX_COUNTED:
            # Counting is linear, sorting is not.
            shifted = labels.astype(np.int64) - low
            is_there = np.bincount(shifted) > 0
            places = np.cumsum(is_there) - 1
            return np.flatnonzero(is_there) + low, places[shifted]
    found, inverse = np.unique(labels, return_inverse=True)
    return found, inverse.reshape(-1)


def refuse_segments(n_segments: int, name: str) -> None:
    """Refuse a truth of several segments.

    Raises
    ------
    DatasetError
        An export is one stretch of time: which segment it is cannot be known.
    """
    if n_segments > 1:
        raise DatasetError(
            f"{name} holds {n_segments} segments. A sorter's export is one recording without "
            "gaps: save the truth of that recording as one segment."
        )
