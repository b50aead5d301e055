"""The parts of a recipe that say when units fire and how large each spike is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .problems import Section
from .values import Amount, Limits, Range

Rate = Annotated[Amount, Limits(0, 1000, "Hz", is_low_open=True)]
Seconds = Annotated[float, Limits(0, 1e7, "s", is_low_open=True)]


class Synchrony(Section):
    """Spikes that several units fire together, added to their own."""

    ratio: Annotated[float, Limits(0, 10)] = Field(
        default=0.3, description="Spikes that are added, relative to those that are there."
    )
    size: Annotated[Range, Limits(2, 10_000)] = Field(
        default=Range(2, 2), description="Units of one event."
    )
    jitter_ms: Annotated[float, Limits(0, 100, "ms")] = Field(
        default=0.0, description="Standard deviation of the times within one event."
    )


class Bursts(Section):
    """Spikes that are followed by others at once."""

    probability: Annotated[float, Limits(0, 1)] = Field(
        default=0.1, description="Part of the spikes that begin a burst."
    )
    n_spikes: Annotated[Range, Limits(2, 100)] = Field(
        default=Range(2, 5), description="Spikes of one burst, with the first."
    )
    interval_ms: Annotated[Range, Limits(0, 1000, "ms", is_low_open=True)] = Range(5.0, 12.0)
    amplitude_decay: Annotated[float, Limits(0, 1)] = Field(
        default=0.1,
        description="Part by which each spike of a burst is smaller than the one before.",
    )


class RateModulation(Section):
    """Rates that rise and fall with time."""

    kind: Literal["sine", "steps"] = "sine"
    depth: Annotated[float, Limits(0, 1)] = Field(
        default=0.5, description="0: constant; 1: between nothing and twice the rate."
    )
    period_s: Seconds = 60.0
    is_common: bool = Field(default=False, description="Whether all units rise and fall together.")


class Trains(Section):
    """When units fire."""

    rates_hz: Rate = Range(2.0, 8.0)
    refractory_ms: Annotated[float, Limits(0, 1000, "ms")] = 4.0
    synchrony: Synchrony | None = None
    bursts: Bursts | None = None
    modulation: RateModulation | None = None
    given: str | None = Field(
        default=None, description="Folder of spike trains to use instead; its units are the units."
    )


class Fading(Section):
    """Amplitudes of a unit that change slowly."""

    depth: Annotated[float, Limits(0, 0.95)] = Field(
        default=0.3, description="Largest change, relative to the template."
    )
    period_s: Seconds = 300.0


class Amplitudes(Section):
    """How large each spike is, relative to the template of its unit."""

    std: Annotated[Amount, Limits(0, 0.5)] = Field(
        default=0.0, description="Standard deviation; factors stay above 0."
    )
    fading: Fading | None = None
