"""What else an export says of each spike: amplitudes, positions, and arrays of any name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from ..base.types import Float32Array, frozen
from .arrays import AnyArray, ArrayError, native, open_array, read_floats
from .diagnostics import DiagnosticLog

# Files named spike_<name>.npy that are read by their own rules, or repeat another one.
_KNOWN = frozenset({"times", "samples", "templates", "clusters", "positions", "times_reordered"})


def read_amplitudes(folder: Path, n_spikes: int, log: DiagnosticLog) -> Float32Array | None:
    """Read `amplitudes.npy`, float32, (n_spikes,); None and told where it cannot be used."""
    path = folder / "amplitudes.npy"
    if not path.exists():
        return None
    try:
        amplitudes = read_floats(path, log)
    except ArrayError as error:
        log.error(path.name, f"The file cannot be used: {error.reason}.", "No amplitudes.")
        return None
    if len(amplitudes) != n_spikes:
        _tell_length(path.name, len(amplitudes), n_spikes, log)
        return None
    return amplitudes


def read_spike_positions(folder: Path, n_spikes: int, log: DiagnosticLog) -> Float32Array | None:
    """Read x and depth of `spike_positions.npy`, float32, (n_spikes, 2); None if unusable."""
    array = _open_attribute(folder / "spike_positions.npy", n_spikes, log)
    if array is None:
        return None
    if array.ndim != 2 or array.shape[1] not in (2, 3):
        log.warning("spike_positions.npy", f"Its shape is {array.shape}.", "It was left out.")
        return None
    return frozen(array[:, :2].astype(np.float32, copy=False))


def read_spike_attributes(
    folder: Path, n_spikes: int, log: DiagnosticLog
) -> Mapping[str, AnyArray]:
    """Map every other `spike_<name>.npy` of the right length, in its own dtype, by name."""
    found = {}
    for path in sorted(folder.glob("spike_*.npy")):
        name = path.stem.removeprefix("spike_")
        if name not in _KNOWN and (array := _open_attribute(path, n_spikes, log)) is not None:
            found[name] = array
    return MappingProxyType(found)


def _open_attribute(path: Path, n_spikes: int, log: DiagnosticLog) -> AnyArray | None:
    if not path.exists():
        return None
    try:
        array = open_array(path)
    except ArrayError as error:
        log.warning(path.name, f"The file cannot be used: {error.reason}.", "It was left out.")
        return None
    if array.size == n_spikes:
        array = array.reshape(-1)
    if not array.ndim or array.shape[0] != n_spikes:
        _tell_length(path.name, array.shape[0] if array.ndim else 1, n_spikes, log)
        return None
    return frozen(native(array))


def _tell_length(file: str, length: int, n_spikes: int, log: DiagnosticLog) -> None:
    log.warning(
        file,
        f"{length:,} rows where spike_times.npy has {n_spikes:,}.",
        "It was left out: no telling which row is which spike's.",
    )


def check_kept_spikes(folder: Path, n_spikes: int, log: DiagnosticLog) -> None:
    """Tell when `kept_spikes.npy` (one value for each spike detected) keeps another number."""
    path = folder / "kept_spikes.npy"
    if not path.exists():
        return
    try:
        n_kept = int(np.count_nonzero(open_array(path)))
    except ArrayError:
        return
    if n_kept != n_spikes:
        log.warning(
            path.name,
            f"It keeps {n_kept:,} spikes, and spike_times.npy has {n_spikes:,}.",
            "The files may be of two runs of the sorter.",
        )
