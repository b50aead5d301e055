"""Which decisions of a curation were wrong: merges, merges that were not made, labels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.matching import match_trains

if TYPE_CHECKING:
    from ..base.types import Int64Array
    from ..data.ground_truth import UnitId
    from .results import Scores

# A merge that would raise the accuracy of its unit by less than this is not missed.
LEAST_GAIN = 0.01
# As for a well detected unit, see `categories`.
_PURE, _WHOLE = 0.8, 0.8


def find_main_units(scores: Scores) -> Int64Array:
    """Find the unit that each cluster mainly is: the one that makes at least half of its spikes.

    Returns
    -------
    int64 array, (n_clusters,)
        Position of a unit, -1 for a cluster that is mainly none.
    """
    n_clusters = len(scores.cluster_ids)
    if not len(scores.unit_ids) or not n_clusters:
        return np.full(n_clusters, -1, np.int64)
    main = scores.counts.argmax(axis=0)
    counts = scores.counts[main, np.arange(n_clusters)]
    is_main = (2 * counts >= scores.cluster_sizes) & (counts > 0)
    return np.where(is_main, main, -1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class WrongMerge:
    """Clusters that were joined though they are different units.

    `units` are the unit that each of the clusters mainly was; None: no unit, false spikes.
    """

    cluster_ids: tuple[int, ...]
    units: tuple[UnitId | None, ...]

    @property
    def different(self) -> tuple[UnitId, ...]:
        """The units that were joined, each once."""
        return tuple(dict.fromkeys(unit for unit in self.units if unit is not None))


def judge_merge(before: Scores, cluster_ids: Sequence[int]) -> WrongMerge | None:
    """Tell whether joining clusters is wrong: two of them are mainly different units.

    A cluster is mainly a unit that makes at least half of its spikes. A false cluster (it has to
    do with no unit, and the truth is complete) is different from every unit. Others that are
    mainly no unit are mixtures: they are not judged.

    Parameters
    ----------
    before
        Scores before the merge.
    cluster_ids
        What is joined.

    Returns
    -------
    WrongMerge or None
        None: nothing speaks against it.
    """
    main = dict(zip(before.cluster_ids, find_main_units(before).tolist(), strict=True))
    false = set(before.false_cluster_ids)
    judged = [i for i in cluster_ids if main.get(i, -1) >= 0 or i in false]
    units = tuple(None if i in false else before.unit_ids[main[i]] for i in judged)
    known = {unit for unit in units if unit is not None}
    if not known or len(set(units)) < 2:
        return None
    return WrongMerge(tuple(judged), units)


@dataclass(frozen=True, slots=True)
class MissedMerge:
    """Clusters that should have been joined: the unit, its accuracy now, and if they were."""

    unit_id: UnitId
    cluster_ids: tuple[int, ...]
    accuracy: float
    accuracy_if_merged: float


def find_missed_merges(
    scores: Scores,
    unit_train: Callable[[int], Int64Array],
    train_of: Callable[[int], Int64Array],
    ignored: Collection[int] = (),
) -> tuple[MissedMerge, ...]:
    """Find the clusters that are mainly the same unit, and better together.

    Beginning with the cluster that holds most of the unit, each further one counts if joining it
    raises the accuracy, tp / (tp + fn + fp), by `LEAST_GAIN` at least. The joined spikes are
    matched anew: two clusters that hold the same spikes of a unit are no missed merge.

    Parameters
    ----------
    scores
        At the end of the curation.
    unit_train
        Gives the increasing samples (int64) of the unit at a position.
    train_of
        Gives the increasing samples (int64) of a cluster.
    ignored
        Clusters that are not looked at, such as those labelled as noise.

    Returns
    -------
    tuple of MissedMerge
        The largest gain first.
    """
    main = find_main_units(scores)
    main[[i in set(ignored) for i in scores.cluster_ids]] = -1
    found = [
        missed
        for unit in np.flatnonzero(np.bincount(main[main >= 0], minlength=1) >= 2).tolist()
        if (missed := _join(scores, unit, np.flatnonzero(main == unit), unit_train, train_of))
    ]
    return tuple(sorted(found, key=lambda m: m.accuracy - m.accuracy_if_merged))


def _join(
    scores: Scores,
    unit: int,
    columns: Int64Array,
    unit_train: Callable[[int], Int64Array],
    train_of: Callable[[int], Int64Array],
) -> MissedMerge | None:
    columns = columns[np.argsort(-scores.counts[unit, columns], kind="stable")]
    first, *others = columns.tolist()
    n_unit, n_found = int(scores.unit_sizes[unit]), int(scores.cluster_sizes[first])
    n_both = int(scores.counts[unit, first])
    accuracy = before = n_both / (n_unit + n_found - n_both)
    joined, train = [scores.cluster_ids[first]], None
    for column in others:
        n_more, size = int(scores.counts[unit, column]), int(scores.cluster_sizes[column])
        most = min(n_both + n_more, n_unit)
        if most / (n_unit + n_found + size - most) < accuracy + LEAST_GAIN:
            continue  # not even if they share no spike
        train = train_of(joined[0]) if train is None else train
        both = np.sort(np.concatenate([train, train_of(scores.cluster_ids[column])]))
        matched = match_trains(unit_train(unit), both, scores.delta_samples)
        n_now = int(np.count_nonzero(matched >= 0))
        now = n_now / (n_unit + n_found + size - n_now)
        if now >= accuracy + LEAST_GAIN:
            joined.append(scores.cluster_ids[column])
            train, accuracy, n_both, n_found = both, now, n_now, n_found + size
    if len(joined) < 2:
        return None
    return MissedMerge(scores.unit_ids[unit], tuple(joined), before, accuracy)


@dataclass(frozen=True, slots=True)
class WrongLabel:
    """A group that the truth contradicts.

    `unit_id` is the unit that makes most of the cluster's spikes; `precision` the share of the
    cluster that is this unit, `recall` the share of the unit that the cluster holds.
    """

    cluster_id: int
    group: str
    unit_id: UnitId | None
    precision: float
    recall: float


def find_wrong_labels(
    scores: Scores, groups: Mapping[int, str], *, is_partial: bool = False
) -> tuple[WrongLabel, ...]:
    """Find the groups that the truth contradicts.

    - `good` is wrong for a cluster of which less than 0.8 is one unit. Where the truth is partial
      it is not judged: the rest may be a neuron that the truth does not know.
    - `mua` is wrong for a cluster that is at least 0.8 one unit and holds at least 0.8 of it.
    - `noise` is wrong for a cluster of which at least half is one unit.

    Parameters
    ----------
    scores
        At the end of the curation.
    groups
        Group by cluster; other words than these three are not judged.
    is_partial
        Whether there are neurons that the truth does not know.
    """
    found = []
    for column, cluster_id in enumerate(scores.cluster_ids):
        group = str(groups.get(cluster_id, "")).lower()
        if group not in ("good", "mua", "noise") or (group == "good" and is_partial):
            continue
        label = _describe(scores, column, group)
        if _is_wrong(label):
            found.append(label)
    return tuple(found)


def _describe(scores: Scores, column: int, group: str) -> WrongLabel:
    cluster_id, size = scores.cluster_ids[column], int(scores.cluster_sizes[column])
    counts = scores.counts[:, column]
    row = int(counts.argmax()) if len(counts) else -1
    n = int(counts[row]) if row >= 0 else 0
    if not n:
        return WrongLabel(cluster_id, group, None, 0.0, 0.0)
    recall = n / int(scores.unit_sizes[row])
    return WrongLabel(cluster_id, group, scores.unit_ids[row], n / size, recall)


def _is_wrong(label: WrongLabel) -> bool:
    if label.group == "good":
        return label.precision < _PURE
    if label.group == "mua":
        return label.precision >= _PURE and label.recall >= _WHOLE
    return label.precision >= 0.5
