"""Channels of an export: their columns in the raw file, their places, their shanks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Float32Array, Int32Array, frozen
from .arrays import ArrayError, read_integers, read_table
from .dataset import Channels
from .diagnostics import DiagnosticLog

_PITCH_UM = 20.0
# SpikeInterface writes the last; phy reads the first two.
_SHANK_FILES = ("channel_shanks.npy", "channel_probe.npy", "channel_groups.npy")
_ON_A_LINE = "The channels are shown on a line, 20 um apart, and depths mean nothing."


def read_channels(folder: Path, n_raw_channels: int | None, log: DiagnosticLog) -> Channels:
    """Read channel map, positions and shanks; what is missing or damaged is made up and told.

    Parameters
    ----------
    folder
        Folder of an export.
    n_raw_channels
        `n_channels_dat` of params.py; None when that is unknown.
    log
        Told about repairs.

    Raises
    ------
    DatasetError
        Nothing says how many channels there are.
    """
    positions = _read_positions(folder, log)
    raw_channels = _read_map(folder, positions, n_raw_channels, log)
    n = len(raw_channels)
    if positions is None or len(positions) != n:
        if positions is not None:
            log.warning(
                "channel_positions.npy",
                f"{len(positions)} positions for {n} channels.",
                _ON_A_LINE,
            )
        positions = _line(n)
    return Channels(
        raw_channels,
        frozen(_separate(positions, log)),
        _read_shanks(folder, n, log),
    )


def _line(n: int) -> Float32Array:
    positions = np.zeros((n, 2), np.float32)
    positions[:, 1] = _PITCH_UM * np.arange(n)
    return positions


def _read_map(
    folder: Path, positions: Float32Array | None, n_raw: int | None, log: DiagnosticLog
) -> Int32Array:
    path = folder / "channel_map.npy"
    try:
        raw_channels = read_integers(path, np.int32, log)
        if not len(raw_channels):
            raise ArrayError(path, "it is empty")
    except ArrayError as error:
        n = n_raw if positions is None else len(positions)
        if n is None or n < 1:
            raise DatasetError(f"{error} Nothing else tells the number of channels.") from error
        log.warning(
            path.name, f"{error}", f"The {n} channels are taken to be the first of the raw file."
        )
        return frozen(np.arange(n, dtype=np.int32))
    return _repair_map(raw_channels, n_raw, log)


def _repair_map(raw_channels: Int32Array, n_raw: int | None, log: DiagnosticLog) -> Int32Array:
    if n_raw == len(raw_channels) and np.array_equal(np.sort(raw_channels), 1 + np.arange(n_raw)):
        log.warning("channel_map.npy", "It counts from 1.", "1 was taken from every channel.")
        return frozen((raw_channels - 1).astype(np.int32))
    if len(np.unique(raw_channels)) < len(raw_channels):
        log.warning(
            "channel_map.npy",
            "Some channels of the raw file occur twice.",
            "They are shown as channels of their own.",
        )
    return raw_channels


def is_within(raw_channels: Int32Array, n_raw: int, log: DiagnosticLog) -> bool:
    """Tell whether all channels are in the raw file; if not, the raw file cannot be read."""
    low, high = int(raw_channels.min()), int(raw_channels.max())
    if low >= 0 and high < n_raw:
        return True
    log.error(
        "channel_map.npy",
        f"It names channels {low} to {high}, but n_channels_dat in params.py is {n_raw}.",
        "The raw file is not read: its layout is not certain.",
    )
    return False


def _read_positions(folder: Path, log: DiagnosticLog) -> Float32Array | None:
    path = folder / "channel_positions.npy"
    try:
        array: Float32Array = read_table(path, np.float32)
    except ArrayError as error:
        log.warning(path.name, str(error), _ON_A_LINE)
        return None
    if array.ndim == 2 and array.shape[0] in (2, 3) and array.shape[1] not in (2, 3):
        array = array.T
    if array.ndim != 2 or array.shape[1] not in (2, 3):
        log.warning(path.name, f"Its shape is {array.shape}, not (channels, 2).", _ON_A_LINE)
        return None
    if not np.isfinite(array).all():
        log.warning(path.name, "It holds values that are not numbers.", _ON_A_LINE)
        return _line(len(array))
    positions: Float32Array = array[:, :2].copy()
    return positions


def _separate(positions: Float32Array, log: DiagnosticLog) -> Float32Array:
    """Move channels that lie on others to a copy of the probe beside it."""
    n = len(positions)
    _, place = np.unique(positions, axis=0, return_inverse=True)
    place = place.reshape(-1)
    n_places = int(place.max()) + 1
    if n_places == n:
        return positions
    if n_places <= n // 2:
        message = f"Only {n_places} different positions for {n} channels."
        log.warning("channel_positions.npy", message, _ON_A_LINE)
        return _line(n)
    order = np.argsort(place, kind="stable")
    repeat = np.empty(n, np.int64)
    first = np.searchsorted(place[order], place[order])
    repeat[order] = np.arange(n) - first
    width = float(np.ptp(positions[:, 0])) + _PITCH_UM
    log.warning(
        "channel_positions.npy",
        f"{n - n_places} channels lie exactly on another one.",
        f"They are shown {width:g} um to the right of it.",
    )
    moved = positions.copy()
    moved[:, 0] += (width * repeat).astype(np.float32)
    return moved


def _read_shanks(folder: Path, n: int, log: DiagnosticLog) -> Int32Array:
    none = frozen(np.zeros(n, np.int32))
    path = next((folder / f for f in _SHANK_FILES if (folder / f).exists()), None)
    if path is None:
        return none
    try:
        shanks = read_integers(path, np.int32, log)
    except ArrayError as error:
        log.warning(path.name, str(error), "All channels are shown on one shank.")
        return none
    if len(shanks) != n:
        message = f"{len(shanks)} values for {n} channels."
        log.warning(path.name, message, "All channels are shown on one shank.")
        return none
    return shanks
