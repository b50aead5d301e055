"""What a proposed split would make: mean waveforms and correlograms; runs in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.correlograms import (
    CorrelogramBins,
    CorrelogramQuery,
    Correlograms,
    compute_correlograms,
)
from ..analysis.waveforms import WaveformQuery, Waveforms, compute_waveforms
from ..base.types import BoolArray, Int32Array
from .correlogram_values import CellValues, make_values
from .preview_channels import preview_channels

if TYPE_CHECKING:
    from ..analysis.channels import ChannelFinder
    from ..data.dataset import Dataset
    from ..session.proposals import Proposal

MOST_GROUPS = 8
MOST_CHANNELS = 6


@dataclass(frozen=True, slots=True, eq=False)
class PreviewQuery:
    """A snapshot of what is needed; `spike_ids` and `color_ids` are of the touched clusters."""

    dataset: Dataset
    channels: ChannelFinder
    proposal: Proposal
    spike_ids: tuple[Int32Array, ...]
    color_ids: tuple[int, ...]
    bin_ms: float
    window_ms: float
    refractory_ms: float
    max_waveforms: int


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What would be one cluster afterwards; `spike_ids` by increasing time."""

    name: str
    spike_ids: Int32Array
    color_id: int


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """The answer, or a first part of it: `waveforms` are None until they are read."""

    query: PreviewQuery
    groups: tuple[Group, ...]
    n_left_out: int
    correlograms: Correlograms
    values: CellValues
    waveforms: Waveforms | None = None


def compute_preview(query: PreviewQuery) -> Iterator[Preview]:
    """Count the correlograms of what would be, then read mean waveforms."""
    groups = [*groups_of(query)]
    n_left_out = max(0, len(groups) - MOST_GROUPS)
    groups = groups[:MOST_GROUPS]
    dataset, spikes = query.dataset, tuple(group.spike_ids for group in groups)
    ids = tuple(range(len(groups)))
    bins = CorrelogramBins.nearest(query.bin_ms, query.window_ms, dataset.sample_rate_hz)
    found = compute_correlograms(
        CorrelogramQuery(
            ids, spikes, dataset.spike_samples, bins, dataset.duration_s, query.refractory_ms
        )
    )
    values = make_values(found, "counts")
    preview = Preview(query, tuple(groups), n_left_out, found, values)
    yield preview
    channels = preview_channels(dataset, query.channels, query.spike_ids, MOST_CHANNELS)
    asked = WaveformQuery(dataset, ids, spikes, channels, query.max_waveforms)
    yield replace(preview, waveforms=compute_waveforms(asked))


def groups_of(query: PreviewQuery) -> Iterator[Group]:
    """Yield the parts in their order, then what is left of each cluster."""
    proposal = query.proposal
    owners = [proposal.part_of(spikes) for spikes in query.spike_ids]
    n = len(proposal.parts)
    for k, color_id in enumerate(proposal.color_ids):
        part = _joined(query, [owner == k for owner in owners])
        yield Group("split off" if n == 1 else f"part {k + 1}", part, color_id)
    is_one = len(proposal.touched) == 1
    for touched, spikes, owner, color_id in zip(
        proposal.touched, query.spike_ids, owners, query.color_ids, strict=True
    ):
        rest = spikes[owner < 0]
        if len(rest):
            yield Group("stays" if is_one else f"rest of {touched.cluster_id}", rest, color_id)


def _joined(query: PreviewQuery, masks: list[BoolArray]) -> Int32Array:
    """Return spikes of several clusters by increasing time."""
    pieces = [s[m] for s, m in zip(query.spike_ids, masks, strict=True) if m.any()]
    if len(pieces) == 1:
        return pieces[0]
    together: Int32Array = np.concatenate(pieces)
    return together[np.argsort(query.dataset.spike_samples[together], kind="stable")]
