"""Traces of an interval, what the sorter and the truth say they are, and what is left over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..base.types import Float32Array, Int32Array
from ..data.dataset import Dataset
from .prediction import Predictor, predict_in_steps
from .trace_blocks import TraceBlocks
from .true_signal import TrueSignal

DEFAULT_CUTOFF_HZ = 150.0
# Samples of each trace that its offset is measured on.
_OFFSET_SAMPLES = 300
# How often a prediction is told anew while its templates are being measured.
_TELL_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class TraceQuery:
    """What is asked.

    Attributes
    ----------
    dataset, blocks
        What was opened, and the reader of its traces.
    start, stop
        First sample, and the one after the last; may reach beyond the recording.
    channel_ids : int32 array, (n_channels,)
        Rows of the channel map, in the order of the answer.
    cutoff_hz
        High-pass; None: raw, freed of each channel's median. Not used when the recording already
        is high-passed.
    predictor
        Makes the sorter's prediction; None: not asked for.
    true_signal
        Makes the true signal; None: not asked for.
    """

    dataset: Dataset
    blocks: TraceBlocks
    start: int
    stop: int
    channel_ids: Int32Array
    cutoff_hz: float | None = DEFAULT_CUTOFF_HZ
    predictor: Predictor | None = None
    true_signal: TrueSignal | None = None

    @property
    def filter_hz(self) -> float | None:
        """The cut-off that is really used."""
        return None if self.dataset.is_high_passed else self.cutoff_hz


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """Answer to a `TraceQuery`.

    Attributes
    ----------
    start
        Sample of the first row.
    channel_ids : int32 array, (n_channels,)
    values : float32 array, (n_samples, n_channels), microvolts or arb.
        Only samples that exist.
    prediction, truth : float32 arrays, (n_samples, n_channels), or None
        In the same unit, through the same filter.
    n_to_fit
        Templates whose size is not measured yet.
    truth_note
        How the truth was scaled; "" when it is in microvolts.
    filter_note
        What was done to the traces, for the status of a view.
    """

    start: int
    channel_ids: Int32Array
    values: Float32Array
    prediction: Float32Array | None = None
    truth: Float32Array | None = None
    n_to_fit: int = 0
    truth_note: str = ""
    filter_note: str = ""

    @property
    def stop(self) -> int:
        """The sample after the last row."""
        return self.start + len(self.values)

    @property
    def residual(self) -> Float32Array | None:
        """Traces minus prediction, float32, (n_samples, n_channels)."""
        return None if self.prediction is None else self.values - self.prediction


def compute_traces(query: TraceQuery) -> Iterator[Traces]:
    """Read traces; with a prediction, give it again whenever more templates are measured.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    ValueError
        The cut-off does not suit the sample rate.
    """
    cutoff_hz = query.filter_hz
    values = query.blocks.read(query.start, query.stop, query.channel_ids, cutoff_hz)
    if cutoff_hz is None:
        values -= _offsets(values)
    traces = Traces(
        start=min(max(query.start, 0), query.blocks.n_samples),
        channel_ids=query.channel_ids,
        values=values,
        filter_note=_describe_filter(query),
    )
    if query.true_signal is not None:
        traces = _with_truth(traces, query.true_signal, cutoff_hz)
    if query.predictor is None or not len(values):
        yield traces
        return
    yield from _with_prediction(traces, query.predictor, cutoff_hz)


def _with_truth(traces: Traces, signal: TrueSignal, cutoff_hz: float | None) -> Traces:
    truth = signal.sum_up(traces.start, traces.stop, traces.channel_ids, cutoff_hz)
    note = "" if signal.scale(cutoff_hz) == 1.0 else "scaled to fit, as the gain is not known"
    return replace(traces, truth=truth, truth_note=note)


def _with_prediction(
    traces: Traces, predictor: Predictor, cutoff_hz: float | None
) -> Iterator[Traces]:
    place = traces.start, traces.stop, traces.channel_ids, cutoff_hz
    told = time.monotonic()
    for k, n_left in enumerate(predict_in_steps(predictor, *place)):
        if n_left and k == 0:
            # The traces are there: nobody should wait for them.
            yield replace(traces, n_to_fit=n_left)
        elif not n_left or time.monotonic() - told > _TELL_EVERY_S:
            yield replace(traces, prediction=predictor.predict(*place), n_to_fit=n_left)
            told = time.monotonic()


def _offsets(values: Float32Array) -> Float32Array:
    """Return the median of each trace, (n_channels,), of samples spread evenly."""
    if not len(values):
        return np.zeros(values.shape[1], np.float32)
    step = max(1, len(values) // _OFFSET_SAMPLES)
    return np.median(values[::step], axis=0).astype(np.float32)


def _describe_filter(query: TraceQuery) -> str:
    if query.dataset.is_high_passed:
        return "filtered by the recording"
    return "raw" if query.filter_hz is None else f"{query.filter_hz:g} Hz high-pass"
