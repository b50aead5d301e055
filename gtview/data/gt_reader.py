"""Reads a ground truth in any of the forms that gtview knows; never loads a pickle.

What is looked for, in this order:

- a MEArec file (`.h5`, `.hdf5`), a SpikeInterface `.npz` or `.json` file;
- a folder `sorting/` (SpikeInterface `numpy_folder`) in the folder, as in `ground_truth/` of a
  generated dataset, with, as far as they are there:
  `units.npz` (`unit_ids`, `locations_um`, `is_partial`);
  `templates.npz` (`templates_array` in microvolts, dense, or sparse with `sparsity_mask`;
  `nbefore`, `unit_ids`, `channel_positions_um`), or `templates_uv.npy` and
  `channel_positions.npy`;
  `motion/` (SpikeInterface `Motion`); `spikes.npz` (`amplitude_factors`);
- SpikeInterface sortings: `numpy_folder`, `npz_folder`, whatever else its `load` opens;
- plain arrays: `spike_times.npy` (samples) and `spike_units.npy`, with, as far as they are there:
  `unit_ids.npy`, `unit_locations.npy`, `templates_uv.npy`, `channel_positions.npy`,
  `drift_times_s.npy`, `drift_um.npy`, `drift_depths_um.npy`;
- a folder `ground_truth/` in the folder, with any of these.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.errors import DatasetError
from ..base.types import Float32Array, frozen
from .diagnostics import DiagnosticLog
from .ground_truth import GroundTruth, Motion, TrueTemplates, order_by_unit
from .gt_parts import (
    Archive,
    expand_sparse,
    match_rows,
    read_archive,
    read_motion_folder,
    read_optional,
    take_factors,
    take_locations,
    take_motion,
    take_templates,
)
from .gt_plain import is_plain, read_plain
from .gt_sortings import (
    is_npz_folder,
    is_numpy_folder,
    is_other_sorting,
    read_mearec,
    read_npz,
    read_numpy_folder,
    read_with_spikeinterface,
)
from .gt_trains import RawTrains

_LOCATIONS = "gt_unit_locations.npy"


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """What a source tells beside the spikes."""

    locations_um: Float32Array | None = None
    templates: TrueTemplates | None = None
    motion: Motion | None = None
    is_partial: bool = False
    amplitude_factors: Float32Array | None = None


def read_ground_truth(
    path: Path | str, *, sample_rate_hz: float | None = None, log: DiagnosticLog | None = None
) -> GroundTruth:
    """Read a ground truth.

    Parameters
    ----------
    path
        A file or folder of one of the forms that the module names.
    sample_rate_hz
        Of the export, for times in seconds, and to compare with what the truth says.
    log
        Told what was repaired or left out.

    Raises
    ------
    DatasetError
        There is no ground truth, or its spikes cannot be used.
    """
    path = Path(os.path.abspath(Path(path).expanduser()))
    log = DiagnosticLog() if log is None else log
    try:
        source, trains, parts = _read(path, sample_rate_hz, log)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.") from error
    _compare_rates(trains.sample_rate_hz, sample_rate_hz, source.name, log)
    if not len(trains.samples):
        log.warning(source.name, "The ground truth holds no spikes.", "All scores are 0.")
    order, offsets = order_by_unit(trains.samples, trains.units, len(trains.unit_ids))
    factors = parts.amplitude_factors
    return GroundTruth(
        source=source,
        unit_ids=trains.unit_ids,
        sample_rate_hz=trains.sample_rate_hz,
        spike_samples=frozen(trains.samples[order]),
        offsets=frozen(offsets),
        locations_um=parts.locations_um,
        templates=parts.templates,
        motion=parts.motion,
        is_partial=parts.is_partial,
        amplitude_factors=None if factors is None else frozen(factors[order]),
    )


def _read(
    path: Path, sample_rate_hz: float | None, log: DiagnosticLog
) -> tuple[Path, RawTrains, _Parts]:
    if path.is_file():
        return path, _read_file(path, log), _Parts()
    if not path.is_dir():
        raise DatasetError(f"There is no ground truth {path}.")
    if is_numpy_folder(path / "sorting"):
        trains = read_numpy_folder(path / "sorting", log)
        return path, trains, _read_generated_parts(path, trains, log)
    if is_numpy_folder(path):
        trains = read_numpy_folder(path, log)
        return path, trains, _Parts(_read_property(path, trains, log))
    if is_npz_folder(path):
        trains = read_npz(path, log)
        return path, trains, _Parts(_read_property(path, trains, log))
    if is_plain(path):
        trains = read_plain(path, sample_rate_hz, log)
        return path, trains, _read_plain_parts(path, trains, log)
    if is_other_sorting(path):
        trains = read_with_spikeinterface(path)
        return path, trains, _Parts(_read_property(path, trains, log))
    if (path / "ground_truth").is_dir():
        return _read(path / "ground_truth", sample_rate_hz, log)
    raise DatasetError(_explain(path))


def _read_file(path: Path, log: DiagnosticLog) -> RawTrains:
    if path.suffix in (".h5", ".hdf5"):
        return read_mearec(path)
    if path.suffix == ".npz":
        return read_npz(path, log)
    if is_other_sorting(path):
        return read_with_spikeinterface(path)
    if path.suffix in (".pkl", ".pickle"):
        raise DatasetError(f"{path.name} is a pickle, which could run any code: it is not opened.")
    raise DatasetError(f"{path.name} is no ground truth: give a folder, or a MEArec .h5 file.")


def _explain(path: Path) -> str:
    if (path / "spike_clusters.npy").is_file() or (path / "params.py").is_file():
        return f"{path} is a sorter's export, not a ground truth."
    if (path / "spike_times.npy").is_file():
        return f"{path} holds spike_times.npy but no spike_units.npy, the unit of each spike."
    return (
        f"{path} holds no ground truth: neither spike_times.npy and spike_units.npy, nor a "
        "sorting of SpikeInterface."
    )


def _compare_rates(
    of_truth: float | None, of_export: float | None, file: str, log: DiagnosticLog
) -> None:
    # Clocks differ a little: SpikeInterface allows 0.1 % too.
    if of_truth is None or of_export is None or abs(of_truth / of_export - 1) <= 1e-3:
        return
    log.warning(
        file,
        f"The ground truth has {of_truth:g} samples a second, the export {of_export:g}.",
        "Spikes are compared by sample: the scores mean nothing if both numbers are right.",
    )


def _read_plain_parts(folder: Path, trains: RawTrains, log: DiagnosticLog) -> _Parts:
    n_units = len(trains.unit_ids)
    name = "unit_locations.npy"
    locations = take_locations(read_optional(folder / name, log), n_units, name, log)
    motion = take_motion(
        read_optional(folder / "drift_um.npy", log),
        read_optional(folder / "drift_times_s.npy", log),
        read_optional(folder / "drift_depths_um.npy", log),
        "drift_um.npy",
        log,
    )
    return _Parts(locations, _read_dense_templates(folder, n_units, log), motion)


def _read_dense_templates(folder: Path, n_units: int, log: DiagnosticLog) -> TrueTemplates | None:
    name = "templates_uv.npy"
    waveforms = read_optional(folder / name, log, np.float32)
    positions = read_optional(folder / "channel_positions.npy", log)
    return take_templates(waveforms, n_units, name, log, positions_um=positions)


def _read_property(folder: Path, trains: RawTrains, log: DiagnosticLog) -> Float32Array | None:
    # SpikeInterface's generator keeps the places of units as a property of the sorting.
    values = read_optional(folder / "properties" / _LOCATIONS, log)
    return take_locations(values, len(trains.unit_ids), _LOCATIONS, log)


def _read_generated_parts(folder: Path, trains: RawTrains, log: DiagnosticLog) -> _Parts:
    units = read_archive(folder / "units.npz", log)
    rows = match_rows(units, trains.unit_ids, "units.npz", log)
    locations = None
    if rows is not None and "locations_um" in units:
        values = _take_rows(units["locations_um"], rows)
        locations = take_locations(values, len(trains.unit_ids), "units.npz", log)
    if locations is None:
        locations = _read_property(folder / "sorting", trains, log)
    templates = _read_templates_archive(folder, trains, log)
    if templates is None:
        templates = _read_dense_templates(folder, len(trains.unit_ids), log)
    motion = read_motion_folder(folder / "motion", log)
    is_partial = bool(np.any(units.get("is_partial", False)))
    spikes = read_archive(folder / "spikes.npz", log)
    factors = take_factors(spikes.get("amplitude_factors"), len(trains.samples), log)
    return _Parts(locations, templates, motion, is_partial, factors)


def _take_rows(values: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    return values[rows] if len(rows) and len(values) > rows.max() else values


def _read_templates_archive(
    folder: Path, trains: RawTrains, log: DiagnosticLog
) -> TrueTemplates | None:
    name = "templates.npz"
    archive = read_archive(folder / name, log)
    rows = match_rows(archive, trains.unit_ids, name, log)
    if rows is None or "templates_array" not in archive:
        return None
    try:
        waveforms = _dense_waveforms(archive)
        n_before = int(archive["nbefore"].reshape(-1)[0]) if "nbefore" in archive else None
    except (ValueError, IndexError, TypeError) as error:
        log.warning(name, f"It cannot be used: {error}.", "True templates are not shown.")
        return None
    return take_templates(
        _take_rows(waveforms, rows),
        len(trains.unit_ids),
        name,
        log,
        n_before=n_before,
        positions_um=archive.get("channel_positions_um"),
    )


def _dense_waveforms(archive: Archive) -> NDArray[Any]:
    waveforms = archive["templates_array"]
    if "sparsity_mask" not in archive:
        return waveforms
    return expand_sparse(waveforms, archive["sparsity_mask"].astype(bool))
