"""Every bad value that generators are known to take silently, or to refuse without a word."""

from __future__ import annotations

import math

import pytest

from gtview.base.errors import UsageError
from gtview.generation.drifting import generate_drifting_recording
from gtview.generation.problems import RecipeError
from gtview.generation.recipe import read_recipe
from gtview.generation.resolution import resolve

NAN, INF = math.nan, math.inf


def nested(name, value):
    """A recipe with one field set, small enough to be resolved at once."""
    data = {
        "duration_s": 10.0,
        "n_units": 4,
        "probe": {"kind": "tetrode"},
        "locations": {"minimum_distance_um": 5},
        "motion": {"motions": []},
    }
    here = data
    *path, last = name.split(".")
    for part in path:
        here = here.setdefault(part, {})
    here[last] = value
    return data


SHAPES = "templates.unit_params"
BAD_FIELDS = [
    ("num_units", 3, "num_units"),
    ("n_units", 0, "n_units"),
    ("n_units", -1, "n_units"),
    ("n_units", 2.5, "n_units"),
    ("n_units", "4", "n_units"),
    ("n_units", None, "n_units"),
    ("n_units", True, "n_units"),
    ("n_units", 10**9, "n_units"),
    ("duration_s", 0, "duration_s"),
    ("duration_s", -1, "duration_s"),
    ("duration_s", NAN, "duration_s"),
    ("duration_s", INF, "duration_s"),
    ("duration_s", "long", "duration_s"),
    ("sample_rate_hz", 0, "sample_rate_hz"),
    ("sample_rate_hz", 1000, "sample_rate_hz"),
    ("sample_rate_hz", -30000, "sample_rate_hz"),
    ("sample_rate_hz", NAN, "sample_rate_hz"),
    ("seed", -1, "seed"),
    ("seed", 1.5, "seed"),
    ("seed", None, "seed"),
    ("seed", 2**70, "seed"),
    ("probe", None, "probe"),
    ("probe", "Neuropixels1-384", "probe"),
    ("probe", {"kind": "wire"}, "probe"),
    ("probe", {"name": "tetrode"}, "probe"),
    ("probe", {"kind": "named", "name": "nope"}, "probe.name"),
    ("probe", {"kind": "named", "name": 3}, "probe.name"),
    ("probe", {"kind": "named", "name": "a/b/c"}, "probe.name"),
    ("probe", {"kind": "neuropixels", "part_number": "NP9999"}, "probe.part_number"),
    ("probe", {"kind": "neuropixels", "bank": 3}, "probe.bank"),
    ("probe", {"kind": "neuropixels", "n_contacts": 961}, "probe.n_contacts"),
    ("probe", {"kind": "neuropixels", "n_contacts": 0}, "probe.n_contacts"),
    ("probe", {"kind": "neuropixels", "first_contact": 960}, "probe.first_contact"),
    ("probe", {"kind": "neuropixels", "shanks": [1]}, "probe.shanks"),
    ("probe", {"kind": "neuropixels", "shanks": []}, "probe.shanks"),
    ("probe", {"kind": "linear", "pitch_um": 0}, "probe.pitch_um"),
    ("probe", {"kind": "linear", "n_in_column": 0}, "probe.n_in_column"),
    ("probe", {"kind": "multi_column", "n_in_column": [3, 4]}, "probe.n_in_column"),
    ("probe", {"kind": "multi_column", "n_in_column": [3, -4, 2]}, "probe.n_in_column"),
    ("probe", {"kind": "multi_column", "y_shifts_um": [3]}, "probe.y_shifts_um"),
    ("probe", {"kind": "multi_shank", "n_shanks": 0}, "probe.n_shanks"),
    ("probe", {"kind": "file", "path": "/nowhere/probe.json"}, "probe.path"),
    ("probe", {"kind": "file", "path": "/nowhere/probe.txt"}, "probe.path"),
    ("probe", {"kind": "file"}, "probe.path"),
    ("probe", {"kind": "tetrode", "radius_um": -1}, "probe.radius_um"),
    ("locations.margin", 3, "locations.margin"),
    ("locations.margin_um", -5000, "locations.margin_um"),
    ("locations.margin_um", NAN, "locations.margin_um"),
    ("locations.z_um", {"range": [40, 5]}, "locations.z_um"),
    ("locations.z_um", {"range": [-5, 5]}, "locations.z_um"),
    ("locations.z_um", {"values": [5, 6]}, "locations.z_um"),
    ("locations.minimum_distance_um", -1, "locations.minimum_distance_um"),
    ("locations.max_iterations", -1, "locations.max_iterations"),
    ("locations.distribution", "gaussian", "locations.distribution"),
    ("locations.distribution", "explicit", "locations.explicit_um"),
    ("locations.n_modes", 0, "locations.n_modes"),
    ("locations.explicit_um", [[0, 0]], "locations.explicit_um"),
    ("locations.explicit_um", [[0, 0, 10]], "locations"),
    ("templates.ms_before", 0.1, "templates.ms_before"),
    ("templates.ms_before", 0, "templates.ms_before"),
    ("templates.ms_after", 1.5, "templates.ms_after"),
    ("templates.ms_after", 2, "templates.ms_after"),
    ("templates.ms_after", None, "templates.ms_after"),
    ("templates.mode", "cube", "templates.mode"),
    ("templates.spatial_profile", "gaussian", "templates.spatial_profile"),
    ("templates.unit_params", None, "templates.unit_params"),
    ("templates.dtype", "int16", "templates.dtype"),
    ("templates.upsample_factor", 4, "templates.upsample_factor"),
    (f"{SHAPES}.alphas", 100, f"{SHAPES}.alphas"),
    (f"{SHAPES}.alpha", 0, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", -100, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", None, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", NAN, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", [100, 500], f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", {"range": [500, 100]}, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", {"range": [100]}, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", {"values": [100, 200, 300]}, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", {"values": []}, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", {"values": "many"}, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", {"values": [1, 2, 3, NAN]}, f"{SHAPES}.alpha"),
    (f"{SHAPES}.alpha", {"low": 1, "high": 2}, f"{SHAPES}.alpha"),
    (f"{SHAPES}.depolarization_ms", 0, f"{SHAPES}.depolarization_ms"),
    (f"{SHAPES}.depolarization_ms", 0.02, f"{SHAPES}.depolarization_ms"),
    (f"{SHAPES}.depolarization_ms", 2, "templates.ms_before"),
    (f"{SHAPES}.repolarization_ms", 0, f"{SHAPES}.repolarization_ms"),
    (f"{SHAPES}.repolarization_ms", 2.5, "templates.ms_after"),
    (f"{SHAPES}.recovery_ms", 0, f"{SHAPES}.recovery_ms"),
    (f"{SHAPES}.recovery_ms", -1, f"{SHAPES}.recovery_ms"),
    (f"{SHAPES}.positive_amplitude", 1.5, f"{SHAPES}.positive_amplitude"),
    (f"{SHAPES}.positive_amplitude", -0.1, f"{SHAPES}.positive_amplitude"),
    (f"{SHAPES}.smooth_ms", 0, f"{SHAPES}.smooth_ms"),
    (f"{SHAPES}.smooth_ms", -0.1, f"{SHAPES}.smooth_ms"),
    (f"{SHAPES}.spatial_decay", 0, f"{SHAPES}.spatial_decay"),
    (f"{SHAPES}.spatial_decay", -10, f"{SHAPES}.spatial_decay"),
    (f"{SHAPES}.propagation_speed", 0, f"{SHAPES}.propagation_speed"),
    (f"{SHAPES}.propagation_speed", 1, f"{SHAPES}.propagation_speed"),
    (f"{SHAPES}.ellipse_shrink", 0, f"{SHAPES}.ellipse_shrink"),
    (f"{SHAPES}.ellipse_shrink", 1.5, f"{SHAPES}.ellipse_shrink"),
    (f"{SHAPES}.ellipse_angle", INF, f"{SHAPES}.ellipse_angle"),
    (f"{SHAPES}.spatial_power", 0, f"{SHAPES}.spatial_power"),
    ("motion.sampling_hz", 0, "motion.sampling_hz"),
    ("motion.range_um", {"range": [10, 50]}, "motion.range_um"),
    ("motion.range_um", {"range": [20, -20]}, "motion.range_um"),
    ("motion.range_um", 20, "motion.range_um"),
    ("motion.direction", [0, 0], "motion.direction"),
    ("motion.direction", [0, NAN], "motion.direction"),
    ("motion.direction", [0, 1, 0], "motion.direction"),
    ("motion.step_um", 0, "motion.step_um"),
    ("motion.step_um", -1, "motion.step_um"),
    ("motion.motions", "zigzag", "motion.motions"),
    ("motion.motions", ["zigzag"], "motion.motions"),
    ("spikes.rates_hz", 0, "spikes.rates_hz"),
    ("spikes.rates_hz", -3, "spikes.rates_hz"),
    ("spikes.rates_hz", 250, "spikes.rates_hz"),
    ("spikes.rates_hz", {"range": [8, 2]}, "spikes.rates_hz"),
    ("spikes.rates_hz", {"values": [1, 2]}, "spikes.rates_hz"),
    ("spikes.rates_hz", {"values": [1, 2, 0, 3]}, "spikes.rates_hz"),
    ("spikes.refractory_ms", -1, "spikes.refractory_ms"),
    ("spikes.synchrony", {"ratio": -0.1}, "spikes.synchrony.ratio"),
    ("spikes.synchrony", {"size": {"range": [1, 2]}}, "spikes.synchrony.size"),
    ("spikes.synchrony", {"size": {"range": [2, 9]}}, "spikes.synchrony.size"),
    ("spikes.synchrony", {"jitter_ms": -1}, "spikes.synchrony.jitter_ms"),
    ("spikes.bursts", {"interval_ms": {"range": [1, 5]}}, "spikes.bursts.interval_ms"),
    ("spikes.bursts", {"probability": 2}, "spikes.bursts.probability"),
    ("spikes.modulation", {"depth": 2}, "spikes.modulation.depth"),
    ("spikes.modulation", {"period_s": 0}, "spikes.modulation.period_s"),
    ("spikes.given", "/nowhere", "spikes.given"),
    ("spikes.given", 3, "spikes.given"),
    ("amplitudes.std", -0.1, "amplitudes.std"),
    ("amplitudes.std", 3, "amplitudes.std"),
    ("amplitudes.fading", {"depth": 1}, "amplitudes.fading.depth"),
    ("noise.kind", "brown", "noise.kind"),
    ("noise.kind", "band", "noise.band_hz"),
    ("noise.band_hz", {"range": [300, 20000]}, "noise.band_hz"),
    ("noise.levels_uv", -5, "noise.levels_uv"),
    ("noise.levels_uv", None, "noise.levels_uv"),
    ("noise.levels_uv", [6, 8], "noise.levels_uv"),
    ("noise.levels_uv", {"values": [6, 8]}, "noise.levels_uv"),
    ("noise.spatial_decay_um", 0, "noise.spatial_decay_um"),
    ("noise.spatial_decay_um", -25, "noise.spatial_decay_um"),
    ("noise.strategy", "on_the_fly", "noise.strategy"),
    ("noise.real", {"path": "/nowhere"}, "noise.real.path"),
    ("output.dtype", "int8", "output.dtype"),
    ("output.gain_uv", 0, "output.gain_uv"),
    ("hybrid", {"recording": "/nowhere"}, "hybrid.recording"),
    ("hybrid", {}, "hybrid.recording"),
    ("hybrid", {"recording": "x", "scale_to": "mv"}, "hybrid.scale_to"),
    ("hybrid", {"recording": "x", "scale_range": {"range": [0, 1]}}, "hybrid.scale_range"),
    ("hybrid", {"recording": "x", "templates": {"kind": "export"}}, "hybrid.templates.path"),
    ("hybrid", {"recording": "/nowhere", "templates": {"kind": "magic"}}, "hybrid.templates"),
]
ZIGZAG = {"kind": "zigzag"}
BAD_MOTIONS = [
    ([{"kind": "jump"}], "motion.motions[0]"),
    ([{**ZIGZAG, "period_s": 0}], "motion.motions[0].period_s"),
    ([{**ZIGZAG, "period_s": -3}], "motion.motions[0].period_s"),
    ([{**ZIGZAG, "period": 3}], "motion.motions[0].period"),
    ([{**ZIGZAG, "bump_interval_s": {"range": [1, 2]}}], "motion.motions[0].bump_interval_s"),
    ([{**ZIGZAG, "t_start_s": 10}], "motion.motions[0].t_start_s"),
    ([{**ZIGZAG, "t_start_s": -1}], "motion.motions[0].t_start_s"),
    ([{**ZIGZAG, "t_end_s": 11}], "motion.motions[0].t_end_s"),
    ([{**ZIGZAG, "t_start_s": 5, "t_end_s": 5}], "motion.motions[0].t_end_s"),
    ([{**ZIGZAG, "t_start_s": 5, "t_end_s": 5.1}], "motion.motions[0].t_end_s"),
    ([{**ZIGZAG, "amplitude_factor": 1.5}], "motion.motions[0].amplitude_factor"),
    ([{**ZIGZAG, "amplitude_factor": 0.7}] * 2, "motion.motions"),
    ([{**ZIGZAG, "non_rigid_gradient": 1.1}], "motion.motions[0].non_rigid_gradient"),
    ([{**ZIGZAG, "seed": -1}], "motion.motions[0].seed"),
    ([{"kind": "bump", "bump_interval_s": 3}], "motion.motions[0].bump_interval_s"),
    ([{"kind": "bump", "bump_interval_s": {"range": [3, 1]}}], "motion.motions[0].bump_interval"),
    ([{"kind": "bump", "bump_interval_s": {"range": [0, 1]}}], "motion.motions[0].bump_interval"),
    ([{"kind": "bump"}], "motion.motions[0].bump_interval_s"),
    ([{"kind": "explicit"}], "motion.motions[0].values_um"),
    ([{"kind": "explicit", "values_um": []}], "motion.motions[0].values_um"),
    ([{"kind": "explicit", "values_um": [1, NAN]}], "motion.motions[0].values_um"),
    ([{"kind": "file", "path": "/nowhere"}], "motion.motions[0].path"),
]


