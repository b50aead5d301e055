"""Plots with axes: panels in one look, moved and zoomed with the same gestures everywhere.

Build on it like this::

    plot = PlotWidget()
    panel = plot.add_panel(0, 0, "time (s)", "amplitude (uV)")
    panel.box.addItem(some_pyqtgraph_item)      # in data coordinates
    panel.add(SomePixelItem())                  # paints itself in pixels
    panel.set_home((0, 120), (0, 400))          # what "fit" shows

Gestures: drag moves, drag with the right button zooms both directions independently, the wheel
zooms at the pointer, on an axis along that axis only; a double click shows everything. Wheel and
drag with Ctrl, Alt or Shift belong to the view: see the signals of `PlotPanel`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PyQt6.QtCore import QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QPen
from PyQt6.QtWidgets import QApplication, QGraphicsGridLayout, QGraphicsWidget, QWidget

from .axes import Axis
from .panel_box import PanelBox
from .plot_items import GridItem, PixelItem
from .theme import Theme

GESTURES: tuple[tuple[str, str], ...] = (
    ("Drag", "move"),
    ("Right-button drag", "zoom each direction"),
    ("Wheel", "zoom at the pointer; on an axis, along that axis"),
    ("Double click", "show everything"),
)

Range = tuple[float, float]


def small_font() -> QFont:
    """Return the font of ticks and labels: the application's, a little smaller."""
    font = QFont(QApplication.font())
    font.setPointSizeF(max(7.0, font.pointSizeF() * 0.9))
    return font


