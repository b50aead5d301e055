"""A measure against a setting: points of finished cells, means of each sorter, axes of words."""

from __future__ import annotations

from pathlib import Path

import pytest

from gtview.study.curves import MEASURES, compute_study_curves, setting_title, settings_of
from gtview.study.results import StudyResults


def cell(name, sorter, seed, n_units, accuracy, **other):
    row = {
        "cell": name, "recipe": "one", "seed": seed, "sorter": sorter, "state": "finished",
        "mean_accuracy": accuracy, "recipe.n_units": n_units, "recipe.noise": 5,
    }  # fmt: skip
    return {**row, **other}


CELLS = (
    cell("a1", "a", 1, 20, 0.8),
    cell("a2", "a", 2, 20, 0.6),
    cell("a3", "a", 1, 5, 0.9),
    cell("b1", "b", 1, 20, 0.5),
    cell("b2", "b", 2, 20, None, state="failed"),
)
RESULTS = StudyResults(Path("study"), "Study", CELLS, ())


def test_that_only_what_varies_is_offered():
    assert settings_of(RESULTS) == ("recipe.n_units", "seed", "sorter")
    assert setting_title("recipe.n_units") == "n_units"


def test_that_a_setting_that_some_recipes_lack_comes_last_and_tells_it():
    other = {k: v for k, v in cell("c1", "a", 1, 20, 0.4).items() if k != "recipe.noise"}
    results = StudyResults(Path("study"), "Study", (*CELLS, other), ())
    assert settings_of(results) == ("recipe.n_units", "seed", "sorter", "recipe.noise")
    assert compute_study_curves(results, "recipe.noise", "mean_accuracy").n_without == 1
    assert compute_study_curves(results, "recipe.n_units", "mean_accuracy").n_without == 0


def test_that_means_are_of_each_sorter_at_each_value():
    curves = compute_study_curves(RESULTS, "recipe.n_units", "mean_accuracy")
    assert curves.sorters == ("a", "b")
    assert curves.ticks == ()
    assert curves.means[0] == (pytest.approx((5, 0.9)), pytest.approx((20, 0.7)))
    assert curves.means[1] == ((20.0, 0.5),)


def test_that_cells_without_a_result_have_no_point():
    curves = compute_study_curves(RESULTS, "recipe.n_units", "mean_accuracy")
    assert sorted(p.cell for p in curves.points) == ["a1", "a2", "a3", "b1"]


def test_that_words_get_places():
    curves = compute_study_curves(RESULTS, "sorter", "mean_accuracy")
    assert curves.ticks == ("a", "b")
    assert {p.cell: p.x for p in curves.points} == {"a1": 0, "a2": 0, "a3": 0, "b1": 1}


def test_that_a_study_without_results_has_no_points():
    empty = StudyResults(Path("study"), "Study", (), ())
    for measure in MEASURES:
        assert compute_study_curves(empty, "sorter", measure).points == ()
