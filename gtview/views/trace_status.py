"""What the trace view says about what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .waveform_status import describe_missing_raw

if TYPE_CHECKING:
    from ..data.dataset import Dataset
    from .trace_scene import Picture
    from .trace_settings import TraceSettings

BETWEEN = " \N{MIDDLE DOT} "


def describe_missing(dataset: Dataset) -> str:
    """Say why there are no traces, and what would bring them."""
    reason = describe_missing_raw(dataset)
    return f"Traces need the raw recording: {reason}. File > Locate the raw file can find it."


def describe_traces(
    picture: Picture, settings: TraceSettings, dataset: Dataset, duration_s: float
) -> str:
    """Return the status, such as "12.340 to 12.590 s, 32 channels, 2 of 41 spikes"."""
    traces, window = picture.traces, picture.window
    start, stop = max(window.start_s, 0.0), min(window.stop_s, duration_s)
    parts = [
        f"{start:.3f} to {stop:.3f} s",
        _count(len(picture.layout.channel_ids), "channel"),
        traces.filter_note,
        _describe_spikes(picture, settings),
        _describe_prediction(picture, settings, dataset),
        _describe_truth(picture, settings),
    ]
    return BETWEEN.join(filter(None, parts))


def _describe_spikes(picture: Picture, settings: TraceSettings) -> str:
    times = picture.marks.samples / picture.sample_rate_hz
    inside = (times >= picture.window.start_s) & (times <= picture.window.stop_s)
    n_all = int(np.count_nonzero(inside))
    if settings.has_all_spikes:
        return _count(n_all, "spike")
    n_selected = int(np.count_nonzero(inside & (picture.marks.color_ids >= 0)))
    return f"{n_selected:,} of {_count(n_all, 'spike')}"


def _describe_prediction(picture: Picture, settings: TraceSettings, dataset: Dataset) -> str:
    if not (settings.has_prediction or settings.is_residual):
        return ""
    if dataset.templates is None:
        return "no prediction: templates.npy is missing"
    text = "residual" if settings.is_residual else "prediction"
    n_left = picture.traces.n_to_fit
    return f"{text}, measuring {_count(n_left, 'template')}" if n_left else text


def _describe_truth(picture: Picture, settings: TraceSettings) -> str:
    if not settings.has_truth:
        return ""
    if picture.traces.truth is None:
        return "no true signal: the truth has no templates"
    note = picture.traces.truth_note
    return f"true signal, {note}" if note else "true signal"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