class PlotPanel(QObject):
    """One pair of axes and the box between them.

    Signals: `range_changed()`; `clicked(x, y, modifiers, button)`; `hovered(x, y)` and `left()`
    when no button is held; `scrolled(steps, modifiers, x, y)` for the wheel with modifiers;
    `dragged(Drag)` for drags with modifiers. Positions are in data coordinates.

    `takes_double_click(x, y)` may be replaced: True when something else than fitting is done.
    """

    range_changed = pyqtSignal()
    clicked = pyqtSignal(float, float, object, object)
    hovered = pyqtSignal(float, float)
    left = pyqtSignal()
    scrolled = pyqtSignal(float, object, float, float)
    dragged = pyqtSignal(object)

    def __init__(self, x_title: str, y_title: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.box = PanelBox(self)
        self.x_axis = Axis(self.box, "bottom", x_title)
        self.y_axis = Axis(self.box, "left", y_title)
        self.items: list[PixelItem] = []
        self.takes_double_click: Callable[[float, float], bool] = lambda _x, _y: False
        self._home: tuple[Range, Range] | None = None
        self._grid = GridItem(self.x_axis, self.y_axis)
        self.add(self._grid)
        self.box.sigRangeChanged.connect(lambda *_: self.range_changed.emit())

    @property
    def x_range(self) -> Range:
        """What is visible along x, in data coordinates."""
        low, high = self.box.viewRange()[0]
        return low, high

    @property
    def y_range(self) -> Range:
        """What is visible along y, in data coordinates."""
        low, high = self.box.viewRange()[1]
        return low, high

    @property
    def is_at_home(self) -> bool:
        """Whether everything is shown, that is nobody has moved or zoomed."""
        if self._home is None:
            return True
        seen = (*self.x_range, *self.y_range)
        wanted = (*self._home[0], *self._home[1])
        spans = (seen[1] - seen[0], seen[3] - seen[2])
        off = [abs(a - b) for a, b in zip(seen, wanted, strict=True)]
        return max(off[:2]) <= 1e-6 * spans[0] and max(off[2:]) <= 1e-6 * spans[1]

    def set_home(
        self, x_range: Range, y_range: Range, smallest: tuple[float, float] | None = None
    ) -> None:
        """Say what `fit` shows. The panel goes there unless somebody has moved it.

        With `smallest`, the smallest spans of x and y that can be zoomed to, nothing outside of
        the ranges can be seen.
        """
        was_home = self.is_at_home
        self._home = x, y = _not_empty(x_range), _not_empty(y_range)
        if smallest is not None:
            self.box.setLimits(
                xMin=x[0], xMax=x[1], minXRange=min(smallest[0], x[1] - x[0]),
                yMin=y[0], yMax=y[1], minYRange=min(smallest[1], y[1] - y[0]),
            )  # fmt: skip
        if was_home:
            self.fit()

    def fit(self) -> None:
        """Show everything."""
        if self._home is not None:
            self.show_range(*self._home)

    def show_range(self, x_range: Range | None = None, y_range: Range | None = None) -> None:
        """Show this part; None: as it is."""
        self.box.setRange(xRange=x_range, yRange=y_range, padding=0.0)

    def show_point(self, x: float, y: float) -> None:
        """Move as little as needed for a point to be seen, a tenth of the range from the edge."""
        (x_low, x_high), (y_low, y_high) = self.x_range, self.y_range
        dx, dy = _way_in(x, x_low, x_high), _way_in(y, y_low, y_high)
        if dx or dy:
            self.show_range((x_low + dx, x_high + dx), (y_low + dy, y_high + dy))

    def show_grid(self, *, x: bool = True, y: bool = True) -> None:
        """Draw faint lines at the ticks."""
        self._grid.directions = (x, y)
        self._grid.update()

    def add(self, item: PixelItem) -> None:
        """Add an item that paints itself in pixels, above what was added before."""
        item.attach(self)
        self.items.append(item)

    def to_pixels(self, x: float, y: float) -> QPointF:
        """Return where a point is, in pixels from the top left corner of the box."""
        rect = self.box.rect()
        (x_low, x_high), (y_low, y_high) = self.x_range, self.y_range
        across = (x - x_low) / (x_high - x_low)
        down = (y - y_low) / (y_high - y_low)
        down = down if self.box.yInverted() else 1 - down
        return QPointF(across * rect.width(), down * rect.height())

    def scene_position(self, x: float, y: float) -> QPointF:
        """Return where a point is in the scene, which is in the pixels of the widget."""
        return self.box.mapToScene(self.to_pixels(x, y))

    def apply_theme(self, theme: Theme, font: QFont) -> None:
        """Take over colours and font."""
        self._grid.pen = QPen(theme.color("grid"), 0)
        self.x_axis.apply_theme(theme, font)
        self.y_axis.apply_theme(theme, font)


class PlotWidget(pg.GraphicsView):
    """A grid of panels. It has no focus of its own: keys belong to the view around it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(self.Shape.NoFrame)
        self.panels: list[PlotPanel] = []
        self._under: PlotPanel | None = None
        self._theme: Theme | None = None
        central = QGraphicsWidget()
        self.grid = QGraphicsGridLayout(central)
        self.grid.setSpacing(0)
        self.grid.setContentsMargins(4, 8, 12, 2)
        self.setCentralItem(central)

    def add_panel(self, row: int, column: int, x_title: str = "", y_title: str = "") -> PlotPanel:
        """Add a panel at a place of the grid."""
        panel = PlotPanel(x_title, y_title, self)
        self.grid.addItem(panel.y_axis, 2 * row, 2 * column)
        self.grid.addItem(panel.box, 2 * row, 2 * column + 1)
        self.grid.addItem(panel.x_axis, 2 * row + 1, 2 * column + 1)
        self.grid.setColumnStretchFactor(2 * column + 1, 1)
        self.grid.setRowStretchFactor(2 * row, 1)
        self.panels.append(panel)
        if self._theme is not None:
            panel.apply_theme(self._theme, small_font())
        return panel

    def keep_ranges(self) -> Any:
        """Return what is in sight of each panel where somebody has chosen it; None: nowhere."""
        kept = [None if p.is_at_home else (p.x_range, p.y_range) for p in self.panels]
        return kept if any(kept) else None

    def restore_ranges(self, kept: Any) -> None:
        """Show what `keep_ranges` returned of a widget with the same panels."""
        for panel, ranges in zip(self.panels, kept, strict=False):
            if ranges is not None:
                panel.show_range(*ranges)

    def fit(self) -> None:
        """Show everything in every panel."""
        for panel in self.panels:
            panel.fit()

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme."""
        self._theme = theme
        self.setBackground(theme.plot)
        for panel in self.panels:
            panel.apply_theme(theme, small_font())

    @property
    def is_busy(self) -> bool:
        """Whether an item is still to show a newer picture."""
        return any(item.is_busy for panel in self.panels for item in panel.items)

    def panel_at(self, position: QPointF) -> PlotPanel | None:
        """Return the panel whose box is at a position of the widget."""
        scene = self.mapToScene(position.toPoint())
        for panel in self.panels:
            if panel.box.sceneBoundingRect().contains(scene):
                return panel
        return None

    def mouseMoveEvent(self, event: Any) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() == Qt.MouseButton.NoButton:
            self._tell_hover(self.panel_at(event.position()), event.position())

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self._tell_hover(None, QPointF())

    def _tell_hover(self, panel: PlotPanel | None, position: QPointF) -> None:
        if self._under is not None and self._under is not panel:
            self._under.left.emit()
        self._under = panel
        if panel is not None:
            point = panel.box.mapSceneToView(self.mapToScene(position.toPoint()))
            panel.hovered.emit(point.x(), point.y())


def _not_empty(limits: Range) -> Range:
    low, high = limits
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _way_in(value: float, low: float, high: float) -> float:
    if low <= value <= high:
        return 0.0
    margin = (high - low) / 10
    return value - low - margin if value < low else value - high + margin
