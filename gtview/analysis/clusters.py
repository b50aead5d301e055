"""The numbers of every cluster that a table shows, for all clusters at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from .channels import BestChannels
from .template_counts import TemplateCounts, count_templates


@dataclass(frozen=True, slots=True, eq=False)
class ClusterStats:
    """One value for each cluster, in the order of `cluster_ids`.

    Attributes
    ----------
    cluster_ids : int32 array, (n_clusters,)
    n_spikes : int64 array, (n_clusters,)
    rate_hz : float64 array, (n_clusters,)
        Spikes over the length of the recording.
    main_templates : int32 array, (n_clusters,)
        The template with most of the spikes; -1 without spikes.
    best_channels : int32 array, (n_clusters,)
        -1 when it is not known.
    shanks : int32 array, (n_clusters,)
        Shank of the best channel; -1 when it is not known.
    depths_um : float32 array, (n_clusters,)
        y of the best channel; NaN when it is not known.
    amplitudes : float32 array, (n_clusters,)
        Peak-to-peak size on the best channel, in `amplitude_unit`; NaN when it is not known.
    amplitude_unit
        Microvolts, or "arb.".
    templates
        The templates of each cluster, with their spikes in it.
    """

    cluster_ids: Int32Array
    n_spikes: Int64Array
    rate_hz: Float64Array
    main_templates: Int32Array
    best_channels: Int32Array
    shanks: Int32Array
    depths_um: Float32Array
    amplitudes: Float32Array
    amplitude_unit: str
    templates: TemplateCounts


def compute_cluster_stats(
    dataset: Dataset,
    cluster_ids: Int32Array,
    order: Int32Array,
    offsets: Int64Array,
    find_channels: Callable[[Int32Array], BestChannels] | None = None,
    counts: TemplateCounts | None = None,
) -> ClusterStats:
    """Compute the numbers of some clusters from their spikes and main templates.

    Parameters
    ----------
    dataset
        What was opened.
    cluster_ids : int32 array, (n_clusters,)
    order : int32 array, (n_assigned,)
        Spike ids of the clusters, one cluster after another, each in order of time.
    offsets : int64 array, (n_clusters + 1,)
        Where each cluster starts in `order`.
    find_channels
        Asked for the channels of clusters that no template tells (it may read files: see
        `ChannelFinder.find`); their size then counts only if it has the unit of the others.
    counts
        Templates of their spikes, where they are known; None: they are counted.

    Raises
    ------
    ValueError
        A spike has a template that does not exist.
    """
    counts = _count(dataset, order, offsets) if counts is None else counts
    n_spikes = np.diff(offsets)
    main = counts.main()
    channels, amplitudes = _channels_of_templates(dataset, main)
    if find_channels is not None:
        for i in np.flatnonzero((channels < 0) & (n_spikes > 0)).tolist():
            found = find_channels(order[offsets[i] : offsets[i + 1]])
            if found.best is not None:
                channels[i] = found.best
                if found.unit == dataset.amplitude_unit and found.source != "features":
                    amplitudes[i] = found.amplitudes[0]
    is_known = channels >= 0
    return ClusterStats(
        cluster_ids=np.asarray(cluster_ids, np.int32),
        n_spikes=n_spikes,
        rate_hz=n_spikes / dataset.duration_s if dataset.duration_s > 0 else n_spikes * np.nan,
        main_templates=main,
        best_channels=channels,
        shanks=np.where(is_known, dataset.channels.shanks[channels], -1).astype(np.int32),
        depths_um=np.where(is_known, dataset.channels.positions_um[channels, 1], np.nan).astype(
            np.float32
        ),
        amplitudes=amplitudes,
        amplitude_unit=dataset.amplitude_unit,
        templates=counts,
    )


def _count(dataset: Dataset, order: Int32Array, offsets: Int64Array) -> TemplateCounts:
    templates, n = dataset.spike_templates, dataset.n_templates
    if len(order) * 4 < len(templates):
        # Of a few clusters: look at their spikes alone.
        own = np.arange(len(order), dtype=np.int32)
        return count_templates(own, offsets, templates[order], n)
    return count_templates(order, offsets, templates, n)


def _channels_of_templates(
    dataset: Dataset, main_templates: Int32Array
) -> tuple[Int32Array, Float32Array]:
    """Return the largest channel of the main template of each cluster, and its size there."""
    channels = np.full(len(main_templates), -1, np.int32)
    amplitudes = np.full(len(main_templates), np.nan, np.float32)
    if dataset.templates is None:
        return channels, amplitudes
    has_template = main_templates >= 0
    used = main_templates[has_template]
    sizes = np.nan_to_num(dataset.templates.peak_to_peak()[used])
    best = sizes.argmax(axis=1)
    largest = sizes[np.arange(len(sizes)), best]
    gain = 1.0 if dataset.template_gain is None else np.asarray(dataset.template_gain)[used]
    # A template of zeros (or of NaN) tells nothing of where its cluster is.
    is_known = largest > 0
    rows = np.flatnonzero(has_template)[is_known]
    channels[rows] = best[is_known]
    amplitudes[rows] = (largest * gain * dataset.uv_per_bit)[is_known]
    return channels, amplitudes


def replace_clusters(
    stats: ClusterStats, removed: Sequence[int], added: ClusterStats
) -> ClusterStats:
    """Return the numbers of the clusters that are left and of new ones, by id.

    Parameters
    ----------
    stats
        Numbers of clusters, increasing by id.
    removed
        Ids that are gone.
    added
        Numbers of the new ones; none of them is left in `stats`.
    """
    kept = np.flatnonzero(~np.isin(stats.cluster_ids, list(removed)))
    ids = np.concatenate([stats.cluster_ids[kept], added.cluster_ids])
    order = np.argsort(ids, kind="stable")

    def join(name: str) -> Any:
        return np.concatenate([getattr(stats, name)[kept], getattr(added, name)])[order]

    return ClusterStats(
        cluster_ids=ids[order],
        amplitude_unit=stats.amplitude_unit,
        templates=_join_counts((stats.templates, kept), added.templates, order),
        **{name: join(name) for name in _PER_CLUSTER},
    )


def join_clusters(parts: Sequence[ClusterStats]) -> ClusterStats:
    """Return the numbers of several sets of clusters as one, in their order; at least one."""
    templates = [p.templates.of(i) for p in parts for i in range(p.templates.n_clusters)]
    return ClusterStats(
        cluster_ids=np.concatenate([part.cluster_ids for part in parts]),
        amplitude_unit=parts[0].amplitude_unit,
        templates=_join_parts(templates),
        **{name: np.concatenate([getattr(p, name) for p in parts]) for name in _PER_CLUSTER},
    )


def pick_clusters(stats: ClusterStats, cluster_ids: Sequence[int]) -> ClusterStats:
    """Return the numbers of some of the clusters, in the order asked for."""
    rows = np.searchsorted(stats.cluster_ids, np.array(cluster_ids, np.int32))
    return ClusterStats(
        cluster_ids=stats.cluster_ids[rows],
        amplitude_unit=stats.amplitude_unit,
        templates=_join_parts([stats.templates.of(i) for i in rows.tolist()]),
        **{name: getattr(stats, name)[rows] for name in _PER_CLUSTER},
    )


_PER_CLUSTER = (
    "n_spikes",
    "rate_hz",
    "main_templates",
    "best_channels",
    "shanks",
    "depths_um",
    "amplitudes",
)


def _join_counts(
    before: tuple[TemplateCounts, Int64Array], added: TemplateCounts, order: Int64Array
) -> TemplateCounts:
    counts, kept = before
    parts = [counts.of(i) for i in kept.tolist()]
    parts += [added.of(i) for i in range(added.n_clusters)]
    return _join_parts([parts[i] for i in order.tolist()])


def _join_parts(parts: Sequence[tuple[Int32Array, Int64Array]]) -> TemplateCounts:
    sizes = [len(ids) for ids, _ in parts]
    return TemplateCounts(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([np.empty(0, np.int32), *(ids for ids, _ in parts)]),
        np.concatenate([np.empty(0, np.int64), *(n for _, n in parts)]),
    )
