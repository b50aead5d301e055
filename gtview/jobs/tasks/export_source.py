"""What an export needs from SpikeInterface's recordings and sortings, checked and in our form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...base.errors import DatasetError
from ...base.progress import Reporter
from ...base.types import Float32Array, Float64Array, Int32Array, Int64Array
from ...base.wording import count_text, listed
from ...data.dataset import Channels
from ...data.recording import RawRecording

# What phy takes for a flat file.
_FLAT_SUFFIXES = (".dat", ".bin", ".raw", ".mda")
_COPY_VALUES = 1 << 23
_PITCH_UM = 20.0
# Rates that differ by less are the same one, once as planned and once as measured.
_RATE_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class RawFile:
    """A flat file that holds a recording, sample after sample.

    `raw_channels` is int32, (n_channels,): the column of each channel of the recording.
    """

    path: Path
    dtype: np.dtype[Any]
    n_channels: int
    offset_bytes: int
    raw_channels: Int32Array


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The units of a sorting that have spikes.

    Attributes
    ----------
    ids
        As in the sorting.
    indices : int64 array, (n_units,)
        Their places among the units of the sorting.
    spike_samples : int64 array, (n_spikes,)
        Not decreasing.
    spike_units : int32 array, (n_spikes,)
        Place among `ids`.
    notes
        Sentences about what was left out.
    """

    ids: tuple[Any, ...]
    indices: Int64Array
    spike_samples: Int64Array
    spike_units: Int32Array
    notes: tuple[str, ...]


def refuse_mismatch(recording: Any, sorting: Any) -> None:
    """Refuse a recording and a sorting of which no export can be made.

    Raises
    ------
    DatasetError
        Several segments, no channels or samples, or different sample rates.
    """
    for thing, name in ((recording, "recording"), (sorting, "sorting")):
        n_segments = thing.get_num_segments()
        if n_segments != 1:
            raise DatasetError(
                f"The {name} has {n_segments} segments; an export holds one: join them first "
                "(spikeinterface.concatenate_recordings, concatenate_sortings)."
            )
    if not recording.get_num_channels() or not recording.get_num_samples():
        raise DatasetError("The recording is empty.")
    rates = float(recording.sampling_frequency), float(sorting.sampling_frequency)
    if abs(rates[0] - rates[1]) > _RATE_TOLERANCE * rates[0]:
        raise DatasetError(
            f"The recording has {rates[0]:,g} samples a second and the sorting {rates[1]:,g}: "
            "they do not belong together."
        )


def take_units(sorting: Any, n_samples: int) -> Units:
    """Take the spikes of a sorting; units without spikes and spikes outside are left out.

    Raises
    ------
    DatasetError
        No spike is left.
    """
    spikes = sorting.to_spike_vector()
    samples = spikes["sample_index"].astype(np.int64)
    units = spikes["unit_index"].astype(np.int64)
    is_inside = (samples >= 0) & (samples < n_samples)
    notes = []
    n_outside = int(len(samples) - np.count_nonzero(is_inside))
    if n_outside:
        notes.append(f"{count_text(n_outside, 'spike')} outside of the recording left out.")
        samples, units = samples[is_inside], units[is_inside]
    ids = np.asarray(sorting.unit_ids)
    is_there = np.bincount(units, minlength=len(ids)) > 0
    if not is_there.any():
        raise DatasetError("The sorting has no spikes in this recording.")
    empty = [str(unit) for unit in ids[~is_there]]
    if empty:
        without = f"{count_text(len(empty), 'unit')} without spikes left out"
        notes.append(f"{without}: {listed(empty, 12)}.")
    if (np.diff(samples) < 0).any():
        order = np.argsort(samples, kind="stable")
        samples, units = samples[order], units[order]
    places = np.cumsum(is_there) - 1
    kept = np.flatnonzero(is_there)
    return Units(
        tuple(ids[kept].tolist()), kept, samples, places[units].astype(np.int32), tuple(notes)
    )


def find_raw_file(recording: Any) -> RawFile | None:
    """Return the flat file that a recording is, or a choice of whose channels it is; else None."""
    # Channels that were left out or put in order are still columns of the file.
    raw_channels = np.arange(recording.get_num_channels())
    n_samples = recording.get_num_samples()
    while type(recording).__name__ == "ChannelSliceRecording":
        raw_channels = np.asarray(recording._parent_channel_indices)[raw_channels]
        recording = recording._parent
    if not recording.is_binary_compatible():
        return None
    facts = recording.get_binary_description()
    paths, dtype = facts["file_paths"], np.dtype(facts["dtype"])
    if len(paths) != 1 or facts["time_axis"] != 0 or not dtype.isnative:
        return None
    path, n_channels = Path(paths[0]).absolute(), int(facts["num_channels"])
    offset = int(facts["file_offset"] or 0)
    is_flat = path.suffix.lower() in _FLAT_SUFFIXES and path.is_file()
    if not is_flat or path.stat().st_size < offset + n_samples * n_channels * dtype.itemsize:
        return None
    return RawFile(path, dtype, n_channels, offset, raw_channels.astype(np.int32))


def dtype_of_copy(recording: Any) -> np.dtype[Any]:
    """Return the type in which a recording is copied: its own, floats as float32."""
    dtype = np.dtype(recording.get_dtype())
    return np.dtype(np.float32) if dtype.kind == "f" else dtype.newbyteorder("=")


