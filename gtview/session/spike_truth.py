"""What became of every single spike, and why: computed once, by whichever thread asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..base.patience import held
from .states import compute_states, trains_of

if TYPE_CHECKING:
    from ..base.types import Float32Array, Float64Array, Int64Array
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth
    from ..scoring.causes import SpikeCauses
    from ..scoring.cluster_lags import ClusterLags
    from ..scoring.neighbours import Neighbours
    from ..scoring.results import Scores
    from ..scoring.spike_matrix import SpikeMatrix
    from ..scoring.states import SpikeStates
    from .scoring import ScoringQuery


_NOT_TOLD = "The ground truth does not tell the sizes of its spikes, and "
_NO_RAW = f"{_NOT_TOLD}there is no raw recording to measure them in."
_NOT_MEASURED = f"{_NOT_TOLD}they are not measured in the raw recording (yet)."


class TruthFacts:
    """What never changes of one recording and its truth; safe to use from threads.

    Attributes
    ----------
    sizes : float32 array, (n_spikes,), or None
        Measured sizes of the true spikes, see `true_sizes`; None: not needed, or not known (yet).
    """

    def __init__(self, dataset: Dataset, truth: GroundTruth) -> None:
        self.truth = truth
        self.sample_rate_hz = float(dataset.sample_rate_hz)
        self.duration_s = float(dataset.duration_s)
        self.duration_samples = round(self.duration_s * self.sample_rate_hz)
        self.sizes: Float32Array | None = None
        self.no_sizes = _NOT_MEASURED if dataset.raw is not None else _NO_RAW
        # Of 20 million spikes it takes hundreds of megabytes: the clusters of before and of now
        # one after the other.
        self.computing = threading.RLock()
        self._lock = threading.Lock()
        self._neighbours: Neighbours | None = None
        self._sized: GroundTruth | None = None

    def neighbours(self) -> Neighbours:
        """Return which units share channels, and how similar they are; computed once."""
        from ..scoring.neighbours import find_neighbours

        with held(self._lock):
            if self._neighbours is None:
                self._neighbours = find_neighbours(self.truth)
            return self._neighbours

    @property
    def sized_truth(self) -> GroundTruth:
        """The truth with the sizes of its spikes, told or measured, as far as they are known."""
        if self.sizes is None:
            return self.truth
        if self._sized is None or self._sized.amplitude_factors is not self.sizes:
            self._sized = replace(self.truth, amplitude_factors=self.sizes)
        return self._sized

    @property
    def displacement_of(self) -> Callable[[int], Float64Array] | None:
        """Gives the displacement of a unit at its spikes, um; None where motion is not known."""
        return None if self.truth.motion is None else self.spike_displacement

    def spike_displacement(self, unit: int) -> Float64Array:
        """Return the displacement of a unit at each of its spikes, um, float64, (n_spikes,)."""
        return self.displacement_at(unit, self.truth.train(unit) / self.sample_rate_hz)

    def displacement_at(self, unit: int, times_s: Float64Array) -> Float64Array:
        """Return the displacement of a unit at some times, um, float64, (n,); 0 without motion."""
        from ..analysis.drift import displacement_at
        from .tables import unit_depths

        if self.truth.motion is None:
            return np.zeros(len(times_s))
        depth = float(np.nan_to_num(unit_depths(self.truth)[unit]))
        return displacement_at(self.truth.motion, times_s, depth)


class SpikeTruth:
    """States, matrix and causes of the spikes as they are clustered at one moment.

    Each is computed when it is first asked for, in the thread that asks (views ask in `compute`);
    other threads that want it meanwhile wait for it. `known_...` are for the GUI thread: None
    until computed.

    Parameters
    ----------
    query
        A snapshot of the trains.
    scores
        Of the same clusters.
    facts
        What never changes.
    before
        The same before some clusters changed: what did not change is taken over from it.
    """

    def __init__(
        self,
        query: ScoringQuery,
        scores: Scores,
        facts: TruthFacts,
        before: SpikeTruth | None = None,
    ) -> None:
        self.query = query
        self.scores = scores
        self.facts = facts
        self._before = None if before is None else (before.scores, before.known_states)
        self.known_states: SpikeStates | None = None
        self.known_matrix: SpikeMatrix | None = None
        self.known_causes: SpikeCauses | None = None
        self._caused_by: GroundTruth | None = None
        self._lags: ClusterLags | None = None
        self._lock = threading.RLock()

    def states(self) -> SpikeStates:
        """Return state and partner of every spike."""
        with held(self._lock):
            if self.known_states is None:
                with held(self.facts.computing):
                    self.known_states = compute_states(self.query, self.scores, self._before)
                self._before = None
            return self.known_states

    def take_states(self, other: SpikeTruth) -> None:
        """Take over the states and the matrix of the same matches under other thresholds."""
        if self.known_states is None and other.scores.units and self._has_matches_of(other):
            self.known_states, self.known_matrix = other.known_states, other.known_matrix

    def _has_matches_of(self, other: SpikeTruth) -> bool:
        now, then = self.scores, other.scores
        is_same = now.cluster_ids == then.cluster_ids and now.delta_ms == then.delta_ms
        return is_same and np.array_equal(now.matched_columns, then.matched_columns)

    def matrix(self) -> SpikeMatrix:
        """Return where the spikes of each unit went, and what each cluster is made of."""
        from ..scoring.spike_matrix import compute_spike_matrix

        with held(self._lock):
            if self.known_matrix is None:
                order, offsets = trains_of(self.query)
                truth, ids = self.query.truth, self.query.cluster_ids
                self.known_matrix = compute_spike_matrix(
                    self.states(), truth.unit_ids, truth.offsets, ids, order, offsets
                )
            return self.known_matrix

    def lags(self) -> ClusterLags:
        """Return how late or early each cluster is."""
        with held(self._lock):
            if self._lags is None:
                self._lags = self._estimate_lags(None)
            return self._lags

    def without_lags(self) -> SpikeTruth:
        """Return the same with the constant lag of each cluster taken out, scored again."""
        from ..scoring.cluster_lags import without_lags
        from .scoring import score

        shifted = without_lags(self.query.spike_samples, *trains_of(self.query), self.lags())
        query = replace(self.query, spike_samples=shifted, known=None)
        return SpikeTruth(query, score(query, self.scores.delta_ms), self.facts)

    def chance(self) -> Float64Array:
        """Return the agreement of each unit with its cluster by chance alone, (n_units,)."""
        from ..scoring.chance import chance_agreement

        return chance_agreement(self.scores, self.facts.duration_samples)

    def _estimate_lags(self, only: Collection[int] | None) -> ClusterLags:
        from ..scoring.cluster_lags import estimate_cluster_lags
        from ..scoring.pairs import cluster_trains

        query, delta = self.query, self.scores.delta_samples
        found = cluster_trains(query.spike_samples, *trains_of(query))
        in_time, rate_hz = query.index.get(), query.sample_rate_hz
        return estimate_cluster_lags(in_time, found, query.cluster_ids, delta, rate_hz, only)

    def causes(self) -> SpikeCauses:
        """Return why each true spike that is not found is not."""
        from ..scoring.causes import CauseQuery, compute_causes

        with held(self._lock):
            truth = self.facts.sized_truth
            if self.known_causes is None or self._caused_by is not truth:
                self._caused_by = truth
                order, offsets = trains_of(self.query)
                states, matrix = self.states(), self.matrix()
                self.known_causes = compute_causes(
                    CauseQuery(
                        truth=truth,
                        in_time=self.query.index.get(),
                        states=states,
                        matrix=matrix,
                        spike_samples=self.query.spike_samples,
                        order=order,
                        offsets=offsets,
                        matched=self.matched,
                        sample_rate_hz=self.query.sample_rate_hz,
                        duration_samples=self.facts.duration_samples,
                        displacement_of=self.facts.displacement_of,
                        neighbours=self.facts.neighbours(),
                        own=self._own_clusters(),
                        thresholds=self.scores.thresholds,
                        no_sizes=self.facts.no_sizes,
                    )
                )
            return self.known_causes

    def forget_causes(self) -> None:
        """Tell causes anew: the sizes of the spikes are known now; in the GUI thread."""
        self.known_causes = None

    @property
    def matched(self) -> Int64Array:
        """Position among the clusters of the one that stands for each unit, or -1."""
        from ..scoring.states import matched_positions

        return matched_positions(self.scores, self.query.cluster_ids)

    def _own_clusters(self) -> Int64Array:
        """Add to the matched clusters those that only come too late or too early for a unit."""
        own = self.matched
        lost = self.scores.unit_sizes > 0
        lost &= (own < 0) & (
            2 * self.scores.counts.max(axis=1, initial=0) < self.scores.unit_sizes
        )
        if not lost.any():
            return own
        # A cluster that stands for a unit is not late as a whole.
        others = np.setdiff1d(np.arange(len(self.query.cluster_ids)), own)
        lags = self._lags or self._estimate_lags(others.tolist())
        shifted = np.flatnonzero(np.abs(lags.samples) > self.scores.delta_samples)
        for j in shifted[np.argsort(lags.shares[shifted], kind="stable")].tolist():
            if lost[lags.units[j]]:
                own[lags.units[j]] = j
        return own
