"""The part of a recipe that says into which real recording spikes are put, and which."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from .problems import Section
from .values import Limits, Range


class SyntheticTemplates(Section):
    """Templates of the recipe's own units."""

    kind: Literal["synthetic"] = "synthetic"


class LibraryTemplates(Section):
    """Real templates of a folder, or of the public database."""

    kind: Literal["library"] = "library"
    folder: str | None = Field(
        default=None, description="Folder with templates.csv; null: the public database (network)."
    )
    brain_areas: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    amplitude_uv: Annotated[Range, Limits(0, 1e6, "uV")] | None = None
    depth_um: Annotated[Range, Limits(-1e6, 1e6, "um")] | None = None
    min_snr: Annotated[float, Limits(0, 1e6)] | None = None


class ClusterTemplates(Section):
    """Templates of the clusters of a sorter's export."""

    kind: Literal["export"] = "export"
    path: str = Field(description="Folder of a Kilosort or phy export.")
    clusters: tuple[Annotated[int, Limits(0, 2**31 - 1)], ...] = Field(
        default=(), description="Templates to use; none listed: any."
    )


TemplateSource: TypeAlias = Annotated[
    SyntheticTemplates | LibraryTemplates | ClusterTemplates, Field(discriminator="kind")
]


class HybridChoice(Section):
    """Spikes of known units in a real recording, which is never changed."""

    recording: str = Field(default="", description="A recording that SpikeInterface opens.")
    templates: TemplateSource = SyntheticTemplates()
    scale_to: Literal["as is", "snr", "uv"] = "as is"
    scale_range: Annotated[Range, Limits(0, 1e6, is_low_open=True)] = Range(4.0, 12.0)
    is_relocated: bool = Field(
        default=True, description="Whether units are moved along the probe."
    )
    motion_path: str | None = Field(
        default=None, description="Folder of a SpikeInterface Motion that the units follow."
    )
