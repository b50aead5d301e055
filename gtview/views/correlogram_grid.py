"""The widget that shows correlograms of all pairs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QPointF, QRectF, QSize, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap
from PyQt6.QtWidgets import QWidget

from ..qt.panel_box import WHEEL_STEP
from ..qt.picture import PIXEL_RATIO
from ..qt.plot import small_font
from ..qt.theme import Theme, cluster_color
from .correlogram_lags import widest_lag
from .correlogram_layout import Box, Grid, bin_at, lag_pixel, lay_out
from .correlogram_paint import GridPainting
from .correlogram_values import CellValues

if TYPE_CHECKING:
    from ..analysis.correlograms import Correlograms


class CorrelogramGrid(QWidget):
    """Bars of every pair; the picture is painted once, and again when something changes.

    Signals: `hovered(row, column, bin)`; `left()`; `turned(steps, modifiers)` for the wheel.
    """

    hovered = pyqtSignal(int, int, int)
    left = pyqtSignal()
    turned = pyqtSignal(int, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setMinimumSize(60, 50)
        self.theme = theme
        self.single: tuple[int, int] | None = None
        self._result: Correlograms | None = None
        self._values: CellValues | None = None
        self._colors: tuple[QColor, ...] = ()
        self._names: tuple[str, ...] = ()
        self._is_uniform = False
        self._picture: QPixmap | None = None
        self._under: tuple[int, int, int] | None = None
        self._wheel = 0.0

    # What the view sets --------------------------------------------------------------------

    def set_result(
        self,
        result: Correlograms,
        values: CellValues,
        color_ids: tuple[int, ...],
        *,
        is_uniform: bool,
        names: tuple[str, ...] = (),
    ) -> None:
        """Show correlograms, the clusters in these colours, and by these names or their ids."""
        self._names = names or tuple(str(i) for i in result.cluster_ids)
        shown = self._pair_ids()
        self._result = result
        self._values = values
        self._colors = tuple(cluster_color(i) for i in color_ids)
        self._is_uniform = is_uniform
        self.single = self._place_of(shown)
        self._under = None
        self.repaint_all()

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme."""
        self.theme = theme
        self.repaint_all()

    def show_single(self, pair: tuple[int, int] | None) -> None:
        """Let one correlogram fill the widget; None: all of them."""
        self.single = pair
        self._under = None
        self.repaint_all()

    def repaint_all(self) -> None:
        """Paint the picture anew."""
        self._picture = None
        self.update()

    def _pair_ids(self) -> tuple[int, int] | None:
        if self.single is None or self._result is None:
            return None
        ids = self._result.cluster_ids
        return ids[self.single[0]], ids[self.single[1]]

    def _place_of(self, ids: tuple[int, int] | None) -> tuple[int, int] | None:
        known = self._result.cluster_ids if self._result is not None else ()
        if ids is None or ids[0] not in known or ids[1] not in known:
            return None
        return known.index(ids[0]), known.index(ids[1])

    # Geometry ------------------------------------------------------------------------------

    def layout_now(self, size: QSize | None = None) -> Grid:
        """Return where the correlograms lie in the widget, or in a picture of another size."""
        size = size or self.size()
        metrics = QFontMetricsF(small_font())
        ids = self._result.cluster_ids if self._result is not None else ()
        names = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        tick = 0.0
        if self._result is not None:
            tick = metrics.horizontalAdvance(widest_lag(self._result.bins))
        n = 1 if self.single is not None else len(ids)
        has_merged = self._result is not None and self._result.merged is not None
        place = (size.width(), size.height(), metrics.height(), names, tick)
        return lay_out(n, *place, has_merged=has_merged)

    def _places(self, grid: Grid) -> list[tuple[int, int, Box]]:
        """Return row, column and bars' box of every correlogram that is shown."""
        if self.single is not None:
            places = [(*self.single, grid.bars_of(0, 0))]
        else:
            places = [(i, j, grid.bars_of(i, j)) for i in range(grid.n) for j in range(grid.n)]
        if grid.merged is not None and self._result is not None:
            n = len(self._result.cluster_ids)
            places.append((n, n, grid.merged))
        return places

    def bin_under(self, position: QPointF) -> tuple[int, int, int] | None:
        """Return row, column and bin at a point of the widget."""
        if self._result is None:
            return None
        grid, n_bins = self.layout_now(), self._result.bins.n_bins
        if grid.merged is not None and grid.merged.contains(position.x(), position.y()):
            n = len(self._result.cluster_ids)
            return n, n, bin_at(position.x(), n_bins, grid.merged)
        cell = grid.cell_at(position.x(), position.y())
        if cell is None:
            return None
        index = bin_at(position.x(), n_bins, grid.bars_of(*cell))
        return (*(self.single or cell), index)

    # Painting ------------------------------------------------------------------------------

    def paintEvent(self, event: Any) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            with QPainter(self._picture) as painter:
                self.paint_to(painter, self.size(), self.theme, 1 / ratio)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            self._paint_hover(painter)

    def paint_to(self, painter: QPainter, size: QSize, theme: Theme, pixel: float = 1.0) -> None:
        """Paint everything, also into a file; `pixel` is the size of a pixel of the device."""
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), theme.color("plot"))
        if self._result is None or self._values is None or not self._result.cluster_ids:
            return
        grid = self.layout_now(size)
        painter.setFont(small_font())
        painting = GridPainting(
            painter, grid, self._result, self._values, self._colors, theme, self._names
        )
        painting.paint(self._places(grid), pixel, self._is_uniform)

    def paint_picture(self, painter: QPainter, size: QSize) -> None:
        """Paint everything into a file."""
        self.paint_to(painter, size, self.theme, 1 / PIXEL_RATIO)

    def _paint_hover(self, painter: QPainter) -> None:
        if self._under is None or self._result is None:
            return
        row, column, index = self._under
        n_bins = self._result.bins.n_bins
        grid = self.layout_now()
        if grid.merged is not None and row == len(self._result.cluster_ids):
            box = grid.merged
        else:
            box = grid.bars_of(*((0, 0) if self.single else (row, column)))
        width = max(1.0, box.width / n_bins)
        x = lag_pixel(index - n_bins / 2, n_bins, box)
        painter.fillRect(QRectF(x, box.top, width, box.height), self.theme.color("text", 70))

    # Mouse ---------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        self._picture = None

    def mouseMoveEvent(self, event: Any) -> None:
        self._set_under(self.bin_under(event.position()))

    def leaveEvent(self, event: Any) -> None:
        self._set_under(None)

    def mouseDoubleClickEvent(self, event: Any) -> None:
        under = self.bin_under(event.position())
        if self.single is not None or under is None:
            self.show_single(None)
        elif self._result is not None and under[0] < len(self._result.cluster_ids) > 1:
            self.show_single(under[:2])

    def wheelEvent(self, event: Any) -> None:
        if not event.modifiers():
            event.ignore()
            return
        # Qt turns the wheel with Alt into a horizontal one.
        delta = event.angleDelta().y() or event.angleDelta().x()
        self._wheel += delta / WHEEL_STEP
        steps = math.trunc(self._wheel)
        self._wheel -= steps
        if steps:
            self.turned.emit(steps, event.modifiers())
        event.accept()

    def _set_under(self, under: tuple[int, int, int] | None) -> None:
        if under == self._under:
            return
        self._under = under
        self.update()
        if under is None:
            self.left.emit()
        else:
            self.hovered.emit(*under)
