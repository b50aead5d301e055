"""Finds what is wrong between the fields of a recipe, each of which may be right by itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .problems import Problem
from .recipe import GenerationRecipe
from .recipe_motion import Bump, ExplicitMotion, RandomWalk, Zigzag
from .values import Range, Values, highest, lowest


def check(recipe: GenerationRecipe) -> list[Problem]:
    """Return what is wrong; empty for a recipe that can be resolved."""
    parts = (_lists, _locations, _templates, _motion, _spikes, _noise, _hybrid)
    return [problem for part in parts for problem in part(recipe)]


def _lists(recipe: GenerationRecipe) -> Iterator[Problem]:
    """Compare the lengths of lists with the number of units."""
    if _n_units_is_open(recipe):
        return
    shapes = recipe.templates.unit_params
    amounts = {f"templates.unit_params.{n}": getattr(shapes, n) for n in type(shapes).model_fields}
    amounts["spikes.rates_hz"] = recipe.spikes.rates_hz
    amounts["amplitudes.std"] = recipe.amplitudes.std
    amounts["locations.z_um"] = recipe.locations.z_um
    for name, amount in amounts.items():
        if isinstance(amount, Values) and len(amount.numbers) != recipe.n_units:
            n = len(amount.numbers)
            yield Problem(name, f"lists {n} values, but there are {recipe.n_units} units")
    explicit = recipe.locations.explicit_um
    if explicit is not None and len(explicit) != recipe.n_units:
        yield Problem(
            "locations.explicit_um",
            f"lists {len(explicit)} places, but there are {recipe.n_units} units",
        )


def _n_units_is_open(recipe: GenerationRecipe) -> bool:
    # Spike trains that are given, or a library, decide the number of units later.
    return recipe.spikes.given is not None


def _locations(recipe: GenerationRecipe) -> Iterator[Problem]:
    places = recipe.locations
    if places.distribution == "explicit" and places.explicit_um is None:
        yield Problem("locations.explicit_um", "must list the places of the units")
    if places.distribution != "explicit" and places.explicit_um is not None:
        yield Problem(
            "locations.distribution",
            f"must be 'explicit' where places are listed (it is {places.distribution!r})",
        )


def _templates(recipe: GenerationRecipe) -> Iterator[Problem]:
    """Find phases of the waveform that are shorter than a sample, or leave its window."""
    shapes, per_ms = recipe.templates, recipe.sample_rate_hz / 1000
    params = shapes.unit_params
    for name in ("depolarization_ms", "repolarization_ms", "recovery_ms"):
        shortest = lowest(getattr(params, name))
        if int(shortest * per_ms) < 1:
            yield Problem(
                f"templates.unit_params.{name}",
                f"must be at least {1 / per_ms:.3g} ms, one sample (it is {shortest:g})",
            )
    if shapes.ms_before <= highest(params.depolarization_ms):
        yield Problem(
            "templates.ms_before",
            "must be longer than the longest depolarization_ms, "
            f"{highest(params.depolarization_ms):g} ms (it is {shapes.ms_before:g})",
        )
    needed = highest(params.repolarization_ms) + highest(params.recovery_ms)
    if int(shapes.ms_after * per_ms) <= int(needed * per_ms):
        yield Problem(
            "templates.ms_after",
            "must be longer than the longest repolarization_ms and recovery_ms together, "
            f"{needed:g} ms (it is {shapes.ms_after:g})",
        )


def _motion(recipe: GenerationRecipe) -> Iterator[Problem]:
    motion = recipe.motion
    low, high = motion.range_um.low, motion.range_um.high
    if not low <= 0 <= high:
        yield Problem(
            "motion.range_um",
            "must contain 0, where the tissue is at rest and in the static recording "
            f"(it is from {low:g} to {high:g} um)",
        )
    elif motion.motions and 0 < max(-low, high) < motion.step_um:
        yield Problem(
            "motion.step_um",
            f"must be at most {max(-low, high):g} um, the range (it is {motion.step_um:g}): "
            "nothing would move",
        )
    if not math.hypot(*motion.direction) > 0:
        yield Problem("motion.direction", "must not be 0 in both x and depth")
    total = sum(
        abs(part.amplitude_factor)
        for part in motion.motions
        if isinstance(part, (Zigzag, Bump, RandomWalk))
    )
    if total > 1 + 1e-6:
        yield Problem(
            "motion.motions",
            f"have amplitude factors of {total:g} together, which must be at most 1: "
            "units would leave the range",
        )
    for i, part in enumerate(motion.motions):
        yield from _one_motion(f"motion.motions[{i}]", part, recipe)


def _one_motion(name: str, part: Any, recipe: GenerationRecipe) -> Iterator[Problem]:
    duration = recipe.duration_s
    start = 0.0 if part.t_start_s is None else part.t_start_s
    end = duration if part.t_end_s is None else part.t_end_s
    if start >= duration:
        yield Problem(
            f"{name}.t_start_s",
            f"must be below the duration, {duration:g} s (it is {start:g})",
        )
    elif end > duration:
        yield Problem(
            f"{name}.t_end_s", f"must be at most the duration, {duration:g} s (it is {end:g})"
        )
    elif end <= start:
        yield Problem(f"{name}.t_end_s", f"must be after t_start_s, {start:g} s (it is {end:g})")
    elif (end - start) * recipe.motion.sampling_hz < 1:
        yield Problem(f"{name}.t_end_s", "leaves no time for the motion at this sampling_hz")
    if isinstance(part, ExplicitMotion) and not part.values_um:
        yield Problem(f"{name}.values_um", "must list at least one value")
    if isinstance(part, Bump) and start + 2 * part.bump_interval_s.low > end:
        yield Problem(
            f"{name}.bump_interval_s",
            f"leaves no room for a bump: two intervals must fit in {max(0, end - start):g} s",
        )


def _spikes(recipe: GenerationRecipe) -> Iterator[Problem]:
    spikes = recipe.spikes
    fastest, dead_s = highest(spikes.rates_hz), spikes.refractory_ms / 1000
    peak = fastest * (1 + (spikes.modulation.depth if spikes.modulation else 0))
    if peak * dead_s >= 0.9:
        yield Problem(
            "spikes.rates_hz",
            f"must be below {0.9 / dead_s:.4g} Hz with a refractory period of "
            f"{spikes.refractory_ms:g} ms (it is up to {peak:g})",
        )
    bursts = spikes.bursts
    if bursts is not None and bursts.interval_ms.low < spikes.refractory_ms:
        yield Problem(
            "spikes.bursts.interval_ms",
            f"must be at least the refractory period, {spikes.refractory_ms:g} ms "
            f"(it begins at {bursts.interval_ms.low:g})",
        )
    if spikes.synchrony is not None and not _n_units_is_open(recipe):
        largest = spikes.synchrony.size.high
        if largest > recipe.n_units:
            yield Problem(
                "spikes.synchrony.size",
                f"must be at most the number of units, {recipe.n_units} (it is {largest:g})",
            )


def _noise(recipe: GenerationRecipe) -> Iterator[Problem]:
    noise, half = recipe.noise, recipe.sample_rate_hz / 2
    if noise.kind == "band" and noise.band_hz is None:
        yield Problem("noise.band_hz", "must name the lowest and the highest frequency")
    if noise.band_hz is not None and not _is_band(noise.band_hz, half):
        yield Problem(
            "noise.band_hz",
            f"must be a range between 0 and {half:g} Hz "
            f"(it is {noise.band_hz.low:g} to {noise.band_hz.high:g})",
        )


def _is_band(band: Range, half: float) -> bool:
    return 0 <= band.low < band.high <= half


def _hybrid(recipe: GenerationRecipe) -> Iterator[Problem]:
    if recipe.hybrid is None:
        return
    if recipe.noise.real is not None or recipe.noise.far_units is not None:
        part = "real" if recipe.noise.real is not None else "far_units"
        yield Problem(f"noise.{part}", "cannot be used in a hybrid recording, whose noise is real")
    if recipe.spikes.given is not None:
        yield Problem("spikes.given", "cannot be used in a hybrid recording: its units are drawn")
