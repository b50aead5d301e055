"""The result of a recipe: two recordings that are computed when they are read, and their truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..base.progress import Reporter, ignore_progress
from ..base.types import Float64Array
from .plan import GenerationPlan
from .recipe import GenerationRecipe
from .resolution import Given, resolve


@dataclass(frozen=True, eq=False)
class GeneratedDataset:
    """A static and a drifting recording of the same units, spikes and noise.

    Attributes
    ----------
    recipe
        What was asked.
    plan
        What it led to, as explicit arrays.
    is_from_recipe
        Whether the recipe alone leads to the plan; then its recordings can be dumped to JSON.
    """

    recipe: GenerationRecipe
    plan: GenerationPlan
    is_from_recipe: bool = True

    @cached_property
    def recording(self) -> Any:
        """The drifting recording, a lazy SpikeInterface recording."""
        return self._make(drifting=True)

    @cached_property
    def static_recording(self) -> Any:
        """The recording in which nothing moves."""
        return self._make(drifting=False)

    def _make(self, *, drifting: bool) -> Any:
        from .recordings import GeneratedRecording

        recipe = self.recipe.to_json() if self.is_from_recipe else None
        return GeneratedRecording(self.plan, drifting, recipe)

    @cached_property
    def sorting(self) -> Any:
        """The truth, a SpikeInterface sorting with places and channels as properties."""
        return make_sorting(self.plan)

    @cached_property
    def templates(self) -> Any:
        """The templates at rest, SpikeInterface `Templates` in microvolts."""
        return make_templates(self.plan)

    @cached_property
    def extra_infos(self) -> dict[str, Any]:
        """The dictionary of SpikeInterface's `generate_drifting_recording`."""
        return make_extra_infos(self.recipe, self.plan, self.templates)


def generate(
    recipe: GenerationRecipe, given: Given | None = None, report: Reporter = ignore_progress
) -> GeneratedDataset:
    """Resolve a recipe; the traces are computed when they are read.

    Raises
    ------
    RecipeError
        The recipe is impossible.
    """
    return GeneratedDataset(recipe, resolve(recipe, given, report), given is None)


def make_sorting(plan: GenerationPlan) -> Any:
    """Return the truth of a plan as a SpikeInterface `NumpySorting`."""
    from spikeinterface.core import NumpySorting
    from spikeinterface.core.base import minimum_spike_dtype

    spikes = np.zeros(len(plan.spike_samples), minimum_spike_dtype)
    spikes["sample_index"] = plan.spike_samples
    spikes["unit_index"] = plan.spike_units
    sorting = NumpySorting(spikes, plan.sample_rate_hz, plan.unit_ids)
    if plan.n_units:
        sorting.set_property("gt_unit_locations", plan.unit_locations_um)
        sorting.set_property("max_channel_index", _nearest_channels(plan))
    return sorting


def _nearest_channels(plan: GenerationPlan) -> Any:
    places = plan.unit_locations_um[:, None, :2]
    return np.linalg.norm(places - plan.channel_positions_um, axis=2).argmin(axis=1)


def make_templates(plan: GenerationPlan) -> Any:
    """Return the templates at rest of a plan as SpikeInterface `Templates`."""
    from spikeinterface.core import Templates

    return Templates(
        templates_array=plan.templates.dense_at_rest(),
        sampling_frequency=plan.sample_rate_hz,
        nbefore=plan.n_before,
        unit_ids=plan.unit_ids,
        probe=plan.probe,
        is_in_uV=True,
    )


def unit_displacements_um(plan: GenerationPlan) -> Float64Array:
    """Return where units are, relative to rest, float64, (n_times, n_units, 2)."""
    motion = plan.displacement
    along = motion.vectors_um.astype(np.float64) @ motion.unit_factors.T.astype(np.float64)
    return along[:, :, None] * motion.direction


def make_extra_infos(
    recipe: GenerationRecipe, plan: GenerationPlan, templates: Any
) -> dict[str, Any]:
    """Return what SpikeInterface's `generate_drifting_recording(extra_outputs=True)` does.

    Keys, shapes and units are the same: micrometres, and rows at the rate of
    `displacement_sampling_frequency`.
    """
    motion, shapes = plan.displacement, recipe.templates
    vectors = motion.vectors_um.astype(np.float64)[:, None, :] * motion.direction[None, :, None]
    unit_params = {
        name: [None] * plan.n_units if values is None else values
        for name, values in plan.unit_params.items()
    }
    return {
        "displacement_vectors": vectors,
        "displacement_sampling_frequency": motion.sampling_hz,
        "unit_locations": plan.unit_locations_um,
        "displacement_unit_factor": motion.unit_factors.astype(np.float64),
        "unit_displacements": unit_displacements_um(plan),
        "templates": templates,
        "generate_templates_kwargs": {
            "ms_before": shapes.ms_before,
            "ms_after": shapes.ms_after,
            "mode": shapes.mode,
            "spatial_profile": shapes.spatial_profile,
            "unit_params": unit_params,
        },
    }