def copy_recording(recording: Any, path: Path, report: Reporter) -> RawFile:
    """Write a recording into a flat file, as it is, piece by piece."""
    dtype, n_channels = dtype_of_copy(recording), recording.get_num_channels()
    n_samples = recording.get_num_samples()
    step = max(1, _COPY_VALUES // n_channels)
    with path.open("wb") as file:
        for start in range(0, n_samples, step):
            stop = min(start + step, n_samples)
            report(start / n_samples, "copying the recording")
            traces = recording.get_traces(start_frame=start, end_frame=stop)
            file.write(np.ascontiguousarray(traces, dtype).data.cast("B"))
    return RawFile(path, dtype, n_channels, 0, np.arange(n_channels, dtype=np.int32))


def find_gains_uv(recording: Any) -> tuple[Float64Array, Float64Array] | None:
    """Return gain and offset of each channel in microvolts; None: the recording does not know.

    Floating-point recordings without a gain hold microvolts: that is SpikeInterface's own rule.
    """
    n_channels = recording.get_num_channels()
    if recording.has_scaleable_traces():
        gains = np.asarray(recording.get_channel_gains(), np.float64)
        if np.isfinite(gains).all() and (gains > 0).all():
            return gains, np.asarray(recording.get_channel_offsets(), np.float64)
        return None
    if np.dtype(recording.get_dtype()).kind == "f":
        return np.ones(n_channels), np.zeros(n_channels)
    return None


class FileTraces:
    """A recording in a flat file, in microvolts."""

    def __init__(
        self, file: RawFile, n_samples: int, scale: tuple[Float64Array, Float64Array] | None
    ) -> None:
        # The rate plays no part in what is read.
        self._raw = RawRecording.open(
            [file.path], file.dtype, file.n_channels, file.offset_bytes, 1.0
        )
        self._raw_channels = file.raw_channels
        self._scale = scale
        self.n_samples = n_samples
        self.n_channels = len(file.raw_channels)

    def read(self, start: int, stop: int) -> Float32Array:
        """Return samples, float32, (stop - start, n_channels)."""
        return _scaled(self._raw.read(start, stop, self._raw_channels), self._scale)


class LazyTraces:
    """A recording that SpikeInterface reads or computes, in microvolts."""

    def __init__(self, recording: Any, scale: tuple[Float64Array, Float64Array] | None) -> None:
        self._recording = recording
        self._scale = scale
        self.n_samples = int(recording.get_num_samples())
        self.n_channels = int(recording.get_num_channels())

    def read(self, start: int, stop: int) -> Float32Array:
        """Return samples, float32, (stop - start, n_channels)."""
        traces = self._recording.get_traces(start_frame=start, end_frame=stop)
        return _scaled(np.array(traces, np.float32, order="C"), self._scale)


def _scaled(traces: Float32Array, scale: tuple[Float64Array, Float64Array] | None) -> Float32Array:
    """Change traces to microvolts, in place."""
    if scale is not None:
        gains, offsets = scale
        if (gains != 1.0).any():
            traces *= gains.astype(np.float32)
        if offsets.any():
            traces += offsets.astype(np.float32)
    return traces


def read_places(recording: Any, raw_channels: Int32Array) -> tuple[Channels, list[str]]:
    """Return where the channels are, and notes on what had to be made up."""
    n_channels = len(raw_channels)
    notes: list[str] = []
    try:
        positions = np.asarray(recording.get_channel_locations(), np.float32)[:, :2].copy()
        has_places = bool(np.isfinite(positions).all())
    except Exception:  # noqa: BLE001  (whatever it says, there is no probe)
        has_places = False
    if not has_places:
        notes.append("The recording has no probe: the channels are put on a line, 20 um apart.")
        positions = np.zeros((n_channels, 2), np.float32)
        positions[:, 1] = _PITCH_UM * np.arange(n_channels)
    shanks = _read_shanks(recording, n_channels)
    if len(np.unique(positions, axis=0)) < n_channels:
        notes.append("Channels at the same place were moved apart, shank by shank.")
        width = float(np.ptp(positions[:, 0])) + 10 * _PITCH_UM
        positions[:, 0] += np.float32(width) * shanks
        positions = _moved_apart(positions)
    return Channels(raw_channels, positions, shanks), notes


def _moved_apart(positions: Float32Array) -> Float32Array:
    _, place = np.unique(positions, axis=0, return_inverse=True)
    order = np.argsort(place.reshape(-1), kind="stable")
    ordered = place.reshape(-1)[order]
    repeat = np.empty(len(order), np.float32)
    repeat[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    positions[:, 0] += (float(np.ptp(positions[:, 0])) + _PITCH_UM) * repeat
    return positions


def _read_shanks(recording: Any, n_channels: int) -> Int32Array:
    """Return a number for each channel's probe and shank, from 0 in the order of their names."""
    labels = np.zeros((n_channels, 2), "U64")
    contacts = recording.get_property("contact_vector")
    names = () if contacts is None else contacts.dtype.names or ()
    for column, field in enumerate(("probe_index", "shank_ids")):
        if field in names:
            labels[:, column] = contacts[field].astype(str)
    if "shank_ids" not in names and "probe_index" not in names:
        groups = recording.get_property("group")
        labels[:, 0] = "" if groups is None else np.asarray(groups).astype(str)
    # "10" comes after "9".
    key = np.char.add(np.char.zfill(labels[:, 0], 8), np.char.zfill(labels[:, 1], 8))
    return np.unique(key, return_inverse=True)[1].reshape(-1).astype(np.int32)
