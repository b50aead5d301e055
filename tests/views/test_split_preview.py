"""The preview of a proposed split."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder
from reference import correlogram
from showing import session_of

from gtview.analysis.snippets import Alignment, read_snippets
from gtview.data.phy_reader import read_export
from gtview.qt.theme import cluster_color
from gtview.session.proposals import LeftOut
from gtview.views.split_preview import HOW, SplitPreview


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "phy"
    made = make_phy_folder(folder, n_spikes=1500, n_clusters=3, with_raw=True, seed=2)
    return read_export(made.path, raw_path=made.raw_path)


@pytest.fixture
def session(dataset):
    made = session_of(dataset)
    made.select_clusters((1, 0))
    return made


def test_that_without_a_proposal_it_says_how_to_make_one(shower, session):
    view = shower(SplitPreview, session)
    assert view._message.text() == HOW
    assert view._stack.currentWidget() is view._message


def test_that_it_shows_the_sentence_and_what_would_be(shower, session, dataset):
    view = shower(SplitPreview, session, (800, 400))
    one, zero = session.clustering.spikes_of(1), session.clustering.spikes_of(0)
    chosen = np.concatenate([one[::3], zero[:40]])
    session.splitting.propose(chosen, "", left_out=LeftOut({1: 4}, "without features"))
    shower.settle(view)
    assert session.splitting.sentence in view.sentence.text()
    assert "4 without features stay" in view.sentence.text()
    groups = view.result.groups
    assert [group.name for group in groups] == ["split off", "rest of 0", "rest of 1"]
    rests = [np.setdiff1d(zero, chosen), np.setdiff1d(one, chosen)]
    for group, expected in zip(groups, [np.sort(chosen), *rests], strict=True):
        assert group.spike_ids.tolist() == expected.tolist()
    state = session.selection.state
    assert [g.color_id for g in groups] == [2, state.color_of(0), state.color_of(1)]


def test_that_the_correlograms_are_those_of_the_parts(shower, session, dataset):
    view = shower(SplitPreview, session, (800, 400))
    spikes = session.clustering.spikes_of(1)
    session.splitting.propose([spikes[:200], spikes[200:230]], "")
    shower.settle(view)
    found = view.result.correlograms
    trains = [dataset.spike_samples[group.spike_ids] for group in view.result.groups]
    assert len(trains) == 3
    n_half = (found.counts.shape[2] - 1) // 2
    for i, first in enumerate(trains):
        for j, second in enumerate(trains):
            counts = correlogram(first, second, 30, n_half, same=i == j)
            assert found.counts[i, j].tolist() == counts.tolist()
    n_short = [int(np.count_nonzero(np.diff(train) < 60)) for train in trains]
    assert found.n_violations.tolist() == n_short
    assert "part 1: " in view.sentence.text()
    assert "2 ms" in view.sentence.text()
    assert view.grid._names == ("part 1", "part 2", "stays")


def test_that_the_means_are_those_of_raw_waveforms(shower, session, dataset):
    view = shower(SplitPreview, session, (800, 400))
    spikes = session.clustering.spikes_of(1)
    session.splitting.propose(spikes[:60], "")
    shower.settle(view)
    channels = view.result.waveforms.channel_ids
    assert session.best_channels(1).best in channels.tolist()
    for group, color_id in zip(view.result.groups, (2, 0), strict=True):
        ids = group.spike_ids
        read = read_snippets(dataset, ids, channels, Alignment.of(dataset), 100, 300.0)
        (line,) = [m for m in view.lines.lines if m.color == cluster_color(color_id)]
        np.testing.assert_allclose(line.waveform, read.values.mean(axis=0), rtol=1e-4, atol=1e-3)


def test_that_it_follows_and_ends_with_the_proposal(shower, session):
    view = shower(SplitPreview, session, (400, 800))
    spikes = session.clustering.spikes_of(1)
    session.splitting.propose(spikes[:60], "")
    shower.settle(view)
    session.splitting.propose(spikes[:80], "")
    shower.settle(view)
    assert len(view.result.groups[0].spike_ids) == 80
    view.clear_split()
    shower.settle(view)
    assert view._stack.currentWidget() is view._message


def test_that_no_more_parts_are_shown_than_can_be_read(shower, session):
    view = shower(SplitPreview, session)
    spikes = session.clustering.spikes_of(1)
    session.splitting.propose([spikes[k::12] for k in range(12)], "")
    shower.settle(view)
    assert len(view.result.groups) == 8
    assert view.status.startswith("first 8 parts")


def test_that_a_theme_and_a_small_size_do_no_harm(shower, session):
    view = shower(SplitPreview, session, (160, 120), theme="light")
    session.splitting.propose(session.clustering.spikes_of(1)[:60], "")
    shower.settle(view)
    assert view.error is None
