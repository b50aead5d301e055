"""The part of a recipe that says which probe, and which of its contacts."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from .problems import Section
from .values import Limits

Count = Annotated[int, Limits(1, 20_000)]
Pitch = Annotated[float, Limits(0, 10_000, "um", is_low_open=True)]


class _Choice(Section):
    """Which contacts of a probe are recorded; all where nothing is said."""

    shanks: tuple[Annotated[int, Limits(0, 255)], ...] | None = Field(
        default=None, description="Shanks that are recorded, counted from 0; null: all."
    )
    bank: Annotated[int, Limits(0, 255)] | None = Field(
        default=None, description="Bank of 384 contacts, counted from 0 at the tip, on each shank."
    )
    first_contact: Annotated[int, Limits(0, 100_000)] = Field(
        default=0, description="First contact that is recorded, counted from the tip."
    )
    n_contacts: Count | None = Field(
        default=None, description="Number of contacts that are recorded; null: all that are left."
    )
    is_per_shank: bool = Field(
        default=False, description="Whether first contact and number count on each shank."
    )


class NamedProbe(_Choice):
    """One of the probes that are built in under a name."""

    kind: Literal["named"] = "named"
    name: str = Field(default="Neuropixels1-128", description="Such as Neuropixels1-384, tetrode.")


class NeuropixelsProbe(_Choice):
    """Any Neuropixels probe, by the part number that is printed on it."""

    kind: Literal["neuropixels"] = "neuropixels"
    part_number: str = Field(default="NP1000", description="Such as NP1000, NP2014.")


class TetrodeProbe(Section):
    """Four contacts in a diamond."""

    kind: Literal["tetrode"] = "tetrode"
    radius_um: Pitch = 10.0


class LinearProbe(_Choice):
    """Contacts in one line."""

    kind: Literal["linear"] = "linear"
    n_in_column: Count = 16
    pitch_um: Pitch = 20.0


class MultiColumnProbe(_Choice):
    """Contacts in columns."""

    kind: Literal["multi_column"] = "multi_column"
    n_columns: Count = 3
    n_in_column: Count | tuple[Count, ...] = 10
    x_pitch_um: Pitch = 20.0
    y_pitch_um: Pitch = 20.0
    y_shifts_um: tuple[Annotated[float, Limits(-10_000, 10_000, "um")], ...] | None = None

    @field_validator("n_in_column", mode="wrap")
    @classmethod
    def _one_or_many(cls, value: Any, handler: Any) -> Any:
        # Of two alternatives pydantic would tell both faults.
        limits = Limits(1, 20_000)
        if isinstance(value, (list, tuple)):
            return tuple(_whole(limits, number) for number in value)
        return _whole(limits, value)


class MultiShankProbe(MultiColumnProbe):
    """Equal shanks beside each other."""

    kind: Literal["multi_shank"] = "multi_shank"  # type: ignore[assignment]
    n_shanks: Annotated[int, Limits(1, 256)] = 2
    shank_pitch_um: Pitch = 150.0


class FileProbe(_Choice):
    """A probe file: probeinterface JSON, PRB, IMRO, or the meta file of SpikeGLX."""

    kind: Literal["file"] = "file"
    path: str = Field(description="A .json, .prb, .imro or .meta file.")


class LibraryProbe(_Choice):
    """A probe of the probeinterface library; needs the network the first time."""

    kind: Literal["library"] = "library"
    manufacturer: str
    name: str


ProbeChoice: TypeAlias = Annotated[
    NamedProbe
    | NeuropixelsProbe
    | TetrodeProbe
    | LinearProbe
    | MultiColumnProbe
    | MultiShankProbe
    | FileProbe
    | LibraryProbe,
    Field(discriminator="kind"),
]


def _whole(limits: Limits, value: Any) -> int:
    number = limits.check(value)
    if number != int(number):
        raise PydanticCustomError("whole", "must be a whole number")
    return int(number)