@pytest.mark.parametrize(("field", "value", "named"), BAD_FIELDS)
def test_that_a_bad_value_is_refused_by_the_name_of_its_field(field, value, named):
    with pytest.raises(RecipeError) as caught:
        resolve(read_recipe(nested(field, value)))
    assert any(problem.field.startswith(named) for problem in caught.value.problems)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("motions", "named"), BAD_MOTIONS)
def test_that_a_bad_motion_is_refused_by_the_name_of_its_field(motions, named):
    with pytest.raises(RecipeError) as caught:
        resolve(read_recipe(nested("motion.motions", motions)))
    assert any(problem.field.startswith(named) for problem in caught.value.problems)


BAD_ARGUMENTS = [
    ({"num_units": 0}, "n_units"),
    ({"num_units": 2.5}, "n_units"),
    ({"duration": -1}, "duration_s"),
    ({"sampling_frequency": 0}, "sample_rate_hz"),
    ({"probe_name": None}, "probe.name"),
    ({"probe_name": "Neuropixel"}, "probe.name"),
    ({"seed": 1.5}, "seed"),
    ({"amplitude_std": -0.1}, "amplitudes.std"),
    ({"amplitude_factor": 0.5}, "amplitude_factor"),
    ({"unit_locations": [[0, 0]] * 250}, "unit_locations"),
    ({"unit_locations": [[0, 0, 1]] * 3}, "unit_locations"),
    ({"unit_locations": [[0, 0, NAN]] * 250}, "unit_locations"),
    ({"displacement_data": (1, 2)}, "displacement_data"),
    ({"sorting": "spikes"}, "sorting"),
    ({"noise": "loud"}, "noise"),
    ({"generate_probe_kwargs": {"num_column": 3}}, "generate_probe_kwargs"),
    (
        {"generate_unit_locations_kwargs": {"distribution": "normal"}},
        "locations.distribution",
    ),
    ({"generate_unit_locations_kwargs": {"minimum_z": 50}}, "locations.z_um"),
    ({"generate_unit_locations_kwargs": {"min_z": 5}}, "generate_unit_locations_kwargs.min_z"),
    ({"generate_sorting_kwargs": {"firing_rates": [2, 8]}}, "spikes.rates_hz"),
    ({"generate_sorting_kwargs": {"firing_rates": (8, 2)}}, "spikes.rates_hz"),
    ({"generate_sorting_kwargs": {"seed": 3}}, "generate_sorting_kwargs.seed"),
    ({"generate_sorting_kwargs": {"num_units": 3}}, "generate_sorting_kwargs.num_units"),
    ({"generate_noise_kwargs": {"noise_levels": [6, 8]}}, "noise.levels_uv"),
    ({"generate_noise_kwargs": {"spatial_decay": 0}}, "noise.spatial_decay_um"),
    ({"generate_noise_kwargs": {"strategy": "tile"}}, "generate_noise_kwargs.strategy"),
    ({"generate_templates_kwargs": {"dtype": "int16"}}, "generate_templates_kwargs.dtype"),
    ({"generate_templates_kwargs": {"unit_params": None}}, "generate_templates_kwargs.unit_param"),
    (
        {"generate_templates_kwargs": {"upsample_factor": 2}},
        "generate_templates_kwargs.upsample_factor",
    ),
    (
        {"generate_displacement_vector_kwargs": {"drift_start_um": 3}},
        "generate_displacement_vector_kwargs.drift_start_um",
    ),
    (
        {"generate_displacement_vector_kwargs": {"drift_start_um": [5, 20]}},
        "generate_displacement_vector_kwargs.drift_start_um",
    ),
    (
        {
            "generate_displacement_vector_kwargs": {
                "drift_start_um": [0, 10],
                "drift_stop_um": [0, 50],
            }
        },
        "motion.range_um",
    ),
    (
        {"generate_displacement_vector_kwargs": {"motion_list": [{"mode": "zigzag"}]}},
        "generate_displacement_vector_kwargs.motion_list[0].mode",
    ),
    (
        {"generate_displacement_vector_kwargs": {"motion_list": [{"drift_mode": "up"}]}},
        "motion.motions[0]",
    ),
]


