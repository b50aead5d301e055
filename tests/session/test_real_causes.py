"""A real Kilosort 4 export with its truth: each unit is named as what became of it, and why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gtview.scoring.causes import Cause
from gtview.session.open import open_dataset
from gtview.session.scoring import score, scoring_query
from gtview.session.session import Session
from gtview.session.spike_truth import SpikeTruth, TruthFacts
from gtview.session.true_sizes import measure_sizes

REAL = Path(__file__).resolve().parents[2] / "../shared/data/ks4_32ch/kilosort4"


@pytest.fixture(scope="module")
def truth():
    if not REAL.is_dir():
        pytest.skip("the real export is not here")
    session = Session(open_dataset(REAL, use_journal=False))
    session.set_scores(score(scoring_query(session)))
    yield session.truth_access.current
    session.curation.keeping.close()


def test_that_every_unit_has_a_sensible_cause(truth):
    causes, scores = truth.causes(), truth.scores
    main = {u.unit_id: causes.main_cause(k) for k, u in enumerate(scores.units)}
    wanted = {
        "missed": Cause.BEYOND_DETECTION,
        "merged": Cause.MERGED,
        "split": Cause.SPLIT,
    }
    for unit in scores.units:
        if unit.category in wanted:
            assert main[unit.unit_id] is wanted[unit.category], unit
    # A third of it is in three small clusters.
    assert main[12] is Cause.SPLIT
    # It is lost while the tissue is displaced downwards, and hardly ever otherwise.
    assert main[23] is Cause.MOTION
    assert {u for u, cause in main.items() if cause is None} == {8, 10, 13, 19, 20}
    assert 36 < causes.level_uv < 39
    assert set(causes.unknown) == {Cause.LOW_AMPLITUDE}


def test_that_every_spike_is_counted_once(truth):
    causes, matrix, states = truth.causes(), truth.matrix(), truth.states()
    sizes = truth.facts.truth.unit_sizes
    np.testing.assert_array_equal(causes.counts.sum(axis=1), sizes)
    np.testing.assert_array_equal(matrix.unit_sizes, sizes)
    np.testing.assert_array_equal(matrix.cluster_sizes, [len(s) for s in truth.query.spikes])
    np.testing.assert_array_equal(causes.counts[:, 0], [u.tp for u in truth.scores.units])
    assert set(np.flatnonzero(causes.causes == Cause.NONE)) == set(
        np.flatnonzero(states.true_states == 0)
    )


def test_that_measured_sizes_keep_the_causes_and_add_one(truth):
    session_facts = truth.facts
    dataset = open_dataset(REAL, use_journal=False).dataset
    if dataset.raw is None:
        pytest.skip("the recording is not here")
    facts = TruthFacts(dataset, session_facts.truth)
    for _ in measure_sizes(facts, dataset, truth.query.index):
        pass
    causes = SpikeTruth(truth.query, truth.scores, facts).causes()
    assert causes.unknown == {}
    before = truth.causes()
    for unit in range(len(before.unit_ids)):
        assert causes.main_cause(unit) is before.main_cause(unit)
    # All spikes of a unit have one size there: what is small is so by the noise alone.
    assert 0 < causes.counts[23, Cause.LOW_AMPLITUDE] < causes.counts[23, Cause.MOTION]
