"""How large each spike of some clusters is, by one of several measures, over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..data.dataset import Dataset
from .amplitude_measures import (
    Feature,
    Measure,
    RawPeakToPeak,
    TemplateAmplitude,
    TemplateFeature,
)
from .amplitude_query import KINDS, AmplitudeQuery, Kind, ProjectionAxis
from .spike_values import SpikeValues
from .template_features import projection_source

_MEASURES: Mapping[Kind, Callable[[AmplitudeQuery], Measure]] = {
    "template": TemplateAmplitude,
    "feature": Feature,
    "template feature": TemplateFeature,
    "raw": RawPeakToPeak,
}


@dataclass(frozen=True, slots=True, eq=False)
class Amplitudes:
    """The answer, or a first part of it.

    Attributes
    ----------
    clusters
        One for each train.
    background
        None while it is not known: then the answer is a first part.
    name, unit
        What the values are; the unit is "" where the sorter does not tell one.
    """

    clusters: tuple[SpikeValues, ...]
    background: SpikeValues | None
    name: str
    unit: str


def available_kinds(dataset: Dataset) -> tuple[Kind, ...]:
    """Return the measures that a dataset allows."""
    has = {
        "template": dataset.amplitudes is not None,
        "feature": dataset.pc_features is not None,
        "template feature": projection_source(dataset) in ("stored", "computed"),
        "raw": dataset.raw is not None,
    }
    return tuple(kind for kind in KINDS if has[kind])


def compute_amplitudes(query: AmplitudeQuery) -> Iterator[Amplitudes]:
    """Measure the spikes: what is at hand first, then all, then those behind.

    Yields
    ------
    Amplitudes
        Better and better ones; the same one again is only a chance to stop.

    Raises
    ------
    DatasetError
        Features or raw data cannot be read.
    ValueError
        The dataset, or the query, does not have what the measure needs.
    """
    measure = _MEASURES[query.kind](query)
    answer = Amplitudes((), None, measure.name, measure.unit)
    for clusters in measure.clusters():
        if clusters is not answer.clusters:
            answer = replace(answer, clusters=clusters)
        if not measure.is_at_hand:
            yield answer
    for behind in measure.background():
        yield answer if behind is None else replace(answer, background=behind)


__all__ = [
    "KINDS",
    "AmplitudeQuery",
    "Amplitudes",
    "Kind",
    "ProjectionAxis",
    "available_kinds",
    "compute_amplitudes",
]
