"""What the views share that colour spikes by state: key, setting, legend, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from PyQt6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.plot import small_font
from ..qt.theme import Theme
from ..scoring.states import SpikeState
from ..session.events import ScoresChanged, StatesChanged
from ..session.selected_units import units_of_selection
from .base import View, ViewAction
from .spike_marks import STATE_NAMES, paint_state
from .state_colors import StateColors, StateCounts

__all__ = ["STATE_EVENTS", "StateColored", "StateLegend", "state_action", "state_field"]

STATE_EVENTS: tuple[type[Event], ...] = (ScoresChanged, StatesChanged)
_HELP = (
    "Spikes that are found, elsewhere and false in colours of their own, instead of the colours "
    "of their clusters; needs a ground truth."
)
_SIGN_PX, _GAP_PX, _HEIGHT_PX, _MARGIN_PX = 12, 10, 18, 4


def state_field() -> Any:
    """Return the setting of the colours."""
    return field(default=False, metadata={"label": "Colours by state", "help": _HELP})


def state_action(view_id: str) -> ViewAction:
    """Return what the key does."""
    return ViewAction(
        f"{view_id}.states", "Colours by state", ("T",), "toggle_states", _HELP,
        is_checkable=True, setting="by_state", enabled="can_show_states",
    )  # fmt: skip


class StateColored(View):
    """A view that may colour its spikes by state; its settings have `by_state`."""

    _legend: StateLegend | None = None

    @property
    def can_show_states(self) -> bool:
        """Whether there is a ground truth that may be seen."""
        return self.session.truth is not None

    def toggle_states(self) -> None:
        """Colour by state, or by cluster."""
        self.change(by_state=not self.settings.by_state)

    def state_colors(self, units: Sequence[int] | None = None) -> StateColors | None:
        """Return what colours spikes by state; None: clusters have their own colours."""
        truth = self.session.truth_access.current if self.settings.by_state else None
        if truth is None:
            return None
        if units is None:
            units = sorted(units_of_selection(self.session) or ())
        return StateColors(truth, tuple(units), self.session.selection.state.time_window_s)

    def concerns_states(self, event: Event) -> bool:
        """Whether an event only tells of states that are not shown."""
        return isinstance(event, STATE_EVENTS) and not self.settings.by_state

    def tell(self, summary: str) -> None:
        """Show the status."""
        self.set_status(summary)

    def tell_with_states(self, summary: str, counts: StateCounts | None) -> None:
        """Show the status with the numbers of the states, and the legend."""
        self.show_states(counts)
        self.tell(summary if counts is None else f"{summary}, {counts.text()}")

    def show_states(self, counts: StateCounts | None) -> None:
        """Show the legend of what is drawn; None: none."""
        if counts is None and self._legend is None:
            return
        if self._legend is None:
            self._legend = StateLegend(self.content, self.theme)
        self._legend.show_counts(counts, self.theme)


class StateLegend(QWidget):
    """Signs, names and numbers of the states, in a line at the top right of a view."""

    def __init__(self, over: QWidget, theme: Theme) -> None:
        super().__init__(over)
        self._over, self._theme = over, theme
        self._parts: list[tuple[int, str]] = []
        self._counts: StateCounts | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(small_font())
        # What it lies over gets its size when it is shown, which may be after it was drawn.
        over.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self.place()
        return False

    @property
    def text(self) -> str:
        """What is written."""
        return ", ".join(text for _, text in self._parts)

    def show_counts(self, counts: StateCounts | None, theme: Theme) -> None:
        """Show other numbers; None: nothing."""
        self._theme, self._counts = theme, counts
        self.setVisible(counts is not None)
        self.place()
        self.update()

    def _write(self, *, has_names: bool) -> None:
        shown = () if self._counts is None else self._counts.counts
        self._parts = [
            (state, f"{n:,} {STATE_NAMES[state]}" if has_names else f"{n:,}")
            for state, n in shown
            if n or state != SpikeState.UNKNOWN
        ]

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        wide = sum(metrics.horizontalAdvance(t) + _SIGN_PX + _GAP_PX for _, t in self._parts)
        return QSize(int(wide) + _GAP_PX, _HEIGHT_PX)

    def place(self) -> None:
        """Go to the top right of the view, as it is now; without names where it is narrow."""
        self._write(has_names=True)
        if self.sizeHint().width() > self._over.width():
            self._write(has_names=False)
        size = self.sizeHint()
        width = min(size.width(), self._over.width())
        self.setGeometry(self._over.width() - width - _MARGIN_PX, _MARGIN_PX, width, size.height())
        self.raise_()

    def paintEvent(self, _event: Any) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.color("plot", 215))
        metrics = QFontMetricsF(self.font())
        x, middle = float(_GAP_PX), self.height() / 2
        for state, text in self._parts:
            paint_state(painter, state, x, middle)
            painter.setPen(self._theme.color("text"))
            base = middle + (metrics.ascent() - metrics.descent()) / 2
            painter.drawText(QPointF(x + _SIGN_PX - 4, base), text)
            x += metrics.horizontalAdvance(text) + _SIGN_PX + _GAP_PX
