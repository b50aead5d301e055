"""The bars of a comparison: for each unit of the truth one bar a sorting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from ..qt.plot import PlotPanel
from ..qt.plot_items import PixelItem
from ..qt.theme import Theme, cluster_color

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int64Array
    from ..data.ground_truth import UnitId
    from ..scoring.comparison import SortingComparison

# Of the room of a unit, this share is left empty.
_GAP = 0.24


@dataclass(frozen=True, slots=True, eq=False)
class UnitBars:
    """Units in the order of the display.

    Attributes
    ----------
    unit_ids
        From left to right.
    rows : int64 array, (n_units,)
        Their rows in the comparison.
    values : float64 array, (n_units, n_sortings)
        Heights, 0 to 1.
    """

    unit_ids: tuple[UnitId, ...]
    rows: Int64Array
    values: Float64Array

    def place_of(self, unit_id: UnitId | None) -> int | None:
        """Return where a unit stands."""
        return self.unit_ids.index(unit_id) if unit_id in self.unit_ids else None

    def place_at(self, x: float) -> int | None:
        """Return which unit is at a place of the axis."""
        place = round(x)
        return place if 0 <= place < len(self.unit_ids) else None


def order_units(comparison: SortingComparison, measure: str, order: str) -> UnitBars:
    """Return the units by what the first sorting has of them, or by how much sortings differ.

    Parameters
    ----------
    comparison
        The sortings.
    measure
        "accuracy", "recall" or "precision".
    order
        "value": the best first; "difference": those on which sortings differ most first.
    """
    values: Float64Array = getattr(comparison, measure)
    keys = -values[:, 0] if values.shape[1] else np.zeros(len(values))
    if order == "difference" and values.shape[1]:
        keys = values.min(axis=1) - values.max(axis=1)
    rows = np.argsort(keys, kind="stable")
    ids = tuple(comparison.unit_ids[k] for k in rows.tolist())
    return UnitBars(ids, rows, values[rows])


class BarsItem(PixelItem):
    """Paints the bars; behind those of the selected unit lies a band."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.bars: UnitBars | None = None
        self._chosen: int | None = None
        self._hovered: int | None = None

    def set_bars(self, bars: UnitBars) -> None:
        """Show these."""
        self.bars = bars
        self.update()

    def set_chosen(self, place: int | None) -> None:
        """Mark the unit at a place."""
        self._chosen = place
        self.update()

    def set_hovered(self, place: int | None) -> None:
        """Mark the unit under the pointer, a little."""
        if place != self._hovered:
            self._hovered = place
            self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self.bars is None:
            return
        low, high = panel.x_range
        floor = panel.to_pixels(0, 0).y()
        wide = panel.box.rect().width() / (high - low)
        first, last = max(int(np.floor(low)), 0), int(np.ceil(high)) + 1
        for place, alpha in ((self._hovered, 40), (self._chosen, 90)):
            if place is not None:
                left = panel.to_pixels(place - 0.5, 0).x()
                band = QRectF(left, 0, wide, panel.box.rect().height())
                painter.fillRect(band, self.theme.color("selection", alpha))
        n = max(self.bars.values.shape[1], 1)
        bar = wide * (1 - _GAP) / n
        for place in range(first, min(last, len(self.bars.unit_ids))):
            left = panel.to_pixels(place - 0.5 + _GAP / 2, 0).x()
            for k, value in enumerate(self.bars.values[place].tolist()):
                top = panel.to_pixels(0, value).y()
                rect = QRectF(left + k * bar, top, max(bar - 0.6, 0.8), floor - top)
                painter.fillRect(rect, cluster_color(k))
                if not value:
                    # Not found at all: a stub, so that it is not taken for missing.
                    painter.fillRect(QRectF(rect.left(), floor - 2, rect.width(), 2),
                                     cluster_color(k, 110))  # fmt: skip
        painter.setPen(QPen(self.theme.color("line"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(0, round(floor), round(panel.box.rect().width()), round(floor))
