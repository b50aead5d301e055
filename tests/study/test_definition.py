"""Studies: what a file may say, and the cells that it means."""

from __future__ import annotations

import pytest

from gtview.base.errors import UsageError
from gtview.study.cells import make_cells
from gtview.study.definition import check_study, read_study

WHOLE = {
    "name": "Drift",
    "seeds": [1, 2, 3],
    "recipes": {
        "small": {"preset": "quick", "set": {"description": "mine"}},
        "four": {"preset": "tetrode"},
    },
    "grid": {"duration_s": [10, 12], "n_units": [4, 5]},
    "sorters": {"simple": {}, "picky": {"sorter": "simple", "params": {"detect_threshold": 8}}},
}  # fmt: skip


def test_that_every_combination_is_one_cell(tmp_path):
    cells = make_cells(check_study(WHOLE), tmp_path)
    told = [
        (c.dataset.recipe_name, *c.dataset.values.values(), c.dataset.seed, c.sorter_name)
        for c in cells
    ]
    assert len(told) == len(set(told)) == 2 * 2 * 2 * 3 * 2
    assert len({cell.id for cell in cells}) == len(cells)
    assert len({cell.dataset.id for cell in cells}) == len(cells) // 2
    for cell in cells:
        assert cell.dataset.recipe["seed"] == cell.dataset.seed
        assert cell.dataset.recipe["duration_s"] == cell.dataset.values["duration_s"]
        assert cell.sorter == "simple"


def test_that_a_cell_keeps_its_name_until_something_of_it_changes(tmp_path):
    first = {cell.id for cell in make_cells(check_study(WHOLE), tmp_path)}
    more = {**WHOLE, "seeds": [3, 1, 2, 4]}
    assert first < {cell.id for cell in make_cells(check_study(more), tmp_path)}
    other = {**WHOLE, "delta_ms": 0.5}
    assert not first & {cell.id for cell in make_cells(check_study(other), tmp_path)}


def test_that_scoring_otherwise_does_not_sort_again(tmp_path):
    cells = make_cells(check_study(WHOLE), tmp_path)
    again = make_cells(check_study({**WHOLE, "delta_ms": 0.5}), tmp_path)
    assert [c.folder_name for c in cells] == [c.folder_name for c in again]
    assert len({c.folder_name for c in cells}) == 2


def test_that_a_recipe_is_found_beside_the_study(tmp_path):
    import json

    from gtview.generation.presets import read_preset

    (tmp_path / "mine.json").write_text(json.dumps(read_preset("quick").to_json()))
    study = tmp_path / "study.toml"
    study.write_text('[recipes.a]\nfile = "mine.json"\n[sorters.simple]\n')
    (cell,) = make_cells(read_study(study), tmp_path)
    assert cell.dataset.recipe["probe"] == read_preset("quick").to_json()["probe"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipes": {}}, "recipes"),
        ({"recipes": {"a": {}}}, "either a preset or a file"),
        ({"recipes": {"a": {"preset": "quick", "file": "x.json"}}}, "either a preset or a file"),
        ({"recipes": {"a/b": {"preset": "quick"}}}, "recipes"),
        ({"recipes": {"a": {"preset": "quick", "sett": {}}}}, "sett"),
        ({"sorters": {}}, "sorters"),
        ({"sorters": {"simple": {"recording": "moving"}}}, "recording"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [-1]}, "seeds"),
        ({"grid": {"duration_s": []}}, "duration_s"),
        ({"delta_ms": 0}, "delta_ms"),
        ({"sorter": {}}, "sorter"),
        ({"schema_version": 2}, "schema_version"),
    ],
)
def test_that_a_wrong_study_is_refused_by_name(change, words):
    with pytest.raises(UsageError, match=words):
        check_study({**WHOLE, **change})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipes": {"a": {"preset": "nonsense"}}}, "recipes.a: There is no preset"),
        ({"recipes": {"a": {"file": "none.json"}}}, "recipes.a"),
        ({"grid": {"n_unitss": [3]}}, "n_unitss"),
        ({"grid": {"duration_s": [10, -1]}}, "duration_s = -1"),
        ({"seeds": list(range(30_000))}, "at most 100,000"),
    ],
)
def test_that_an_impossible_recipe_is_refused_before_anything_runs(change, words, tmp_path):
    with pytest.raises(UsageError, match=words):
        make_cells(check_study({**WHOLE, **change}), tmp_path)


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"name = ", b"[recipes]\n[recipes]"])
def test_that_a_file_that_is_no_toml_is_told(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_bytes(text)
    with pytest.raises(UsageError, match=r"study\.toml"):
        read_study(path)


def test_that_a_missing_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_study(tmp_path / "none.toml")
