"""What is in the windows around spikes: their sums, components and projections on templates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input


@kernel
def _add_windows(traces: Any, starts: Any, labels: Any, sums: Any) -> None:
    length = sums.shape[1]
    n_channels = sums.shape[2]
    for i in range(len(starts)):
        total = sums[labels[i]]
        for s in range(length):
            row = traces[starts[i] + s]
            into = total[s]
            for c in range(n_channels):
                into[c] += row[c]


def add_windows(
    traces: Float32Array, starts: Int64Array, labels: Int32Array, sums: Float64Array
) -> None:
    """Add the window of each spike to the sum of its label.

    Parameters
    ----------
    traces : float32 array, (n_times, n_channels)
        Every window lies wholly in it.
    starts : int64 array, (n_spikes,)
        Row of the first sample of each window.
    labels : int32 array, (n_spikes,)
        From 0 to n_labels - 1.
    sums : float64 array, (n_labels, n_samples, n_channels), C-contiguous
        Changed in place.
    """
    _add_windows(
        as_input(traces, np.float32),
        as_input(starts, np.int64),
        as_input(labels, np.int32),
        sums,
    )


@kernel
def _project_windows(  # noqa: PLR0913  (numba takes no dataclasses)
    traces: Any,
    starts: Any,
    labels: Any,
    local: Any,
    components: Any,
    near: Any,
    seen: Any,
    shapes: Any,
    features: Any,
    projections: Any,
) -> None:
    n_components, length = components.shape
    n_local = local.shape[1]
    n_seen = seen.shape[1]
    window = np.empty(n_local, np.float32)
    sums = np.empty(n_seen, np.float32)
    values = np.empty(n_seen, np.float32)
    for i in range(len(starts)):
        start, label = starts[i], labels[i]
        features[i] = np.float32(0)
        channels = local[label]
        for s in range(length):
            row = traces[start + s]
            for k in range(n_local):
                window[k] = row[channels[k]]
            for p in range(n_components):
                weight = components[p, s]
                into = features[i, p]
                # Each channel has a sum of its own, so this is vectorised as it stands.
                for k in range(n_local):
                    into[k] += weight * window[k]
        for j in range(near.shape[1]):
            template = near[label, j]
            channels = seen[template]
            sums[:] = np.float32(0)
            for s in range(length):
                row = traces[start + s]
                shape = shapes[template, s]
                for k in range(n_seen):
                    values[k] = row[channels[k]]
                for k in range(n_seen):
                    sums[k] += values[k] * shape[k]
            total = np.float32(0)
            for k in range(n_seen):
                total += sums[k]
            projections[i, j] = total


def project_windows(
    traces: Float32Array,
    starts: Int64Array,
    labels: Int32Array,
    components: tuple[Int32Array, Float32Array],
    templates: tuple[Int32Array, Int32Array, Float32Array],
) -> tuple[Float32Array, Float32Array]:
    """Project the window of each spike on temporal components and on whole templates.

    Parameters
    ----------
    traces : float32 array, (n_times, n_channels)
        Every window lies wholly in it.
    starts : int64 array, (n_spikes,)
        Row of the first sample of each window.
    labels : int32 array, (n_spikes,)
        Template of each spike.
    components
        The channels of each template, int32 (n_templates, n_local), and the components, float32
        (n_components, n_samples): one for all channels.
    templates
        The templates to project on, int32 (n_templates, n_near); the channels on which each of
        them is seen, int32 (n_templates, n_seen); and its waveform there, float32
        (n_templates, n_samples, n_seen).

    Returns
    -------
    features : float32 array, (n_spikes, n_components, n_local)
    projections : float32 array, (n_spikes, n_near)
    """
    n_spikes, (local, shapes), (near, seen, waveforms) = len(starts), components, templates
    features = np.empty((n_spikes, len(shapes), local.shape[1]), np.float32)
    projections = np.empty((n_spikes, near.shape[1]), np.float32)
    _project_windows(
        as_input(traces, np.float32),
        as_input(starts, np.int64),
        as_input(labels, np.int32),
        as_input(local, np.int32),
        as_input(shapes, np.float32),
        as_input(near, np.int32),
        as_input(seen, np.int32),
        as_input(waveforms, np.float32),
        features,
        projections,
    )
    return features, projections


def warm_up() -> None:
    """Compile both for the types that they are called with."""
    traces, starts = np.zeros((2, 1), np.float32), np.zeros(1, np.int64)
    labels, table = np.zeros(1, np.int32), np.zeros((1, 1), np.int32)
    add_windows(traces, starts, labels, np.zeros((1, 2, 1)))
    shapes = np.zeros((1, 2, 1), np.float32)
    project_windows(traces, starts, labels, (table, shapes[0].T), (table, table, shapes))
