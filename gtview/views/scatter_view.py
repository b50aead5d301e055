"""What the views share that show spikes in a grid of scatter plots: axes, wheel, lasso, state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.lasso_frames import GridFrame
from ..qt.scatter import AxisKey
from ..qt.scatter_grid import ScatterGrid
from ..qt.scatter_layout import Range
from ..qt.theme import Theme
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    SelectionChanged,
    SplitProposed,
)
from ..session.session import ClusterSpikes
from .ahead import Ahead, Pause, ReadAhead, size_of
from .split_lasso import LassoView
from .state_view import STATE_EVENTS, StateColored

SCALE_STEP = 1.15


class ScatterView(LassoView, StateColored):
    """A view whose `compute` yields pictures with `scatter`, `axes`, `known` and `states`.

    `AxisState` makes axes that are chosen automatically; its field `own` holds those that the
    user has chosen.
    """

    listens_to = (
        SelectionChanged, ClusteringChanged, DatasetChanged, SplitProposed, *STATE_EVENTS,
    )  # fmt: skip
    shown_fields: ClassVar[tuple[str, ...]] = ()
    most_clusters: ClassVar[int] = 8
    AxisState: ClassVar[Any]
    find_answers: ClassVar[Any]

    grid: ScatterGrid

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.picture: Any = None
        self._axes: Any = self.AxisState()
        self._ahead = Ahead()
        super().__init__(context, parent)

    def describe(self, picture: Any) -> str:
        """Say what is shown."""
        raise NotImplementedError

    # The contract of views -----------------------------------------------------------------

    def build(self) -> QWidget:
        self.grid = ScatterGrid(self.theme)
        self.grid.limits_changed.connect(self._on_limits)
        self.grid.resized.connect(self.invalidate_if_resized)
        self.grid.home_asked.connect(self.fit)
        self.grid.wheeled.connect(self._on_wheel)
        self.add_lasso(self.grid, GridFrame(self.grid))
        return self.grid

    def draw(self, result: Any) -> None:
        if result is self.picture:
            return
        self.picture = result
        self._axes = result.axes
        self.grid.set_scatter(result.scatter)
        self.tell_with_states(self.describe(result), result.states)

    def on_event(self, event: Event) -> None:
        if self.concerns_states(event):
            return
        fields = (*self.shown_fields, "highlight")
        if not isinstance(event, SelectionChanged) or event.touches(*fields):
            self.invalidate()
        if not isinstance(event, (SelectionChanged, *STATE_EVENTS)):
            # Of clusters or a dataset that may be gone: it would only take room.
            self._ahead.clear()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.grid.apply_theme(theme)

    def keep_state(self) -> dict[str, Any]:
        return {"axes": self._axes}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._axes = state.get("axes", self._axes)
        self.invalidate()

    # What keys and the mouse do ------------------------------------------------------------

    def fit(self) -> None:
        """Choose the axes for what is shown now."""
        self._axes = self.AxisState()
        self.invalidate()

    def judged_clusters(self) -> tuple[int, ...]:
        """Return the clusters that are selected and shown."""
        return self.session.selection.state.shown_ids[: self.most_clusters]

    def known_for(self, asked: Any) -> Any:
        """Return what was read ahead for a question, else what the last picture was made from."""
        known = None if self.picture is None else self.picture.known
        return self._ahead.get(asked.key) or known

    def asked_of(self, clusters: tuple[ClusterSpikes, ...]) -> Any:
        """Return the question about some clusters."""
        raise NotImplementedError

    def read_ahead(self, clusters: tuple[ClusterSpikes, ...]) -> ReadAhead | None:
        if not clusters:
            return None
        asked, ahead = self.asked_of(clusters[: self.most_clusters]), self._ahead
        if ahead.get(asked.key) is not None:
            return None
        find_answers = self.find_answers

        def read(pause: Pause) -> None:
            full = None
            for answer in find_answers(asked):
                full = answer
                pause()
            if full is not None:
                ahead.put(asked.key, full, size_of(full))

        return read

    def quiet_color(self) -> tuple[int, int, int]:
        """Return the colour of spikes that are not of a selected cluster."""
        return self.theme.color("noise").getRgb()[:3]  # type: ignore[return-value]

    def _on_limits(self, limits: dict[AxisKey, Range]) -> None:
        self._axes = replace(self._axes, own={**self._axes.own, **limits})
        self.invalidate()

    def _on_wheel(self, steps: float, modifiers: Any) -> None:
        if modifiers == Qt.KeyboardModifier.AltModifier:
            size = self.settings.marker_size * SCALE_STEP**steps
            self.change(marker_size=min(max(size, 1.0), 12.0))
