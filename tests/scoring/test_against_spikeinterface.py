"""SpikeInterface's comparison as an oracle, where it counts as we do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scoring.trains import FS, score, train

REAL = Path(__file__).resolve().parents[2] / "../shared/data/ks4_32ch"


def compare(units, clusters):
    si = pytest.importorskip("spikeinterface.core")
    from spikeinterface.comparison import compare_sorter_to_ground_truth

    def sorting(trains):
        units = {i: np.sort(np.asarray(t, np.int64)) for i, t in trains.items()}
        return si.NumpySorting.from_unit_dict(units, sampling_frequency=FS)

    return compare_sorter_to_ground_truth(
        sorting(units), sorting(clusters), delta_time=0.4, exhaustive_gt=True
    )


def check(units, clusters):
    scores = score(units, clusters)
    oracle = compare(units, clusters)
    wanted = oracle.match_event_count.loc[list(units), list(clusters)].to_numpy()
    assert (scores.counts == wanted).all()
    agreement = oracle.agreement_scores.loc[list(units), list(clusters)].to_numpy()
    np.testing.assert_allclose(scores.agreement, agreement, rtol=0, atol=1e-12)
    performance = oracle.get_performance().astype(float)
    for unit in scores.units:
        matched = oracle.hungarian_match_12[unit.unit_id]
        assert (-1 if unit.cluster_id is None else unit.cluster_id) == matched
        counted = oracle.count_score.loc[unit.unit_id]
        assert [unit.tp, unit.fn, unit.fp] == [counted[name] for name in ("tp", "fn", "fp")]
        for name in ("accuracy", "recall", "precision"):
            assert getattr(unit, name) == pytest.approx(performance.loc[unit.unit_id, name])
    assert scores.mean_accuracy == pytest.approx(performance["accuracy"].mean())
    return scores


def corrupted(rng, units):
    """Make clusters by losing, splitting, merging and adding spikes, with jitter."""
    clusters = {}
    for i, spikes in enumerate(units.values()):
        found = spikes[rng.random(len(spikes)) < rng.uniform(0.5, 1)]
        found = found + rng.integers(-8, 9, len(found))
        if i % 3 == 0:
            is_left = rng.random(len(found)) < 0.6
            clusters[10 * i], clusters[10 * i + 1] = found[is_left], found[~is_left]
        elif i % 3 == 1 and i > 2:
            clusters[10 * (i - 2)] = np.concatenate([clusters[10 * (i - 2)], found])
        else:
            noise = rng.integers(0, int(60 * FS), rng.integers(0, 80))
            clusters[10 * i] = np.concatenate([found, noise])
    return {i: np.sort(t) for i, t in clusters.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_that_seeded_sortings_score_as_in_spikeinterface(seed):
    rng = np.random.default_rng(seed)
    units = {i: train(100 * seed + i, n=int(rng.integers(50, 1500))) for i in range(12)}
    scores = check(units, corrupted(rng, units))
    assert len(set(scores.category_counts.values())) > 2


def test_that_the_real_export_scores_as_in_spikeinterface():
    if not REAL.is_dir():
        pytest.skip("the real export is not here")

    def trains(times, labels):
        times, labels = np.load(times).ravel().astype(np.int64), np.load(labels).ravel()
        return {int(i): times[labels == i] for i in np.unique(labels)}

    truth, export = REAL / "ground_truth", REAL / "kilosort4"
    scores = check(
        trains(truth / "spike_times.npy", truth / "spike_units.npy"),
        trains(export / "spike_times.npy", export / "spike_clusters.npy"),
    )
    assert len(scores.units) == 24
    assert scores.lag is None


def test_where_spikeinterface_counts_more_matches_than_there_can_be():
    # Its sweep forgets all but the last spike taken: the third true spike takes the first
    # found one again. Its counts are then cut to the size of the cluster, which has a third,
    # far away.
    units, clusters = {0: [100, 101, 102]}, {0: [100, 103, 9000]}
    assert compare(units, clusters).match_event_count.loc[0, 0] == 3
    assert score(units, clusters).counts[0, 0] == 2
