"""What the form is made from: every field of the model is described, with a default that holds."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from gtview.generation.fields import defaults_of, fields_of, walk
from gtview.generation.recipe import GenerationRecipe, read_recipe


def model_paths(model, path=""):
    """Every field of a model and of the models within it, found without `fields_of`."""
    for name, info in model.model_fields.items():
        here = f"{path}.{name}".removeprefix(".")
        inner = list(models_in(info.annotation))
        if name != "kind" or path in ("spikes.modulation", "noise"):
            yield here
        for part in inner:
            yield from model_paths(part, here)


def models_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from models_in(part)


def test_that_every_field_of_the_model_is_described():
    described = {p.replace(".0(", "(") for p, _ in walk(GenerationRecipe)}
    plain = {"".join(part.split(")")[-1] for part in p.split("(")) for p in described}
    assert set(model_paths(GenerationRecipe)) == plain
    assert len(described) > 120


def test_that_defaults_are_those_of_the_model():
    assert defaults_of(GenerationRecipe) == GenerationRecipe().to_json()
    assert read_recipe(defaults_of(GenerationRecipe)) == GenerationRecipe()


def test_that_limits_are_those_that_are_checked():
    specs = dict(walk(GenerationRecipe))
    assert specs["templates.unit_params.smooth_ms"].limits.low == 0.001
    assert specs["motion.motions.0(zigzag).t_start_s"].limits.high == 1e7
    assert specs["probe(named).shanks"].limits.high == 255
    assert specs["locations.explicit_um"].limits.high == 100_000


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("duration_s", "number"),
        ("seed", "whole"),
        ("motion.range_um", "range"),
        ("spikes.rates_hz", "amount"),
        ("locations.per_shank", "flag"),
        ("noise.kind", "choice"),
        ("spikes.given", "text"),
        ("probe(multi_shank).n_in_column", "numbers"),
        ("hybrid.templates(library).brain_areas", "words"),
        ("locations.explicit_um", "places"),
        ("motion.direction", "pair"),
        ("noise.far_units", "section"),
        ("probe", "alternatives"),
        ("motion.motions", "list"),
    ],
)
def test_that_each_kind_of_field_is_told(path, kind):
    assert dict(walk(GenerationRecipe))[path].kind == kind


def test_that_a_type_without_an_editor_is_refused():
    class Odd(BaseModel):
        field: bytes = b""

    with pytest.raises(TypeError, match="no form knows"):
        fields_of(Odd)
