"""Scores in a window: the old ones stay until there are new ones; its thread does no work."""

from __future__ import annotations

import threading

import pytest
from opening_in_tests import open_in

from gtview.app.bench_scoring import measure_scoring
from gtview.app.waiting import wait_until, wait_until_drawn
from gtview.session import scoring
from gtview.session.spike_truth import SpikeTruth


@pytest.fixture
def opened(window, export_with_truth):
    open_in(window, export_with_truth)
    window.host.open_view("units")
    assert wait_until_drawn(window, 60)
    return window


def test_that_another_delta_shows_the_old_scores_until_the_new_ones_are_there(opened, monkeypatch):
    may_go_on, threads, ticks = threading.Event(), [], []
    score = scoring.score

    def slow_score(*args):
        threads.append(threading.current_thread())
        assert may_go_on.wait(60)
        return score(*args)

    monkeypatch.setattr(scoring, "score", slow_score)
    session, view = opened.session, opened.host.view("units")
    before, rows = session.scores, view.table_text("\t")
    session.truth_access.set_delta_ms(0.0)
    # The event loop goes on meanwhile.
    assert wait_until(
        opened, lambda: len(threads) == 1 and (ticks.append(1) or len(ticks) > 20), 60
    )
    assert session.scores is before
    assert view.table_text("\t") == rows
    assert session.truth_access.states is not None
    may_go_on.set()
    assert wait_until(opened, lambda: session.scores is not before, 60)
    assert wait_until_drawn(opened, 60)
    assert session.scores.delta_ms == 0.0
    assert threads != [threading.main_thread()]


def test_that_states_and_causes_are_found_in_other_threads(opened, monkeypatch):
    threads = {}

    def watched(name):
        find = getattr(SpikeTruth, name)

        def call(truth):
            threads.setdefault(name, set()).add(threading.current_thread())
            return find(truth)

        monkeypatch.setattr(SpikeTruth, name, call)

    for name in ("states", "matrix", "causes", "lags"):
        watched(name)
    session = opened.session
    session.truth_access.set_delta_ms(0.1)
    assert wait_until(opened, lambda: session.scores.delta_ms == 0.1, 60)
    assert wait_until(opened, lambda: session.truth_access.current.known_causes is not None, 60)
    assert wait_until_drawn(opened, 60)
    assert {"states", "causes"} <= set(threads)
    assert all(threading.main_thread() not in of_name for of_name in threads.values())


def test_that_the_bench_measures_scoring_and_leaves_everything_as_it_was(opened):
    session = opened.session
    delta_ms = session.truth_access.delta_ms
    found = measure_scoring(opened, session.clustering.cluster_ids[:2])
    assert len(found.pop("select_states_ms")) == 2
    assert set(found) == {"score_ms", "delta_ms", "threshold_ms"}
    assert all(ms > 0 for times in found.values() for ms in times)
    assert session.scores.delta_ms == session.truth_access.delta_ms == delta_ms
    assert not any(
        getattr(view.settings, "by_state", False) for view in opened.host.visible_views()
    )