@pytest.mark.parametrize(("arguments", "named"), BAD_ARGUMENTS)
def test_that_a_bad_argument_is_refused_by_its_name(arguments, named):
    with pytest.raises(RecipeError) as caught:
        generate_drifting_recording(**{"probe_name": "tetrode", "seed": 1, **arguments})
    assert any(problem.field.startswith(named) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"noise": {"far_units": {}}}, "noise.far_units"),
        ({"noise": {"real": {"path": "x"}}}, "noise.real"),
        ({"spikes": {"given": "x"}}, "spikes.given"),
    ],
)
def test_that_what_a_hybrid_cannot_have_is_refused(part, named):
    with pytest.raises(RecipeError) as caught:
        read_recipe({"hybrid": {"recording": "x"}, **part})
    assert [problem.field for problem in caught.value.problems] == [named]


def test_that_a_list_must_suit_the_units_that_are_given(tmp_path):
    import numpy as np

    np.save(tmp_path / "spike_times.npy", np.array([5, 100]))
    np.save(tmp_path / "spike_units.npy", np.array([0, 1]))
    data = nested("spikes.given", str(tmp_path))
    for section in (
        {"amplitudes": {"std": {"values": [0.1] * 4}}},
        {"templates": {"unit_params": {"alpha": {"values": [100] * 4}}}},
    ):
        with pytest.raises(RecipeError, match="there are 2 units"):
            resolve(read_recipe({**data, **section}))


def test_that_a_recipe_of_a_newer_gtview_is_refused_with_a_sentence():
    with pytest.raises(UsageError, match="newer gtview"):
        read_recipe({"schema_version": 99, "whatever": 1})


def test_that_everything_wrong_is_told_at_once():
    with pytest.raises(RecipeError) as caught:
        read_recipe({"n_units": 0, "duration_s": -1, "noise": {"levels_uv": -3}})
    fields = {problem.field for problem in caught.value.problems}
    assert fields == {"n_units", "duration_s", "noise.levels_uv"}


def test_that_the_valid_range_is_told():
    with pytest.raises(RecipeError, match=r"between 1 and 1000 um \(it is 0"):
        read_recipe({"templates": {"unit_params": {"spatial_decay": 0}}})
    with pytest.raises(RecipeError, match="did you mean alpha"):
        read_recipe({"templates": {"unit_params": {"alphas": 0}}})
