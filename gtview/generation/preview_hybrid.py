"""The preview of a hybrid recipe: the whole plan is resolved, as its units come from elsewhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..base.types import Float64Array
from .plan import GenerationPlan
from .preview import (
    LENGTH_S,
    Preview,
    choose_channels,
    choose_samples,
    choose_start,
    make_curves,
)
from .preview_stages import sample_of
from .preview_traces import read_pair
from .probes import probe_shanks
from .problems import Problem, RecipeError
from .recipe import GenerationRecipe
from .recipe_hybrid import ClusterTemplates, LibraryTemplates
from .resolution import Given, resolve


def preview_hybrid(recipe: GenerationRecipe, at_s: float | None) -> Preview:
    """Compute the preview of a hybrid recipe.

    Raises
    ------
    RecipeError
        The recording, the templates or the motion cannot be used.
    """
    # How it is written, and how it is called, changes nothing that is shown.
    plan = _plan(recipe.model_copy(update={"name": "", "description": "", "output": _OUTPUT}))
    motion, places = plan.displacement, plan.unit_locations_um
    n_columns = motion.vectors_um.shape[1] if recipe.hybrid and recipe.hybrid.motion_path else 0
    peaks: Float64Array = np.array([report.peak_uv for report in plan.reports])
    samples = choose_samples(peaks)
    curves = make_curves(motion, places, (n_columns,) if n_columns else (), samples)
    start_s = choose_start(curves, motion.sampling_hz, plan.duration_s, at_s)
    start = round(start_s * plan.sample_rate_hz)
    stop = min(start + round(LENGTH_S * plan.sample_rate_hz), plan.n_samples)
    row = min(int(start_s * motion.sampling_hz), len(motion.vectors_um) - 1)
    moved = motion.unit_factors @ motion.vectors_um[row] / plan.templates.step_um
    channels = choose_channels(plan.channel_positions_um, places[samples[0]])
    known = {"duration_s": plan.duration_s, "sample_rate_hz": plan.sample_rate_hz}
    return Preview(
        recipe=recipe.model_copy(update=known),
        positions_um=plan.channel_positions_um,
        shanks=probe_shanks(plan.probe),
        locations_um=places,
        rates_hz=plan.rates_hz,
        peaks_uv=peaks,
        noise_uv=plan.noise.levels_uv,
        motion=curves,
        samples=tuple(
            sample_of(
                plan.templates, u, u, round(float(moved[u])), plan.channel_positions_um, places[u]
            )
            for u in samples.tolist()
        ),
        traces=read_pair(plan, start, stop, channels, np.arange(plan.n_units)),
        warnings=plan.warnings,
    )


_OUTPUT = GenerationRecipe().output


@lru_cache(2)
def _plan(recipe: GenerationRecipe) -> GenerationPlan:
    wish = recipe.hybrid
    assert wish is not None
    # Said before anything slow is done.
    if not wish.recording.strip():
        raise RecipeError([Problem("hybrid.recording", "must name a recording")])
    _require_source(wish.templates)
    return resolve(recipe, Given(recording=_recording(wish.recording)))


def _require_source(templates: Any) -> None:
    if isinstance(templates, ClusterTemplates) and not templates.path.strip():
        message = "must name the folder of an export"
        raise RecipeError([Problem("hybrid.templates.path", message)])
    folder = templates.folder if isinstance(templates, LibraryTemplates) else None
    if folder is not None and not Path(folder).expanduser().is_dir():
        message = f"names no folder ({folder})"
        raise RecipeError([Problem("hybrid.templates.folder", message)])


@lru_cache(1)
def _recording(path: str) -> Any:
    from .sources import open_recording

    return open_recording(path, "hybrid.recording")
