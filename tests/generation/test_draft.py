"""A recipe while it is written: problems by field, parts that come and go, nothing lost."""

from __future__ import annotations

import pytest

from gtview.generation.draft import RecipeDraft
from gtview.generation.fields import fields_of, walk
from gtview.generation.presets import preset_names, read_preset
from gtview.generation.problems import Problem
from gtview.generation.recipe import GenerationRecipe

SPECS = {spec.name: spec for spec in fields_of(GenerationRecipe)}
ALL = dict(walk(GenerationRecipe))


@pytest.mark.parametrize("name", preset_names())
def test_that_a_preset_goes_through_unchanged(name):
    recipe = read_preset(name)
    draft = RecipeDraft(recipe)
    assert draft.recipe == recipe
    assert draft.problems == ()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("duration_s", -1, "0.1"),
        ("n_units", 0, "20000"),
        ("spikes.rates_hz", {"range": [8, 2]}, "from low to high"),
        ("templates.unit_params.alpha", {"values": [5, -1]}, "above 0"),
        ("motion.range_um", {"range": [5, 20]}, "contain 0"),
        ("motion.motions.0.period_s", 0, "above 0"),
        ("motion.motions.0.t_end_s", 1e6, "duration"),
        ("noise.kind", "loud", "one of"),
        ("templates.ms_after", 0.5, "longer than"),
    ],
)
def test_that_a_wrong_value_is_told_at_its_field(path, value, words):
    draft = RecipeDraft()
    draft.set(path, value)
    assert draft.recipe is None
    assert words in draft.problem_at(path)
    assert draft.get(path) == value
    draft.set(path, ALL[path.replace("motions.0.", "motions.0(zigzag).")].default)
    assert draft.recipe == GenerationRecipe()


def test_that_wrong_items_belong_to_their_list():
    draft = RecipeDraft()
    draft.set("probe.shanks", [0, 999])
    assert "255" in draft.problem_at("probe.shanks", with_items=True)
    assert draft.problem_at("probe.shanks") == ""


def test_that_what_was_found_later_is_forgotten_with_the_next_change():
    draft = RecipeDraft()
    draft.tell_later([Problem("motion.motions[0].path", "names nothing")])
    assert draft.problem_at("motion.motions.0.path") == "names nothing"
    draft.set("seed", 5)
    assert draft.problems == ()


def test_that_a_part_comes_back_as_it_was():
    draft = RecipeDraft()
    spec = ALL["spikes.synchrony"]
    draft.switch("spikes.synchrony", spec, is_on=True)
    assert draft.recipe is not None
    draft.set("spikes.synchrony.ratio", 0.7)
    draft.switch("spikes.synchrony", spec, is_on=False)
    assert draft.recipe == GenerationRecipe()
    draft.switch("spikes.synchrony", spec, is_on=True)
    assert draft.get("spikes.synchrony.ratio") == 0.7


def test_that_another_kind_keeps_what_both_have():
    draft = RecipeDraft()
    draft.set("probe.n_contacts", 32)
    draft.choose("probe", SPECS["probe"], "neuropixels")
    assert draft.get("probe.n_contacts") == 32
    assert draft.get("probe.part_number") == "NP1000"
    draft.set("probe.part_number", "NP2014")
    draft.choose("probe", SPECS["probe"], "tetrode")
    draft.choose("probe", SPECS["probe"], "neuropixels")
    assert draft.get("probe.part_number") == "NP2014"


@pytest.mark.parametrize("kind", list(SPECS["probe"].models))
def test_that_every_kind_of_probe_can_be_begun(kind):
    draft = RecipeDraft()
    draft.choose("probe", SPECS["probe"], kind)
    assert draft.recipe is not None
    assert draft.recipe.probe.kind == kind


def test_that_motions_are_added_and_removed():
    draft = RecipeDraft()
    spec = ALL["motion.motions"]
    for kind in ("bump", "random_walk"):
        draft.add("motion.motions", spec, kind)
    assert [part["kind"] for part in draft.get("motion.motions")] == [
        "zigzag", "bump", "random_walk",
    ]  # fmt: skip
    # Three full amplitudes are more than the range.
    assert "at most 1" in draft.problem_at("motion.motions")
    draft.remove("motion.motions", 1)
    draft.remove("motion.motions", 1)
    assert draft.recipe == GenerationRecipe()


def test_that_a_recipe_of_a_newer_gtview_is_told():
    draft = RecipeDraft()
    draft.load({**GenerationRecipe().to_json(), "schema_version": 99})
    assert draft.recipe is None
    assert "newer gtview" in draft.problems[0].message
