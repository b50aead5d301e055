"""Other sortings beside the one that is open: found, read once, scored as if they were opened."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.scoring.thresholds import Thresholds
from gtview.session.comparing import BEFORE, TEMPLATES, THIS, compute_comparison
from gtview.session.open import open_dataset
from gtview.session.other_sortings import sorting_name
from gtview.session.scoring import score
from gtview.session.session import Session


@pytest.fixture
def folders(tmp_path) -> Path:
    """A generated dataset with two sortings; the second has clusters 0 and 1 as one."""
    first = tmp_path / "made" / "sortings" / "one" / "phy"
    first.parent.mkdir(parents=True)
    make_phy_folder(first, n_spikes=900, n_clusters=6, n_channels=8)
    truth = tmp_path / "made" / "ground_truth"
    truth.mkdir()
    np.save(truth / "spike_times.npy", np.load(first / "spike_times.npy").ravel())
    np.save(truth / "spike_units.npy", np.load(first / "spike_clusters.npy").ravel())
    second = first.parent.parent / "two" / "phy"
    second.parent.mkdir()
    shutil.copytree(first, second)
    clusters = np.load(second / "spike_clusters.npy")
    np.save(second / "spike_clusters.npy", np.where(clusters == 1, 0, clusters))
    return tmp_path / "made"


@pytest.fixture
def session(folders):
    made = Session(
        open_dataset(folders / "sortings" / "one" / "phy", ground_truth=folders / "ground_truth")
    )
    made.set_scores(score(made))
    return made


def compare(session):
    return [*compute_comparison(session.others.query())][-1]


def names(result):
    return [summary.name for summary in result.sortings.summaries]


def test_that_sortings_of_the_same_dataset_are_found(session, folders):
    result = compare(session)
    assert names(result) == [f"one ({THIS})", "two"]
    assert result.is_full
    assert result.problems == ()
    opened = open_dataset(
        folders / "sortings" / "two" / "phy", ground_truth=folders / "ground_truth"
    )
    expected = [unit.accuracy for unit in score(opened).units]
    assert result.sortings.accuracy[:, 1].tolist() == expected


def test_that_clusters_in_common_are_counted(session):
    # Of six clusters, two are one in the other sorting, which still agrees best with the larger.
    sizes = [session.clustering.n_spikes_of(i) for i in (0, 1)]
    expected = 5 if max(sizes) >= sum(sizes) / 2 else 4
    assert compare(session).n_shared == (6, expected)


def test_that_the_sorting_before_curation_stands_beside_it(session):
    untouched = names(compare(session))
    assert BEFORE not in untouched
    session.curation.merge([2, 3])
    session.set_scores(score(session))
    result = compare(session)
    assert names(result)[1] == BEFORE
    assert result.sortings.summaries[1].n_clusters == 6
    assert result.sortings.summaries[0].n_clusters == 5
    session.curation.undo()
    session.set_scores(score(session))
    assert names(compare(session)) == untouched


def test_that_what_was_before_curation_is_exactly_that(session, folders):
    first = compare(session).sortings.accuracy[:, 0]
    expected = session.truth_access.current.states()
    for done in ([0, 4], [2, 3]):
        session.curation.merge(done)
    session.curation.undo()
    session.curation.merge([1, 5])
    session.set_scores(score(session))
    result = compare(session)
    assert names(result) == [f"one ({THIS})", BEFORE, "two"]
    assert result.sortings.accuracy[:, 1].tolist() == first.tolist()
    query = result.read[0].truth.query
    clusters = np.load(folders / "sortings" / "one" / "phy" / "spike_clusters.npy").ravel()
    assert query.cluster_ids == tuple(np.unique(clusters).tolist())
    for cluster_id, spikes in zip(query.cluster_ids, query.spikes, strict=True):
        assert spikes.tolist() == np.flatnonzero(clusters == cluster_id).tolist()
    assert result.read[0].name == BEFORE
    states = result.read[0].truth.states()
    assert states.sorted_states.tolist() == expected.sorted_states.tolist()
    assert states.true_states.tolist() == expected.true_states.tolist()


def test_that_a_curation_of_another_program_is_compared_with_the_templates(folders):
    export = folders / "sortings" / "one" / "phy"
    clusters = np.load(export / "spike_clusters.npy")
    # The same groups under other names are no other sorting.
    np.save(export / "spike_clusters.npy", clusters + 10)
    opened = open_dataset(export, ground_truth=folders / "ground_truth")
    session = Session(opened)
    session.set_scores(score(session))
    assert names(compare(session)) == [f"one ({THIS})", "two"]
    np.save(export / "spike_clusters.npy", np.where(clusters == 1, 0, clusters))
    session = Session(open_dataset(export, ground_truth=folders / "ground_truth"))
    session.set_scores(score(session))
    assert names(compare(session)) == [f"one ({THIS})", TEMPLATES, "two"]
    session.curation.merge([2, 3])
    session.set_scores(score(session))
    result = compare(session)
    assert names(result) == [f"one ({THIS})", BEFORE, TEMPLATES, "two"]
    assert [s.n_clusters for s in result.sortings.summaries] == [4, 5, 6, 5]


def test_that_an_action_scores_nothing_else_again(session, monkeypatch):
    import gtview.session.comparing as module

    scored = []
    plain = module.score
    monkeypatch.setattr(module, "score", lambda *args: (scored.append(1), plain(*args))[1])
    compare(session)
    session.curation.merge([4, 5])
    session.set_scores(score(session))
    compare(session)
    # The other sorting, and the clusters before the action, each once.
    assert len(scored) == 2
    session.truth_access.set_thresholds(Thresholds.tolerating(0.4))
    result = compare(session)
    assert len(scored) == 2
    tolerant = session.truth_access.thresholds
    assert all(read.truth.scores.thresholds == tolerant for read in result.read)


def test_that_an_export_that_was_chosen_is_added_once(session, tmp_path):
    other = tmp_path / "elsewhere"
    make_phy_folder(other, n_spikes=300, n_clusters=3, n_channels=8)
    session.others.add(other)
    session.others.add(other)
    assert names(compare(session)) == [f"one ({THIS})", "two", "elsewhere"]


def test_that_what_cannot_be_compared_is_told_and_the_others_are_shown(session, tmp_path):
    other = tmp_path / "slower"
    make_phy_folder(other, n_spikes=300, n_clusters=3, n_channels=8, sample_rate_hz=20_000.0)
    session.others.add(other)
    session.others.add(tmp_path / "nothing")
    result = compare(session)
    assert names(result) == [f"one ({THIS})", "two"]
    assert len(result.problems) == 2
    assert "slower has 20000 samples a second" in result.problems[0]


def test_that_another_sorting_is_read_and_scored_once(session, monkeypatch):
    import gtview.session.comparing as module

    read = []
    plain = module.read_export
    monkeypatch.setattr(module, "read_export", lambda path: (read.append(path), plain(path))[1])
    first, second = compare(session), compare(session)
    assert len(read) == 1
    assert first.sortings.accuracy.tolist() == second.sortings.accuracy.tolist()
    session.curation.merge([4, 5])
    session.set_scores(score(session))
    compare(session)
    assert len(read) == 1


def test_that_a_hidden_truth_compares_nothing(session):
    session.set_blind(True)
    assert session.others.query() is None


def test_that_spikes_in_no_order_are_scored_the_same(session, folders):
    before = compare(session).sortings.accuracy
    export = folders / "sortings" / "two" / "phy"
    order = np.random.default_rng(0).permutation(len(np.load(export / "spike_times.npy")))
    for name in ("spike_times", "spike_clusters", "spike_templates", "amplitudes"):
        path = export / f"{name}.npy"
        if path.is_file():
            np.save(path, np.load(path)[order])
    again = Session(
        open_dataset(folders / "sortings" / "one" / "phy", ground_truth=folders / "ground_truth")
    )
    again.set_scores(score(again))
    assert compare(again).sortings.accuracy.tolist() == before.tolist()


def test_that_sortings_are_called_by_their_folder(folders):
    assert sorting_name(folders / "sortings" / "two" / "phy") == "two"
    assert sorting_name(Path("somewhere") / "kilosort4") == "kilosort4"
