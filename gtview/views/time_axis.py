"""Time along a horizontal axis: the chosen part of it, and where the trace view is."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject, Qt

from ..qt.plot import PlotPanel
from ..qt.plot_items import Drag
from ..qt.theme import Theme
from ..session.session import Session
from .drift_items import BandItem as WindowItem
from .trace_place import centred
from .value_plot import BandItem as TraceItem

_BRUSH = ("Ctrl+drag; Shift+drag along the time axis", "restrict every view to that time")
BRUSH_GESTURES = (_BRUSH, ("Double click in that part", "show the whole recording again"))
# Where a drag with a key held in the panel is something else.
AXIS_GESTURES = (
    ("Shift+drag along the time axis", _BRUSH[1]),
    ("Double click on the time axis", "show the whole recording again"),
)
TIME_GESTURES = (*BRUSH_GESTURES, ("Alt+click", "show this time in the trace view"))
_LEFT = Qt.MouseButton.LeftButton
_SHIFT, _ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class TimeBrush(QObject):
    """Chooses a part of the recording with the mouse, for every view, and shows what is chosen.

    Parameters
    ----------
    panel
        Its horizontal axis is time in seconds.
    session
        Holds what is chosen.
    theme
        Colours.
    is_on_axis_only
        Whether drags and double clicks in the panel itself belong to the view.
    """

    def __init__(
        self, panel: PlotPanel, session: Session, theme: Theme, *, is_on_axis_only: bool = False
    ) -> None:
        super().__init__(panel)
        self._panel, self._session = panel, session
        self._is_on_axis_only = is_on_axis_only
        self.window = WindowItem(theme)
        panel.add(self.window)
        panel.dragged.connect(self._on_drag)
        panel.takes_double_click = self._on_double_click

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme."""
        self.window.theme = theme
        self.window.update()

    def refresh(self) -> None:
        """Show what is chosen now."""
        self.window.set_window(self._session.selection.state.time_window_s)

    def clear(self) -> None:
        """Show the whole recording in every view."""
        self._session.selection.update(time_window_s=None, source=self)

    def _is_meant(self, drag: Drag) -> bool:
        if drag.button != _LEFT:
            return False
        if drag.axis == 0:
            return drag.modifiers in (_SHIFT, _CTRL)
        return drag.axis is None and drag.modifiers == _CTRL and not self._is_on_axis_only

    def _on_drag(self, drag: Drag) -> None:
        if not self._is_meant(drag):
            return
        end = self._session.dataset.duration_s
        start, stop = sorted(min(max(x, 0.0), end) for x in (drag.start[0], drag.end[0]))
        window = (start, stop) if stop > start else None
        if drag.is_finished:
            self._session.selection.update(time_window_s=window, source=self)
            window = self._session.selection.state.time_window_s
        self.window.set_window(window)

    def _on_double_click(self, x: float, y: float) -> bool:
        window = self._session.selection.state.time_window_s
        if window is None or not window[0] <= x <= window[1]:
            return False
        low, high = self._panel.y_range
        if self._is_on_axis_only and low <= y <= high:
            return False
        self.clear()
        return True


class TimeAxis(TimeBrush):
    """The brush, and the place of the trace view, which Alt and a click move.

    Parameters as for `TimeBrush`.
    """

    def __init__(self, panel: PlotPanel, session: Session, theme: Theme) -> None:
        super().__init__(panel, session, theme)
        self.trace = TraceItem()
        panel.add(self.trace)
        panel.clicked.connect(self._on_click)
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme."""
        super().apply_theme(theme)
        self.trace.color = theme.color("accent")
        self.trace.update()

    def refresh(self) -> None:
        """Show what is chosen now."""
        super().refresh()
        self.trace.set_span(self._session.selection.state.trace_s)

    def _on_click(self, x: float, _y: float, modifiers: Any, button: Any) -> None:
        if button == _LEFT and modifiers == _ALT:
            self._session.selection.update(trace_s=centred(self._session, x), source=self)
