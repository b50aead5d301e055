"""Every n-th row of a feature file, from its compact copy: what stands behind any cluster."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import Float32Array, Int32Array

if TYPE_CHECKING:
    from .feature_copy import FeatureCopy

# Enough to see some thousand spikes around any channel of a long probe, and 40 MB of 2 of 3
# components of a Kilosort export.
MOST_ROWS = 150_000
MOST_BYTES = 64_000_000
# Components that are held in memory: what feature views show unless told otherwise.
KEPT_PCS = 2


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSample:
    """Features of every `step`-th spike.

    Attributes
    ----------
    step
        A power of two.
    templates : int32 array, (n_sampled,)
        Template of each of these spikes.
    values : float32 array, (n_local, n_pcs, n_sampled), in the sorter's unit
        The first components on the channels of the template.
    """

    step: int
    templates: Int32Array
    values: Float32Array


def sample_step(n_rows: int, n_columns: int) -> int:
    """Return the smallest power of two that keeps every n-th row within the limits."""
    most = max(1, min(MOST_ROWS, MOST_BYTES // (4 * max(n_columns, 1))))
    return next_power_of_two(-(-n_rows // most))


def next_power_of_two(n: int) -> int:
    """Return the smallest power of two that is not below n."""
    return 1 << max(n - 1, 0).bit_length()


class KeptSample:
    """The sample of one copy, read when first asked for; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[FeatureCopy, FeatureSample | None] | None = None

    def of(
        self, copy: FeatureCopy, n_local: int, n_pcs: int, spike_templates: Int32Array
    ) -> FeatureSample | None:
        """Return the sample of a copy of features of all spikes; None: it holds none.

        Parameters
        ----------
        copy
            Of features on `n_local` channels, `n_pcs` components each.
        spike_templates : int32 array, (n_spikes,)

        Raises
        ------
        DatasetError
            The copy is damaged or gone.
        """
        with self._lock:
            if self._known is None or self._known[0] is not copy:
                self._known = copy, _load(copy, n_local, n_pcs, spike_templates)
            return self._known[1]


def _load(
    copy: FeatureCopy, n_local: int, n_pcs: int, spike_templates: Int32Array
) -> FeatureSample | None:
    step, n_kept = copy.label.sample_step, min(n_pcs, KEPT_PCS)
    if not step:
        return None
    columns = (np.arange(n_local)[:, None] * n_pcs + np.arange(n_kept)).ravel()
    values = copy.read_sample(columns).reshape(n_local, n_kept, -1)
    return FeatureSample(step, np.ascontiguousarray(spike_templates[::step]), values)
