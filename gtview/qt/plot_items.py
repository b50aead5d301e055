"""Items of a plot panel that paint themselves in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen
from PyQt6.QtWidgets import QGraphicsItem, QGraphicsObject

if TYPE_CHECKING:
    from .axes import Axis
    from .plot import PlotPanel


@dataclass(frozen=True, slots=True)
class Drag:
    """A drag with a modifier key, under way or finished; in data coordinates.

    `axis` says where it began: 0 on the horizontal axis, 1 on the vertical one, None in the panel.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    button: Any
    modifiers: Any
    is_finished: bool
    axis: int | None = None


class PixelItem(QGraphicsObject):
    """Paints itself over a panel in pixels; painted again when the panel moves or is resized.

    Subclasses define `paint_pixels`. Lines, images and texts so keep their size on the screen,
    and stay vectors when the scene is painted into a file.
    """

    def __init__(self) -> None:
        super().__init__()
        self._panel: PlotPanel | None = None
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsToShape)

    @property
    def is_busy(self) -> bool:
        """Whether it is still to show a newer picture."""
        return False

    def attach(self, panel: PlotPanel) -> None:
        """Become part of a panel."""
        self._panel = panel
        self.setParentItem(panel.box)
        panel.box.sigRangeChanged.connect(lambda *_: self.update())
        panel.box.sigResized.connect(lambda *_: self.prepareGeometryChange())

    def boundingRect(self) -> QRectF:
        return QRectF() if self._panel is None else self._panel.box.rect()

    def paint(self, painter: QPainter, *_: Any) -> None:
        if self._panel is not None:
            self.paint_pixels(painter, self._panel)

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        """Paint; (0, 0) is the top left corner of the box, `panel.to_pixels` tells the rest."""
        raise NotImplementedError


class GridItem(PixelItem):
    """Faint lines at the ticks of the axes."""

    def __init__(self, x_axis: Axis, y_axis: Axis) -> None:
        super().__init__()
        self._axes = (x_axis, y_axis)
        self.directions = (False, False)
        self.pen = QPen()
        self.setZValue(-200)

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        painter.setPen(self.pen)
        rect = panel.box.rect()
        if self.directions[0]:
            for x in self._axes[0].pixel_positions():
                painter.drawLine(QPointF(x, 0), QPointF(x, rect.height()))
        if self.directions[1]:
            for y in self._axes[1].pixel_positions():
                painter.drawLine(QPointF(0, y), QPointF(rect.width(), y))
