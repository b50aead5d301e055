"""Ways to divide the spikes of clusters that a computer can think of: by features, by template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..base.errors import UsageError
from ..base.types import Float32Array, Int32Array
from ..data.dataset import Dataset
from ..kernels.grouping import group_by_value
from .sampling import even_positions
from .spike_features import read_spike_features

MOST_PARTS = 6
# Spikes that the Gaussians are fitted to; then every spike is assigned.
_FITTED_SPIKES = 4000
_STEPS = 200
# Spikes for each Gaussian, at least.
_FEWEST_SPIKES = 20
# Gaussians with less than this part of the spikes hold strays, not a cluster.
_SMALLEST_SHARE = 0.01
# Spikes that are so many usual distances away are not fitted: a Gaussian would go to them.
_STRAY_AT = 20.0
_CHUNK_SPIKES = 1 << 14
_SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class MixtureQuery:
    """What is asked.

    Attributes
    ----------
    dataset
        With `pc_features`.
    cluster_ids, spike_ids : int32 arrays, (n_spikes,)
        All spikes of each cluster; they are divided together.
    channel_ids, n_pcs
        The features that count.
    n_parts
        How many parts; None: as many as suit, by the Bayesian information criterion.
    """

    dataset: Dataset
    cluster_ids: tuple[int, ...]
    spike_ids: tuple[Int32Array, ...]
    channel_ids: tuple[int, ...]
    n_pcs: int
    n_parts: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A division of spikes.

    Attributes
    ----------
    parts : int32 arrays, (n,)
        The largest first.
    left_out
        Spikes that lack one of the features, by cluster.
    n_best
        How many Gaussians suit best; 1: one describes all of them. None: it was not asked.
    """

    parts: tuple[Int32Array, ...]
    left_out: dict[int, int]
    n_best: int | None


def divide_by_mixture(query: MixtureQuery) -> Iterator[Mixture | None]:
    """Divide spikes by a mixture of Gaussians with full covariances in their features.

    Fitted to an even sample of them; every spike then goes to the Gaussian that most likely made
    it. Without a number of parts it is the mixture of 1 to 6 Gaussians, none of them for less
    than a hundredth of the spikes, with the smallest Bayesian information criterion (Schwarz, Ann.
    Stat. 6, 1978); two parts where that is one Gaussian.

    Yields
    ------
    Mixture or None
        None is a chance to stop; the answer at the end.

    Raises
    ------
    DatasetError
        The features cannot be read.
    UsageError
        There are too few spikes with these features.
    """
    from sklearn.mixture import GaussianMixture
    from threadpoolctl import threadpool_limits

    spikes, values = np.empty(0, np.int32), None
    left_out: dict[int, int] = {}
    for found in _read(query):
        if found is None:
            yield None
        else:
            spikes, values, left_out = found
    wanted = range(1, MOST_PARTS + 1) if query.n_parts is None else (query.n_parts,)
    if values is None or len(values) < _FEWEST_SPIKES * max(2, wanted[0]):
        raise UsageError("Too few spikes have these features to divide them.")
    scaled = _scaled(values)
    sample = scaled[even_positions(len(scaled), _FITTED_SPIKES)]
    sample = sample[(np.abs(sample) <= _STRAY_AT).all(axis=1)]
    fits: dict[int, Any] = {}
    for n in wanted:
        if len(sample) >= _FEWEST_SPIKES * n:
            made = GaussianMixture(n, random_state=_SEED, reg_covar=1e-4, max_iter=_STEPS)
            # Threads would wait for one another longer than such small matrices take.
            with threadpool_limits(1):
                fits[n] = made.fit(sample)
            yield None
    n_best = _best_number(fits, sample) if query.n_parts is None else None
    labels = fits[query.n_parts or max(n_best or 2, 2)].predict(scaled).astype(np.int32)
    yield Mixture(_parts(spikes, labels), left_out, n_best)


def _scaled(values: Float32Array) -> Float32Array:
    """Return features from their median, in units of their usual distance from it."""
    away = values - np.median(values, axis=0)
    usual = np.median(np.abs(away), axis=0)
    return np.asarray(away / np.where(usual > 0, usual, 1), np.float32)


def _best_number(fits: dict[int, Any], sample: Float32Array) -> int:
    """Return the number of Gaussians with the smallest criterion, none of them for strays."""
    fewest = max(_FEWEST_SPIKES, _SMALLEST_SHARE * len(sample))
    usable = [
        n for n, fit in fits.items()
        if n == 1 or np.bincount(fit.predict(sample), minlength=n).min() >= fewest
    ]  # fmt: skip
    return min(usable, key=lambda n: fits[n].bic(sample))


def divide_by_template(
    dataset: Dataset, spike_ids: Sequence[Int32Array]
) -> tuple[Int32Array, ...]:
    """Divide spikes of clusters by the template that found each: what the sorter had merged.

    Raises
    ------
    UsageError
        They all have one template.
    """
    spikes = np.concatenate([np.empty(0, np.int32), *spike_ids])
    parts = _parts(spikes, dataset.spike_templates[spikes])
    if len(parts) < 2:
        raise UsageError("All these spikes have one template: nothing to split.")
    return parts


def _parts(spikes: Int32Array, labels: Int32Array) -> tuple[Int32Array, ...]:
    _, offsets, order = group_by_value(labels)
    parts = [spikes[order[a:b]] for a, b in pairwise(offsets.tolist())]
    return tuple(sorted(parts, key=len, reverse=True))


_Read = tuple[Int32Array, Float32Array, dict[int, int]]


def _read(query: MixtureQuery) -> Iterator[_Read | None]:
    """Yield None as a chance to stop; then spikes that have all features, and these, by spike."""
    ids, rows = [], []
    left_out: dict[int, int] = {}
    for cluster_id, spikes in zip(query.cluster_ids, query.spike_ids, strict=True):
        n_kept = 0
        for start in range(0, len(spikes), _CHUNK_SPIKES):
            part = spikes[start : start + _CHUNK_SPIKES]
            found = read_spike_features(query.dataset, part, query.channel_ids, query.n_pcs)
            table = found.values.reshape(-1, len(found.spike_ids)).T
            has = np.isfinite(table).all(axis=1)
            ids.append(found.spike_ids[has])
            rows.append(table[has])
            n_kept += len(ids[-1])
            yield None
        left_out[cluster_id] = len(spikes) - n_kept
    if ids:
        yield np.concatenate(ids), np.concatenate(rows), left_out
