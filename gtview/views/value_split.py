"""Splitting spikes in the views of one value: a line around them, or a threshold."""

from __future__ import annotations

from typing import Any, ClassVar

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCursor

from ..analysis.picking import HalfPlane, PlaneJudge
from ..qt.lasso_frames import PanelFrame
from ..qt.plot_items import Drag
from ..qt.theme import Theme
from ..qt.threshold import ThresholdItem
from .split_lasso import CTRL_GESTURES, LassoView, SplitTask
from .value_plot import ValuePlot

SPLIT_GESTURES = (
    *CTRL_GESTURES,
    ("Shift+drag along the vertical axis", "propose to split off what is below that threshold"),
    ("Drag of the threshold", "move it"),
)
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class ValueSplit(LassoView):
    """Lasso and threshold over a `ValuePlot`; a subclass defines `plane_of`."""

    most_clusters: ClassVar[int] = 20
    plot: ValuePlot
    threshold: ThresholdItem
    below: SplitTask

    def add_split(self) -> None:
        """Let spikes be split in the plot."""
        panel = self.plot.panel
        self.add_lasso(self.plot.viewport(), PanelFrame(self.plot, panel))
        self.threshold = ThresholdItem("y", self.theme)
        self.threshold.moved.connect(self.set_threshold)
        panel.add(self.threshold)
        panel.dragged.connect(self._on_axis_drag)
        self.below = SplitTask(self, "threshold", lambda: self.threshold.show_at(None))

    def split_tasks(self) -> tuple[SplitTask, ...]:
        return (self.split, self.below)

    def has_mark(self) -> bool:
        return self.has_line or self.threshold.value is not None

    def judged_clusters(self) -> tuple[int, ...]:
        """Return the clusters that are selected and shown."""
        return self.session.selection.state.shown_ids[: self.most_clusters]

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.threshold.apply_theme(theme)

    # Threshold -------------------------------------------------------------------------------

    def toggle_threshold(self) -> None:
        """Show a threshold at the pointer, or take it away."""
        if self.threshold.value is not None:
            self.below.forget()
            return
        low, high = self.plot.panel.y_range
        self.threshold.is_above = False
        self.set_threshold(self._pointed_value() or (low + high) / 2)

    def turn_threshold(self) -> None:
        """Take the spikes on the other side of the threshold."""
        if self.threshold.value is not None:
            self.threshold.show_at(self.threshold.value, is_above=not self.threshold.is_above)
            self._ask_below()

    def set_threshold(self, value: float) -> None:
        """Move the threshold, and propose what is on its side."""
        self.threshold.show_at(value)
        self._ask_below()

    def _ask_below(self) -> None:
        value, plane = self.threshold.value, self.plane_of("panel")
        if isinstance(plane, str):
            self.below.stop(plane)
        elif value is not None:
            side = HalfPlane(value, self.threshold.is_above)
            self.below.ask(PlaneJudge(plane, side), self.judged_clusters())

    def _pointed_value(self) -> float | None:
        """Return the value at the pointer, if it is over the plot."""
        widget: Any = self.plot.viewport()
        at = widget.mapFromGlobal(QCursor.pos()).toPointF()
        spot = PanelFrame(self.plot, self.plot.panel).locate(at, None)
        return None if spot is None else spot[2]

    def _on_axis_drag(self, drag: Drag) -> None:
        if drag.axis == 1 and drag.modifiers == _SHIFT:
            self.set_threshold(drag.end[1])
