"""What each action does to clusters, ids and labels: phy's rules, and where they are better."""

from __future__ import annotations

import numpy as np
import pytest

from gtview.base.errors import UsageError
from gtview.curation import commands
from gtview.curation.clustering import Clustering
from gtview.curation.history import History
from gtview.curation.labels import Labels
from gtview.curation.state import CurationState
from gtview.data.tables import ClusterProperties


def as_array(values):
    return np.array(values, np.int32)


def make_state(clusters, **fields):
    properties = ClusterProperties()
    for name, values in fields.items():
        properties = properties.with_values(name, values)
    return CurationState(Clustering(as_array(clusters)), Labels(properties))


def clusters_of(state):
    return state.clustering.snapshot().tolist()


def do(state, change):
    state.apply(change)
    return change


# Ids ------------------------------------------------------------------------------------------


def test_that_a_merge_gets_the_next_id():
    state = make_state([0, 0, 1, 2])
    change = do(state, commands.merge(state, [0, 2]))
    assert clusters_of(state) == [3, 3, 1, 3]
    assert (change.added, change.removed) == ((3,), (0, 2))
    assert change.name == "Merge of 0, 2"


def test_that_a_split_numbers_first_the_part_then_the_rest_of_each_cluster():
    # Spikes 0 and 4 out of the clusters 0 and 1, as phy does it.
    state = make_state([0, 0, 0, 1, 1, 1])
    do(state, commands.split(state, as_array([4, 0])))
    assert clusters_of(state) == [2, 3, 3, 4, 2, 4]


def test_that_a_split_that_takes_a_whole_cluster_leaves_no_rest_of_it():
    state = make_state([0, 0, 1, 1, 1])
    do(state, commands.split(state, as_array([0, 1, 2])))
    assert clusters_of(state) == [2, 2, 2, 3, 3]


def test_that_several_sets_get_ids_in_their_order():
    state = make_state([0] * 6)
    do(state, commands.split(state, [as_array([5, 4]), as_array([0])]))
    assert clusters_of(state) == [2, 3, 3, 3, 1, 1]


def test_that_a_k_way_split_keeps_unlabelled_spikes_together():
    state = make_state([0, 7, 0, 0, 0])
    do(state, commands.split_by_labels(state, 0, as_array([1, -1, 0, 1])))
    # Label 0 is spike 3, label 1 the spikes 0 and 4, the rest spike 2.
    assert clusters_of(state) == [9, 7, 10, 8, 9]


def test_that_a_split_by_template_takes_a_merge_back():
    state = make_state([5, 5, 5, 5])
    do(state, commands.split_by_template(state, [5], as_array([1, 0, 1, 0])))
    assert clusters_of(state) == [7, 6, 7, 6]


def test_that_undone_ids_are_not_given_again():
    state = make_state([0, 1, 2])
    history = History(state)
    for _ in range(3):
        history.do(commands.merge(state, state.clustering.cluster_ids[:2]))
        history.undo()
    change = commands.merge(state, [0, 1])
    assert change.added == (6,)


def test_that_a_change_with_a_used_id_is_refused():
    state = make_state([0, 1, 2])
    history = History(state)
    first, second = commands.merge(state, [0, 1]), commands.merge(state, [0, 2])
    history.do(first)
    history.undo()
    with pytest.raises(ValueError, match="used before"):
        history.do(second)


# What cannot be done --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda s: commands.merge(s, [0]), "at least two"),
        (lambda s: commands.merge(s, [0, 9]), "no cluster 9"),
        (lambda s: commands.split(s, as_array([0, 1])), "nothing would be split"),
        (lambda s: commands.split(s, as_array([])), "some spikes"),
        (lambda s: commands.split(s, as_array([99])), "no such spike"),
        (lambda s: commands.split(s, as_array([0, 0])), "twice"),
        (lambda s: commands.split(s, [as_array([0]), as_array([0])]), "two of the new"),
        (lambda s: commands.split_by_template(s, [0], as_array([1, 1, 1, 1])), "one template"),
        (lambda s: commands.set_label(s, [0], "a/b", "x"), "cannot name"),
        (lambda s: commands.set_label(s, [0], "info", "x"), "cannot name"),
        (lambda s: commands.set_label(s, [0], "similarity", "x"), "cannot name"),
        (lambda s: commands.set_label(s, [0], "n_spikes", 3), "cannot name"),
        (lambda s: commands.set_label(s, [0], "note", "a\tb"), "one line"),
        (lambda s: commands.set_label(s, [0], "note", " "), "clear it"),
        (lambda s: commands.rename_field(s, "KSLabel", "x"), "cannot be renamed"),
        (lambda s: commands.rename_field(s, "nothing", "x"), "no label"),
    ],
)
def test_that_what_makes_no_sense_is_refused_in_words(make, words):
    state = make_state([0, 0, 1, 1], KSLabel={0: "good"})
    with pytest.raises(UsageError, match=words):
        make(state)
    assert clusters_of(state) == [0, 0, 1, 1]


# Labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "expected", "clashes"),
    [
        ({0: "good", 1: "good", 2: "good"}, "good", 0),
        ({0: "good", 1: "good"}, "good", 0),  # the third, the largest, has none
        ({0: "good", 2: "noise"}, "noise", 1),
        ({0: "good", 1: "mua"}, "mua", 1),  # the largest labelled one, not the largest
        ({0: "good", 2: "unsorted"}, "good", 0),  # unsorted is no decision
        ({2: "unsorted"}, "unsorted", 0),
        ({}, None, 0),
    ],
)
def test_that_a_merged_cluster_inherits_what_its_parents_agree_on(groups, expected, clashes):
    state = make_state([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2], group=groups)
    change = do(state, commands.merge(state, [0, 1, 2]))
    assert state.labels.get("group", 3) == expected
    assert len(change.clashes) == clashes
    if clashes:
        assert str(expected) in change.clashes[0].sentence


def test_that_parts_inherit_everything_but_the_measurements_of_the_sorter():
    state = make_state(
        [0, 0, 0],
        group={0: "good"},
        note={0: "odd"},
        ContamPct={0: 1.5},
        KSLabel={0: "good"},
    )
    do(state, commands.split(state, as_array([1])))
    for part in (1, 2):
        assert state.labels.get("group", part) == "good"
        assert state.labels.get("note", part) == "odd"
        assert state.labels.get("ContamPct", part) is None
        assert state.labels.get("KSLabel", part) is None


def test_that_numbers_given_by_hand_are_inherited():
    state = make_state([0, 1], ContamPct={0: 1.5, 1: 2.0})
    do(state, commands.set_label(state, [0, 1], "rating", "3"))
    do(state, commands.merge(state, [0, 1]))
    assert state.labels.get("rating", 2) == 3


def test_that_discarded_spikes_are_noise_and_the_rest_keeps_its_label():
    state = make_state([0, 0, 0, 1], group={0: "good", 1: "mua"})
    change = do(state, commands.discard(state, as_array([1])))
    assert clusters_of(state) == [3, 2, 3, 1]
    assert state.labels.get("group", 2) == "noise"
    assert state.labels.get("group", 3) == "good"
    assert change.operation == "discard"


def test_that_a_whole_cluster_can_be_discarded():
    state = make_state([0, 0, 1])
    do(state, commands.discard(state, as_array([0, 1])))
    assert clusters_of(state) == [2, 2, 1]
    assert state.labels.get("group", 2) == "noise"


def test_that_clearing_a_label_and_undoing_it_gives_it_back():
    state = make_state([0, 1], note={0: "odd"})
    history = History(state)
    history.do(commands.set_label(state, [0], "note", None))
    assert state.labels.get("note", 0) is None
    history.undo()
    assert dict(state.labels.properties.values("note")) == {0: "odd"}


def test_that_renaming_moves_all_values_and_back():
    state = make_state([0, 1], note={0: "odd", 1: "fine"})
    history = History(state)
    history.do(commands.rename_field(state, "note", "remark"))
    assert "note" not in state.labels.fields
    assert dict(state.labels.properties.values("remark")) == {0: "odd", 1: "fine"}
    history.undo()
    assert state.labels.fields == ("note",)


def test_that_undoing_a_label_leaves_inherited_ones(  # phy lost these
):
    state = make_state([0, 0, 1, 2], group={0: "good", 1: "good"}, KSLabel={2: "mua"})
    history = History(state)
    history.do(commands.merge(state, [0, 1]))
    history.do(commands.set_label(state, [2], "group", "mua"))
    history.undo()
    assert state.labels.get("group", 3) == "good"
    assert state.labels.get("group", 2) is None
    history.redo()
    assert state.labels.get("group", 2) == "mua"


def test_that_work_after_a_save_counts_as_unsaved(  # phy never asked again after one save
):
    state = make_state([0, 1, 2, 3])
    history = History(state)
    assert not history.is_dirty
    history.do(commands.merge(state, [0, 1]))
    history.mark_saved(history.position)
    assert not history.is_dirty
    history.do(commands.merge(state, [2, 3]))
    assert history.is_dirty
    history.undo()
    assert not history.is_dirty
    history.undo()
    assert history.is_dirty
    history.do(commands.merge(state, [0, 2]))
    assert history.saved_position is None, "the saved state cannot be reached any more"


def test_that_a_preview_changes_nothing_and_uses_no_id():
    state = make_state([0, 0, 1])
    commands.merge(state, [0, 1])
    commands.split(state, as_array([0]))
    assert clusters_of(state) == [0, 0, 1]
    assert commands.merge(state, [0, 1]).added == (2,)


def test_that_going_back_restores_clusters_and_labels_exactly():
    state = make_state([0, 0, 1, 1, 2], group={0: "good"})
    before, properties = state.clustering.snapshot(), state.labels.properties
    do(state, commands.merge(state, [0, 1]))
    do(state, commands.set_label(state, [3], "group", "mua"))
    do(state, commands.split(state, as_array([0])))
    change = commands.restore(state, before, properties, "Return", keep_ids=True)
    do(state, change)
    assert clusters_of(state) == [0, 0, 1, 1, 2]
    assert state.labels.get("group", 0) == "good"
    state.apply(change.reversed())
    assert clusters_of(state) == [4, 5, 5, 5, 2]


def test_that_going_back_to_foreign_clusters_gives_them_new_ids():
    state = make_state([0, 0, 1, 1, 2], group={0: "good"})
    foreign = as_array([0, 1, 1, 1, 2])
    properties = ClusterProperties().with_values("group", {0: "mua", 2: "noise"})
    do(state, commands.restore(state, foreign, properties, "Return", keep_ids=True))
    assert clusters_of(state) == [3, 4, 4, 4, 2]
    assert state.labels.get("group", 3) == "mua"
    assert state.labels.get("group", 2) == "noise"
