"""How well clusters stand apart from their neighbours in the space of the features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.progress import Reporter, ignore_progress
from ..base.types import BoolArray, Float64Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from .channels import ChannelFinder
from .sampling import sample_evenly
from .spike_features import read_spike_features

MAX_CHANNELS = 4
MAX_SPIKES = 10_000
N_NEIGHBORS = 4
MAX_NEIGHBOR_CLUSTERS = 12
_MAX_PCS = 3


@dataclass(frozen=True, slots=True, eq=False)
class PcQuery:
    """What is asked.

    Attributes
    ----------
    dataset
        With features.
    cluster_ids
        The clusters that are measured.
    all_ids, all_spikes
        Every cluster, so that neighbours are found: `all_ids[k]` has the spikes `all_spikes[k]`,
        int32 arrays by increasing time.
    best_channels
        The channel on which each of `all_ids` is largest; -1: not known.
    """

    dataset: Dataset
    cluster_ids: tuple[int, ...]
    all_ids: tuple[int, ...]
    all_spikes: tuple[Int32Array, ...]
    best_channels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PcMetrics:
    """How well one cluster stands apart; NaN where it cannot be said.

    Attributes
    ----------
    isolation_distance, l_ratio
        By Mahalanobis distance; Schmitzer-Torbert et al. (2005).
    d_prime
        By linear discriminant; Hill, Mehta and Kleinfeld (2011).
    nn_hit_rate, nn_miss_rate
        Share of the nearest neighbours of its spikes, and of those of others, that are its own;
        Chung et al. (2017).
    silhouette
        Simplified, by centres; Hruschka et al. (2004).
    n_spikes, n_others, n_without
        Spikes that were looked at: its own, those of neighbours; and those without features on
        its channels.
    neighbours
        The clusters that it was compared with.
    """

    cluster_id: int
    isolation_distance: float
    l_ratio: float
    d_prime: float
    nn_hit_rate: float
    nn_miss_rate: float
    silhouette: float
    n_spikes: int
    n_others: int
    n_without: int
    neighbours: tuple[int, ...] = ()


def compute_pc_metrics(
    query: PcQuery, report: Reporter = ignore_progress
) -> tuple[PcMetrics, ...]:
    """Measure some clusters against the clusters near them; for a thread: it takes a while.

    A cluster is described by its features on its best channels; neighbours are the clusters
    whose best channel is one of these, or nearest to them. At most 10,000 spikes in all are
    looked at, evenly over each cluster. Spikes that lack a feature are left out, never taken
    for 0.

    Raises
    ------
    ValueError
        The dataset has no features.
    DatasetError
        They cannot be read.
    CancelledError
        `report` says so.
    """
    finder = ChannelFinder(query.dataset)
    found = []
    for k, cluster_id in enumerate(query.cluster_ids):
        report(k / len(query.cluster_ids), "Measuring how clusters stand apart")
        found.append(_measure(query, cluster_id, finder))
    return tuple(found)


def _measure(query: PcQuery, cluster_id: int, finder: ChannelFinder) -> PcMetrics:
    places = {i: k for k, i in enumerate(query.all_ids)}
    own = query.all_spikes[places[cluster_id]]
    channels = finder.find(own).shown(query.dataset.channels)[:MAX_CHANNELS]
    others = _neighbours(query, cluster_id, channels)
    n_spikes = {i: len(query.all_spikes[places[i]]) for i in (cluster_id, *others)}
    share = min(1.0, MAX_SPIKES / max(sum(n_spikes.values()), 1))
    parts, labels, n_without = [], [], 0
    for i in (cluster_id, *others):
        sample = sample_evenly(query.all_spikes[places[i]], max(2, int(n_spikes[i] * share)))
        values = _features(query.dataset, sample, channels)
        n_without += len(sample) - len(values)
        parts.append(values)
        labels.append(np.full(len(values), i, np.int64))
    pcs, label = np.concatenate(parts), np.concatenate(labels)
    is_own = label == cluster_id
    isolation, l_ratio = mahalanobis_metrics(pcs, is_own)
    hit, miss = nearest_neighbour_rates(pcs, is_own)
    return PcMetrics(
        cluster_id=cluster_id,
        isolation_distance=isolation,
        l_ratio=l_ratio,
        d_prime=d_prime(pcs, is_own),
        nn_hit_rate=hit,
        nn_miss_rate=miss,
        silhouette=simplified_silhouette(pcs, label, cluster_id),
        n_spikes=int(is_own.sum()),
        n_others=int((~is_own).sum()),
        n_without=n_without,
        neighbours=others,
    )


def _neighbours(query: PcQuery, cluster_id: int, channels: Int32Array) -> tuple[int, ...]:
    if not len(channels):
        return ()
    positions = query.dataset.channels.positions_um
    centre = positions[channels[0]]
    ranked = []
    for i, channel in zip(query.all_ids, query.best_channels, strict=True):
        if i != cluster_id and channel >= 0:
            distance = float(np.hypot(*(positions[channel] - centre)))
            ranked.append((channel not in channels, distance, i))
    return tuple(i for _, _, i in sorted(ranked)[:MAX_NEIGHBOR_CLUSTERS])


def _features(dataset: Dataset, spikes: Int32Array, channels: Int32Array) -> Float64Array:
    """Return the features of the spikes that have all of them, (n, n_channels * n_pcs)."""
    if not len(channels):
        return np.empty((0, 1))
    found = read_spike_features(dataset, spikes, channels.tolist(), _MAX_PCS)
    values = found.values.reshape(-1, found.values.shape[-1]).T.astype(np.float64)
    return values[np.isfinite(values).all(axis=1)]


def mahalanobis_metrics(pcs: Float64Array, is_own: BoolArray) -> tuple[float, float]:
    """Return isolation distance and L-ratio.

    The isolation distance is the squared Mahalanobis distance, by the cluster's own covariance,
    within which as many spikes of others are as the cluster has (or all of them); the L-ratio is
    the sum over others of the chance that a spike of the cluster is farther, over its spikes.

    Parameters
    ----------
    pcs : float64 array, (n_spikes, n_features)
    is_own : bool array, (n_spikes,)
    """
    own, others = pcs[is_own], pcs[~is_own]
    n = min(len(own), len(others))
    if n < 2 or len(own) <= pcs.shape[1]:
        return float("nan"), float("nan")
    covariance = np.atleast_2d(np.cov(own.T))
    if np.linalg.matrix_rank(covariance) < len(covariance):
        return float("nan"), float("nan")
    from scipy.stats import chi2

    step = others - own.mean(axis=0)
    squared = np.sort(np.einsum("ij,ij->i", step @ np.linalg.inv(covariance), step))
    l_ratio = chi2.sf(squared, pcs.shape[1]).sum() / len(own)
    return float(squared[n - 1]), float(l_ratio)


def d_prime(pcs: Float64Array, is_own: BoolArray) -> float:
    """Return the distance of the cluster's mean from that of others along the best direction.

    In units of the root of the mean variance; Fisher's linear discriminant.

    Parameters
    ----------
    pcs, is_own
        See `mahalanobis_metrics`.
    """
    own, others = pcs[is_own], pcs[~is_own]
    if min(len(own), len(others)) < 2:
        return float("nan")
    centred = np.concatenate([own - own.mean(axis=0), others - others.mean(axis=0)])
    direction = np.linalg.pinv(centred.T @ centred) @ (own.mean(axis=0) - others.mean(axis=0))
    a, b = own @ direction, others @ direction
    spread = np.sqrt((a.var() + b.var()) / 2)
    return float(abs(a.mean() - b.mean()) / spread) if spread > 0 else float("nan")


def nearest_neighbour_rates(
    pcs: Float64Array, is_own: BoolArray, n_neighbors: int = N_NEIGHBORS
) -> tuple[float, float]:
    """Return the hit rate and the miss rate; 1 and 0 where there are no others.

    Parameters
    ----------
    pcs, is_own
        See `mahalanobis_metrics`.
    n_neighbors
        How many neighbours of each spike are looked at.
    """
    if is_own.all():
        return 1.0, 0.0
    if len(pcs) <= n_neighbors or not is_own.any():
        return float("nan"), float("nan")
    from scipy.spatial import cKDTree

    _, nearest = cKDTree(pcs).query(pcs, k=n_neighbors + 1)
    # A spike is its own nearest neighbour; of equal spikes it may come later, or not at all.
    is_self = nearest == np.arange(len(pcs))[:, None]
    is_self[~is_self.any(axis=1), -1] = True
    kept = nearest[~is_self].reshape(len(pcs), n_neighbors)
    hits = is_own[kept]
    return float(hits[is_own].mean()), float(hits[~is_own].mean())


def simplified_silhouette(pcs: Float64Array, labels: Int64Array, cluster_id: int) -> float:
    """Return how much nearer spikes are to their own centre than to the nearest other one.

    From -1 to 1: the mean of (b - a) / max(a, b), where a is the distance from the own centre, b
    that from the centre whose mean distance is least.

    Parameters
    ----------
    pcs : float64 array, (n_spikes, n_features)
    labels : int64 array, (n_spikes,)
        Cluster of each.
    cluster_id
        The cluster that is measured.
    """
    own = pcs[labels == cluster_id]
    others = [i for i in np.unique(labels).tolist() if i != cluster_id]
    if not len(own) or not others:
        return float("nan")
    inside = np.linalg.norm(own - own.mean(axis=0), axis=1)
    outside = [np.linalg.norm(own - pcs[labels == i].mean(axis=0), axis=1) for i in others]
    nearest = min(outside, key=lambda distances: float(distances.mean()))
    return float(np.mean((nearest - inside) / np.maximum(np.maximum(nearest, inside), 1e-300)))
