"""The parts of a recipe that say where units are and what their spikes look like."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from .problems import Section
from .values import Amount, Limits, Range

Micrometres = Annotated[float, Limits(-100_000, 100_000, "um")]
_LAYERS = ("by layer", "by_layer", "bylayer", "layers")


class Locations(Section):
    """Where units are at rest."""

    distribution: Literal["uniform", "multimodal", "explicit"] = Field(
        default="uniform", description="Everywhere, in layers, or as listed."
    )
    n_modes: Annotated[int, Limits(1, 100)] = Field(
        default=2, description="Layers of 'multimodal'."
    )
    margin_um: Annotated[float, Limits(-10_000, 10_000, "um")] = Field(
        default=20.0, description="How far units may be outside of the contacts."
    )
    z_um: Annotated[Amount, Limits(0, 10_000, "um")] = Field(
        default=Range(5.0, 45.0), description="Distance from the plane of the probe."
    )
    minimum_distance_um: Annotated[float, Limits(0, 10_000, "um")] | None = Field(
        default=18.0, description="Smallest distance of two units; null: any."
    )
    max_iterations: Annotated[int, Limits(0, 100_000)] = Field(
        default=100, description="How often units that are too near are placed anew."
    )
    is_distance_strict: bool = Field(
        default=False, description="Refuse, rather than warn, where the distance cannot be kept."
    )
    per_shank: bool | None = Field(
        default=None, description="Place units near each shank only; null: if there are several."
    )
    explicit_um: tuple[tuple[Micrometres, Micrometres, Micrometres], ...] | None = Field(
        default=None, description="x, depth, and distance from the probe of each unit."
    )

    @field_validator("distribution", mode="before")
    @classmethod
    def _layers_are_modes(cls, value: Any) -> Any:
        return "multimodal" if value in _LAYERS else value


class UnitParams(Section):
    """The shape of the spikes of each unit, as in SpikeInterface's `generate_templates`."""

    alpha: Annotated[Amount, Limits(0, 100_000, "uV", is_low_open=True)] = Field(
        default=Range(100.0, 500.0), description="Amplitude at the place of the unit."
    )
    depolarization_ms: Annotated[Amount, Limits(0, 10, "ms", is_low_open=True)] = Range(0.09, 0.14)
    repolarization_ms: Annotated[Amount, Limits(0, 10, "ms", is_low_open=True)] = Range(0.5, 0.8)
    recovery_ms: Annotated[Amount, Limits(0, 20, "ms", is_low_open=True)] = Range(1.0, 1.5)
    positive_amplitude: Annotated[Amount, Limits(0, 1)] = Field(
        default=Range(0.1, 0.25),
        description="Height of the positive peak, relative to the trough.",
    )
    smooth_ms: Annotated[Amount, Limits(0.001, 1, "ms")] = Range(0.03, 0.07)
    spatial_decay: Annotated[Amount, Limits(1, 1000, "um")] = Field(
        default=Range(10.0, 45.0), description="Distance over which the amplitude falls by 1/e."
    )
    propagation_speed: Annotated[Amount, Limits(10, 1_000_000, "um/ms")] | None = Field(
        default=Range(250.0, 350.0),
        description="How fast spikes reach far channels; null: at once.",
    )
    ellipse_shrink: Annotated[Amount, Limits(0.01, 1)] = Field(
        default=Range(0.4, 1.0), description="Short axis over long axis of an ellipsoid."
    )
    ellipse_angle: Annotated[Amount, Limits(-1000, 1000, "rad")] = Range(0.0, 2 * math.pi)
    spatial_power: Annotated[Amount, Limits(0, 20, is_low_open=True)] = Field(
        default=Range(1.5, 2.5), description="Exponent of the profile 'power'."
    )


class TemplateShapes(Section):
    """How the spikes of units are made."""

    ms_before: Annotated[float, Limits(0.1, 20, "ms")] = 1.5
    ms_after: Annotated[float, Limits(0.1, 50, "ms")] = 3.0
    mode: Literal["sphere", "ellipsoid"] = "ellipsoid"
    spatial_profile: Literal["exponential", "power"] = "exponential"
    unit_params: UnitParams = UnitParams()
    is_silent_unit_refused: bool = Field(
        default=False, description="Refuse, rather than warn, where the probe hardly sees a unit."
    )
