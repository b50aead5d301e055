"""The matrix of units and clusters: its values, its colours and its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float64Array, Int64Array
from ..qt.theme import score_table

if TYPE_CHECKING:
    from ..scoring.scores import Scores

VALUES = ("agreement", "recall", "precision", "counts")
# A hundredth of agreement is what two independent trains share by chance: a colour, no number.
SMALLEST_WRITTEN = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """What the matrix shows, rows and columns in the order of the display.

    Attributes
    ----------
    scores
        Where it comes from.
    value
        One of `VALUES`.
    rows, columns : int64 arrays, (n_units,), (n_clusters,)
        Row and column of the scores at each place.
    values : float64 array, (n_units, n_clusters)
        What is written.
    levels : uint8 array, (n_units, n_clusters)
        Place in the colour map.
    """

    scores: Scores
    value: str
    rows: Int64Array
    columns: Int64Array
    values: Float64Array
    levels: NDArray[np.uint8]
    _places: dict[str, dict[Any, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        units = {self.scores.unit_ids[row]: i for i, row in enumerate(self.rows.tolist())}
        clusters = {self.scores.cluster_ids[col]: j for j, col in enumerate(self.columns.tolist())}
        object.__setattr__(self, "_places", {"unit": units, "cluster": clusters})

    @property
    def colors(self) -> NDArray[np.uint8]:
        """The colour map, (256, 4)."""
        return score_table()

    @property
    def shape(self) -> tuple[int, int]:
        """Units and clusters."""
        return len(self.rows), len(self.columns)

    @property
    def widest_text(self) -> str:
        """The longest number of a cell."""
        return f"{self.values.max(initial=0):,.0f}" if self.value == "counts" else "0.00"

    def row_of(self, unit_id: Any) -> int | None:
        """Return where a unit is shown."""
        return self._places["unit"].get(unit_id)

    def column_of(self, cluster_id: int) -> int | None:
        """Return where a cluster is shown."""
        return self._places["cluster"].get(cluster_id)

    def unit_at(self, row: int) -> Any:
        """Return the unit shown in a row."""
        return self.scores.unit_ids[int(self.rows[row])]

    def cluster_at(self, column: int) -> int:
        """Return the cluster shown in a column."""
        return self.scores.cluster_ids[int(self.columns[column])]

    def text(self, row: int, column: int) -> str:
        """Return the number of a cell; "" where it is too small to be written."""
        value = float(self.values[row, column])
        if self.value == "counts":
            return f"{value:,.0f}" if self.share(row, column) >= SMALLEST_WRITTEN else ""
        return f"{value:.2f}" if value >= SMALLEST_WRITTEN else ""

    def share(self, row: int, column: int) -> float:
        """Return how much of the smaller of the two, unit and cluster, they share."""
        i, j = int(self.rows[row]), int(self.columns[column])
        smaller = min(int(self.scores.unit_sizes[i]), int(self.scores.cluster_sizes[j]))
        return int(self.scores.counts[i, j]) / max(smaller, 1)


def make_matrix(scores: Scores, value: str) -> Matrix:
    """Order and colour the scores; counts are coloured relative to the largest."""
    rows, columns = scores.display_order()
    made = {
        "recall": scores.recall_matrix,
        "precision": scores.precision_matrix,
        "counts": lambda: scores.counts.astype(np.float64),
    }.get(value, lambda: scores.agreement)()
    values = np.asarray(made)[np.ix_(rows, columns)]
    largest = values.max(initial=1.0) if value == "counts" else 1.0
    levels = np.clip(np.rint(values / largest * 255), 0, 255).astype(np.uint8)
    score_table()  # read here, in a thread of the pool: it takes 0.2 s the first time
    return Matrix(scores, value, rows, columns, values, levels)
