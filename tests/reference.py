"""Slow and obvious versions of what the kernels compute, to compare them with."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def correlogram(
    first: np.ndarray, second: np.ndarray, bin_samples: int, n_half: int, *, same: bool = False
) -> np.ndarray:
    """Count pairs by lag, second minus first; exact halves go to the bin further from 0."""
    counts = np.zeros(2 * n_half + 1, np.int64)
    for i, a in enumerate(first.tolist()):
        for j, b in enumerate(second.tolist()):
            if same and i == j:
                continue
            lag = b - a
            # In halves of a sample, so that nothing is rounded.
            k = (2 * abs(lag) + bin_samples) // (2 * bin_samples)
            if k <= n_half:
                counts[n_half + (k if lag >= 0 else -k)] += 1
    return counts


def main_templates(
    spike_clusters: np.ndarray, spike_templates: np.ndarray, cluster_ids: list[int]
) -> list[int]:
    """Return the template with most spikes of each cluster, the lowest of several; else -1."""
    main = []
    for cluster_id in cluster_ids:
        templates = spike_templates[spike_clusters == cluster_id].tolist()
        candidates = sorted(set(templates))
        main.append(max(candidates, key=templates.count) if candidates else -1)
    return main


def template_similarity(waveforms: np.ndarray, max_lag: int, least_share: float) -> np.ndarray:
    """Return the largest normalised correlation over small lags; shape (n, n)."""
    n, n_samples, _ = waveforms.shape
    sizes = np.ptp(waveforms, axis=1)
    is_small = sizes < least_share * sizes.max(axis=1, keepdims=True)
    kept = np.where(is_small[:, None, :], 0.0, waveforms.astype(float))
    similarity = np.zeros((n, n))
    for a in range(n):
        for b in range(n):
            norms = np.linalg.norm(kept[a]) * np.linalg.norm(kept[b])
            if norms == 0:
                continue
            similarity[a, b] = max(
                (kept[a][max(lag, 0) : n_samples + min(lag, 0)]
                 * kept[b][max(-lag, 0) : n_samples + min(-lag, 0)]).sum() / norms
                for lag in range(-max_lag, max_lag + 1)
            )  # fmt: skip
    return similarity


def cluster_similarity(similar: np.ndarray, own: set[int], others: list[set[int]]) -> list[float]:
    """Return the largest entry over the templates of one cluster and of each other; else NaN."""
    return [
        max((float(similar[a, b]) for a in own for b in other), default=float("nan"))
        for other in others
    ]


def is_inside(x: np.ndarray, y: np.ndarray, corners: list[tuple[float, float]]) -> np.ndarray:
    """Count, for each point, how many edges a ray to the right crosses; one edge at a time."""
    inside = np.zeros(len(x), bool)
    for k, (px, py) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        n_crossed = 0
        for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
            low, high = min(ay, by), max(ay, by)
            if low <= py < high:
                at = ax + (py - ay) / (by - ay) * (bx - ax)
                n_crossed += px < at
        inside[k] = n_crossed % 2 == 1
    return inside


def passes_through(x: np.ndarray, curve: np.ndarray, corners: list[tuple[float, float]]) -> bool:
    """Whether a curve meets a polygon: each of its lines against each edge, and each point."""
    if is_inside(x, curve, corners).any():
        return True
    points = list(zip(x.tolist(), curve.tolist(), strict=True))
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    return any(_cross(p, q, a, b) for p, q in pairwise(points) for a, b in edges)


def _cross(p: tuple, q: tuple, a: tuple, b: tuple) -> bool:
    def side(u: tuple, v: tuple, w: tuple) -> float:
        return (v[0] - u[0]) * (w[1] - u[1]) - (v[1] - u[1]) * (w[0] - u[0])

    return side(p, q, a) * side(p, q, b) < 0 and side(a, b, p) * side(a, b, q) < 0
