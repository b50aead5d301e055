"""Traces of real recordings, read as microvolts, for spikes to be added to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base.types import Float32Array
from .problems import Problem, RecipeError
from .recipe_noise import RealNoise


@dataclass(frozen=True, slots=True, eq=False)
class RecordingTraces:
    """Traces of a SpikeInterface recording of one segment, which is only read.

    Attributes
    ----------
    recording
        Integer with gain and offset, or float in microvolts.
    gains_uv, offsets_uv : float32 array, (n_channels,)
        Microvolts of a stored value are value * gain + offset.
    """

    recording: Any
    gains_uv: Float32Array
    offsets_uv: Float32Array

    @property
    def n_samples(self) -> int:
        """Length of the recording."""
        return int(self.recording.get_num_samples())

    def read_uv(self, start: int, stop: int) -> Float32Array:
        """Return samples `start` to `stop` in microvolts, float32, (n, n_channels)."""
        stored = self.recording.get_traces(start_frame=int(start), end_frame=int(stop))
        if stored.dtype.kind == "u" and not self.offsets_uv.any():
            # Unsigned values without an offset lie around the middle of their type.
            stored = stored.astype(np.int64) - (1 << (8 * stored.dtype.itemsize - 1))
        traces: Float32Array = np.multiply(stored, self.gains_uv, dtype=np.float32)
        traces += self.offsets_uv
        return traces


@dataclass(frozen=True, slots=True, eq=False)
class RepeatedTraces:
    """A slice of traces, played forwards and backwards in turn, so that no step is made.

    Attributes
    ----------
    traces_uv : float32 array, (n_samples, n_channels)
        At least two samples.
    """

    traces_uv: Float32Array

    def read_uv(self, start: int, stop: int) -> Float32Array:
        """Return samples `start` to `stop` in microvolts, float32, (n, n_channels)."""
        n = len(self.traces_uv)
        rows = np.arange(start, stop) % (2 * n - 2)
        taken: Float32Array = self.traces_uv[np.where(rows < n, rows, 2 * n - 2 - rows)]
        return taken


def take_recording(recording: Any, field: str) -> RecordingTraces:
    """Take a SpikeInterface recording.

    Raises
    ------
    RecipeError
        It has several segments, or integers without a gain.
    """
    if not hasattr(recording, "get_traces"):
        raise _refuse(field, f"is no recording but a {type(recording).__name__}")
    if recording.get_num_segments() != 1:
        raise _refuse(field, f"must have one segment (it has {recording.get_num_segments()})")
    n_channels = recording.get_num_channels()
    gains, offsets = recording.get_channel_gains(), recording.get_channel_offsets()
    if gains is None:
        if np.dtype(recording.dtype).kind != "f":
            raise _refuse(field, "holds whole numbers without a gain: set its gain in uV first")
        gains = np.ones(n_channels)
    offsets = np.zeros(n_channels) if offsets is None else offsets
    return RecordingTraces(
        recording, np.asarray(gains, np.float32), np.asarray(offsets, np.float32)
    )


def open_recording(path: str, field: str) -> Any:
    """Open a recording: a folder or file that `spikeinterface.load` opens.

    Raises
    ------
    RecipeError
        It is missing, or cannot be opened.
    """
    place = Path(path).expanduser()
    if (place / "recording").is_dir():
        # The folder of a dataset means its recording.
        place = place / "recording"
    if not place.exists():
        raise _refuse(field, f"names nothing that exists ({path})")
    if place.suffix in (".pkl", ".pickle"):
        raise _refuse(field, "is a pickle, which could run any code: it is not opened")
    from spikeinterface import load

    try:
        recording = load(place)
    except Exception as error:
        # Readers of recordings raise nearly anything.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _refuse(field, f"cannot be opened by SpikeInterface ({reason})") from error
    return recording


def real_noise(wish: RealNoise, n_channels: int, sample_rate_hz: float) -> RepeatedTraces:
    """Return the slice of a real recording that is used as noise.

    Raises
    ------
    RecipeError
        It has too few channels, another sampling rate, or ends before the slice.
    """
    field = "noise.real.path"
    recording = open_recording(wish.path, field)
    traces = take_recording(recording, field)
    rate = float(recording.get_sampling_frequency())
    if abs(rate / sample_rate_hz - 1) > 1e-3:
        raise _refuse(field, f"has {rate:g} samples a second, the recipe {sample_rate_hz:g}")
    if recording.get_num_channels() < n_channels:
        n = recording.get_num_channels()
        raise _refuse(field, f"has {n} channels, but the probe {n_channels}")
    first = round(wish.start_s * rate)
    last = traces.n_samples
    if wish.duration_s is not None:
        last = first + round(wish.duration_s * rate)
    if first + 1 >= last or last > traces.n_samples:
        raise _refuse(
            "noise.real.start_s", f"and duration_s leave its {traces.n_samples / rate:g} s"
        )
    return RepeatedTraces(np.ascontiguousarray(traces.read_uv(first, last)[:, :n_channels]))


def _refuse(field: str, message: str) -> RecipeError:
    return RecipeError([Problem(field, message)])
