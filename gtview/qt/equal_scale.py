"""Keeps one scale along both axes of a panel, such as for maps in um."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from .plot import PlotPanel, Range


class EqualScale(QObject):
    """Shows at least some bounds, with as many pixels a unit along x as along y.

    Without `is_equal` the bounds fill the panel, each axis with its own scale.
    """

    def __init__(self, panel: PlotPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._bounds: tuple[Range, Range] | None = None
        self._is_equal = True
        self._is_busy = False
        panel.box.sigResized.connect(lambda *_: self._on_resized())
        panel.range_changed.connect(self._keep)

    def set_bounds(self, x_range: Range, y_range: Range, *, is_equal: bool) -> None:
        """Say what is to be seen; when the kind of scale is another one, all of it is shown."""
        is_other = is_equal != self._is_equal
        self._bounds, self._is_equal = (x_range, y_range), is_equal
        self._set_home()
        if is_other:
            self._panel.fit()

    def _on_resized(self) -> None:
        self._set_home()
        self._keep()

    def _size(self) -> tuple[float, float]:
        rect = self._panel.box.rect()
        return max(rect.width(), 1.0), max(rect.height(), 1.0)

    def _set_home(self) -> None:
        if self._bounds is None:
            return
        x, y = self._bounds
        if self._is_equal:
            width, height = self._size()
            per_pixel = max((x[1] - x[0]) / width, (y[1] - y[0]) / height)
            x, y = _around(x, per_pixel * width), _around(y, per_pixel * height)
        self._is_busy = True
        self._panel.set_home(x, y)
        self._is_busy = False

    def _keep(self) -> None:
        """Give x the scale of y, around what is in its middle."""
        if self._is_busy or not self._is_equal or self._bounds is None:
            return
        width, height = self._size()
        low, high = self._panel.y_range
        wanted = (high - low) / height * width
        x = self._panel.x_range
        if abs(x[1] - x[0] - wanted) > 1e-6 * wanted:
            self._is_busy = True
            self._panel.show_range(x_range=_around(x, wanted))
            self._is_busy = False


def _around(limits: Range, span: float) -> Range:
    middle = (limits[0] + limits[1]) / 2
    return middle - span / 2, middle + span / 2
