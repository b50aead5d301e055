"""Which sorter, with which parameters, on which recording; and datasets that nobody has sorted."""

from __future__ import annotations

import json
import shutil

import pytest
from opening_in_tests import open_in
from PyQt6.QtWidgets import QCheckBox, QLineEdit

from gtview.api import describe_dataset, describe_in_words, score_dataset
from gtview.app import window_sorting
from gtview.app.sort_dialog import SortDialog
from gtview.app.sorter_form import SorterForm, flatten, from_text, nest, to_text
from gtview.app.waiting import wait_until
from gtview.app.window_sorting import UNSORTED
from gtview.base.errors import DatasetError
from gtview.base.progress import ignore_progress
from gtview.jobs.sorting import SortChoice, SorterInfo
from gtview.jobs.tasks.generate import generate_dataset

PARAMETERS = {
    "is_on": True,
    "threshold": 5.0,
    "n_peaks": 10,
    "sign": "neg",
    "seed": None,
    "inner": {"radius_um": 50.0, "more": {"deep": 1}},
    "empty": {},
    "window": [1, 2],
    "n_jobs": 4,
    "job_kwargs": {"n_jobs": 2},
}
GOOD = SorterInfo("good", True, parameters=PARAMETERS, helps={"threshold": "How large."})
SIMPLE = SorterInfo("simple", True, parameters={"seed": None}, description="The simple one.")
MISSING = SorterInfo("missing", False, how_to_get="It is not installed. To get it: pip x")
SORTERS = (GOOD, SIMPLE, MISSING)


@pytest.fixture
def dialog(qtbot, window):
    made = SortDialog(has_static=True, parent=window)
    made.show_sorters(SORTERS)
    made.show()
    return made


def choose(dialog, name):
    names = [dialog.sorters.item(i).text() for i in range(dialog.sorters.count())]
    dialog.sorters.setCurrentRow(names.index(name))


def test_that_parameters_are_taken_apart_and_put_together():
    flat = dict(flatten(PARAMETERS))
    assert flat[("inner", "more", "deep")] == 1
    assert ("n_jobs",) not in flat
    assert not any("job_kwargs" in path for path in flat)
    kept = {key: PARAMETERS[key] for key in PARAMETERS if "job" not in key}
    assert nest(flat) == kept


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), ("5", 5), ("5.5", 5.5), ("neg", "neg"), ("[1, 2]", [1, 2]), ("{}", {}),
     ("true", True), (' {"a": 1} ', {"a": 1}), ("null", None)],
)  # fmt: skip
def test_that_text_is_read_as_what_it_looks_like(text, value):
    assert from_text(text) == value


@pytest.mark.parametrize("value", [None, [1, 2], {"a": [1]}, {}])
def test_that_what_is_shown_is_read_back(value):
    assert from_text(to_text(value)) == value


@pytest.mark.parametrize("text", ["[1, 2", "{a: 1}"])
def test_that_a_list_that_is_not_closed_is_wrong(text):
    with pytest.raises(ValueError, match=r".+"):
        from_text(text)


def test_that_only_what_is_not_a_default_is_told(qtbot):
    form = SorterForm(GOOD, {})
    qtbot.addWidget(form)
    assert form.params() == {}
    form.editor("threshold").setValue(-6.0)
    form.editor("inner", "more", "deep").setValue(3)
    form.editor("is_on").setChecked(False)
    line = form.editor("seed")
    assert isinstance(line, QLineEdit)
    line.setText("7")
    line.editingFinished.emit()
    assert form.params() == {
        "threshold": -6.0,
        "inner": {"more": {"deep": 3}},
        "is_on": False,
        "seed": 7,
    }
    form.editor("threshold").setValue(5.0)
    assert "threshold" not in form.params()
    form.form.reset_asked.emit()
    assert form.params() == {}
    assert form.editor("threshold").value() == 5.0


def test_that_what_was_chosen_last_is_shown_again(qtbot):
    form = SorterForm(GOOD, {"inner": {"radius_um": 80.0}, "window": [3], "unknown": 1})
    qtbot.addWidget(form)
    assert form.params() == {"inner": {"radius_um": 80.0}, "window": [3]}
    assert form.editor("inner", "radius_um").value() == 80.0
    assert form.editor("window").text() == "[3]"


def test_that_every_parameter_is_named_and_explained(qtbot):
    form = SorterForm(GOOD, {})
    qtbot.addWidget(form)
    labels = {field.label for field in form.form.fields}
    assert "Threshold" in labels
    assert "Inner: more: deep" in labels
    assert form.editor("threshold").toolTip() == "How large."
    assert form.editor("inner", "radius_um").suffix() == " \N{MICRO SIGN}m"
    assert isinstance(form.editor("is_on"), QCheckBox)


def test_that_the_simple_sorter_is_chosen_first(dialog):
    assert dialog.choice() == SortChoice("simple")
    assert dialog.sort_button.isEnabled()
    assert "The simple one." in dialog.about.text()


def test_that_a_missing_sorter_says_how_to_get_it_and_cannot_be_run(dialog):
    choose(dialog, "missing")
    assert "pip x" in dialog.about.text()
    assert not dialog.sort_button.isEnabled()
    assert dialog.message.text() == "missing is not installed."
    told = []
    dialog.chosen.connect(told.append)
    dialog.accept()
    assert told == []
    assert dialog.isVisible()


