"""Where the data of plots lie in the widgets that show them, for lines drawn over these."""

from __future__ import annotations

from PyQt6.QtCore import QPointF

from .lasso import Plot, Spot
from .plot import PlotPanel, PlotWidget
from .scatter_grid import ScatterGrid


class PanelFrame:
    """One panel; its widget is the viewport of the plot."""

    def __init__(self, plot: PlotWidget, panel: PlotPanel) -> None:
        self._plot, self._panel = plot, panel

    def locate(self, at: QPointF, plot: Plot | None) -> Spot | None:
        """Return x and y at a pixel; without a plot, only inside of the axes."""
        scene = self._plot.viewportTransform().inverted()[0].map(at)
        if plot is None and not self._panel.box.sceneBoundingRect().contains(scene):
            return None
        point = self._panel.box.mapSceneToView(scene)
        return "panel", point.x(), point.y()

    def to_pixels(self, spot: Spot) -> QPointF | None:
        """Return the pixel of x and y."""
        scene = self._panel.scene_position(spot[1], spot[2])
        return self._plot.viewportTransform().map(scene)

    def continues(self, plot: Plot | None, at: QPointF) -> bool:
        """There is one panel."""
        return True


class GridFrame:
    """The plots of a grid, each named by the keys of its axes."""

    def __init__(self, grid: ScatterGrid) -> None:
        self._grid = grid

    def locate(self, at: QPointF, plot: Plot | None) -> Spot | None:
        """Return x and y at a pixel of a plot."""
        cell = self._grid.cell_at(at) if plot is None else self._grid.cell_of(plot)
        if cell is None:
            return None
        place = self._grid.layout_now().place(cell.row, cell.column)
        (left, right), (low, high) = self._grid.limits_of(cell)
        x = left + (at.x() - place.left) / place.width * (right - left)
        y = low + (place.bottom - at.y()) / place.height * (high - low)
        return (cell.row, cell.column), x, y

    def to_pixels(self, spot: Spot) -> QPointF | None:
        """Return the pixel of x and y of a plot."""
        cell = self._grid.cell_of(spot[0])
        if cell is None:
            return None
        place = self._grid.layout_now().place(cell.row, cell.column)
        (left, right), (low, high) = self._grid.limits_of(cell)
        x = place.left + (spot[1] - left) / (right - left) * place.width
        return QPointF(x, place.bottom - (spot[2] - low) / (high - low) * place.height)

    def continues(self, plot: Plot | None, at: QPointF) -> bool:
        """Whether it lies in the same plot."""
        cell = self._grid.cell_at(at)
        return cell is not None and (cell.row, cell.column) == plot
