from __future__ import annotations

import json

import numpy as np
import pytest

from gtview.base.errors import UsageError
from gtview.generation.prediction import predict
from gtview.generation.presets import preset_names, read_preset
from gtview.generation.problems import RecipeError
from gtview.generation.recipe import GenerationRecipe, read_recipe, write_recipe
from gtview.generation.values import Range, Values, draw


@pytest.mark.parametrize("name", preset_names())
def test_that_a_preset_survives_json(name, tmp_path):
    recipe = read_preset(name)
    assert recipe.name == name
    assert recipe.description
    write_recipe(recipe, tmp_path / "recipe.json")
    assert read_recipe(tmp_path / "recipe.json") == recipe
    assert read_recipe(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_that_ranges_lists_and_numbers_are_told_apart_by_json():
    params = {
        "alpha": {"range": [50, 60]},
        "spatial_decay": {"values": [20, 30]},
        "smooth_ms": 0.05,
        "propagation_speed": None,
    }
    recipe = read_recipe({"n_units": 2, "templates": {"unit_params": params}})
    shapes = recipe.templates.unit_params
    assert shapes.alpha == Range(50, 60)
    assert shapes.spatial_decay == Values((20, 30))
    assert shapes.smooth_ms == 0.05
    assert shapes.propagation_speed is None
    assert recipe.to_json()["templates"]["unit_params"]["alpha"] == {"range": [50, 60]}


def test_that_python_may_spell_a_range_as_a_tuple_and_a_list_as_an_array():
    params = {"alpha": (50, 60), "spatial_decay": np.array([20.0, 30.0])}
    shapes = read_recipe({"n_units": 2, "templates": {"unit_params": params}}).templates
    assert shapes.unit_params.alpha == Range(50, 60)
    assert shapes.unit_params.spatial_decay == Values((20, 30))


def test_that_amounts_are_drawn_as_they_are_spelled(rng):
    np.testing.assert_array_equal(draw(3.0, 4, rng), [3, 3, 3, 3])
    np.testing.assert_array_equal(draw(Values((1, 2)), 2, rng), [1, 2])
    drawn = draw(Range(2, 8), 5000, rng)
    assert 2 <= drawn.min() < 2.01
    assert 7.99 < drawn.max() <= 8
    assert abs(drawn.mean() - 5) < 0.1


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_that_other_names_of_the_documentation_are_understood():
    recipe = read_recipe(
        {"locations": {"distribution": "by layer"}, "motion": {"motions": [{"kind": "bumps"}]}}
    )
    assert recipe.locations.distribution == "multimodal"
    assert recipe.motion.motions[0].kind == "bump"


def test_that_a_recipe_is_changed_by_dotted_names():
    recipe = read_preset("quick").changed(
        {"motion.motions.0.period_s": 30, "noise.far_units.n_units": 5, "seed": 9}
    )
    assert recipe.motion.motions[0].period_s == 30
    assert recipe.noise.far_units.n_units == 5
    assert recipe.seed == 9
    with pytest.raises(RecipeError, match=r"motion.motions.3"):
        recipe.changed({"motion.motions.3.period_s": 30})


def test_that_files_that_are_no_recipes_are_refused_in_a_sentence(tmp_path):
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    (tmp_path / "b.json").write_text("[1]", encoding="utf-8")
    for name in ("a.json", "b.json", "missing.json"):
        with pytest.raises(UsageError, match=name):
            read_recipe(tmp_path / name)
    with pytest.raises(UsageError, match="there are quick"):
        read_preset("nope")


def test_that_the_recipe_of_a_dataset_is_read_as_what_was_asked(tmp_path):
    recipe = read_preset("tetrode")
    told = {"kind": "gtview dataset", "asked": recipe.to_json(), "resolved": {}}
    (tmp_path / "recipe.json").write_text(json.dumps(told), encoding="utf-8")
    assert read_recipe(tmp_path) == recipe


def test_that_a_prediction_grows_with_what_is_asked():
    small = GenerationRecipe(duration_s=60.0, n_units=10)
    long = predict(small.changed({"duration_s": 600}))
    both = predict(small.changed({"output.has_static": True}))
    wide = predict(small.changed({"probe.name": "Neuropixels1-384"}))
    first = predict(small)
    assert first.n_channels == 128
    assert first.disk_mb == pytest.approx(60 * 30_000 * 128 * 2 / 1e6, rel=0.02)
    assert long.disk_mb == pytest.approx(10 * first.disk_mb, rel=0.02)
    assert both.disk_mb == pytest.approx(2 * first.disk_mb, rel=0.02)
    assert wide.disk_mb == pytest.approx(3 * first.disk_mb, rel=0.02)
    assert long.time_s > first.time_s
    assert predict(small.changed({"n_units": 500})).memory_mb > first.memory_mb
