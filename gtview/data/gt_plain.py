"""Reads a ground truth from a folder of plain arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..base.errors import DatasetError
from .diagnostics import DiagnosticLog
from .ground_truth import UnitId
from .gt_trains import (
    RawTrains,
    as_vector,
    identify_units,
    load_array,
    to_samples,
    to_unit_ids,
)

TIMES, UNITS, UNIT_IDS = "spike_times.npy", "spike_units.npy", "unit_ids.npy"
# One row a unit.
_PER_UNIT = ("unit_locations.npy", "templates_uv.npy")


def is_plain(folder: Path) -> bool:
    """Tell whether a folder holds true spikes as two arrays."""
    return (folder / TIMES).is_file() and (folder / UNITS).is_file()


def read_plain(folder: Path, sample_rate_hz: float | None, log: DiagnosticLog) -> RawTrains:
    """Read `spike_times.npy` (samples) and `spike_units.npy`, and find all units.

    The units are those of `unit_ids.npy`; without it 0 .. n - 1, if n is the number of rows of
    `unit_locations.npy` or `templates_uv.npy` and no label is another (so units without spikes are
    known too); else the labels that occur.

    Raises
    ------
    DatasetError
        A file is damaged, or the two have not the same length: which spikes would be missing
        cannot be known.
    """
    times = as_vector(load_array(folder / TIMES), TIMES)
    labels = as_vector(load_array(folder / UNITS), UNITS)
    if len(times) != len(labels):
        raise DatasetError(
            f"{TIMES} holds {len(times):,} spikes and {UNITS} {len(labels):,}: they do not belong "
            "together."
        )
    if not len(labels):
        labels = np.empty(0, np.int64)
    unit_ids, units = identify_units(labels, UNITS, _known_units(folder, labels))
    return RawTrains(unit_ids, to_samples(times, TIMES, sample_rate_hz, log), units, None)


def _known_units(folder: Path, labels: np.ndarray) -> tuple[UnitId, ...] | None:  # type: ignore[type-arg]
    if (folder / UNIT_IDS).is_file():
        return to_unit_ids(as_vector(load_array(folder / UNIT_IDS), UNIT_IDS), UNIT_IDS)
    if labels.dtype.kind not in "iu":
        return None
    for name in _PER_UNIT:
        if (folder / name).is_file():
            n_rows = len(load_array(folder / name))
            if not len(labels) or (labels.min() >= 0 and labels.max() < n_rows):
                return tuple(range(n_rows))
    return None
