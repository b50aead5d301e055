"""Time along a horizontal axis: the chosen part of it, and where the trace view is."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject, Qt

from ..qt.plot import PlotPanel
from ..qt.plot_items import Drag
from ..qt.theme import Theme
from ..session.session import Session
from .drift_items import BandItem as WindowItem
from .value_plot import BandItem as TraceItem
from .value_view import centred

TIME_GESTURES = (
    ("Shift+drag", "restrict every view to a part of the recording"),
    ("Double click in that part", "show the whole recording again"),
    ("Alt+click", "show this time in the trace view"),
)
_SHIFT, _ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


class TimeAxis(QObject):
    """Chooses a part of the recording with the mouse, and shows what is chosen.

    Parameters
    ----------
    panel
        Its horizontal axis is time in seconds.
    session
        Holds what is chosen.
    theme
        Colours.
    """

    def __init__(self, panel: PlotPanel, session: Session, theme: Theme) -> None:
        super().__init__(panel)
        self._session = session
        self.window = WindowItem(theme)
        self.trace = TraceItem()
        panel.add(self.trace)
        panel.add(self.window)
        panel.dragged.connect(self._on_drag)
        panel.clicked.connect(self._on_click)
        panel.takes_double_click = self._on_double_click
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme."""
        self.window.theme = theme
        self.trace.color = theme.color("accent")
        self.trace.update()

    def refresh(self) -> None:
        """Show what is chosen now."""
        state = self._session.selection.state
        self.window.set_window(state.time_window_s)
        self.trace.set_span(state.trace_s)

    def _on_drag(self, drag: Drag) -> None:
        if drag.button != Qt.MouseButton.LeftButton or drag.modifiers != _SHIFT:
            return
        end = self._session.dataset.duration_s
        start, stop = sorted(min(max(x, 0.0), end) for x in (drag.start[0], drag.end[0]))
        window = (start, stop) if stop > start else None
        if drag.is_finished:
            self._session.selection.update(time_window_s=window, source=self)
        self.window.set_window(window)

    def _on_double_click(self, x: float, _y: float) -> bool:
        window = self._session.selection.state.time_window_s
        if window is None or not window[0] <= x <= window[1]:
            return False
        self._session.selection.update(time_window_s=None, source=self)
        return True

    def _on_click(self, x: float, _y: float, modifiers: Any, button: Any) -> None:
        if button != Qt.MouseButton.LeftButton or modifiers != _ALT:
            return
        self._session.selection.update(trace_s=centred(self._session, x), source=self)
