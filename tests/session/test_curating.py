"""Operations on clusters: what they do, select, tell and undo."""

from __future__ import annotations

import numpy as np
import pytest
from curating import (
    clusters_of,
    first_spikes,
    open_session,
)

from gtview.base.errors import UsageError
from gtview.session.events import (
    ClusteringChanged,
    HistoryChanged,
    LabelsChanged,
    SelectionChanged,
)
from gtview.session.tables import TableSource, cluster_table


def test_that_merging_selects_the_new_cluster_and_undoing_the_old_ones(session):
    session.select_clusters((1,), (2,))
    assert not session.curation.why_not("merge")
    session.curation.merge_selected()
    assert session.selection.state.shown_ids == (6,)
    session.select_clusters((3,))
    session.curation.undo()
    assert session.selection.state.cluster_ids == (1,)
    assert session.selection.state.similar_ids == (2,)
    session.curation.redo()
    assert session.selection.state.shown_ids == (6,)


def test_that_a_change_is_told_once_and_whole(session):
    seen = []

    def note(event):
        # Everything has happened when the first is told.
        seen.append(
            (type(event).__name__, session.clustering.cluster_ids, len(session.stats.rate_hz))
        )

    for kind in (ClusteringChanged, LabelsChanged, SelectionChanged, HistoryChanged):
        session.bus.subscribe(kind, note)
    session.curation.discard(first_spikes(session, 0, 5))
    names = [name for name, *_ in seen]
    assert names == ["ClusteringChanged", "LabelsChanged", "SelectionChanged", "HistoryChanged"]
    assert {tuple(ids) for _, ids, _ in seen} == {(1, 2, 3, 4, 5, 6, 7)}
    assert {n for *_, n in seen} == {7}


def test_that_tables_follow_merges_splits_and_labels(session):
    session.curation.merge([0, 1])
    session.curation.label([6], "good")
    table = cluster_table(TableSource.of(session))
    assert table.row_ids == (2, 3, 4, 5, 6)
    row = table.row_ids.index(6)
    assert table.column("group").text(row) == "good"
    assert table.column("spikes").values[row] == session.clustering.n_spikes_of(6)
    assert table.column("ContamPct").text(row) == "\N{EN DASH}", "no measurement of the sorter"
    fresh = open_session(session.dataset.folder).stats
    for name in ("n_spikes", "rate_hz", "best_channels", "depths_um", "amplitudes"):
        np.testing.assert_array_equal(
            getattr(session.stats, name), getattr(fresh, name), err_msg=name
        )
    for i in range(5):
        for mine, theirs in zip(session.stats.templates.of(i), fresh.templates.of(i), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_that_going_to_a_position_is_as_many_undos(session):
    states = [clusters_of(session)]
    for ids in ([0, 1], [2, 3], [4, 5]):
        session.curation.merge(ids)
        states.append(clusters_of(session))
    for position in (0, 3, 1, 2):
        session.curation.go_to(position)
        np.testing.assert_array_equal(clusters_of(session), states[position])
    with pytest.raises(UsageError):
        session.curation.go_to(9)


def test_that_reasons_are_given_in_words(session):
    curation = session.curation
    assert "at least two" in curation.why_not("merge")
    assert "nothing to do again" in curation.why_not("redo")
    assert not curation.can_save
    assert curation.why_not("undo") == "There is nothing to undo."
