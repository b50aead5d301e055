"""Recipes as Python: the scripts run, and make what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from gtview.generation.dataset import generate
from gtview.generation.presets import preset_names, read_preset
from gtview.generation.probes import build_probe
from gtview.generation.recipe import GenerationRecipe, read_recipe
from gtview.generation.scripts import gtview_script, shorten, title_of
from gtview.generation.scripts_spikeinterface import spikeinterface_script

TINY = {
    "duration_s": 3.0,
    "n_units": 4,
    "probe": {"kind": "named", "name": "Neuropixels1-128", "n_contacts": 24},
    "motion": {"motions": [{"kind": "zigzag", "period_s": 2.0, "t_start_s": 0.5}]},
    "seed": 7,
}


def run(script):
    names = {}
    exec(compile(script, "script", "exec"), names)
    return names


@pytest.mark.parametrize("name", preset_names())
def test_that_a_shortened_recipe_is_the_same(name):
    recipe = read_preset(name)
    short = shorten(recipe)
    assert read_recipe(short) == recipe
    assert len(str(short)) < len(str(recipe.to_json()))


def test_that_the_script_for_gtview_makes_the_same_recording():
    recipe = read_recipe({**TINY, "name": 'with "quotes" \\ and """more"""'})
    made = run(gtview_script(recipe))
    expected = generate(recipe).recording.get_traces(start_frame=9000, end_frame=12000)
    np.testing.assert_array_equal(
        made["drifting"].get_traces(start_frame=9000, end_frame=12000), expected
    )
    assert len(made["sorting"].unit_ids) == 4


def test_that_the_script_for_spikeinterface_makes_such_a_recording():
    recipe = read_recipe({**TINY, "output": {"dtype": "float32"}, "amplitudes": {"std": 0.1}})
    script, left_out = spikeinterface_script(recipe)
    assert left_out == ()
    assert "gtview" not in script.split('"""')[2]
    made = run(script)
    probe = build_probe(recipe.probe)
    np.testing.assert_allclose(made["drifting"].get_channel_locations(), probe.contact_positions)
    assert made["drifting"].get_num_samples() == 90_000
    assert len(made["sorting"].unit_ids) == 4
    vectors = made["extra_infos"]["displacement_vectors"]
    expected = generate(recipe).extra_infos["displacement_vectors"]
    np.testing.assert_allclose(vectors, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"spikes": {"bursts": {}, "refractory_ms": 2}}, "spikes.bursts"),
        ({"spikes": {"synchrony": {}}}, "spikes.synchrony"),
        ({"noise": {"kind": "pink"}}, "noise.kind pink"),
        ({"noise": {"far_units": {}}}, "noise.far_units"),
        ({"amplitudes": {"fading": {}}}, "amplitudes.fading"),
        ({"motion": {"range_um": {"range": [-5, 20]}}}, "not symmetric"),
        ({"motion": {"motions": [{"kind": "explicit", "values_um": [0, 1]}]}}, "explicit motion"),
        ({"output": {"dtype": "int16"}}, "int16"),
    ],
)
def test_that_what_spikeinterface_cannot_do_is_told_in_the_script(changes, told):
    recipe = read_recipe({"output": {"dtype": "float32"}, **changes})
    script, left_out = spikeinterface_script(recipe)
    assert any(told in item for item in left_out)
    assert told in script.split('"""')[1]


@pytest.mark.parametrize(
    "probe",
    [
        {"kind": "tetrode", "radius_um": 12},
        {"kind": "linear", "n_in_column": 8, "pitch_um": 25, "first_contact": 2},
        {"kind": "multi_column", "n_columns": 2, "n_in_column": [3, 4], "y_shifts_um": [0, 5]},
        {"kind": "multi_shank", "n_shanks": 3, "n_in_column": 2, "shanks": [0, 2]},
        {"kind": "neuropixels", "part_number": "NP2014", "n_contacts": 6, "is_per_shank": True},
        {"kind": "neuropixels", "part_number": "NP1000", "bank": 1},
        {"kind": "named", "name": "Neuropixels2-384", "first_contact": 300},
        {"kind": "named", "name": "Neuronexus-32"},
        {"kind": "named", "name": "tetrode"},
        {"kind": "named", "name": "NP1100", "n_contacts": 10},
    ],
)
def test_that_the_probe_of_the_script_is_that_of_the_recipe(probe):
    recipe = read_recipe({"probe": probe})
    script, _ = spikeinterface_script(recipe)
    head = script.split('"""', 2)[2].split("static, drifting")[0]
    made = run(head.replace("import spikeinterface.full as si", ""))
    np.testing.assert_allclose(
        made["probe"].contact_positions, build_probe(recipe.probe).contact_positions
    )


def test_that_a_title_cannot_end_the_text_it_stands_in():
    recipe = GenerationRecipe(name='a"""b', description="two\nlines\\")
    assert '"' not in title_of(recipe)
    assert "\n" not in title_of(recipe)
