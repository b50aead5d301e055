"""The commands as a shell sees them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from factories import make_phy_folder
from PyQt6.QtGui import QImage


def run(*args, **env):
    # A screen must not be needed, so none is offered.
    clean = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, "-m", "gtview", *map(str, args)],
        capture_output=True,
        text=True,
        env=clean | env,
        check=False,
    )


@pytest.fixture
def export(tmp_path):
    make_phy_folder(tmp_path / "phy", n_spikes=600, n_clusters=5, n_channels=8, with_raw=True)
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    np.save(truth / "spike_times.npy", np.load(tmp_path / "phy/spike_times.npy").ravel())
    np.save(truth / "spike_units.npy", np.load(tmp_path / "phy/spike_clusters.npy").ravel())
    return tmp_path / "phy"


def test_that_describe_prints_what_a_script_needs(export):
    done = run("describe", export, "--json")
    assert done.returncode == 0, done.stderr
    described = json.loads(done.stdout)
    assert described["n_spikes"] == 600
    assert described["n_clusters"] == 5
    assert described["n_channels"] == described["n_raw_channels"] == 8
    assert isinstance(described["sample_rate_hz"], float)
    assert described["has"]["raw"]
    assert described["has"]["ground_truth"]
    assert set(described["has"]) == {
        "templates", "pc_features", "template_features", "similar_templates", "amplitudes",
        "spike_positions", "whitening", "raw", "ground_truth",
    }  # fmt: skip
    assert all(set(d) >= {"level", "file", "message"} for d in described["diagnostics"])


def test_that_params_py_names_the_export_too(export):
    by_file = json.loads(run("describe", export / "params.py", "--json").stdout)
    assert by_file == json.loads(run("describe", export, "--json").stdout)


def test_that_a_perfect_sorting_scores_one(export):
    done = run("score", export, "--json")
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)
    assert scores["delta_ms"] == 0.4
    assert scores["mean_accuracy"] == 1.0
    for unit in scores["units"]:
        assert unit["cluster_id"] == unit["unit_id"] == unit["best_cluster_id"]
        assert isinstance(unit["unit_id"], int)
        assert (unit["tp"], unit["fn"], unit["fp"]) == (unit["n_spikes"], 0, 0)


def test_that_scores_are_written_one_row_a_unit(export, tmp_path):
    out = tmp_path / "scores.csv"
    assert run("score", export, "--csv", out).returncode == 0
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 5
    assert {row["category"] for row in rows} == {"well_detected"}
    assert {row["main_cause"] for row in rows} == {""}
    assert {row["n_collision"] for row in rows} == {"0"}


def test_that_causes_are_told_for_each_unit(export):
    scores = json.loads(run("score", export, "--json").stdout)
    assert {sum(unit["causes"].values()) for unit in scores["units"]} == {0}
    assert {unit["main_cause"] for unit in scores["units"]} == {None}
    assert {c["category"] for c in scores["clusters"]} == {"matched"}
    assert "motion" in scores["unknown_causes"]
    table = run("score", export).stdout
    assert "spikes lost" in table.splitlines()[0]


def test_that_a_screenshot_has_the_size_asked_for(export, tmp_path):
    out = tmp_path / "window.png"
    done = run("screenshot", export, out, "--select", "1,2", "--size", "1000x700")
    assert done.returncode == 0, done.stderr
    image = QImage(str(out))
    assert (image.width(), image.height()) == (1000, 700)
    colors = {image.pixel(x, y) for x in range(0, 1000, 5) for y in range(0, 700, 5)}
    assert len(colors) > 50, "the picture shows something"


@pytest.mark.parametrize("view", ["correlogram", "waveform", "raster"])
def test_that_one_view_can_be_pictured_alone_in_its_own_size(export, tmp_path, view):
    out = tmp_path / "view.png"
    done = run("screenshot", export, out, "--view", view, "--size", "600x400",
               "--theme", "light", "--layout", "curate")  # fmt: skip
    assert done.returncode == 0, done.stderr
    image = QImage(str(out))
    assert (image.width(), image.height()) == (600, 400)


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("describe", "{tmp}/nothing"), 1, "nothing"),
        (("open", "{tmp}/nothing"), 1, "nothing"),
        (("{tmp}/nothing",), 1, "nothing"),
        (("describe", "{tmp}/empty"), 1, "params.py"),
        (("score", "{bare}"), 1, "ground truth"),
        (("screenshot", "{phy}", "{tmp}/x.png", "--view", "nonsense"), 2, "nonsense"),
        (("screenshot", "{phy}", "{tmp}/x.png", "--select", "1,99"), 2, "no cluster 99"),
        (("score", "{phy}", "--ground-truth", "{tmp}/empty"), 1, "empty"),
        (("screenshot", "{phy}", "{tmp}/x.png", "--size", "big"), 2, "size"),
        (("describe",), 2, "PATH"),
        (("score", "{phy}", "--delta-ms", "-1"), 2, "delta"),
        (("score", "{phy}", "--json", "--csv", "x.csv"), 2, "--csv"),
        (("describe", "{phy}", "--nonsense"), 2, "nonsense"),
    ],
)
def test_that_errors_are_one_plain_sentence(export, tmp_path, args, code, words):
    make_phy_folder(tmp_path / "alone" / "bare", n_spikes=100, n_clusters=2, n_channels=4)
    (tmp_path / "empty").mkdir()
    places = {"tmp": tmp_path, "phy": export, "bare": tmp_path / "alone" / "bare"}
    done = run(*(arg.format(**places) for arg in args))
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_that_a_truth_that_cannot_be_read_is_told_by_score(export):
    np.save(export.parent / "ground_truth" / "spike_units.npy", np.arange(3))
    done = run("score", export)
    assert done.returncode == 1
    assert "spike_units.npy" in done.stderr
    assert "no ground truth was found" not in done.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            "ImportError('libEGL.so.1: cannot open shared object file: No such file')",
            "libEGL.so.1",
        ),
        ("ValueError('of no meaning')", "of no meaning"),
        ("MemoryError()", "memory"),
    ],
)
def test_that_what_nobody_foresaw_is_one_line_too(export, tmp_path, error, words):
    code = (
        "import gtview.api\n"
        f"def fail(*_, **__): raise {error}\n"
        "gtview.api.describe_dataset = fail\n"
        "from gtview.cli import main\n"
        f"main(['describe', {str(export)!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"GTVIEW_HOME": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    log = next(tmp_path.rglob("gtview.log"))
    assert "Traceback" in log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_that_a_window_without_a_screen_is_refused_in_one_line(export):
    done = run("open", export, WAYLAND_DISPLAY="", QT_QPA_PLATFORM="xcb")
    assert done.returncode == 1
    assert "no window can be shown here" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_that_bench_measures_every_number(export):
    done = run("bench", export, "--selections", "3", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert len(result["select1_ms"]) == len(result["first1_ms"]) == 3
    assert len(result["select2_ms"]) == len(result["first2_ms"]) == 2
    assert len(result["merge_ms"]) == len(result["undo_ms"]) == 2
    assert all(ms > 0 for name in ("split_ms", "save_ms") for ms in result[name])
    assert len(result["select_states_ms"]) == 3
    scored = ("select_states_ms", "score_ms", "delta_ms", "threshold_ms")
    assert all(ms > 0 for name in scored for ms in result[name])
    assert result["max_stall_scored_ms"] >= 0
    assert result["rss_scored_mb"] >= result["rss_curated_mb"]
    assert 0 < result["import_s"] < result["open_s"]
    assert result["max_stall_curated_ms"] >= result["max_stall_ms"] >= 0
    assert result["rss_mb"] > 50
    assert result["cache"] == "warm"
