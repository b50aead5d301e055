"""What scoring tells: of each unit, of each cluster, and of all of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .categories import Category, ClusterCategory, have_units
from .thresholds import Thresholds

if TYPE_CHECKING:
    from ..base.types import BoolArray, Float64Array, Int64Array
    from ..data.ground_truth import UnitId
    from .lag import LagScan
    from .twins import Twins


@dataclass(frozen=True, slots=True)
class UnitScore:
    """How well one unit is found.

    Attributes
    ----------
    unit_id, n_spikes
        The unit.
    cluster_id
        The cluster that stands for it (see `assignment`); None: unmatched.
    tp, fn, fp
        Spikes that the two share, that only the unit has, that only the cluster has.
        Unmatched: 0, all, 0.
    accuracy, recall, precision
        tp / (tp + fn + fp), tp / (tp + fn), tp / (tp + fp); 0 where unmatched.
    miss_rate
        1 - recall, also where unmatched.
    category
        What became of it; see `categories`.
    best_cluster_id, best_agreement
        The cluster that agrees best with it, matched or not; None and 0 where none shares a spike.
    """

    unit_id: UnitId
    n_spikes: int
    cluster_id: int | None
    tp: int
    fn: int
    fp: int
    accuracy: float
    recall: float
    precision: float
    miss_rate: float
    category: Category
    best_cluster_id: int | None
    best_agreement: float


@dataclass(frozen=True, slots=True)
class ClusterMatch:
    """The unit that agrees best with a cluster, and how well.

    `accuracy` is their agreement, `recall` the share of the unit that the cluster holds,
    `precision` the share of the cluster that is the unit.
    """

    unit_id: UnitId
    accuracy: float
    recall: float
    precision: float


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """How well a clustering finds the units of a ground truth. Arrays are read-only.

    Attributes
    ----------
    unit_ids, cluster_ids
        Rows and columns of the matrices.
    counts : int64 array, (n_units, n_clusters)
        Matched spikes of each pair.
    unit_sizes, cluster_sizes : int64 arrays, (n_units,), (n_clusters,)
        Spikes of each.
    agreement : float64 array, (n_units, n_clusters)
        counts / (unit size + cluster size - counts).
    units
        One score for each unit.
    mean_accuracy
        Over all units, unmatched ones as 0; 0 without units.
    category_counts
        Units of each category; every category is there.
    delta_ms, delta_samples
        Largest distance of a match.
    false_cluster_ids
        Clusters that hold a large share (0.2) of no unit and are no unit's for a large share of
        their own spikes. None are named where the truth is partial: they may be neurons.
    lag
        A constant offset that lowers the scores; None where there is none.
    is_partial
        Whether there are neurons that the truth does not know.
    thresholds
        Where the categories begin.
    twins
        Clusters that hold the same spikes of a unit.
    cluster_categories
        What each cluster is; see `categories.categorize_clusters`.
    """

    unit_ids: tuple[UnitId, ...]
    cluster_ids: tuple[int, ...]
    counts: Int64Array
    unit_sizes: Int64Array
    cluster_sizes: Int64Array
    agreement: Float64Array
    units: tuple[UnitScore, ...]
    mean_accuracy: float
    category_counts: dict[Category, int]
    delta_ms: float
    delta_samples: int
    false_cluster_ids: tuple[int, ...]
    lag: LagScan | None
    is_partial: bool = False
    thresholds: Thresholds = field(default_factory=Thresholds)
    twins: tuple[Twins, ...] = ()
    cluster_categories: tuple[ClusterCategory, ...] = ()
    _columns: dict[int, int] = field(init=False, repr=False)
    _has_unit: BoolArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        columns = {cluster_id: j for j, cluster_id in enumerate(self.cluster_ids)}
        object.__setattr__(self, "_columns", columns)
        has_unit = have_units(self.counts, self.unit_sizes, self.cluster_sizes, self.thresholds)
        object.__setattr__(self, "_has_unit", has_unit)
        for array in (self.counts, self.unit_sizes, self.cluster_sizes, self.agreement):
            array.setflags(write=False)

    @property
    def matched_columns(self) -> Int64Array:
        """Column of the cluster that stands for each unit, int64, (n_units,); -1: none."""
        places = self._columns
        found = [-1 if u.cluster_id is None else places[u.cluster_id] for u in self.units]
        return np.array(found, np.int64)

    def category_of_cluster(self, cluster_id: int) -> ClusterCategory | None:
        """Return what a cluster is; None for one that is not known here."""
        column = self._columns.get(cluster_id)
        return None if column is None else self.cluster_categories[column]

    def recall_matrix(self) -> Float64Array:
        """Return the share of each unit that each cluster holds, (n_units, n_clusters)."""
        return self.counts / np.maximum(self.unit_sizes, 1)[:, None]

    def precision_matrix(self) -> Float64Array:
        """Return the share of each cluster that is each unit, (n_units, n_clusters)."""
        return self.counts / np.maximum(self.cluster_sizes, 1)[None, :]

    def display_order(self) -> tuple[Int64Array, Int64Array]:
        """Return rows and columns such that matches make a diagonal.

        First the matched pairs by decreasing accuracy; then the other units by decreasing best
        agreement; the other clusters in the order of the units they agree best with.

        Returns
        -------
        rows : int64 array, (n_units,)
        columns : int64 array, (n_clusters,)
        """
        rows = sorted(range(len(self.units)), key=self._rank_of_unit)
        matched = [self.units[i].cluster_id for i in rows]
        columns = [self._columns[i] for i in matched if i is not None]
        rest = np.setdiff1d(np.arange(len(self.cluster_ids)), columns)
        if len(rows):
            agreement = self.agreement[rows][:, rest]
            best, first = agreement.max(axis=0), agreement.argmax(axis=0)
            # Clusters that share nothing with any unit come last.
            rest = rest[np.lexsort((-best, np.where(best > 0, first, len(rows))))]
        return np.array(rows, np.int64), np.concatenate([columns, rest]).astype(np.int64)

    def _rank_of_unit(self, row: int) -> tuple[bool, float]:
        unit = self.units[row]
        is_unmatched = unit.cluster_id is None
        return is_unmatched, -(unit.best_agreement if is_unmatched else unit.accuracy)

    def unit_of_cluster(self, cluster_id: int) -> ClusterMatch | None:
        """Return the unit that agrees best with a cluster, and how well.

        None for a cluster that is not known here, or that only shares stray spikes with the units
        (it holds a large share, 0.2, of none, and none is a large share of it).
        """
        column = self._columns.get(cluster_id)
        if column is None or not self._has_unit[column]:
            return None
        row = int(np.argmax(self.agreement[:, column]))
        n = int(self.counts[row, column])
        return ClusterMatch(
            unit_id=self.unit_ids[row],
            accuracy=float(self.agreement[row, column]),
            recall=n / int(self.unit_sizes[row]),
            precision=n / int(self.cluster_sizes[column]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return what `gtview score --json` prints."""
        return {
            "delta_ms": self.delta_ms,
            "delta_samples": self.delta_samples,
            "units": [asdict(unit) for unit in self.units],
            "mean_accuracy": self.mean_accuracy,
            "counts": dict(self.category_counts),
            "clusters": [
                {"cluster_id": i, "category": category}
                for i, category in zip(self.cluster_ids, self.cluster_categories, strict=True)
            ],
            "false_cluster_ids": list(self.false_cluster_ids),
            "lag": None if self.lag is None else asdict(self.lag),
        }
