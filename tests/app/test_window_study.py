"""The page of a study: what it lists and draws, opening a sorting, coming back, reading again."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner
from mouse import click, double_click
from opening_in_tests import open_in

from gtview.app.study_page import can_open, study_table
from gtview.app.waiting import wait_until
from gtview.cli.group import main
from gtview.study.store import KIND, MARK_FILE


def write_cell(study, name, sorter, n_units, accuracy, export="", **other):
    entry = {
        "cell": name, "recipe_name": "one", "seed": 1, "sorter_name": sorter, "state": "finished",
        "recipe": {"n_units": n_units}, "export": export, "took_s": 2.0,
        "scores": {"units": [], "mean_accuracy": accuracy, "n_clusters": 6,
                   "n_false_clusters": 0, "categories": {"well_detected": 5}},
    }  # fmt: skip
    (study / "cells" / f"{name}.json").write_text(json.dumps({**entry, **other}))


@pytest.fixture
def study(tmp_path, export_with_truth):
    """A study with two finished cells, of which one has an export, and one that failed."""
    folder = tmp_path / "study"
    (folder / "cells").mkdir(parents=True)
    (folder / MARK_FILE).write_text(json.dumps({"kind": KIND, "name": "A study"}))
    shutil.copytree(export_with_truth, folder / "datasets" / "first" / "phy")
    write_cell(folder, "first", "a", 5, 0.9, "datasets/first/phy")
    write_cell(folder, "second", "a", 20, 0.7, "datasets/second/phy")
    write_cell(folder, "third", "b", 20, None, state="failed", error="No room.", scores=None)
    return folder


@pytest.fixture
def page(window, study):
    window.open_path(study)
    assert wait_until(window, lambda: window.study.is_shown, 30)
    return window.study.page


def at(page, x, y, sorter=0):
    panel = page.plot.panel
    place = panel.box.mapToScene(page.plot.item.place_of(panel, x, y, sorter))
    return place.x(), place.y()


def test_that_a_folder_of_a_study_opens_its_page(window, page, study):
    assert page.title.text() == "A study"
    assert page.about.text().startswith("2 finished, 1 failed")
    assert window.windowTitle().startswith("A study")
    assert not window.has_dataset
    table = study_table(page.results)
    assert table.row_ids == ("first", "second", "third")
    assert table.column("n_units").text(0) == "5"
    assert table.column("error").text(2) == "No room."
    assert [p.cell for p in page.plot.item.curves.points] == ["first", "second"]


def test_that_a_double_click_on_a_row_opens_the_sorting_and_there_is_a_way_back(window, page):
    table = page.table
    row = table.rows.row_of("first")
    place = (40, table.rowViewportPosition(row) + table.row_height // 2)
    double_click(table.viewport(), place)
    assert wait_until(window, lambda: window.has_dataset and window.is_settled, 60)
    assert not window.study.is_shown
    assert window.menus.actions["file.study"].isEnabled()
    window.menus.actions["file.study"].trigger()
    assert wait_until(window, lambda: window.study.is_shown, 30)
    # Keys must not change clusters that are not seen.
    assert not window.has_dataset
    assert page.table.selected_ids == ["first"]


def test_that_a_click_on_a_point_opens_the_sorting(window, page):
    click(page.plot.viewport(), at(page, 5, 0.9))
    assert wait_until(window, lambda: window.has_dataset, 60)
    assert str(window.request.path).endswith("phy")


def test_that_sorters_of_the_same_score_stand_side_by_side(window, page, study):
    write_cell(study, "fourth", "b", 5, 0.9)
    window.study.refresh()
    assert wait_until(window, lambda: len(page.results.cells) == 4, 30)
    panel, item = page.plot.panel, page.plot.item
    found = []
    for sorter in (0, 1):
        place = item.place_of(panel, 5, 0.9, sorter)
        at_point = panel.box.mapSceneToView(panel.box.mapToScene(place))
        found.append(page.plot.point_at(at_point.x(), at_point.y()).cell)
    assert found == ["first", "fourth"]
    # Only values that were tried are on the axis.
    assert panel.x_axis._names.texts == ["5", "20"]
    page.x_box.setCurrentIndex(page.x_box.findData("sorter"))
    assert item.place_of(panel, 0, 0.9, 0).x() == panel.to_pixels(0, 0.9).x()


def test_that_a_sorting_that_is_gone_is_told_and_the_study_stays(window, page):
    click(page.plot.viewport(), at(page, 20, 0.7))
    assert wait_until(window, lambda: window.is_at_rest and window.study.is_shown, 60)
    assert not window.has_dataset
    assert window.notice.isVisible()


def test_that_of_a_cell_that_failed_the_log_is_shown(window, page, study):
    page.table.select_ids(["third"])
    page._on_selected()
    assert not can_open(page._row("third"))
    assert page.open_button.text() == "Show the log"
    page.open_button.click()
    assert "is empty or gone" in window.dialogs.shown[-1][2]
    (study / "logs").mkdir()
    (study / "logs" / "third.log").write_text("the disk is full")
    page._row("third")["log"] = "logs/third.log"
    page._ask("third")
    assert window.dialogs.shown[-1] == ("Log", "No room.", "the disk is full")
    assert not window.has_dataset
    page.table.select_ids(["first"])
    page._on_selected()
    assert page.open_button.isEnabled()
    assert page.open_button.text() == "Open the sorting"


def test_that_a_study_that_runs_is_read_again(window, page, study):
    page.table.select_ids(["second"])
    page.y_box.setCurrentIndex(page.y_box.findData("n_well_detected"))
    write_cell(study, "fourth", "b", 5, 0.4)
    assert window.menus.actions["file.reload"].isEnabled()
    window.menus.actions["file.reload"].trigger()
    assert wait_until(window, lambda: len(page.results.cells) == 4, 30)
    assert page.about.text().startswith("3 finished, 1 failed")
    assert page.table.selected_ids == ["second"]
    assert page.plot.item.curves.y_name == "n_well_detected"


def test_that_what_is_open_makes_room_for_a_study(window, export, study):
    open_in(window, export)
    window.open_path(study)
    assert wait_until(window, lambda: window.study.is_shown, 30)
    assert not window.has_dataset
    window.study.page.leave_asked.emit()
    assert window._start.isVisible()
    assert not window.study.is_there


def test_that_a_study_is_remembered_among_the_recent_ones(window, page, study):
    assert window.settings.get("recent")[0] == str(study.resolve())


def test_that_the_command_opens_a_study(study, monkeypatch):
    seen = []

    def run_window(opening, **options):
        seen.append((opening, options))
        return 0

    monkeypatch.setattr("gtview.app.application.run_window", run_window)
    assert CliRunner().invoke(main, ["open", str(study)]).exit_code == 0
    assert seen == [(None, {"study": study})]
