"""Writes a recipe as a script for SpikeInterface alone, as far as it can make the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .probes import probe_shanks
from .recipe import GenerationRecipe
from .recipe_motion import Bump, RandomWalk, Zigzag
from .scripts import title_of
from .scripts_probe import probe_code
from .values import Range, Values, highest, lowest, middle

# SpikeInterface compares rounded sums with 1.
_SAFE_TOTAL = 0.999

_SCRIPT = '''"""{title}

For SpikeInterface alone. It draws its own random numbers, so that units and spikes are others
than in gtview.{left_out}
"""

import numpy as np
import spikeinterface.full as si
{probe_imports}
{probe}
probe.set_device_channel_indices(np.arange(probe.get_contact_count()))

static, drifting, sorting, extra_infos = si.generate_drifting_recording(
{arguments}
)
print(drifting)
print(sorting)
'''


def spikeinterface_script(recipe: GenerationRecipe) -> tuple[str, tuple[str, ...]]:
    """Return a script that makes something like a recipe without gtview.

    Returns
    -------
    text
        The script; its first lines say what it leaves out.
    left_out
        What SpikeInterface cannot do, one phrase each; () where it can do all.
    """
    left_out = tuple(_left_out(recipe))
    told = "".join(f"\n- {item}" for item in left_out)
    imports, probe = probe_code(recipe.probe)
    text = _SCRIPT.format(
        title=title_of(recipe),
        left_out=f" What it cannot do and is left out:\n{told}" if told else "",
        probe_imports=imports,
        probe=probe,
        arguments=_arguments(recipe),
    )
    return text, left_out


# What it cannot do ---------------------------------------------------------------------------


def _left_out(recipe: GenerationRecipe) -> Iterator[str]:
    if recipe.hybrid is not None:
        yield "hybrid: the spikes are put into synthetic noise, not into the recording"
    yield from _parts_left_out(recipe)
    yield from _motions_left_out(recipe)
    if isinstance(recipe.locations.z_um, Values):
        yield "locations.z_um of each unit: their range is used"
    if recipe.locations.per_shank is not False and _has_shanks(recipe):
        yield "locations.per_shank: units lie between the shanks too"
    if recipe.output.dtype == "int16":
        yield "output.dtype int16: the traces are float32 in microvolts"


def _parts_left_out(recipe: GenerationRecipe) -> Iterator[str]:
    spikes, noise = recipe.spikes, recipe.noise
    parts: tuple[tuple[Any, str], ...] = (
        (spikes.synchrony, "spikes.synchrony"),
        (spikes.bursts, "spikes.bursts"),
        (spikes.modulation, "spikes.modulation"),
        (recipe.amplitudes.fading, "amplitudes.fading"),
        (noise.far_units, "noise.far_units"),
        (noise.real, "noise.real"),
    )
    yield from (name for part, name in parts if part is not None)
    if spikes.given is not None:
        yield "spikes.given: load them as a sorting and pass it as sorting="
    if not isinstance(recipe.amplitudes.std, float | int):
        yield "amplitudes.std of each unit: the middle is used for all"
    if noise.kind in ("pink", "band"):
        yield f"noise.kind {noise.kind}: the noise is white"


def _motions_left_out(recipe: GenerationRecipe) -> Iterator[str]:
    motion = recipe.motion
    if motion.range_um.low != -motion.range_um.high:
        yield "motion.range_um that is not symmetric: the larger side is used for both"
    for i, part in enumerate(motion.motions):
        if not isinstance(part, Zigzag | Bump | RandomWalk):
            yield f"motion.motions[{i}], a {part.kind} motion"
        elif part.seed is not None:
            yield f"motion.motions[{i}].seed"


def _has_shanks(recipe: GenerationRecipe) -> bool:
    from .probes import build_probe

    return int(probe_shanks(build_probe(recipe.probe)).max()) > 0


# The call ------------------------------------------------------------------------------------


def _arguments(recipe: GenerationRecipe) -> str:
    std = float(middle(recipe.amplitudes.std))
    values: list[tuple[str, Any]] = [
        ("num_units", recipe.n_units),
        ("duration", recipe.duration_s),
        ("sampling_frequency", recipe.sample_rate_hz),
    ]
    lines = [f"    {name}={value!r}," for name, value in values]
    lines.append("    probe=probe,")
    if recipe.locations.explicit_um is not None:
        places = [list(place) for place in recipe.locations.explicit_um]
        lines.append(f"    unit_locations=np.array({places!r}),")
    lines += _dictionary("generate_unit_locations_kwargs", _locations(recipe))
    lines += _dictionary("generate_displacement_vector_kwargs", _motion(recipe))
    lines += _dictionary("generate_templates_kwargs", _templates(recipe))
    sorting = {
        "firing_rates": _spelled(recipe.spikes.rates_hz),
        "refractory_period_ms": recipe.spikes.refractory_ms,
    }
    lines += _dictionary("generate_sorting_kwargs", sorting)
    silent = recipe.noise.kind == "none"
    noise = {
        "noise_levels": 0.0 if silent else _spelled(recipe.noise.levels_uv),
        "spatial_decay": recipe.noise.spatial_decay_um,
    }
    lines += _dictionary("generate_noise_kwargs", noise)
    if std > 0:
        lines.append(f"    amplitude_std={std!r},")
    lines += ["    extra_outputs=True,", f"    seed={recipe.seed!r},"]
    return "\n".join(lines)


def _dictionary(name: str, values: dict[str, Any]) -> list[str]:
    lines = [f"    {name}=dict("]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"    {line}" for line in _dictionary(key, value)]
        elif key == "motion_list":
            lines.append("        motion_list=[")
            for motion in value:
                inside = ", ".join(f"{k}={v!r}" for k, v in motion.items())
                lines.append(f"            dict({inside}),")
            lines.append("        ],")
        else:
            lines.append(f"        {key}={value!r},")
    return [*lines, "    ),"]


def _locations(recipe: GenerationRecipe) -> dict[str, Any]:
    places = recipe.locations
    wish = {
        "margin_um": places.margin_um,
        "minimum_z": lowest(places.z_um),
        "maximum_z": highest(places.z_um),
        "minimum_distance": places.minimum_distance_um,
        "max_iteration": places.max_iterations,
        "distance_strict": places.is_distance_strict,
        "distribution": "multimodal" if places.distribution == "multimodal" else "uniform",
    }
    return {**wish, "num_modes": places.n_modes} if places.distribution == "multimodal" else wish


def _motion(recipe: GenerationRecipe) -> dict[str, Any]:
    motion = recipe.motion
    length = math.hypot(*motion.direction)
    largest = max(-motion.range_um.low, motion.range_um.high, motion.step_um)
    stop = [largest * part / length for part in motion.direction]
    parts = [p for p in motion.motions if isinstance(p, Zigzag | Bump | RandomWalk)]
    if recipe.hybrid is not None:
        parts = []
    total = sum(abs(part.amplitude_factor) for part in parts)
    shrink = _SAFE_TOTAL / total if len(parts) > 1 and total > _SAFE_TOTAL else 1.0
    still = {"drift_mode": "zigzag", "amplitude_factor": 0.0}
    return {
        "displacement_sampling_frequency": motion.sampling_hz,
        "drift_start_um": [-value for value in stop],
        "drift_stop_um": stop,
        "drift_step_um": motion.step_um,
        "motion_list": [_one_motion(part, shrink) for part in parts] or [still],
    }


def _one_motion(part: Any, shrink: float) -> dict[str, Any]:
    made: dict[str, Any] = {
        "drift_mode": part.kind,
        "non_rigid_gradient": part.non_rigid_gradient,
        "t_start_drift": part.t_start_s,
        "t_end_drift": part.t_end_s,
        "amplitude_factor": round(part.amplitude_factor * shrink, 6),
    }
    if isinstance(part, Zigzag):
        made["period_s"] = part.period_s
    if isinstance(part, Bump):
        made["bump_interval_s"] = (part.bump_interval_s.low, part.bump_interval_s.high)
    return made


def _templates(recipe: GenerationRecipe) -> dict[str, Any]:
    shapes = recipe.templates
    params = type(shapes.unit_params).model_fields
    return {
        "ms_before": shapes.ms_before,
        "ms_after": shapes.ms_after,
        "mode": shapes.mode,
        "spatial_profile": shapes.spatial_profile,
        "unit_params": {name: _spelled(getattr(shapes.unit_params, name)) for name in params},
    }


def _spelled(amount: Any) -> Any:
    if isinstance(amount, Range):
        return amount.low, amount.high
    return list(amount.numbers) if isinstance(amount, Values) else amount
