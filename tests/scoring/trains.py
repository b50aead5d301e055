"""Makes small truths and sortings of lists of trains."""

from __future__ import annotations

import numpy as np

from gtview.scoring.scores import Scores, compute_scores

FS = 30_000.0


def joined(trains):
    """Return trains one after another, and their offsets."""
    offsets = np.concatenate([[0], np.cumsum([len(t) for t in trains])]).astype(np.int64)
    return np.concatenate([*trains, []]).astype(np.int64), offsets


def score(units: dict, clusters: dict, *, shuffle: int | None = None, **options) -> Scores:
    """Score clusters against units, both as id -> samples.

    `shuffle` puts the spikes of the sorting in random order in the file.
    """
    truth, truth_offsets = joined([np.sort(np.asarray(t)) for t in units.values()])
    samples, offsets = joined([np.asarray(t) for t in clusters.values()])
    labels = np.repeat(np.arange(len(clusters)), np.diff(offsets))
    rows = np.argsort(samples, kind="stable")
    if shuffle is not None:
        rows = np.random.default_rng(shuffle).permutation(len(samples))
    samples, labels = samples[rows], labels[rows]
    order = np.lexsort((samples, labels)).astype(np.int32)
    return compute_scores(
        truth,
        truth_offsets,
        tuple(units),
        samples,
        order,
        offsets,
        tuple(clusters),
        FS,
        **options,
    )


def train(seed, n=300, duration_s=60.0, refractory_ms=4.0):
    """Return n increasing samples at least `refractory_ms` apart."""
    rng = np.random.default_rng(seed)
    gap = int(refractory_ms / 1000 * FS)
    free = int(duration_s * FS) - n * gap
    return np.sort(rng.integers(0, free, n)) + gap * np.arange(n)
