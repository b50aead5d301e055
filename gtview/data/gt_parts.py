"""Reads what a ground truth may tell beside spike trains: places, templates, motion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..base.errors import DatasetError
from ..base.types import BoolArray, Float32Array, frozen
from .arrays import ArrayError, read_table
from .diagnostics import DiagnosticLog
from .ground_truth import Motion, TrueTemplates, UnitId
from .gt_trains import to_unit_ids

Archive = Mapping[str, NDArray[Any]]


def read_archive(path: Path, log: DiagnosticLog) -> Archive:
    """Read all arrays of a `.npz` file; an empty mapping where there is none that can be read."""
    if not path.is_file():
        return {}
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # noqa: BLE001 - damaged archives raise nearly anything
        log.warning(path.name, f"It cannot be read: {error}.", "It is left out.")
        return {}


def read_optional(
    path: Path, log: DiagnosticLog, dtype: DTypeLike = np.float64
) -> NDArray[Any] | None:
    """Read an array of numbers; None where there is none that can be used."""
    if not path.is_file():
        return None
    try:
        return read_table(path, dtype)
    except ArrayError as error:
        log.warning(path.name, f"It cannot be used: {error.reason}.", "It is left out.")
        return None


def take_locations(
    values: NDArray[Any] | None, n_units: int, file: str, log: DiagnosticLog
) -> Float32Array | None:
    """Take x and depth, the first two columns, of every unit; float32, (n_units, 2)."""
    if values is None:
        return None
    if values.dtype.kind not in "iuf" or values.ndim != 2 or values.shape[1] < 2:
        log.warning(file, "It holds no places.", "Depths of units are not shown.")
        return None
    if len(values) != n_units:
        log.warning(
            file,
            f"It holds {len(values)} places, but there are {n_units} units.",
            "Depths of units are not shown.",
        )
        return None
    return frozen(values[:, :2].astype(np.float32))


def take_factors(
    values: NDArray[Any] | None, n_spikes: int, log: DiagnosticLog
) -> Float32Array | None:
    """Take the size of each spike relative to its template; float32, (n_spikes,)."""
    if values is None:
        return None
    if values.dtype.kind not in "iuf" or values.shape != (n_spikes,):
        message = f"Its shape {values.shape} does not suit {n_spikes} spikes."
        log.warning("spikes.npz", message, "Sizes of single spikes are not known.")
        return None
    return values.astype(np.float32)


def match_rows(
    archive: Archive, unit_ids: tuple[UnitId, ...], file: str, log: DiagnosticLog
) -> NDArray[np.int64] | None:
    """Return the row of each unit in the arrays of an archive; None where one is missing.

    Without `unit_ids` in it the rows are those of the units.
    """
    if "unit_ids" not in archive:
        return np.arange(len(unit_ids))
    try:
        rows = {unit_id: i for i, unit_id in enumerate(to_unit_ids(archive["unit_ids"], file))}
        return np.array([rows[unit_id] for unit_id in unit_ids], np.int64)
    except (DatasetError, KeyError):
        log.warning(file, "Its units are not those of the sorting.", "It is left out.")
        return None


def take_templates(
    waveforms: NDArray[Any] | None,
    n_units: int,
    file: str,
    log: DiagnosticLog,
    *,
    n_before: int | None = None,
    positions_um: NDArray[Any] | None = None,
) -> TrueTemplates | None:
    """Take dense templates, (n_units, n_samples, n_channels), in microvolts.

    Where `n_before` is not known, it is where most templates have their trough.
    """
    if waveforms is None:
        return None
    if waveforms.ndim != 3 or len(waveforms) != n_units or 0 in waveforms.shape[1:]:
        message = f"Its shape {waveforms.shape} does not suit {n_units} units."
        log.warning(file, message, "True templates are not shown.")
        return None
    values = frozen(np.ascontiguousarray(waveforms, dtype=np.float32))
    if not np.isfinite(values).all():
        log.warning(file, "It holds values that are not finite.", "True templates are not shown.")
        return None
    if positions_um is not None and positions_um.shape != (values.shape[2], 2):
        log.warning(
            file,
            f"It has {values.shape[2]} channels, but the places of its channels have the shape "
            f"{positions_um.shape}.",
            "Its channels are taken to be those of the export.",
        )
        positions_um = None
    places = None if positions_um is None else frozen(positions_um.astype(np.float32))
    n_before = find_trough(values) if n_before is None else n_before
    return TrueTemplates(values, min(max(n_before, 0), values.shape[1] - 1), places)


def find_trough(waveforms: Float32Array) -> int:
    """Return the sample at which most templates, (n_units, n_samples, n_channels), are lowest.

    Each is looked at on the channel on which it is largest; templates that are 0 do not count.
    """
    sizes = np.ptp(waveforms, axis=1)
    largest = sizes.argmax(axis=1)
    units = np.flatnonzero(sizes.max(axis=1) > 0)
    if not len(units):
        return int(waveforms.shape[1]) // 2
    troughs = waveforms[units, :, largest[units]].argmin(axis=1)
    samples, counts = np.unique(troughs, return_counts=True)
    return int(samples[counts.argmax()])


def expand_sparse(waveforms: NDArray[Any], mask: BoolArray) -> Float32Array:
    """Spread templates, (n_units, n_samples, n_most), over all channels.

    `mask`, (n_units, n_channels), tells the channels of each unit: its first columns in that
    order, as in SpikeInterface's sparse templates.

    Raises
    ------
    ValueError
        A unit has more channels than columns, or the numbers of units differ.
    """
    n_units, n_samples, n_most = waveforms.shape
    if mask.ndim != 2 or len(mask) != n_units or mask.sum(axis=1).max(initial=0) > n_most:
        raise ValueError("the mask does not suit the templates")
    dense = np.zeros((n_units, n_samples, mask.shape[1]), np.float32)
    for unit in range(n_units):
        channels = np.flatnonzero(mask[unit])
        dense[unit][:, channels] = waveforms[unit][:, : len(channels)]
    return dense


def take_motion(
    displacement_um: NDArray[Any] | None,
    times_s: NDArray[Any] | None,
    depths_um: NDArray[Any] | None,
    file: str,
    log: DiagnosticLog,
) -> Motion | None:
    """Take a motion, (n_times,) or (n_times, n_depths); positive: towards larger depths."""
    if displacement_um is None:
        return None
    values = displacement_um.reshape(len(displacement_um), -1) if displacement_um.ndim else None
    times = None if times_s is None else times_s.reshape(-1).astype(np.float64)
    depths = np.zeros(1) if depths_um is None else depths_um.reshape(-1).astype(np.float64)
    fits = (
        values is not None
        and times is not None
        and values.shape == (len(times), len(depths))
        and bool(len(times) and (np.diff(times) > 0).all() and np.isfinite(values).all())
    )
    if not fits or values is None or times is None:
        log.warning(file, "Its times or depths do not suit it.", "The true motion is not shown.")
        return None
    return Motion(frozen(times), frozen(depths), frozen(values.astype(np.float32)))


def read_motion_folder(folder: Path, log: DiagnosticLog) -> Motion | None:
    """Read a motion as SpikeInterface saves it (first segment); None where there is none."""
    name = "displacement_seg0.npy"
    return take_motion(
        read_optional(folder / name, log),
        read_optional(folder / "temporal_bins_s_seg0.npy", log),
        read_optional(folder / "spatial_bins_um.npy", log),
        name,
        log,
    )
