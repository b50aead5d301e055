"""The widget that shows a grid of scatter plots; moving one axis moves it in every plot."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter
from PyQt6.QtWidgets import QApplication, QWidget

from .panel_box import WHEEL_STEP
from .plot import small_font
from .scatter import AxisKey, Scatter, ScatterCell
from .scatter_layout import Range, ScatterLayout, Surface
from .scatter_paint import ScatterPainting
from .theme import Theme
from .ticks import MINUS

_ZOOM_STEP = 1.15
_NO_KEY = Qt.KeyboardModifier.NoModifier


class ScatterGrid(QWidget):
    """Pictures of points in frames; drag moves, wheel and right drag zoom.

    Signals: `limits_changed(limits by axis)` after a move or zoom; `resized()`; `home_asked()` on
    a double click; `clicked(cell, button, modifiers)` without a drag; `wheeled(steps, modifiers)`
    with a key held.
    """

    limits_changed = pyqtSignal(object)
    resized = pyqtSignal()
    home_asked = pyqtSignal()
    clicked = pyqtSignal(object, object, object)
    wheeled = pyqtSignal(float, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.scatter: Scatter | None = None
        self._drag: tuple[QPointF, QPointF, ScatterCell | None, Any] | None = None
        self._is_dragged = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # The view around it takes the keys.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(80, 60)

    # What the view sets --------------------------------------------------------------------

    def set_scatter(self, scatter: Scatter | None) -> None:
        """Show plots, rendered for the surface."""
        self.scatter = scatter
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme."""
        self.theme = theme
        self.update()

    def limits(self) -> dict[AxisKey, Range]:
        """Return what is in sight, by axis."""
        return {} if self.scatter is None else {k: a.limits for k, a in self.scatter.axes.items()}

    def set_limits(self, limits: dict[AxisKey, Range]) -> None:
        """Move or stretch axes; the pictures follow at once, sharp ones are up to the view."""
        usable = {key: (a, b) for key, (a, b) in limits.items() if 1e-30 < b - a < 1e30}
        if self.scatter is not None and usable:
            self.scatter = self.scatter.with_limits(usable)
            self.update()
            self.limits_changed.emit(usable)

    # Geometry ------------------------------------------------------------------------------

    def surface(self, size: QSize | None = None, ratio: float | None = None) -> Surface:
        """Return what plots are laid out on: the widget, or a picture of another size."""
        size = size or self.size()
        metrics = QFontMetricsF(small_font())
        return Surface(
            size.width(),
            size.height(),
            metrics.height(),
            metrics.horizontalAdvance(f"{MINUS}000"),
            ratio or self.devicePixelRatioF(),
        )

    def layout_now(self) -> ScatterLayout:
        """Return where the plots lie in the widget."""
        return self.surface().layout((0, 0) if self.scatter is None else self.scatter.shape)

    def cell_at(self, at: QPointF) -> ScatterCell | None:
        """Return the plot at a point of the widget."""
        if self.scatter is None:
            return None
        layout = self.layout_now()
        for cell in self.scatter.cells:
            if layout.place(cell.row, cell.column).contains(at.x(), at.y()):
                return cell
        return None

    def cell_of(self, place: object) -> ScatterCell | None:
        """Return the plot at a place of the grid: (row, column)."""
        cells = () if self.scatter is None else self.scatter.cells
        return next((cell for cell in cells if (cell.row, cell.column) == place), None)

    def limits_of(self, cell: ScatterCell) -> tuple[Range, Range]:
        """Return what is in sight of a plot, along x and y."""
        limits = self.limits()
        return limits[cell.x], limits[cell.y]

    # Painting ------------------------------------------------------------------------------

    def paintEvent(self, event: Any) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self.theme.color("plot"))
            if self.scatter is not None:
                painter.setFont(small_font())
                layout = self.layout_now()
                ScatterPainting(painter, self.scatter, layout, self.theme).paint()

    def paint_picture(self, painter: QPainter, size: QSize) -> None:
        """Paint everything anew for a file, in the theme that is set."""
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), self.theme.color("plot"))
        if self.scatter is None:
            return
        layout = self.surface(size, 1.0).layout(self.scatter.shape)
        painter.setFont(small_font())
        ScatterPainting(painter, self.scatter, layout, self.theme).paint_for_file()

    # Mouse ---------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def wheelEvent(self, event: Any) -> None:
        # With alt some systems turn the wheel sideways.
        delta = event.angleDelta()
        steps = (delta.y() or delta.x()) / WHEEL_STEP
        cell = self.cell_at(event.position())
        if event.modifiers() != _NO_KEY:
            self.wheeled.emit(steps, event.modifiers())
        elif steps and cell is not None:
            factor = _ZOOM_STEP**steps
            self._zoom(cell, event.position(), factor, factor)
        event.accept()

    def mousePressEvent(self, event: Any) -> None:
        self._is_dragged = False
        at = event.position()
        self._drag = (at, at, self.cell_at(at), event.button())

    def mouseMoveEvent(self, event: Any) -> None:
        if self._drag is None:
            return
        start, last, cell, button = self._drag
        at = event.position()
        is_far = (at - start).manhattanLength() >= QApplication.startDragDistance()
        self._is_dragged = self._is_dragged or is_far
        # Drags with a key held are not for moving.
        if not self._is_dragged or cell is None or event.modifiers() != _NO_KEY:
            return
        self._drag = (start, at, cell, button)
        moved = at - last
        if button == Qt.MouseButton.LeftButton:
            self._move(cell, moved)
        elif button == Qt.MouseButton.RightButton:
            self._zoom(cell, start, 1.01 ** moved.x(), 1.01 ** -moved.y())

    def mouseReleaseEvent(self, event: Any) -> None:
        drag, self._drag = self._drag, None
        if drag is not None and not self._is_dragged and drag[2] is not None:
            self.clicked.emit(drag[2], event.button(), event.modifiers())
        self._is_dragged = False

    def mouseDoubleClickEvent(self, event: Any) -> None:
        self._drag = None
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() == _NO_KEY:
            self.home_asked.emit()

    def _move(self, cell: ScatterCell, moved: QPointF) -> None:
        layout = self.layout_now()
        place = layout.place(cell.row, cell.column)
        limits = self.limits()
        (left, right), (low, high) = limits[cell.x], limits[cell.y]
        dx = moved.x() / place.width * (right - left)
        dy = moved.y() / place.height * (high - low)
        self.set_limits({cell.x: (left - dx, right - dx), cell.y: (low + dy, high + dy)})

    def _zoom(self, cell: ScatterCell, at: QPointF, factor_x: float, factor_y: float) -> None:
        layout = self.layout_now()
        place = layout.place(cell.row, cell.column)
        limits = self.limits()
        share_x = (at.x() - place.left) / place.width
        share_y = (place.bottom - at.y()) / place.height
        self.set_limits(
            {
                cell.x: zoomed(limits[cell.x], share_x, factor_x),
                cell.y: zoomed(limits[cell.y], share_y, factor_y),
            }
        )


def zoomed(limits: Range, share: float, factor: float) -> Range:
    """Return limits stretched such that what lies at a share of them stays there."""
    low, high = limits
    fixed = low + share * (high - low)
    return fixed - (fixed - low) / factor, fixed + (high - fixed) / factor
