"""Reads true spike trains from what SpikeInterface and MEArec write."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import DatasetError
from .diagnostics import DiagnosticLog
from .gt_trains import (
    RawTrains,
    as_vector,
    identify_units,
    load_array,
    refuse_segments,
    to_samples,
    to_unit_ids,
)

NUMPY_INFO = "numpysorting_info.json"
_NPZ = "sorting_cached.npz"
# What `spikeinterface.load` opens without a pickle.
_DESCRIPTIONS = ("si_folder.json", "cached.json")
_MEAREC_NEEDS = ("MEArec", "h5py")


def is_numpy_folder(folder: Path) -> bool:
    """Tell whether a folder is SpikeInterface's `numpy_folder`, its usual form of a sorting."""
    return (folder / NUMPY_INFO).is_file()


def is_npz_folder(folder: Path) -> bool:
    """Tell whether a folder is SpikeInterface's `npz_folder`, its form up to version 0.98."""
    return (folder / _NPZ).is_file()


def is_other_sorting(path: Path) -> bool:
    """Tell whether SpikeInterface may be able to load a path."""
    if path.is_file():
        return path.suffix == ".json"
    return path.suffix == ".zarr" or any((path / name).is_file() for name in _DESCRIPTIONS)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    DatasetError
        It cannot be read or is no object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path.name} cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise DatasetError(f"{path.name} does not hold what its name says.")
    return content


def read_numpy_folder(folder: Path, log: DiagnosticLog) -> RawTrains:
    """Read a `numpy_folder` without SpikeInterface, whose import takes seconds.

    Raises
    ------
    DatasetError
        A file is missing or damaged, or there are several segments.
    """
    info = read_json(folder / NUMPY_INFO)
    try:
        unit_ids = to_unit_ids(info["unit_ids"], NUMPY_INFO)
        sample_rate_hz = float(info["sampling_frequency"])
        n_segments = int(info.get("num_segments", 1))
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{NUMPY_INFO} lacks the units or the sampling rate.") from error
    refuse_segments(n_segments, folder.name)
    spikes = load_array(folder / "spikes.npy")
    if not {"sample_index", "unit_index"} <= set(spikes.dtype.names or ()):
        raise DatasetError("spikes.npy holds no spikes as SpikeInterface writes them.")
    units = np.ascontiguousarray(spikes["unit_index"])
    if len(units) and (units.min() < 0 or units.max() >= len(unit_ids)):
        raise DatasetError(f"spikes.npy holds spikes of a unit that {NUMPY_INFO} does not list.")
    samples = to_samples(spikes["sample_index"], "spikes.npy", sample_rate_hz, log)
    return RawTrains(unit_ids, samples, units.astype(np.int32), sample_rate_hz)


def read_npz(path: Path, log: DiagnosticLog) -> RawTrains:
    """Read the `.npz` file of an `npz_folder`, or the folder.

    Raises
    ------
    DatasetError
        It is missing or damaged, or there are several segments.
    """
    path = path / _NPZ if path.is_dir() else path
    try:
        with np.load(path, allow_pickle=False) as npz:
            refuse_segments(int(npz["num_segment"].reshape(-1)[0]), path.name)
            sample_rate_hz = float(npz["sampling_frequency"].reshape(-1)[0])
            unit_ids = to_unit_ids(npz["unit_ids"], path.name)
            times, labels = npz["spike_indexes_seg0"], npz["spike_labels_seg0"]
    except DatasetError:
        raise
    except Exception as error:
        # Damaged archives raise nearly anything.
        raise DatasetError(f"{path.name} holds no sorting that can be read.") from error
    if not len(times):
        return RawTrains(unit_ids, np.empty(0, np.int64), np.empty(0, np.int32), sample_rate_hz)
    samples = to_samples(as_vector(times, path.name), path.name, sample_rate_hz, log)
    unit_ids, units = identify_units(as_vector(labels, path.name), path.name, unit_ids)
    return RawTrains(unit_ids, samples, units, sample_rate_hz)


def read_with_spikeinterface(path: Path) -> RawTrains:
    """Read any other sorting that `spikeinterface.load` opens.

    Raises
    ------
    DatasetError
        It cannot be opened, is no sorting, or has several segments.
    """
    _refuse_pickles(path)
    try:
        from spikeinterface import load

        loaded = load(path)
    except Exception as error:
        raise DatasetError(f"SpikeInterface cannot open {path.name}: {error}.") from error
    return take_sorting(getattr(loaded, "sorting", loaded), path.name)


def read_mearec(path: Path) -> RawTrains:
    """Read the spike trains of a MEArec recording.

    Raises
    ------
    DatasetError
        A package for it is missing, or the file cannot be read.
    """
    if any(find_spec(package) is None for package in _MEAREC_NEEDS):
        raise DatasetError(
            f"{path.name} is a MEArec file: to read it, install the Python packages "
            f"{' and '.join(_MEAREC_NEEDS)} beside gtview."
        )
    try:
        from spikeinterface.extractors.extractor_classes import MEArecSortingExtractor

        sorting = MEArecSortingExtractor(path)
    except Exception as error:
        raise DatasetError(f"{path.name} cannot be read as a MEArec file: {error}.") from error
    return take_sorting(sorting, path.name)


def take_sorting(sorting: Any, name: str) -> RawTrains:
    """Take the spikes of a SpikeInterface sorting.

    Raises
    ------
    DatasetError
        It is no sorting, or has several segments.
    """
    if not hasattr(sorting, "to_spike_vector"):
        raise DatasetError(f"{name} holds no sorting: it is a {type(sorting).__name__}.")
    refuse_segments(sorting.get_num_segments(), name)
    spikes = sorting.to_spike_vector()
    return RawTrains(
        to_unit_ids(np.asarray(sorting.unit_ids), name),
        np.ascontiguousarray(spikes["sample_index"], dtype=np.int64),
        np.ascontiguousarray(spikes["unit_index"], dtype=np.int32),
        float(sorting.get_sampling_frequency()),
    )


def _refuse_pickles(path: Path) -> None:
    # SpikeInterface loads the properties of units with pickles allowed.
    for file in (path / "properties").glob("*.npy"):
        load_array(file)
