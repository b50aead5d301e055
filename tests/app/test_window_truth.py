"""The Truth menu: what an action did is told, a hidden truth is nowhere, the report is written."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from opening_in_tests import open_in
from PyQt6.QtWidgets import QLabel

from gtview.app.opening import Opening, OpenRequest
from gtview.app.waiting import wait_until, wait_until_drawn
from gtview.data.user_choices import is_blind


@pytest.fixture
def opened(window, export_with_truth):
    """A window on an export of which clusters 0 and 1 are one unit."""
    truth = export_with_truth.parent / "ground_truth"
    units = np.load(truth / "spike_units.npy")
    np.save(truth / "spike_units.npy", np.where(units == 1, 0, units).astype(np.int32))
    open_in(window, export_with_truth)
    return window


def settle(window):
    assert wait_until_drawn(window, 60)
    assert wait_until(window, lambda: not window.truth._keeper.is_busy, 60)


def said(window):
    """Return every text that the window shows."""
    texts = [label.text() for label in window.findChildren(QLabel) if not label.isHidden()]
    texts += [label.toolTip() for label in window.findChildren(QLabel)]
    for instance_id in window.host.ids:
        view = window.host.view(instance_id)
        texts += [view.status, view.table_text("\t") or "", window.host.title(instance_id)]
    return "\n".join([*texts, window.windowTitle()])


# What an action did ---------------------------------------------------------------------------


def test_that_what_an_action_did_is_told_until_the_next(opened):
    opened.session.curation.merge([0, 1])
    settle(opened)
    text = opened.truth.gain_text.text()
    assert text.startswith("Merge of 0, 1 → 6: unit 0 accuracy 0.")
    assert ", mean +0." in text
    opened.session.curation.undo()
    settle(opened)
    assert opened.truth.gain_text.text() == ""
    opened.session.curation.redo()
    settle(opened)
    assert opened.truth.gain_text.text() == text
    opened.session.curation.label([2], "good")
    settle(opened)
    assert opened.truth.gain_text.text() == ""


def test_that_actions_of_an_earlier_day_are_scored_in_the_background(opened, export_with_truth):
    opened.session.curation.merge([0, 1])
    opened.session.curation.merge([2, 3])
    opened.session.curation.saving.save()
    opened.close_dataset()
    assert not opened.has_dataset
    open_in(opened, export_with_truth)
    settle(opened)
    first, second = opened.session.curation.history.entries
    assert opened.session.gains.for_entry(first).mean_accuracy_change > 0
    assert opened.session.gains.for_entry(second).mean_accuracy_change < 0
    assert opened.truth.gain_text.text() == "", "nothing was done today"


# Hiding ---------------------------------------------------------------------------------------


def test_that_a_hidden_truth_is_nowhere(opened, export_with_truth):
    opened.session.curation.merge([0, 1])
    opened.session.select_unit(2)
    settle(opened)
    assert "accuracy" in said(opened)
    assert "unit 2" in said(opened)
    opened.menus.actions["truth.hide"].trigger()
    settle(opened)
    for word in ("accuracy", "recall", "precision", "unit", "Unit", "well detected"):
        assert word not in said(opened).replace("Units", "").replace("units", ""), word
    assert opened.session.selection.state.unit_id is None
    assert opened.menus.actions["truth.hide"].isChecked()


def test_that_views_look_as_without_a_truth(opened, export_with_truth):
    opened.truth.toggle()
    open_in(opened, export_with_truth)  # with the ranges of a first time
    assert opened.session.blind
    hidden = pictures(opened)
    (export_with_truth.parent / "ground_truth").rename(export_with_truth.parent / "elsewhere")
    open_in(opened, export_with_truth)
    assert not opened.session.has_truth
    for view_id, picture in pictures(opened).items():
        assert hidden[view_id] == picture, view_id


# The views that draw something of a truth where there is one.
DRAWN_IN = ("waveform", "drift", "probe", "trace", "cluster_scatter", "clusters", "similarity")


def pictures(window):
    """Return what these views show: words and pixels."""
    window.host.reset_layout(window.width())
    assert wait_until_drawn(window, 60)
    found = {}
    for view_id in DRAWN_IN:
        view = window.host.view(view_id)
        window.host.open_view(view_id)
        assert wait_until_drawn(window, 60)
        found[view_id] = (view.status, view.table_text("\t"), view.picture_of().grab().toImage())
    return found


def test_that_a_hidden_truth_stays_hidden_until_it_is_asked_for(opened, export_with_truth):
    assert opened.host.layout.name == "ground truth"
    opened.truth.toggle()
    assert opened.host.layout.name == "curate", "that of datasets without a truth"
    assert is_blind(export_with_truth)
    opened.close_dataset()
    open_in(opened, export_with_truth)
    assert opened.session.blind
    assert opened.session.truth is None
    opened.truth.toggle()
    settle(opened)
    assert opened.host.layout.name == "ground truth"
    assert not is_blind(export_with_truth)
    assert opened.session.scores is not None
    assert "accuracy" in opened.status.selection_text.text()
    opened.reload()
    assert wait_until(opened, lambda: opened.is_at_rest, 60)
    assert not opened.session.blind


def test_that_a_training_begins_hidden(window, export_with_truth):
    window.follow(Opening(OpenRequest(export_with_truth, is_blind=True)).start())
    assert wait_until(window, lambda: window.is_at_rest, 60)
    assert wait_until_drawn(window, 60)
    assert window.session.blind
    assert window.truth.is_hidden
    window.truth.toggle()
    window.reload()
    assert wait_until(window, lambda: window.is_at_rest, 60)
    assert not window.session.blind, "it was asked for meanwhile"


def test_that_without_a_truth_there_is_nothing_to_hide(window, export):
    open_in(window, export)
    assert not window.menus.actions["truth.hide"].isEnabled()
    assert not window.menus.actions["truth.report"].isEnabled()
    window.truth.toggle()
    window.truth.reveal_and_report()
    assert not window.session.blind


# The report -------------------------------------------------------------------------------------


def test_that_the_report_reveals_and_is_written_as_page_and_table(opened, tmp_path):
    opened.truth.toggle()
    opened.session.curation.merge([0, 1])
    opened.session.curation.merge([2, 3])
    opened.dialogs.answers["new file"] = tmp_path / "mine.html"
    opened.truth.reveal_and_report()
    assert wait_until(opened, lambda: "report was written" in opened.notice.sentence, 60)
    assert not opened.session.blind
    page = (tmp_path / "mine.html").read_text()
    assert "Merge of 2, 3 → 7" in page
    with (tmp_path / "mine.csv").open() as file:
        kinds = [row["kind"] for row in csv.DictReader(file)]
    assert kinds.count("wrong merge") == 1
    assert opened.notice.button_texts == ["Open it", "Dismiss"]


def test_that_a_report_that_cannot_be_written_is_told_in_a_sentence(opened, tmp_path):
    (tmp_path / "file").write_text("")
    opened.dialogs.answers["new file"] = tmp_path / "file" / "mine.html"
    opened.truth.reveal_and_report()
    assert wait_until(opened, lambda: "cannot be written" in opened.notice.sentence, 60)


def test_that_no_answer_reveals_nothing(opened):
    opened.truth.toggle()
    opened.dialogs.answers["new file"] = None
    opened.truth.reveal_and_report()
    assert opened.session.blind


# Problems -------------------------------------------------------------------------------------


def test_that_keys_lead_from_problem_to_problem(opened):
    settle(opened)
    scores = opened.session.scores
    problems = [u.unit_id for u in scores.units if u.category != "well_detected"]
    assert 0 in problems, "it is split over clusters 0 and 1"
    forward, back = (opened.menus.actions[f"truth.{n}_problem"] for n in ("next", "previous"))
    assert forward.shortcut().toString() == "Alt+Right"
    assert back.shortcut().toString() == "Alt+Left"
    forward.trigger()
    state = opened.session.selection.state
    assert state.unit_id == problems[0] == 0
    assert set(state.cluster_ids) == {0, 1}
    for _ in problems:
        forward.trigger()
    assert opened.session.selection.state.unit_id == problems[-1]
    assert "No other unit is a problem" in said(opened)
    back.trigger()
    assert opened.session.selection.state.unit_id == (problems[-2:] or problems)[0]
    settle(opened)


def test_that_a_hidden_truth_has_no_problems(opened):
    settle(opened)
    opened.truth.toggle()
    opened.menus.actions["truth.next_problem"].trigger()
    assert opened.session.selection.state.unit_id is None
    assert "There are no scores" in said(opened)
    settle(opened)
