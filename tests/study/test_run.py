"""Running studies: what is done once, what goes on, what fails alone, and the tables."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gtview.base.errors import DatasetError, GtviewError, UsageError
from gtview.study import run as run_module
from gtview.study.cells import make_cells
from gtview.study.definition import read_study
from gtview.study.results import read_results, write_parquet
from gtview.study.run import StudyRun, dask_executor, local_executor
from gtview.study.store import StudyFolder

STUDY = """
name = "Two by two"
seeds = [1, 2]
[recipes.tiny]
preset = "tetrode"
set = { duration_s = 4, n_units = 3 }
[sorters.simple]
[sorters.other]
sorter = "simple"
params = { detect_threshold = 9 }
"""


def finished_unit(accuracy):
    return {
        "unit_id": 3, "n_spikes": 10, "cluster_id": 1, "recall": accuracy, "precision": 1.0,
        "accuracy": accuracy, "category": "well_detected", "main_cause": None,
        "causes": {"collision": 2},
    }  # fmt: skip


class FakeSteps:
    """Stands for the steps: counts them, and fails where it is told to."""

    def __init__(self):
        self.made = []
        self.sorted = []
        self.fails = {}
        self._lock = threading.Lock()

    def make_dataset(self, task):
        with self._lock:
            self.made.append(Path(task["folder"]).name)
        return {"state": "finished", "error": "", "took_s": 1.0}

    def sort_and_score(self, task):
        with self._lock:
            assert Path(task["dataset"]).name in self.made, "the dataset is made before"
            self.sorted.append(Path(task["log"]).stem)
        for word, fault in self.fails.items():
            if word in task["log"]:
                if isinstance(fault, Exception):
                    raise fault
                return {"state": fault, "error": "no spikes", "took_s": 1.0}
        scores = {
            "units": [finished_unit(0.5)], "n_clusters": 1, "n_false_clusters": 0,
            "mean_accuracy": 0.5, "categories": {"well_detected": 1, "missed": 0},
        }  # fmt: skip
        return {"state": "finished", "error": "", "took_s": 2.0, "scores": scores}


@pytest.fixture
def steps(monkeypatch):
    fake = FakeSteps()
    monkeypatch.setattr(run_module, "make_dataset", fake.make_dataset)
    monkeypatch.setattr(run_module, "sort_and_score", fake.sort_and_score)
    return fake


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    read = read_study(path)
    folder = StudyFolder.begin(tmp_path / "out", path, read.name)
    return folder, make_cells(read, tmp_path)


def run(folder, cells, **options):
    seen = []
    with ThreadPoolExecutor(3) as executor:
        outcome = StudyRun(folder, executor).run(cells, lambda c, _t: seen.append(c.id), **options)
    return outcome, seen


def test_that_each_dataset_is_made_once_and_each_cell_sorted_once(study, steps):
    folder, cells = study
    outcome, seen = run(folder, cells)
    assert (outcome.n_finished, outcome.n_failed, outcome.n_before) == (4, 0, 0)
    assert sorted(steps.made) == sorted({cell.dataset.id for cell in cells})
    assert sorted(steps.sorted) == sorted(seen) == sorted(cell.id for cell in cells)


def test_that_a_finished_cell_is_not_run_again(study, steps):
    folder, cells = study
    run(folder, cells[:3])
    steps.made.clear()
    steps.sorted.clear()
    outcome, _ = run(folder, cells)
    assert (outcome.n_finished, outcome.n_before) == (1, 3)
    assert steps.sorted == [cells[3].id]
    assert steps.made == [cells[3].dataset.id]


@pytest.mark.parametrize("fault", ["failed", RuntimeError("the worker was killed")])
def test_that_a_cell_that_dies_does_not_stop_the_others(study, steps, fault):
    folder, cells = study
    steps.fails = {cells[1].id: fault}
    outcome, _ = run(folder, cells)
    assert (outcome.n_finished, outcome.n_failed) == (3, 1)
    rows = {row["cell"]: row for row in read_results(folder.path).cells}
    assert rows[cells[1].id]["state"] == "failed"
    assert rows[cells[1].id]["error"]
    assert sum(row["state"] == "finished" for row in rows.values()) == 3


def test_that_a_cell_whose_dataset_failed_has_the_log_of_the_dataset(study, steps, monkeypatch):
    folder, cells = study

    def fail(task):
        Path(task["log"]).write_text("no room")
        return {"state": "failed", "error": "no room", "took_s": 1.0}

    monkeypatch.setattr(run_module, "make_dataset", fail)
    assert run(folder, cells)[0].n_failed == 4
    for row in read_results(folder.path).cells:
        assert (folder.path / row["log"]).read_text() == "no room"


def test_that_what_failed_is_tried_again_only_when_asked(study, steps):
    folder, cells = study
    steps.fails = {cells[0].id: "failed"}
    run(folder, cells)
    steps.fails = {}
    assert run(folder, cells)[0].n_before == 4
    outcome, seen = run(folder, cells, retry_failed=True)
    assert (outcome.n_finished, outcome.n_before, seen) == (1, 3, [cells[0].id])
    assert all(row["state"] == "finished" for row in read_results(folder.path).cells)


def test_that_what_was_cancelled_is_run_the_next_time(study, steps):
    folder, cells = study
    steps.fails = {cells[2].id: "cancelled"}
    assert run(folder, cells)[0].n_cancelled == 1
    steps.fails = {}
    assert run(folder, cells)[1] == [cells[2].id]


def test_that_results_name_what_was_varied_and_are_written_as_parquet(study, steps):
    parquet = pytest.importorskip("pyarrow.parquet")
    folder, cells = study
    steps.fails = {cells[0].id: "failed"}
    run(folder, cells)
    results = read_results(folder.path)
    assert results.name == "Two by two"
    assert results.varied == ("seed",)
    write_parquet(results)
    table = parquet.read_table(folder.path / "cells.parquet").to_pylist()
    assert {row["cell"] for row in table} == {cell.id for cell in cells}
    assert sorted(row["mean_accuracy"] for row in table if row["state"] == "finished") == [0.5] * 3
    units = parquet.read_table(folder.path / "units.parquet").to_pylist()
    assert len(units) == 3
    assert units[0]["n_collision"] == 2
    assert units[0]["unit_id"] == "3"


def test_that_settings_of_different_kinds_still_make_a_table(study, steps):
    parquet = pytest.importorskip("pyarrow.parquet")
    folder, cells = study
    run(folder, cells[:2])
    for cell, value in zip(cells[:2], (3, "many"), strict=True):
        entry = folder.read(cell.id)
        entry["recipe"]["n_units"] = value
        folder._cell_path(cell.id).write_text(json.dumps(entry))
    write_parquet(read_results(folder.path))
    column = parquet.read_table(folder.path / "cells.parquet").column("recipe.n_units")
    assert sorted(column.to_pylist()) == ["3", "many"]


def test_that_damaged_files_of_cells_are_left_out_and_run_again(study, steps):
    folder, cells = study
    run(folder, cells)
    folder._cell_path(cells[0].id).write_text("{")
    assert len(read_results(folder.path).cells) == 3
    assert run(folder, cells)[1] == [cells[0].id]


def test_that_a_folder_of_something_else_is_refused(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years")
    study = tmp_path / "study.toml"
    study.write_text(STUDY)
    with pytest.raises(UsageError, match="no folder of a study"):
        StudyFolder.begin(other, study, "x")
    with pytest.raises(DatasetError, match="no folder of a study"):
        read_results(other)
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


def test_that_a_cluster_of_dask_runs_the_same_cells(study, monkeypatch):
    distributed = pytest.importorskip("distributed")
    folder, cells = study
    monkeypatch.setattr(run_module, "make_dataset", _made)
    monkeypatch.setattr(run_module, "sort_and_score", _refused)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        dask_executor(cluster.scheduler_address) as executor,
    ):
        outcome = StudyRun(folder, executor).run(cells, lambda _c, _t: None)
    assert (outcome.n_finished, outcome.n_failed) == (0, 4)
    errors = {row["error"] for row in read_results(folder.path).cells}
    assert errors == {"refused simple"}


def _made(task):
    return {"state": "finished", "error": "", "took_s": 0.0}


def _refused(task):
    return {"state": "failed", "error": f"refused {task['sorter']}", "took_s": 0.0}


def test_that_an_address_where_nobody_answers_is_told():
    pytest.importorskip("distributed")
    with pytest.raises(GtviewError, match="No Dask scheduler"), dask_executor("nonsense"):
        pass


def test_that_a_study_is_really_made_sorted_and_scored(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        'seeds = [5]\n[recipes.tiny]\npreset = "tetrode"\nset = { duration_s = 6, n_units = 2 }\n'
        "[sorters.simple]\n[sorters.bad]\nsorter = 'simple'\nparams = { nonsense = 1 }\n"
    )
    study = read_study(path)
    cells = make_cells(study, tmp_path)
    folder = StudyFolder.begin(tmp_path / "out", path, study.name)
    with local_executor(2) as executor:
        StudyRun(folder, executor).run(cells, lambda _c, _t: None)
    rows = {row["sorter"]: row for row in read_results(folder.path).cells}
    assert rows["bad"]["state"] == "failed"
    assert "nonsense" in rows["bad"]["error"]
    assert rows["simple"]["state"] == "finished", rows["simple"]["error"]
    assert rows["simple"]["n_units"] == 2
    assert (folder.path / rows["simple"]["export"] / "params.py").is_file()
    assert (folder.path / rows["simple"]["log"]).is_file()


def test_that_leaving_early_ends_the_steps(study):
    folder, cells = study

    def leave_early():
        with local_executor(1) as executor:
            StudyRun(folder, executor)._make(cells[0].dataset, [cells[0]])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave_early()
    assert not list((folder.path / "datasets").glob("*.partial"))
    assert not (folder.path / "datasets" / cells[0].dataset.id).exists()
