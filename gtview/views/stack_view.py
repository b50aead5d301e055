"""What views of one histogram a cluster share: rows, names, the bin at the pointer, the wheel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.histogram_stack import Histogram, HistogramStack, StackNotes
from ..qt.plot import PlotWidget
from ..qt.theme import Theme, cluster_color
from ..session.events import SelectionChanged
from .base import View

SHOWN_FIELDS = ("cluster_ids", "similar_ids", "color_ids", "time_window_s")


class StackView(View):
    """A view with one histogram for each selected cluster, above one another."""

    x_title = ""
    shown_fields: tuple[str, ...] = SHOWN_FIELDS

    # What a view defines -------------------------------------------------------------------

    def bin_text(self, row: int, index: int) -> str:
        """Say what is in a bin."""
        raise NotImplementedError

    def summary(self) -> str:
        """Say what is shown."""
        raise NotImplementedError

    def step_range(self, steps: int) -> None:
        """Show more or less of the horizontal axis."""

    def step_bins(self, steps: int) -> None:
        """Count in wider bins, or in narrower ones."""

    # What they share -----------------------------------------------------------------------

    def build(self) -> QWidget:
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, self.x_title, "")
        self.panel.box.invertY(True)
        self.panel.box.setMouseEnabled(x=True, y=False)
        self.stack = HistogramStack(self.theme)
        self.notes = StackNotes(self.stack)
        self.panel.add(self.stack)
        self.panel.add(self.notes)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._on_leave)
        self.panel.scrolled.connect(self._on_wheel)
        self._turned = 0.0
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        if not isinstance(event, SelectionChanged) or event.touches(*self.shown_fields):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.stack.theme = theme
        self.plot.apply_theme(theme)

    def show_rows(
        self,
        rows: Sequence[Histogram],
        cluster_ids: Sequence[int],
        color_ids: Sequence[int],
        x_range: tuple[float, float],
        **how: Any,
    ) -> None:
        """Show histograms; what is in sight of the horizontal axis stays when it was chosen."""
        n = len(rows)
        is_other = n != len(self.stack.rows)
        self.stack.set_rows(tuple(rows), **how)
        self.notes.update()
        smallest = ((x_range[1] - x_range[0]) / 10_000, float(n))
        self.panel.set_home(x_range, (0.0, float(n)), smallest=smallest)
        if is_other:
            self.panel.show_range(y_range=(0.0, float(n)))
        names = [str(cluster_id) for cluster_id in cluster_ids]
        self.panel.y_axis.set_names([k + 0.5 for k in range(n)], names)
        self.panel.y_axis.set_marks({k: cluster_color(c) for k, c in enumerate(color_ids)})
        self.tell_summary()

    def tell_summary(self) -> None:
        """Say in the title bar what is shown."""
        if self.stack.rows:
            self.set_status(self.summary())

    def fit(self) -> None:
        """Show the whole horizontal axis."""
        self.panel.fit()

    def _on_hover(self, x: float, y: float) -> None:
        under = self.stack.bin_at(x, y)
        self.stack.set_under(under)
        if under is None:
            self.tell_summary()
        else:
            self.set_status(self.bin_text(*under))

    def _on_leave(self) -> None:
        self.stack.set_under(None)
        self.tell_summary()

    def _on_wheel(self, turned: float, modifiers: Any, *_: float) -> None:
        # Small turns of a touchpad add up.
        self._turned += turned
        steps = math.trunc(self._turned)
        self._turned -= steps
        if not steps:
            return
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.step_range(steps)
        elif modifiers & Qt.KeyboardModifier.AltModifier:
            self.step_bins(steps)
