"""Where the spikes of each unit went, as cells: with the missed ones and those of no unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float64Array, Int64Array
from ..qt.theme import score_table

if TYPE_CHECKING:
    from ..data.ground_truth import UnitId
    from ..scoring.results import Scores
    from ..scoring.spike_matrix import SpikeMatrix

VALUES = ("share of the unit", "share of the cluster", "spikes")
# Cells of a hundredth are coloured; numbers are for what one looks for.
SMALLEST_WRITTEN = 0.02
# The colours of what is lost end in this one, those of what nobody can judge in the other.
LOST_RGB = (238, 84, 84)
UNKNOWN_RGB = (150, 150, 158)


@dataclass(frozen=True, slots=True, eq=False)
class AssignmentCells:
    """What the matrix shows, in the order of the display.

    The last row is noise (spikes of no unit), the last column what was missed.

    Attributes
    ----------
    matrix, scores
        Where it comes from.
    value
        One of `VALUES`.
    rows, columns : int64 arrays, (n_units,), (n_clusters,)
        Row and column of the matrix at each place, without noise and missed.
    counts : int64 array, (n_units + 1, n_clusters + 1)
        Spikes.
    values : float64 array of the same shape
        What is written.
    levels : uint16 array of the same shape
        Places in the colours: from 256 on those of what is lost, from 512 on of what is unknown.
    """

    matrix: SpikeMatrix
    scores: Scores
    value: str
    rows: Int64Array
    columns: Int64Array
    counts: Int64Array
    values: Float64Array
    levels: NDArray[np.uint16]
    _places: dict[str, dict[Any, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        units = {self.matrix.unit_ids[row]: i for i, row in enumerate(self.rows.tolist())}
        ids = self.matrix.cluster_ids
        clusters = {ids[column]: j for j, column in enumerate(self.columns.tolist())}
        object.__setattr__(self, "_places", {"unit": units, "cluster": clusters})

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, with noise and missed."""
        return len(self.rows) + 1, len(self.columns) + 1

    @property
    def colors(self) -> NDArray[np.uint8]:
        """The colour map, (768, 4): matched spikes, lost ones, unknown ones."""
        return assignment_colors()

    @property
    def rest_name(self) -> str:
        """What the last row is called: a partial truth cannot tell noise from other neurons."""
        return "unknown" if self.scores.is_partial else "noise"

    @property
    def rest_words(self) -> str:
        """Of what its spikes are."""
        return "no known unit" if self.scores.is_partial else "no unit"

    @property
    def widest_text(self) -> str:
        """The longest number of a cell."""
        return f"{self.values.max(initial=0):,.0f}" if self.value == VALUES[2] else "0.00"

    def row_of(self, unit_id: Any) -> int | None:
        """Return where a unit is shown."""
        return self._places["unit"].get(unit_id)

    def column_of(self, cluster_id: int) -> int | None:
        """Return where a cluster is shown."""
        return self._places["cluster"].get(cluster_id)

    def unit_at(self, row: int) -> UnitId | None:
        """Return the unit shown in a row; None: noise."""
        return self.matrix.unit_ids[int(self.rows[row])] if row < len(self.rows) else None

    def cluster_at(self, column: int) -> int | None:
        """Return the cluster shown in a column; None: missed."""
        if column >= len(self.columns):
            return None
        return self.matrix.cluster_ids[int(self.columns[column])]

    def text(self, row: int, column: int) -> str:
        """Return the number of a cell; "" where it is too small to be written."""
        value = float(self.values[row, column])
        if self.value == VALUES[2]:
            is_small = value < SMALLEST_WRITTEN * self._smaller(row, column)
            return "" if is_small else f"{value:,.0f}"
        return f"{value:.2f}" if value >= SMALLEST_WRITTEN else ""

    def _smaller(self, row: int, column: int) -> int:
        return int(min(self.counts[row].sum(), self.counts[:, column].sum()))


def make_assignment(matrix: SpikeMatrix, scores: Scores, value: str) -> AssignmentCells:
    """Order and colour where the spikes went; numbers of spikes relative to the largest."""
    rows, columns = _order(matrix, scores)
    place = np.ix_([*rows.tolist(), len(rows)], [*columns.tolist(), len(columns)])
    counts = matrix.table()[place]
    values = counts.astype(np.float64)
    if value == VALUES[0]:
        values = matrix.row_shares()[place]
    elif value == VALUES[1]:
        values = matrix.column_shares()[place]
    largest = values[:-1, :-1].max(initial=1.0) if value == VALUES[2] else 1.0
    levels = np.clip(np.rint(values / largest * 255), 0, 255).astype(np.uint16)
    levels[-1], levels[:, -1] = levels[-1] + 256, levels[:, -1] + 256
    levels[-1, -1] = 256
    levels[-1, :-1][matrix.unknown[columns] > 0] += 256
    assignment_colors()  # made here, in a thread of the pool
    return AssignmentCells(matrix, scores, value, rows, columns, counts, values, levels)


def _order(matrix: SpikeMatrix, scores: Scores) -> tuple[Int64Array, Int64Array]:
    """Return the rows and columns of the matrix in the order of the scores, matches first."""
    rows, columns = scores.display_order()
    own = {cluster_id: j for j, cluster_id in enumerate(matrix.cluster_ids)}
    found = [own[i] for i in (scores.cluster_ids[j] for j in columns.tolist()) if i in own]
    rest = np.setdiff1d(np.arange(len(matrix.cluster_ids)), found)
    return rows, np.concatenate([found, rest]).astype(np.int64)


@cache
def assignment_colors() -> NDArray[np.uint8]:
    """Return the colours of matched, of lost and of unknown spikes: uint8, (768, 4)."""
    scores = score_table()
    start = scores[0, :3].astype(np.float64)
    return np.concatenate([scores, *(_ramp(start, end) for end in (LOST_RGB, UNKNOWN_RGB))])


def _ramp(start: Float64Array, end: tuple[int, int, int]) -> NDArray[np.uint8]:
    ramp = np.full((256, 4), 255, np.uint8)
    ramp[:, :3] = np.round(start + (np.array(end) - start) * np.linspace(0, 1, 256)[:, None])
    return ramp
