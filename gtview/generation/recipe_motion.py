"""The part of a recipe that says how the tissue moves."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, field_validator

from .problems import Section
from .values import Limits, Range

Seconds = Annotated[float, Limits(0, 1e7, "s")]
Seed = Annotated[int, Limits(0, 2**63 - 1)]


class _Part(Section):
    """What all motions have."""

    amplitude_factor: Annotated[float, Limits(-1, 1)] = Field(
        default=1.0, description="Part of the range that this motion uses."
    )
    non_rigid_gradient: Annotated[float, Limits(-1, 1)] | None = Field(
        default=None,
        description="Part of the motion at one end of the probe, where the other end moves by "
        "all of it; negative: the ends change places; null: rigid.",
    )
    t_start_s: Seconds | None = Field(default=None, description="When it begins; null: 0.")
    t_end_s: Seconds | None = Field(default=None, description="When it ends; null: at the end.")
    seed: Seed | None = Field(default=None, description="Its own seed; null: from the recipe's.")


class Zigzag(_Part):
    """Up and down in straight lines."""

    kind: Literal["zigzag"] = "zigzag"
    period_s: Annotated[float, Limits(0, 1e7, "s", is_low_open=True)] = 200.0


class Bump(_Part):
    """Jumps at random times."""

    kind: Literal["bump"] = "bump"
    bump_interval_s: Annotated[Range, Limits(0, 1e7, "s", is_low_open=True)] = Range(30.0, 90.0)


class RandomWalk(_Part):
    """A step up or down at every moment."""

    kind: Literal["random_walk"] = "random_walk"


class ExplicitMotion(_Part):
    """A curve that is listed."""

    kind: Literal["explicit"] = "explicit"
    values_um: tuple[Annotated[float, Limits(-2000, 2000, "um")], ...] = Field(
        description="Displacement along the direction, at even times."
    )
    values_hz: Annotated[float, Limits(0, 1000, "Hz", is_low_open=True)] = Field(
        default=5.0, description="Values a second."
    )


class FileMotion(_Part):
    """A motion that SpikeInterface saved; positive is towards larger depths."""

    kind: Literal["file"] = "file"
    path: str = Field(description="Folder of a SpikeInterface Motion.")


MotionPart: TypeAlias = Annotated[
    Zigzag | Bump | RandomWalk | ExplicitMotion | FileMotion, Field(discriminator="kind")
]


class MotionChoice(Section):
    """How the tissue moves: the sum of any number of motions."""

    sampling_hz: Annotated[float, Limits(0.1, 1000, "Hz")] = Field(
        default=5.0, description="Positions a second."
    )
    range_um: Annotated[Range, Limits(-2000, 2000, "um")] = Field(
        default=Range(-20.0, 20.0), description="Lowest and highest displacement; 0 is rest."
    )
    direction: tuple[Annotated[float, Limits(-1e6, 1e6)], Annotated[float, Limits(-1e6, 1e6)]] = (
        Field(default=(0.0, 1.0), description="Direction of positive displacements: x and depth.")
    )
    step_um: Annotated[float, Limits(0.25, 10, "um")] = Field(
        default=1.0, description="Distance of the places at which templates are computed."
    )
    motions: tuple[MotionPart, ...] = (Zigzag(),)

    @field_validator("motions", mode="before")
    @classmethod
    def _bumps_are_bump(cls, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return value
        return tuple(
            {**part, "kind": "bump"}
            if isinstance(part, dict) and part.get("kind") == "bumps"
            else part
            for part in value
        )