def test_that_one_recording_has_to_be_chosen(dialog):
    dialog.drifting.setChecked(False)
    assert not dialog.sort_button.isEnabled()
    assert dialog.message.text() == "Choose a recording."
    dialog.static.setChecked(True)
    assert dialog.sort_button.isEnabled()
    assert dialog.choice() == SortChoice("simple", {}, of_drifting=False, of_static=True)


def test_that_a_wrong_value_is_told_and_keeps_from_sorting(dialog):
    choose(dialog, "good")
    line = dialog.form.editor("window")
    line.setText("[1,")
    line.editingFinished.emit()
    assert not dialog.sort_button.isEnabled()
    assert "window" in dialog.message.text()
    line.setText("[1]")
    line.editingFinished.emit()
    assert dialog.sort_button.isEnabled()
    assert dialog.choice().params == {"window": [1]}


def test_that_two_wrong_values_are_both_told(dialog):
    choose(dialog, "good")
    for name in ("window", "seed"):
        line = dialog.form.editor(name)
        line.setText("[1,")
        line.editingFinished.emit()
    line.setText("1")
    line.editingFinished.emit()
    assert "window" in dialog.message.text()
    assert not dialog.sort_button.isEnabled()


def test_that_a_newer_list_keeps_what_was_chosen(dialog):
    choose(dialog, "good")
    dialog.form.editor("threshold").setValue(9.0)
    dialog.show_sorters((SIMPLE, GOOD))
    assert dialog.choice() == SortChoice("good", {"threshold": 9.0})


# Datasets --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unsorted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "dataset"
    recipe = {
        "duration_s": 5,
        "n_units": 4,
        "seed": 3,
        "probe": {"kind": "linear", "n_contacts": 8},
        "locations": {"margin_um": 0},
        "motion": {"motions": []},
    }
    generate_dataset({"folder": str(folder), "recipe": recipe}, ignore_progress)
    return folder


@pytest.mark.slow
def test_that_an_unsorted_dataset_is_described(unsorted, tmp_path):
    told = describe_dataset(unsorted)
    assert told["kind"] == "unsorted"
    assert (told["n_units"], told["n_channels"], told["duration_s"]) == (4, 8, 5.0)
    assert "nothing was sorted yet" in describe_in_words(told)
    with pytest.raises(DatasetError, match="no sorting yet"):
        score_dataset(unsorted)
    broken = tmp_path / "broken"
    for part in ("ground_truth", "recording"):
        (broken / part).mkdir(parents=True)
    (broken / "recipe.json").write_text(json.dumps({"resolved": []}), encoding="utf-8")
    with pytest.raises(DatasetError, match="recipe"):
        describe_dataset(broken)


@pytest.mark.slow
def test_that_an_unsorted_dataset_opens_with_its_units_and_says_so(window, unsorted, monkeypatch):
    monkeypatch.setattr(window_sorting, "find_sorters", lambda: SORTERS)
    open_in(window, unsorted)
    assert window.notice.sentence == UNSORTED
    assert window.session.clustering.n_clusters == 4
    assert window.session.truth.n_units == 4
    assert window.session.scores.mean_accuracy == pytest.approx(1.0)
    assert window.sorting.can_sort
    window.notice.press("Sort it…")
    dialog = window.sorting.dialog
    assert wait_until(window, lambda: dialog.form is not None, 30)
    steps = []
    monkeypatch.setattr(window.jobs, "add", lambda *args, **options: steps.append((args, options)))
    choose(dialog, "good")
    dialog.form.editor("threshold").setValue(7.0)
    dialog.sort_button.click()
    assert window.sorting.dialog is None
    ((((step,), title), options),) = steps
    assert step.spec["sorter"] == "good"
    assert step.spec["params"] == {"threshold": 7.0}
    assert step.spec["recording"] == str(unsorted / "recording")
    assert options["opens"] == unsorted / "sortings" / "good" / "phy"
    assert title == "dataset: good"
    # The next time it begins with what was chosen.
    window.sorting.ask()
    assert wait_until(window, lambda: window.sorting.dialog.form is not None, 30)
    assert window.sorting.dialog.choice() == SortChoice("good", {"threshold": 7.0})
    window.sorting.dialog.reject()


def test_that_one_of_several_sortings_is_asked_for(window, export, tmp_path):
    dataset = tmp_path / "dataset"
    for name in ("first", "second"):
        shutil.copytree(export, dataset / "sortings" / name / "phy")
    # Nobody chose: nothing happens.
    window.open_path(dataset)
    assert window.is_at_rest
    assert not window.has_dataset
    window.dialogs.answers["choice"] = "second"
    open_in(window, dataset)
    assert window.session_opened.dataset.folder == dataset / "sortings" / "second" / "phy"
    # It is read again without being asked for again.
    window.dialogs.answers["choice"] = "first"
    window.reload()
    assert wait_until(window, lambda: window.is_at_rest, 60)
    assert window.session_opened.dataset.folder == dataset / "sortings" / "second" / "phy"


def test_that_an_export_of_others_cannot_be_sorted(window, export):
    assert not window.sorting.can_sort
    open_in(window, export)
    assert not window.sorting.can_sort
    assert not window.menus.actions["generate.sort"].isEnabled()
    assert window.sorting.notices() == []


def test_that_a_list_that_cannot_be_made_is_told(window, monkeypatch):
    def fail():
        raise DatasetError("SpikeInterface is broken.")

    monkeypatch.setattr(window_sorting, "find_sorters", fail)
    dialog = window.sorting.ask_choice(lambda _choice: None)
    assert wait_until(window, lambda: bool(window.notice.sentence), 10)
    assert not dialog.sort_button.isEnabled()
    dialog.reject()
