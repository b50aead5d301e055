"""Curves of a session: what is binned is what the scores and states say."""

from __future__ import annotations

import numpy as np
import pytest
from curating import make_export, open_session

from gtview.base.errors import UsageError
from gtview.session.scoring import score, scoring_query
from gtview.session.truth_curves import (
    SPIKE_QUANTITIES,
    UNIT_QUANTITIES,
    compute_collisions,
    compute_recall_over_time,
    compute_spike_curve,
    compute_unit_curve,
    missing_reason,
    unit_values,
)


@pytest.fixture
def truth(tmp_path):
    folder = make_export(tmp_path / "export", n_spikes=2000)
    place = tmp_path / "ground_truth"
    place.mkdir()
    times = np.load(folder / "spike_times.npy").ravel()
    order = np.argsort(times, kind="stable")
    kept = order[::2]
    np.save(place / "spike_times.npy", times[kept])
    np.save(place / "spike_units.npy", np.load(folder / "spike_clusters.npy").ravel()[kept])
    np.save(place / "unit_locations.npy", np.c_[np.zeros(6), np.arange(6) * 10.0])
    np.save(place / "drift_times_s.npy", [0.0, times.max() / 30_000])
    np.save(place / "drift_um.npy", [-5.0, 5.0])
    session = open_session(folder)
    session.set_scores(score(scoring_query(session)))
    yield session.truth_access.current
    session.curation.keeping.close()


def totals(truth):
    units = truth.scores.units
    return tuple(sum(getattr(u, name) for u in units) for name in ("tp", "fn", "fp"))


@pytest.mark.parametrize("quantity", ["rate", "depth"])
def test_that_units_are_binned_whole(truth, quantity):
    values = unit_values(truth, quantity)
    curve = compute_unit_curve(truth, values, 3)
    tp, fn, fp = totals(truth)
    assert tp > 0 < fp
    assert curve.accuracy.n.sum() == tp + fn + fp
    assert curve.n_units.sum() == 6
    even = compute_unit_curve(truth, values, 2, is_even=True)
    assert np.diff(even.edges).tolist() == pytest.approx([np.ptp(values) / 2] * 2)


@pytest.mark.parametrize("quantity", ["time", "displacement"])
def test_that_spikes_are_binned_with_their_clusters(truth, quantity):
    curve = compute_spike_curve(truth, quantity, 5)
    tp, fn, fp = totals(truth)
    assert curve.recall.n.sum() + curve.n_left_out == tp + fn
    assert curve.recall.n_good.sum() == tp
    assert curve.precision.n.sum() == pytest.approx(tp + fp, abs=2)


def test_that_what_is_not_known_is_told(truth):
    source = truth.facts.truth
    unknown = {
        q: missing_reason(source, q, has_raw=False) for q in UNIT_QUANTITIES + SPIKE_QUANTITIES
    }
    assert {q for q, why in unknown.items() if not why} == {
        "rate",
        "depth",
        "time",
        "displacement",
    }
    assert all(why.endswith(".") for why in unknown.values() if why)
    for quantity in ("size", "snr"):
        assert np.isnan(unit_values(truth, quantity)).all()
    with pytest.raises(UsageError, match="sizes"):
        compute_spike_curve(truth, "relative size")


def test_that_recall_and_collisions_are_told(truth):
    found = compute_recall_over_time(truth, 4)
    assert found.rates.n.sum() == truth.scores.unit_sizes.sum()
    assert found.rates.n_good.sum() == totals(truth)[0]
    near, every = (compute_collisions(truth, neighbours_only=only) for only in (True, False))
    assert near.rates.n.sum() <= every.rates.n.sum()
