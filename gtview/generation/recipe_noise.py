"""The part of a recipe that says what else is recorded: noise, and neurons far away."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .problems import Section
from .values import Amount, Limits, Range

Hertz = Annotated[Range, Limits(0, 1e6, "Hz")]


class FarUnits(Section):
    """Many small units that nobody could sort; they are not in the truth."""

    n_units: Annotated[int, Limits(1, 20_000)] = 200
    rates_hz: Annotated[Amount, Limits(0, 1000, "Hz", is_low_open=True)] = Range(5.0, 30.0)
    z_um: Annotated[Range, Limits(0, 10_000, "um")] = Range(80.0, 150.0)
    margin_um: Annotated[float, Limits(-10_000, 10_000, "um")] = 50.0


class RealNoise(Section):
    """A slice of a real recording, repeated as long as is needed (back and forth, seamlessly)."""

    path: str = Field(description="A recording that SpikeInterface opens.")
    start_s: Annotated[float, Limits(0, 1e7, "s")] = 0.0
    duration_s: Annotated[float, Limits(0.1, 1e7, "s")] | None = None


class NoiseChoice(Section):
    """What is recorded besides the units."""

    kind: Literal["gaussian", "pink", "band", "none"] = "gaussian"
    levels_uv: Annotated[Amount, Limits(0, 100_000, "uV")] = Field(
        default=Range(6.0, 8.0), description="Standard deviation of each channel."
    )
    spatial_decay_um: Annotated[float, Limits(0, 100_000, "um", is_low_open=True)] | None = Field(
        default=25.0, description="Distance over which the correlation falls by 1/e; null: none."
    )
    exponent: Annotated[float, Limits(0, 3)] = Field(
        default=1.0, description="Of 'pink': power falls as 1 / frequency to this power."
    )
    band_hz: Hertz | None = Field(
        default=None, description="Lowest and highest frequency of 'band'."
    )
    far_units: FarUnits | None = None
    real: RealNoise | None = Field(
        default=None, description="Noise of a real recording, to which the other is added."
    )
