"""The plot that amplitudes and spike attributes share: points, histograms, the trace's place."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QSizePolicy

from ..analysis.limits import Limits
from ..qt.compute import ComputePool
from ..qt.items import PointCloud
from ..qt.plot import PlotPanel, PlotWidget
from ..qt.plot_items import PixelItem
from ..qt.theme import Theme
from .side_histogram import SideHistogram
from .value_picture import AxisLimits, PlotState, ValuePicture

HISTOGRAM_SHARE = 0.14
HISTOGRAM_WIDTH = (36.0, 130.0)
# Narrower plots have no room for histograms.
NARROWEST_WITH_HISTOGRAM = 260
_SCALE_STEP = 1.15


class ValuePlot(PlotWidget):
    """One panel, with histograms at its right side that share its vertical axis."""

    def __init__(self, pool: ComputePool) -> None:
        super().__init__()
        self.panel = self.add_panel(0, 0, "time (s)", "")
        self.panel.show_grid(x=False)
        self.cloud = PointCloud(pool)
        self.panel.add(self.cloud)
        self.band = BandItem()
        self.panel.add(self.band)
        self.side = SideHistogram(self.panel)
        self.side.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.grid.addItem(self.side, 0, 2)
        self.limits = AxisLimits()
        self._has_side = True

    def state(
        self,
        x_limits: Limits | None,
        *,
        is_same: bool = True,
        has_zero: bool = False,
        has_histograms: bool = True,
        dot_size: float = 3.0,
    ) -> PlotState:
        """Return what there is to draw into; safe to hand to a thread.

        `is_same` says whether the axes mean what they meant before; if not, new limits are shown.
        """
        is_at_home = self.panel.is_at_home
        return PlotState(
            self.cloud.target,
            is_at_home,
            is_at_home or not is_same,
            self.limits if is_same else AxisLimits(),
            x_limits,
            has_zero,
            has_histograms,
            dot_size,
        )

    def show_picture(self, picture: ValuePicture, *, is_same: bool = True) -> None:
        """Show points, limits and histograms; `is_same` as for `state`."""
        self.limits = picture.limits
        x, y = picture.limits.x, picture.limits.y
        if x is not None and y is not None:
            self.panel.set_home(x, y)
            if not is_same:
                self.panel.show_range(y_range=y)
        self.cloud.set_layers(picture.layers, picture.points)
        self.side.set_curves(picture.curves)

    def set_titles(self, x: str, y: str) -> None:
        """Write what the axes are, units included."""
        if self.panel.x_axis.title != x:
            self.panel.x_axis.set_title(x)
        if self.panel.y_axis.title != y:
            self.panel.y_axis.set_title(y)

    def show_histograms(self, *, is_shown: bool) -> None:
        """Show histograms where there is room, or not."""
        self._has_side = is_shown
        self._fit_side()

    def forget_limits(self) -> None:
        """Choose limits anew with the next picture, and go there."""
        self.limits = AxisLimits()
        self.fit()

    def scale_values(self, steps: float) -> None:
        """Stretch the vertical axis around zero where zero is in sight, else around its middle."""
        low, high = self.panel.y_range
        middle = 0.0 if low <= 0 <= high else (low + high) / 2
        factor = _SCALE_STEP**-steps
        y = (middle + (low - middle) * factor, middle + (high - middle) * factor)
        self.panel.show_range(y_range=y)

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.side.apply_theme(theme)
        self.band.color = theme.color("accent")
        self.band.update()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        if hasattr(self, "side"):
            self._fit_side()

    def _fit_side(self) -> None:
        has_room = self.width() >= NARROWEST_WITH_HISTOGRAM
        low, high = HISTOGRAM_WIDTH
        width = min(max(self.width() * HISTOGRAM_SHARE, low), high)
        if not (self._has_side and has_room):
            width = 0.0
        self.side.setVisible(width > 0)
        self.side.setMinimumWidth(width)
        self.side.setMaximumWidth(width)


class BandItem(PixelItem):
    """A stretch of the horizontal axis, such as the window of the trace view."""

    def __init__(self) -> None:
        super().__init__()
        self.color = QColor(Qt.GlobalColor.gray)
        self._span: tuple[float, float] | None = None
        self.setZValue(-60)

    @property
    def span(self) -> tuple[float, float] | None:
        """From where to where it is."""
        return self._span

    def set_span(self, span: tuple[float, float] | None) -> None:
        """Show another stretch; None: nothing."""
        if span != self._span:
            self._span = span
            self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self._span is None:
            return
        left, right = (panel.to_pixels(value, 0).x() for value in self._span)
        # However short it is, it is seen.
        extra = max(0.0, 2.0 - (right - left)) / 2
        rect = QRectF(left - extra, 0, right - left + 2 * extra, panel.box.rect().height())
        fill, edge = QColor(self.color), QColor(self.color)
        fill.setAlpha(60)
        edge.setAlpha(150)
        painter.fillRect(rect, fill)
        for x in (rect.left(), rect.right() - 1):
            painter.fillRect(QRectF(x, 0, 1, rect.height()), edge)
