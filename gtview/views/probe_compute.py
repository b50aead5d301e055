"""What the probe view shows: computed in a thread, from a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.places import compute_cluster_places, true_unit_places
from ..base.types import Float64Array, Int32Array
from .probe_layout import ProbeMap, make_map
from .probe_paint import ProbeScene, mark_sizes

if TYPE_CHECKING:
    from ..analysis.channels import ChannelFinder
    from ..analysis.clusters import ClusterStats
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth
    from ..session.selection import SelectionState

SHAPES = ("square", "round")


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """How the probe is drawn."""

    is_stretched: bool = field(
        default=False,
        metadata={
            "label": "Stretch across",
            "help": "The probe fills the width; otherwise both directions have one scale.",
        },
    )
    has_labels: bool = field(default=False, metadata={"label": "Labels"})
    has_truth: bool = field(default=True, metadata={"label": "True units"})
    shape: str = field(default=SHAPES[0], metadata={"label": "Contacts", "choices": SHAPES})
    contact_um: float = field(
        default=12.0,
        metadata={
            "label": "Size of contacts",
            "help": "Where the neighbours leave room.",
            "min": 1.0,
            "max": 100.0,
        },
    )


@dataclass(frozen=True, slots=True, eq=False)
class ProbePlaces:
    """What does not depend on the selection, as drawn."""

    key: tuple[Any, ...]
    probe: ProbeMap
    clusters_um: Float64Array
    units_um: Float64Array


@dataclass(frozen=True, slots=True, eq=False)
class ProbeQuery:
    """A snapshot of what is needed; `key` says what the places depend on."""

    key: tuple[Any, ...]
    dataset: Dataset
    truth: GroundTruth | None
    stats: ClusterStats
    spike_clusters: Int32Array
    channels: ChannelFinder
    first_spikes: Int32Array | None
    settings: ProbeSettings
    state: SelectionState
    known: ProbePlaces | None


@dataclass(frozen=True, slots=True, eq=False)
class ProbePicture:
    """What is drawn, and of it what can be kept for the next selection."""

    places: ProbePlaces
    scene: ProbeScene


def compute_probe(query: ProbeQuery) -> ProbePicture:
    """Find out what is drawn; what does not depend on the selection is kept."""
    known = query.known
    is_same = known is not None and all(
        a is b or (isinstance(a, float | int) and a == b)
        for a, b in zip(known.key, query.key, strict=True)
    )
    places = known if known is not None and is_same else find_places(query)
    amplitudes = np.zeros(query.dataset.channels.n_channels)
    if query.first_spikes is not None:
        best = query.channels.find(query.first_spikes)
        if best.best is not None:
            amplitudes[best.channel_ids] = best.amplitudes / best.amplitudes[0]
    state = query.state
    scene = ProbeScene(
        places.probe,
        query.stats.cluster_ids.astype(np.int64),
        places.clusters_um,
        mark_sizes(query.stats.rate_hz),
        () if query.truth is None else query.truth.unit_ids,
        places.units_um,
        amplitudes,
        dict(zip(state.shown_ids, state.color_ids, strict=True)),
        state.unit_id,
        state.channel_ids[:2],
        query.settings.shape == SHAPES[1],
        query.settings.has_labels,
    )
    return ProbePicture(places, scene)


def find_places(query: ProbeQuery) -> ProbePlaces:
    """Find out where contacts, clusters and units are drawn."""
    dataset, stats = query.dataset, query.stats
    probe = make_map(dataset.channels, query.settings.contact_um)
    clusters = compute_cluster_places(dataset, stats, query.spike_clusters)
    units = np.empty((0, 2))
    if query.truth is not None:
        units = true_unit_places(query.truth, dataset.channels)
        units = probe.place(units, probe.nearest_shanks(units))
    return ProbePlaces(query.key, probe, probe.place(clusters, stats.shanks), units)
