"""SpikeInterface's `generate_drifting_recording`, by its own names and arguments."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from typing import Any

import numpy as np

from .dataset import generate
from .drifting_arguments import (
    locations_section,
    motion_from_arrays,
    motion_section,
    noise_section,
    probe_from_columns,
    spikes_section,
    templates_section,
)
from .given import GivenSpikes, take_sorting
from .problems import Problem, RecipeError
from .recipe import read_recipe
from .resolution import Given
from .sources import take_recording


def generate_drifting_recording(  # noqa: PLR0913  (SpikeInterface's arguments)
    num_units: int = 250,
    duration: float = 600.0,
    sampling_frequency: float = 30_000.0,
    probe_name: str = "Neuropixels1-128",
    probe: Any = None,
    generate_probe_kwargs: Mapping[str, Any] | None = None,
    unit_locations: Any = None,
    generate_unit_locations_kwargs: Mapping[str, Any] | None = None,
    displacement_data: tuple[Any, ...] | None = None,
    generate_displacement_vector_kwargs: Mapping[str, Any] | None = None,
    generate_templates_kwargs: Mapping[str, Any] | None = None,
    sorting: Any = None,
    generate_sorting_kwargs: Mapping[str, Any] | None = None,
    noise: Any = None,
    generate_noise_kwargs: Mapping[str, Any] | None = None,
    amplitude_std: float | None = None,
    amplitude_factor: Any = None,
    extra_outputs: bool = False,
    seed: int | None = None,
) -> tuple[Any, ...]:
    """Generate a static and a drifting recording of the same units, spikes and noise.

    The arguments are those of SpikeInterface's function: a tuple is a range, a list or an array
    holds one value for each unit (or channel), and a number is for all. A dictionary that is
    given is merged into the defaults, rather than put in their place. Unknown names are refused.

    Parameters
    ----------
    num_units, duration, sampling_frequency
        Units, seconds, samples a second. A `sorting` decides the first and the last.
    probe_name, probe, generate_probe_kwargs
        A name (`gtview.generation.probes.PROBE_NAMES`, a part number, or "manufacturer/name"), a
        probeinterface `Probe`, or the arguments of `generate_multi_columns_probe`; the last one
        that is given counts.
    unit_locations : array, (num_units, 3)
        x, depth, distance from the probe, in um; drawn where it is None.
    generate_unit_locations_kwargs
        `margin_um`, `minimum_z`, `maximum_z`, `minimum_distance`, `max_iteration`,
        `distance_strict`, `distribution` ("uniform", "multimodal", "by layer"), `num_modes`.
    displacement_data
        The five results of SpikeInterface's `generate_displacement_vector`.
    generate_displacement_vector_kwargs
        `displacement_sampling_frequency`, `drift_start_um`, `drift_stop_um`, `drift_step_um`, and
        `motion_list`, whose motions each get random numbers of their own.
    generate_templates_kwargs
        `ms_before`, `ms_after`, `mode`, `spatial_profile`, `unit_params`.
    sorting
        A SpikeInterface sorting of one segment; it is not changed.
    generate_sorting_kwargs
        `firing_rates`, `refractory_period_ms`.
    noise
        A SpikeInterface recording that the spikes are added to.
    generate_noise_kwargs
        `noise_levels` in uV, `spatial_decay` in um.
    amplitude_std, amplitude_factor
        Spread of the size of spikes, or the size of each spike, relative to the template.
    extra_outputs
        Whether the dictionary is returned too.
    seed
        Of everything; None: another one each time.

    Returns
    -------
    static_recording, drifting_recording
        Lazy SpikeInterface recordings, float32 in microvolts.
    sorting
        The truth, with the properties `gt_unit_locations` and `max_channel_index`.
    extra_infos
        Only with `extra_outputs`: the dictionary that SpikeInterface returns.

    Raises
    ------
    RecipeError
        An argument is impossible or unknown; it is told by its name in the recipe.
    """
    spikes = None if sorting is None else take_sorting(sorting)
    if spikes is not None:
        num_units, sampling_frequency = spikes.n_units, spikes.sample_rate_hz or sampling_frequency
    if generate_probe_kwargs is not None:
        probe = probe_from_columns(generate_probe_kwargs)
    recipe = read_recipe(
        {
            "seed": secrets.randbits(62) if seed is None else seed,
            "duration_s": duration,
            "sample_rate_hz": sampling_frequency,
            "n_units": num_units,
            "probe": {"kind": "named", "name": "tetrode" if probe is not None else probe_name},
            "locations": locations_section(generate_unit_locations_kwargs or {}),
            "motion": motion_section(generate_displacement_vector_kwargs or {}, duration)
            if displacement_data is None
            else {"motions": []},
            "templates": templates_section(generate_templates_kwargs or {}),
            "spikes": spikes_section(generate_sorting_kwargs or {}),
            "noise": noise_section(generate_noise_kwargs or {}, is_needed=noise is None),
            "amplitudes": {"std": 0.0 if amplitude_std is None else amplitude_std},
            "output": {"dtype": "float32", "has_static": True},
        }
    )
    motion = None if displacement_data is None else motion_from_arrays(displacement_data)
    objects = (probe, spikes, unit_locations, motion, amplitude_factor, noise)
    given = Given(
        probe=probe,
        spikes=spikes,
        locations_um=unit_locations,
        motion=motion,
        amplitude_factors=_factors(amplitude_factor, spikes),
        traces=None if noise is None else _traces(noise, duration, sampling_frequency),
    )
    made = generate(recipe, None if all(item is None for item in objects) else given)
    outputs = (made.static_recording, made.recording, made.sorting)
    return (*outputs, made.extra_infos) if extra_outputs else outputs


def _factors(factors: Any, spikes: GivenSpikes | None) -> Any:
    if factors is None:
        return None
    if not np.isscalar(factors):
        return np.asarray(factors, np.float32)
    if spikes is None:
        message = "must hold one factor for each spike of the sorting that is given with it"
        raise RecipeError([Problem("amplitude_factor", message)])
    return np.full(len(spikes.samples), factors, np.float32)


def _traces(noise: Any, duration: float, sampling_frequency: float) -> Any:
    traces = take_recording(noise, "noise")
    rate = float(noise.get_sampling_frequency())
    if rate != sampling_frequency:
        message = f"has {rate:g} samples a second, not {sampling_frequency:g}"
        raise RecipeError([Problem("noise", message)])
    if traces.n_samples < math.floor(duration * rate):
        message = f"is {traces.n_samples / rate:g} s long, shorter than the duration, {duration:g}"
        raise RecipeError([Problem("noise", message)])
    return traces
