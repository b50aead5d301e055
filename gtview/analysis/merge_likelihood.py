"""How likely one cluster and each of some others are the spikes of one neuron."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.types import Float64Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from .coincidences import compute_dip, count_coincidences
from .continuity import Course, compute_continuity, compute_course
from .drift import compute_template_depths
from .mean_shapes import Shape, correlate_shapes, mean_shape
from .sampling import sample_evenly

MAX_LAG_MS = 0.5
SHAPE_WEIGHT = 2.0
# A spread of amplitudes is at least this share of them, one of depths so many micrometres; where
# depths are those of templates, they are the same for many spikes.
LEAST_AMPLITUDE_SHARE = 0.02
LEAST_DEPTH_UM = 2.0
LEAST_STEP_UM = 10.0

_MAX_SPIKES = 4000


@dataclass(frozen=True, slots=True, eq=False)
class ClusterTrain:
    """One cluster of a `LikelihoodQuery`.

    Attributes
    ----------
    spike_ids : int32 array, (n_spikes,)
        By increasing time.
    template_ids : int32 array, (n_templates,)
    template_counts : int64 array, (n_templates,)
        Spikes of each template in the cluster.
    """

    cluster_id: int
    spike_ids: Int32Array
    template_ids: Int32Array
    template_counts: Int64Array


@dataclass(frozen=True, slots=True, eq=False)
class LikelihoodQuery:
    """What is asked: how likely `cluster` and each of `candidates` are one neuron."""

    dataset: Dataset
    cluster: ClusterTrain
    candidates: tuple[ClusterTrain, ...]


@dataclass(frozen=True, slots=True)
class MergeLikelihood:
    """What speaks for and against two clusters being one neuron; NaN where nothing is known.

    Attributes
    ----------
    cluster_ids
        The two.
    value
        The likelihood, 0 to 1.
    shape, dip, amplitude, depth
        Its parts, 0 to 1, the shape from -1; see `compute_merge_likelihoods`.
    lag_ms
        How far the second template is moved where the two are most alike.
    n_coincident
        Pairs of spikes nearer than the refractory period, but for the nearest.
    expected
        Such pairs of independent neurons.
    n_twice
        Pairs within `CENSORED_MS`: spikes that are in both clusters.
    """

    cluster_ids: tuple[int, int]
    value: float
    shape: float
    dip: float
    amplitude: float
    depth: float
    lag_ms: float
    n_coincident: int
    expected: float
    n_twice: int


def compute_merge_likelihoods(query: LikelihoodQuery) -> tuple[MergeLikelihood, ...]:
    """Compare one cluster with some others; the answers are in the order of the candidates.

    The likelihood is the weighted geometric mean of what is known of

    - shape (weight 2): the largest normalised correlation of the mean unwhitened templates over
      lags up to 0.5 ms, as in `compute_template_similarity`; below 0 it counts as 0.
    - dip: the chance, at even odds before, that the pairs of spikes closer than 2 ms are those of
      one neuron; see `compute_dip`.
    - amplitude: how far the sorter's amplitudes overlap where the two are nearest in time; see
      `compute_continuity`.
    - depth: the same of the depths of the spikes: one neuron drifts along.

    A geometric mean, because one strong argument against is enough: two cells with one shape fire
    within 2 ms of each other. Each part is known from elsewhere: templates over lags and overlap
    of correlograms in SpikeInterface's `compute_merge_unit_groups`; the refractory dip of
    cross-correlograms as a Poisson test in Kilosort (Pachitariu et al., 2024, Nature Methods 21:
    914) and as contamination in Hill, Mehta and Kleinfeld (2011, J. Neurosci. 31: 8699).

    Parameters
    ----------
    query
        A snapshot; this is for a thread.
    """
    return tuple(iterate_merge_likelihoods(query))


def iterate_merge_likelihoods(query: LikelihoodQuery) -> Iterator[MergeLikelihood]:
    """Give the answers of `compute_merge_likelihoods` one by one."""
    asked = _Comparison(query)
    for candidate in query.candidates:
        yield asked.with_candidate(candidate)


def combine_parts(shape: float, dip: float, amplitude: float, depth: float) -> float:
    """Return the weighted geometric mean of the parts that are known; NaN when none is."""
    weighted = ((shape, SHAPE_WEIGHT), (dip, 1.0), (amplitude, 1.0), (depth, 1.0))
    known = [(value, weight) for value, weight in weighted if not math.isnan(value)]
    if not known:
        return math.nan
    if min(value for value, _ in known) <= 0:
        return 0.0
    total = sum(weight for _, weight in known)
    return math.exp(sum(weight * math.log(value) for value, weight in known) / total)


@dataclass(frozen=True, slots=True, eq=False)
class _Described:
    """What of a cluster is compared; `None` where the export does not tell it."""

    cluster_id: int
    samples: Int64Array
    shape: Shape | None
    amplitudes: Course | None
    depths: Course | None


class _Comparison:
    """One cluster of a query, ready to be compared with others."""

    def __init__(self, query: LikelihoodQuery) -> None:
        dataset = self._dataset = query.dataset
        self._rate_hz = dataset.sample_rate_hz
        self._template_depths: Any = None
        if dataset.spike_positions_um is None and dataset.templates is not None:
            self._template_depths = compute_template_depths(dataset)
        self._own = self._describe(query.cluster)
        self._least_depth_um = LEAST_DEPTH_UM if self._template_depths is None else LEAST_STEP_UM

    def with_candidate(self, candidate: ClusterTrain) -> MergeLikelihood:
        """Compare it with another cluster."""
        own, other = self._own, self._describe(candidate)
        shape, lag = math.nan, 0
        if own.shape is not None and other.shape is not None:
            max_lag = round(MAX_LAG_MS * self._rate_hz / 1000)
            shape, lag = correlate_shapes(own.shape, other.shape, max_lag)
        pairs = count_coincidences(own.samples, other.samples, self._rate_hz)
        dip = compute_dip(pairs.n_coincident, pairs.expected)
        amplitude = _continuity(own.amplitudes, other.amplitudes, share=LEAST_AMPLITUDE_SHARE)
        depth = _continuity(own.depths, other.depths, least=self._least_depth_um)
        return MergeLikelihood(
            cluster_ids=(own.cluster_id, candidate.cluster_id),
            value=combine_parts(shape, dip, amplitude, depth),
            shape=shape,
            dip=dip,
            amplitude=amplitude,
            depth=depth,
            lag_ms=1000 * lag / self._rate_hz,
            n_coincident=pairs.n_coincident,
            expected=pairs.expected,
            n_twice=pairs.n_twice,
        )

    def _describe(self, train: ClusterTrain) -> _Described:
        dataset = self._dataset
        sample = sample_evenly(train.spike_ids, _MAX_SPIKES)
        times = dataset.spike_samples[sample].astype(np.float64)
        span = 0.0, dataset.duration_s * self._rate_hz
        values = comparable_amplitudes(dataset, sample), self._depths(sample)
        courses = [None if v is None else compute_course(times, v, span) for v in values]
        samples = np.ascontiguousarray(dataset.spike_samples[train.spike_ids], np.int64)
        shape = mean_shape(dataset, train.template_ids, train.template_counts)
        return _Described(train.cluster_id, samples, shape, *courses)

    def _depths(self, sample: Int32Array) -> Float64Array | None:
        positions = self._dataset.spike_positions_um
        if positions is None and self._template_depths is None:
            return None
        if positions is not None:
            depths = positions[sample, 1]
        else:
            depths = self._template_depths[self._dataset.spike_templates[sample]]
        return np.asarray(depths, np.float64)


def _continuity(first: Course | None, second: Course | None, **least: float) -> float:
    if first is None or second is None:
        return math.nan
    return compute_continuity(first, second, **least)


def comparable_amplitudes(dataset: Dataset, spike_ids: Int32Array) -> Float64Array | None:
    """Return amplitudes of spikes that mean the same whatever template found them.

    Kilosort 1 to 3 tell the factor of a template of its own size: the product is comparable.

    Returns
    -------
    float64 array, (n,), or None
        In a unit of the sorter; None when it told no amplitudes.
    """
    if dataset.amplitudes is None:
        return None
    amplitudes = dataset.amplitudes[spike_ids].astype(np.float64)
    if dataset.kind != "kilosort" or dataset.templates is None:
        return amplitudes
    sizes = dataset.templates.peak_to_peak().max(axis=1)
    scaled: Float64Array = amplitudes * sizes[dataset.spike_templates[spike_ids]]
    return scaled
