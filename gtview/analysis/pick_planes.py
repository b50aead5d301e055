"""The planes in which views show spikes, for whoever asks about every spike in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import BoolArray, Float64Array, Int32Array
from ..data.dataset import Dataset
from .amplitude_measures import template_amplitudes
from .mean_features import MeanFeatureCache
from .peak_to_peak import read_peak_to_peak
from .spike_features import read_spike_features
from .template_features import ProjectionQuery, Source, projector

# In memory; from a file of numbers; from the raw recording.
_AT_HAND, _FROM_FILE, _FROM_RAW = 1 << 20, 1 << 14, 256

WITHOUT_FEATURES = "without features"
BEYOND_FILE = "beyond the file"
NOT_FINITE = "without a value"

# Channel and component; None: time.
Feature = tuple[int, int] | None
Points = tuple[Int32Array, NDArray[Any], NDArray[Any]]


def times_of(dataset: Dataset, spike_ids: Int32Array) -> Float64Array:
    """Return the times of some spikes, float64 (n,), s."""
    samples: NDArray[Any] = dataset.spike_samples[spike_ids]
    return samples * (1 / dataset.sample_rate_hz)


@dataclass(frozen=True, slots=True, eq=False)
class FeaturePlane:
    """Two features of each spike, or one over time.

    Attributes
    ----------
    dataset
        With `pc_features`.
    x, y
        What the axes are.
    n_pcs
        Components that a view shows: a spike whose shown components of a channel are all zero
        was not measured on it.
    """

    dataset: Dataset
    x: Feature
    y: Feature
    n_pcs: int
    why_left_out: str = WITHOUT_FEATURES
    chunk: int = _FROM_FILE

    def points(self, spike_ids: Int32Array, cluster: int) -> Points:
        """Return spikes with features, and the values of both axes; NaN: not on that channel."""
        asked = [feature for feature in (self.x, self.y) if feature is not None]
        channels = list(dict.fromkeys(channel for channel, _ in asked))
        n_pcs = max(self.n_pcs, *(pc + 1 for _, pc in asked))
        found = read_spike_features(self.dataset, spike_ids, channels, n_pcs)
        x, y = (
            times_of(self.dataset, found.spike_ids)
            if feature is None
            else found.values[channels.index(feature[0]), feature[1]]
            for feature in (self.x, self.y)
        )
        return found.spike_ids, x, y


@dataclass(frozen=True, slots=True, eq=False)
class ProjectionPlane:
    """The projections of each spike on two clusters, or on one over time.

    Attributes
    ----------
    dataset
        What was opened.
    axes : int32 arrays, (n_spikes,)
        All spikes of one or two clusters.
    source
        Where the projections come from.
    means
        Mean features of the dataset's templates.
    """

    dataset: Dataset
    axes: tuple[Int32Array, ...]
    source: Source
    means: MeanFeatureCache
    why_left_out: str = WITHOUT_FEATURES

    @property
    def chunk(self) -> int:
        """Spikes that are read at a time."""
        return _FROM_RAW if self.source == "raw" else _FROM_FILE

    def points(self, spike_ids: Int32Array, cluster: int) -> Points:
        """Return the spikes that have what is needed, and their projections."""
        query = ProjectionQuery(self.dataset, (), self.axes, self.means)
        found = projector(query, self.source)(spike_ids)
        if len(self.axes) == 1:
            return found.spike_ids, times_of(self.dataset, found.spike_ids), found.values[0]
        return found.spike_ids, found.values[0], found.values[1]


@dataclass(frozen=True, slots=True, eq=False)
class ColumnPlane:
    """Numbers of all spikes that are at hand; without `x`, `y` over time.

    Attributes
    ----------
    dataset
        What was opened.
    y, x : arrays, (n_all_spikes,)
        By spike id.
    """

    dataset: Dataset
    y: NDArray[Any]
    x: NDArray[Any] | None = None
    why_left_out: str = NOT_FINITE
    chunk: int = _AT_HAND

    def points(self, spike_ids: Int32Array, cluster: int) -> Points:
        """Return the spikes and both of their numbers."""
        x = times_of(self.dataset, spike_ids) if self.x is None else self.x[spike_ids]
        return spike_ids, x, self.y[spike_ids]


@dataclass(frozen=True, slots=True, eq=False)
class TemplateAmplitudePlane:
    """The sorter's amplitude over time, as `template_amplitudes` tells it."""

    dataset: Dataset
    is_in_uv: bool
    why_left_out: str = NOT_FINITE
    chunk: int = _AT_HAND

    def points(self, spike_ids: Int32Array, cluster: int) -> Points:
        """Return the spikes, their times and amplitudes."""
        values = template_amplitudes(self.dataset, spike_ids, is_in_uv=self.is_in_uv)
        return spike_ids, times_of(self.dataset, spike_ids), values


@dataclass(frozen=True, slots=True, eq=False)
class PeakToPeakPlane:
    """The size in the recording over time, each cluster on the channel of its place."""

    dataset: Dataset
    channel_ids: tuple[int | None, ...]
    why_left_out: str = BEYOND_FILE
    chunk: int = _FROM_RAW

    def points(self, spike_ids: Int32Array, cluster: int) -> Points:
        """Return the spikes that lie in the file, their times and sizes."""
        channel_id = self.channel_ids[cluster]
        if channel_id is None:
            return spike_ids[:0], np.empty(0), np.empty(0)
        found, sizes = read_peak_to_peak(self.dataset, spike_ids, channel_id)
        return found, times_of(self.dataset, found), sizes


@dataclass(frozen=True, slots=True, eq=False)
class IntervalJudge:
    """Finds the spikes that come too soon after another one of their cluster.

    Of each interval shorter than the refractory period the later spike is taken: without these,
    no interval is too short any more, and as many are taken as there were violations.

    Attributes
    ----------
    dataset
        What was opened.
    refractory_ms
        An interval of just this length is allowed.
    takes_both
        Whether the earlier spike is taken too.
    """

    dataset: Dataset
    refractory_ms: float
    takes_both: bool = False
    why_left_out: str = ""
    # A chunk would hide the interval at its end: clusters are judged as a whole.
    chunk: int = field(default=1 << 31)

    def judge(self, spike_ids: Int32Array, cluster: int) -> tuple[Int32Array, BoolArray]:
        """Return all spikes, and which of them violate the period."""
        shortest = self.refractory_ms * self.dataset.sample_rate_hz / 1000
        is_short = np.diff(self.dataset.spike_samples[spike_ids]) < shortest
        violates = np.zeros(len(spike_ids), np.bool_)
        violates[1:] = is_short
        if self.takes_both:
            violates[:-1] |= is_short
        return spike_ids, violates
