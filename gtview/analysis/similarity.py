"""How alike clusters and templates are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base.progress import Reporter, ignore_progress
from ..base.types import Float32Array, Int64Array
from .template_counts import TemplateCounts

if TYPE_CHECKING:
    from ..data.templates import TemplateStore

# Channels on which a template is smaller than this share of its peak take no part.
_LEAST_SHARE = 0.05


def compute_cluster_similarity(
    similar_templates: Float32Array, templates: TemplateCounts, index: int
) -> Float32Array:
    """Return the similarity of one cluster to all: the largest one among their templates.

    Every template with at least one spike in a cluster counts, so it follows merges and splits.

    Parameters
    ----------
    similar_templates : float32 array, (n_templates, n_templates)
        Similarity of templates; NaN counts as unknown.
    templates
        Templates of every cluster.
    index
        Position of the cluster.

    Returns
    -------
    float32 array, (n_clusters,)
        Also to itself, at `index`; NaN where nothing is known, as for a cluster without spikes.
    """
    own, _ = templates.of(index)
    similarity = np.full(templates.n_clusters, np.nan, np.float32)
    if not len(own):
        return similarity
    to_templates = np.fmax.reduce(similar_templates[own], axis=0)
    has_spikes = np.diff(templates.offsets) > 0
    similarity[has_spikes] = np.fmax.reduceat(
        to_templates[templates.template_ids], templates.offsets[:-1][has_spikes]
    )
    return similarity


def compute_similarity_matrix(
    similar_templates: Float32Array, templates: TemplateCounts
) -> Float32Array:
    """Return the similarity of all pairs of clusters; see `compute_cluster_similarity`.

    Returns
    -------
    float32 array, (n_clusters, n_clusters)
        NaN where nothing is known.
    """
    n = templates.n_clusters
    matrix = np.empty((n, n), np.float32)
    for index in range(n):
        matrix[index] = compute_cluster_similarity(similar_templates, templates, index)
    return matrix


def order_by_similarity(similarity: Float32Array) -> Int64Array:
    """Order clusters such that those that are alike are neighbours.

    The order of the leaves of a tree that joins the pair of groups with the largest mean
    similarity first (average linkage).

    Parameters
    ----------
    similarity : float32 array, (n, n)
        Need not be symmetric: the larger of the two counts. NaN counts as 0.

    Returns
    -------
    int64 array, (n,)
        Positions of the clusters.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    n = len(similarity)
    if n < 3:
        return np.arange(n)
    known = np.nan_to_num(similarity.astype(np.float64))
    distances = 1.0 - np.clip(np.maximum(known, known.T), -1.0, 1.0)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), method="average")
    return np.asarray(leaves_list(tree), np.int64)


def compute_template_similarity(
    templates: TemplateStore, max_lag_samples: int = 6, report: Reporter = ignore_progress
) -> Float32Array:
    """Compare all templates with one another, for datasets without `similar_templates.npy`.

    The similarity of two unwhitened templates a and b is their largest normalised correlation,
    ``max over |lag| <= max_lag of sum_tc a[t + lag, c] b[t, c] / (|a| |b|)``, each of them set to
    0 on the channels where its peak-to-peak size is below 5 % of its largest. What a shift moves
    out of the window counts as 0.

    Parameters
    ----------
    templates
        All of them; memory is taken only for their channels of 5 % or more.
    max_lag_samples
        0.2 ms at 30,000 samples a second by default.
    report
        Told how far it is.

    Returns
    -------
    float32 array, (n_templates, n_templates)
        Symmetric, from -1 to 1; 1 on the diagonal, 0 for templates of zeros.
    """
    n_templates = templates.n_templates
    by_channel = _waveforms_by_channel(templates, report)
    max_lag = min(max_lag_samples, templates.n_samples - 1)
    products = np.zeros((max_lag + 1, n_templates, n_templates), np.float32)
    for ids, waveforms in by_channel:
        # All lags in one product: row (lag, a) holds waveform a moved forwards by lag.
        moved = np.zeros((max_lag + 1, *waveforms.shape), np.float32)
        for lag in range(max_lag + 1):
            moved[lag, :, : waveforms.shape[1] - lag] = waveforms[:, lag:]
        on_channel = moved.reshape(-1, waveforms.shape[1]) @ waveforms.T
        products[:, ids[:, None], ids] += on_channel.reshape(-1, len(ids), len(ids))
    norms = np.sqrt(np.diagonal(products[0]))
    # A lag of -l for (a, b) is one of l for (b, a).
    largest = np.maximum(products, products.transpose(0, 2, 1)).max(axis=0)
    scale = np.where(norms > 0, norms, 1)
    similarity: Float32Array = np.clip(largest / np.outer(scale, scale), -1, 1)
    np.fill_diagonal(similarity, norms > 0)
    report(1.0)
    return similarity


def _waveforms_by_channel(
    templates: TemplateStore, report: Reporter
) -> list[tuple[np.ndarray, Float32Array]]:
    """Return, for each channel, the templates that are large there and their waveforms on it."""
    sizes = np.nan_to_num(templates.peak_to_peak())
    is_large = (sizes >= _LEAST_SHARE * sizes.max(axis=1, initial=0, keepdims=True)) & (sizes > 0)
    members = [np.flatnonzero(column) for column in is_large.T]
    waveforms = [np.empty((len(ids), templates.n_samples), np.float32) for ids in members]
    place = np.zeros(len(members), np.int64)
    for template_id in range(templates.n_templates):
        report(0.8 * template_id / templates.n_templates)
        waveform = templates.waveform(template_id)
        for channel in np.flatnonzero(is_large[template_id]).tolist():
            waveforms[channel][place[channel]] = waveform[:, channel]
            place[channel] += 1
    return [(i, w) for i, w in zip(members, waveforms, strict=True) if len(i)]
