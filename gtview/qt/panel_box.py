"""The area of a panel between its axes: turns the wheel and the mouse into moves and signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg

from .plot_items import Drag

if TYPE_CHECKING:
    from .plot import PlotPanel

WHEEL_STEP = 120


class PanelBox(pg.ViewBox):
    """The area of a panel that shows data, with our gestures and without menus."""

    def __init__(self, panel: PlotPanel) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self._panel = panel
        self._drag_modifiers: Any = None
        self.disableAutoRange()

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        if event.modifiers():
            point = self.mapToView(event.pos())
            steps = event.delta() / WHEEL_STEP
            self._panel.scrolled.emit(steps, event.modifiers(), point.x(), point.y())
            event.accept()
        else:
            super().wheelEvent(event, axis)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.isStart():
            # What is held at the start decides: keys may be let go before the button.
            self._drag_modifiers = event.modifiers()
        if not self._drag_modifiers:
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        start = self.mapSceneToView(event.buttonDownScenePos())
        end = self.mapSceneToView(event.scenePos())
        self._panel.dragged.emit(
            Drag(
                (start.x(), start.y()),
                (end.x(), end.y()),
                event.button(),
                self._drag_modifiers,
                event.isFinish(),
                axis,
            )
        )

    def mouseClickEvent(self, event: Any) -> None:
        event.accept()
        point = self.mapSceneToView(event.scenePos())
        if event.double():
            if not self._panel.takes_double_click(point.x(), point.y()):
                self._panel.fit()
            return
        self._panel.clicked.emit(point.x(), point.y(), event.modifiers(), event.button())
