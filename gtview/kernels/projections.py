"""How much of a template is in a piece of traces; knows no unit."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input


def fit_sizes(
    traces: Float32Array,
    starts: Int64Array,
    labels: Int32Array,
    channels: Int32Array,
    templates: Float32Array,
) -> Float32Array:
    """Return the factor that brings a template closest to each window, by least squares.

    Parameters
    ----------
    traces : float32 array, (n_samples, n_channels)
    starts : int64 array, (n_windows,)
        First sample of each window; the whole of it must be in the traces.
    labels : int32 array, (n_windows,)
        Which template.
    channels : int32 array, (n_templates, n_own)
        Columns of the traces that each template is on.
    templates : float32 array, (n_templates, n_window, n_own)

    Returns
    -------
    float32 array, (n_windows,)
        NaN where a template is empty.
    """
    found: Float32Array = _fit_sizes(
        as_input(traces, np.float32), as_input(starts, np.int64), as_input(labels, np.int32),
        as_input(channels, np.int32), as_input(templates, np.float32),
    )  # fmt: skip
    return found


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    one = np.zeros(1, np.int32)
    fit_sizes(
        np.zeros((2, 1), np.float32), one.astype(np.int64), one, one[None],
        np.ones((1, 2, 1), np.float32),
    )  # fmt: skip


@kernel
def _fit_sizes(traces: Any, starts: Any, labels: Any, channels: Any, templates: Any) -> Any:
    sizes = np.empty(len(starts), np.float32)
    for i in range(len(starts)):
        start, template, own = starts[i], templates[labels[i]], channels[labels[i]]
        product, energy = 0.0, 0.0
        for t in range(template.shape[0]):
            for c in range(template.shape[1]):
                product += traces[start + t, own[c]] * template[t, c]
                energy += template[t, c] * template[t, c]
        sizes[i] = product / energy if energy > 0 else np.nan
    return sizes
