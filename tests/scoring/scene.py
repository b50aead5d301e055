"""Makes a whole scoring of lists of trains: scores, states, matrix and causes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scoring.trains import FS, joined

from gtview.data.ground_truth import GroundTruth, TrueTemplates
from gtview.scoring.causes import CAUSE_NAMES, Cause, CauseQuery, SpikeCauses, compute_causes
from gtview.scoring.rescoring import TruthInTime, order_truth
from gtview.scoring.scores import Scores, compute_scores
from gtview.scoring.spike_matrix import SpikeMatrix, compute_spike_matrix
from gtview.scoring.states import SpikeStates, compute_spike_states, matched_positions

DURATION_S = 60.0


@dataclass(frozen=True)
class Scene:
    truth: GroundTruth
    in_time: TruthInTime
    scores: Scores
    states: SpikeStates
    matrix: SpikeMatrix
    spike_samples: np.ndarray
    order: np.ndarray
    offsets: np.ndarray

    def causes(self, **options) -> SpikeCauses:
        matched = matched_positions(self.scores, list(self.scores.cluster_ids))
        fields = {
            "truth": self.truth, "in_time": self.in_time, "states": self.states,
            "matrix": self.matrix, "spike_samples": self.spike_samples, "order": self.order,
            "offsets": self.offsets, "matched": matched, "sample_rate_hz": FS,
            "duration_samples": int(DURATION_S * FS), "thresholds": self.scores.thresholds,
        }  # fmt: skip
        return compute_causes(CauseQuery(**(fields | options)))

    def categories(self) -> dict:
        return {u.unit_id: u.category for u in self.scores.units}

    def cluster_categories(self) -> dict:
        return dict(zip(self.scores.cluster_ids, self.scores.cluster_categories, strict=True))


def make_truth(units: dict, channels=None, sizes_uv=None, **fields) -> GroundTruth:
    """Units on the channels given for each (default: all on channel 0), of 100 uV."""
    samples, offsets = joined([np.sort(np.asarray(t)) for t in units.values()])
    waveforms = np.zeros((len(units), 8, 8), np.float32)
    for row, unit in enumerate(units):
        for channel in (channels or {}).get(unit, [0]):
            waveforms[row, 3 + row % 2, channel] = -(sizes_uv or {}).get(unit, 100)
    fields = {"templates": TrueTemplates(waveforms, 3, None)} | fields
    return GroundTruth(Path(), tuple(units), FS, samples, offsets, **fields)


def make_scene(units: dict, clusters: dict, *, shuffle=None, **fields) -> Scene:
    """Score clusters against units, both as id -> samples; `fields` are those of `make_truth`."""
    truth = make_truth(units, **fields)
    samples, offsets = joined([np.sort(np.asarray(t)) for t in clusters.values()])
    labels = np.repeat(np.arange(len(clusters)), np.diff(offsets))
    rows = np.argsort(samples, kind="stable")
    if shuffle is not None:
        rows = np.random.default_rng(shuffle).permutation(len(samples))
    samples, labels = samples[rows], labels[rows]
    order = np.lexsort((samples, labels)).astype(np.int32)
    scores = compute_scores(
        truth.spike_samples, truth.offsets, truth.unit_ids, samples, order, offsets,
        tuple(clusters), FS, is_partial=truth.is_partial,
    )  # fmt: skip
    in_time = order_truth(truth.spike_samples, truth.offsets)
    states = compute_spike_states(
        truth.spike_samples, truth.offsets, samples, order, offsets,
        matched_positions(scores, list(clusters)), scores.delta_samples,
        is_partial=truth.is_partial, in_time=in_time,
    )  # fmt: skip
    matrix = compute_spike_matrix(
        states, truth.unit_ids, truth.offsets, tuple(clusters), order, offsets
    )
    assert (matrix.unit_sizes == truth.unit_sizes).all()
    assert (matrix.cluster_sizes == np.diff(offsets)).all()
    return Scene(truth, in_time, scores, states, matrix, samples, order, offsets)


def causes_of(found: SpikeCauses, unit_id) -> dict[str, int]:
    """How many spikes of a unit have each cause, without those that are found."""
    row = found.counts[list(found.unit_ids).index(unit_id)]
    return {CAUSE_NAMES[Cause(k)]: int(n) for k, n in enumerate(row) if n and k}
