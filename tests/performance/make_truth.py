"""Makes a ground truth that a sorter's export could have come from, to measure scoring.

    python tests/performance/make_truth.py EXPORT OUT

Seeded. In every twenty clusters, two are one true unit that the sorter split, and one cluster
is two true units that it merged; 3 % of the sorted spikes are false, as many true ones are
missed, and times differ by up to three samples.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

JITTER_SAMPLES = 3
ERROR_SHARE = 0.03


def make_truth(export: Path, out: Path, seed: int = 0) -> None:
    """Write `spike_times.npy` and `spike_units.npy`, as many spikes as were sorted."""
    rng = np.random.default_rng(seed)
    times = np.load(export / "spike_times.npy").ravel().astype(np.int64)
    clusters = np.load(export / "spike_clusters.npy").ravel().astype(np.int32)
    units = assign_units(rng, clusters)
    is_false = rng.random(len(times), dtype=np.float32) < ERROR_SHARE
    missed = rng.integers(times[0], times[-1], int(is_false.sum()))
    times = times + rng.integers(-JITTER_SAMPLES, JITTER_SAMPLES + 1, len(times))
    # A missed spike takes the place of a false one, so that no array has to grow.
    times[is_false] = missed
    times = np.clip(times, 0, None)
    order = np.argsort(times, kind="stable")
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "spike_times.npy", times[order])
    np.save(out / "spike_units.npy", units[order])


def assign_units(rng: np.random.Generator, clusters: np.ndarray) -> np.ndarray:
    """Return the true unit of each sorted spike, int32, (n_spikes,)."""
    n_clusters = int(clusters.max()) + 1
    unit_of = np.arange(n_clusters, dtype=np.int32)
    pairs = np.arange(0, n_clusters - 1, 20)
    unit_of[pairs + 1] = unit_of[pairs]
    units = unit_of[clusters]
    is_merged = clusters % 20 == 7
    halves = rng.integers(0, 2, int(is_merged.sum()), dtype=np.int32)
    units[is_merged] += halves * n_clusters
    return units


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    make_truth(chosen.export, chosen.out, chosen.seed)
