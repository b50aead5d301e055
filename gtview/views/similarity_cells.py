"""The matrix of clusters and clusters: how alike they are, and in which order they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..analysis.similarity import compute_similarity_matrix, order_by_similarity
from ..base.types import Float32Array, Int64Array
from ..qt.theme import score_table
from .cluster_order import order_clusters

if TYPE_CHECKING:
    from ..analysis.clusters import ClusterStats

ORDERS = ("depth", "similarity", "id")
# A hundredth is what any two templates share: a colour, no number.
SMALLEST_WRITTEN = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class SimilarityCells:
    """What the matrix shows, in the order of the display.

    Attributes
    ----------
    stats
        Of the clusters it is about.
    order
        One of `ORDERS`.
    cluster_ids : int64 array, (n,)
    values : float32 array, (n, n)
        0 where nothing is known.
    levels : uint8 array, (n, n)
        Place in the colour map.
    """

    stats: ClusterStats
    order: str
    cluster_ids: Int64Array
    values: Float32Array
    levels: NDArray[np.uint8]
    widest_text: str = "0.00"
    _places: dict[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {cluster_id: i for i, cluster_id in enumerate(self.cluster_ids.tolist())}
        object.__setattr__(self, "_places", places)

    @property
    def colors(self) -> NDArray[np.uint8]:
        """The colour map, (256, 4)."""
        return score_table()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.cluster_ids), len(self.cluster_ids)

    def place_of(self, cluster_id: int) -> int | None:
        """Return the row and column of a cluster."""
        return self._places.get(cluster_id)

    def text(self, row: int, column: int) -> str:
        """Return the number of a cell; "" where it is too small to be written."""
        value = float(self.values[row, column])
        return f"{value:.2f}" if value >= SMALLEST_WRITTEN else ""


def make_cells(
    stats: ClusterStats, similar_templates: Float32Array | None, order: str
) -> SimilarityCells:
    """Compute how alike all clusters are, and order them."""
    n = len(stats.cluster_ids)
    values = np.full((n, n), np.nan, np.float32)
    if similar_templates is not None:
        values = compute_similarity_matrix(similar_templates, stats.templates)
    rows = order_by_similarity(values) if order == "similarity" else order_clusters(stats, order)
    values = np.nan_to_num(values[np.ix_(rows, rows)])
    levels = np.clip(np.rint(values * 255), 0, 255).astype(np.uint8)
    score_table()  # read here, in a thread of the pool: it takes 0.2 s the first time
    return SimilarityCells(stats, order, stats.cluster_ids[rows].astype(np.int64), values, levels)
