"""Recall of colliding spikes as coloured cells, by lag and by how much two units look alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float64Array
from ..qt.theme import Theme, score_table
from ..qt.ticks import MINUS

if TYPE_CHECKING:
    from ..scoring.collisions import CollisionMap

VALUES = ("pairs of spikes", "recall")


@dataclass(frozen=True, slots=True, eq=False)
class CollisionCells:
    """The map, the largest similarity uppermost.

    Attributes
    ----------
    map
        Where it comes from.
    value
        What is written, one of `VALUES`.
    values : float64 array, (n_rows, n_lags)
        Pairs of spikes.
    levels : uint16 array, (n_rows, n_lags)
        Recall as a place in the colours; the last colour, that of the background, is for none.
    colors : uint8 array, (257, 4)
    """

    map: CollisionMap
    value: str
    values: Float64Array
    levels: NDArray[np.uint16]
    colors: NDArray[np.uint8]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows of similarity and columns of lag."""
        n_rows, n_lags = self.values.shape
        return n_rows, n_lags

    @property
    def widest_text(self) -> str:
        """The longest number of a cell."""
        if self.value == "recall":
            return "0.00"
        return max((short(n) for n in self.values.ravel().tolist()), key=len, default="")

    def recall(self, row: int, column: int) -> float:
        """Return the recall of a cell; NaN where there are no pairs."""
        return float(self.map.rates.value[self._place(row), column])

    def text(self, row: int, column: int) -> str:
        """Return what is written in a cell."""
        n = float(self.values[row, column])
        if not n:
            return ""
        return f"{self.recall(row, column):.2f}" if self.value == "recall" else short(n)

    def similarity_of(self, row: int) -> tuple[float, float]:
        """Return from where to where the similarity of a row is."""
        low, high = self.map.similarity_edges[self._place(row) : self._place(row) + 2]
        return float(low), float(high)

    def names(self) -> tuple[list[str], list[str]]:
        """Return the names of rows and columns: the middle of each."""
        edges = self.map.lag_edges_ms
        lags = [f"{x:z.1f}".replace("-", MINUS) for x in ((edges[1:] + edges[:-1]) / 2).tolist()]
        if self.shape[0] == 1:
            return ["all"], lags
        rows = [f"{sum(self.similarity_of(k)) / 2:z.2f}" for k in range(self.shape[0])]
        return [row.replace("-", MINUS) for row in rows], lags

    def _place(self, row: int) -> int:
        return self.shape[0] - 1 - row


def make_cells(found: CollisionMap, value: str, theme: Theme) -> CollisionCells:
    """Colour the recall of each cell."""
    rates = found.rates
    levels = np.full(rates.n.shape, 256, np.uint16)
    is_known = rates.n > 0
    levels[is_known] = np.rint(rates.value[is_known] * 255).astype(np.uint16)
    values = rates.n[::-1].astype(np.float64)
    return CollisionCells(found, value, values, levels[::-1], _colors(theme.plot))


@cache
def _colors(empty: str) -> NDArray[np.uint8]:
    from PyQt6.QtGui import QColor

    last = np.array([QColor(empty).getRgb()], np.uint8)
    return np.concatenate([score_table(), last])


def short(n: float) -> str:
    """Return a number with few digits: "812", "1.2k", "34k", "5.6M"."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if n >= 0.9995 * size:
            share = n / size
            return f"{share:.1f}{letter}" if share < 9.95 else f"{share:.0f}{letter}"
    return f"{n:.0f}"
