from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gtview.cli import main


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_that_a_recipe_is_printed_and_changed():
    result = run("recipe", "--preset", "tetrode", "--set", "seed=7", "--set", "name=mine")
    assert result.exit_code == 0
    recipe = json.loads(result.stdout)
    assert recipe["seed"] == 7
    assert recipe["name"] == "mine"
    assert recipe["probe"]["kind"] == "tetrode"


def test_that_the_presets_are_listed():
    result = run("recipe", "--list")
    for name in (
        "quick",
        "tetrode",
        "four shanks",
        "drift torture",
        "synchrony",
        "dense and small",
        "simplest",
        "finer control",
    ):
        assert name in result.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["recipe", "--preset", "nope"], "no preset"),
        (["recipe", "--set", "seed"], "name=value"),
        (["recipe", "--set", "duratio_s=3"], "did you mean duration_s"),
        (["recipe", "--set", "n_units=0"], "n_units must be between"),
        (["generate", "missing.json", "out"], "cannot be read"),
        (["generate", "nope", "out"], "no preset"),
        (["generate", "quick", "out", "--set", "noise.levels_uv=-1"], "noise.levels_uv"),
        (["generate", "quick", "."], "exists already"),
    ],
)
def test_that_bad_usage_is_one_line_and_code_2(arguments, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_that_a_dataset_is_generated_from_a_file(tmp_path):
    recipe = run("recipe", "--preset", "tetrode", "--set", "duration_s=2").stdout
    (tmp_path / "recipe.json").write_text(recipe, encoding="utf-8")
    result = run("generate", str(tmp_path / "recipe.json"), str(tmp_path / "made"))
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip().endswith("made")
    assert (tmp_path / "made" / "recording" / "binary.json").exists()
    assert (tmp_path / "made" / "ground_truth" / "units.npz").exists()
    again = run("generate", str(tmp_path / "made"), str(tmp_path / "again"))
    assert again.exit_code == 0, again.stderr
    first, second = (
        (tmp_path / name / "recording" / "traces_cached_seg0.raw").read_bytes()
        for name in ("made", "again")
    )
    assert first == second
