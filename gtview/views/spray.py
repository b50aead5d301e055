"""Waveforms of the found, missed and false spikes of a unit side by side: what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.canvas import Canvas, Viewport
from ..session.events import DatasetChanged, ScoresChanged, SelectionChanged
from ..session.session import Session
from ..session.spray import GROUPS, SprayGroup, SprayQuery
from .base import View, ViewAction
from .match_view import MatchView
from .spike_marks import STATE_NAMES, state_rgb
from .spray_paint import paint_spray
from .spray_scene import SprayPicture, SpraySurface, SprayViewQuery, compute_picture, find_waveform
from .trace_place import centred
from .waveform_paint import label_font

MOST_CHANNELS = 12
DOT = " \N{MIDDLE DOT} "
_SHOWN_FIELDS = ("cluster_ids", "unit_id", "time_window_s")


@dataclass(frozen=True, slots=True)
class SpraySettings:
    """How many waveforms are read, and where."""

    n_waveforms: int = field(
        default=60,
        metadata={
            "label": "Waveforms of each",
            "help": "Spread evenly over the spikes of each kind.",
            "min": 1,
            "max": 1000,
        },
    )
    n_channels: int = field(
        default=4, metadata={"label": "Channels", "min": 1, "max": MOST_CHANNELS}
    )
    cutoff_hz: float = field(
        default=300.0,
        metadata={"label": "High-pass", "help": "0: no filter.", "min": 0.0, "max": 5000.0},
    )


class SprayView(View):
    """Raw waveforms of the selected unit: found, elsewhere, missed and false ones."""

    id = "spray"
    title = "Spike spray"
    Settings = SpraySettings
    empty_text = "select a unit, or a cluster that is one"
    listens_to = (SelectionChanged, ScoresChanged, DatasetChanged)
    actions_declared = (
        ViewAction("spray.more", "More channels", ("Alt+Up",), "show_more_channels"),
        ViewAction("spray.fewer", "Fewer channels", ("Alt+Down",), "show_fewer_channels"),
        ViewAction("spray.fit", "Show everything", ("R",), "fit"),
    )
    gestures = (
        ("Click", "show the spike of the nearest waveform in the trace view"),
        ("Drag", "move"),
        ("Wheel", "zoom at the pointer"),
        ("Right-button drag", "zoom each direction"),
        ("Double click", "show everything"),
    )

    settings: SpraySettings

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.picture: SprayPicture | None = None
        self.picked: tuple[int, int] | None = None
        super().__init__(context, parent)

    @classmethod
    def missing(cls, session: Session) -> str | None:
        reason = MatchView.missing(session)
        if reason is None and session.dataset.raw is None:
            reason = (
                "Waveforms are read from the raw file, which is missing. "
                "Say where it is with File > Locate the raw file."
            )
        return reason

    def build(self) -> QWidget:
        self.canvas = Canvas(self._paint, self)
        self.canvas.clicked.connect(self._on_click)
        self.canvas.viewport_changed.connect(self.invalidate)
        self.canvas.resized.connect(self.invalidate_if_resized)
        self.canvas.home_asked.connect(self.fit)
        return self.canvas

    def on_event(self, event: Event) -> None:
        if not isinstance(event, SelectionChanged) or event.touches(*_SHOWN_FIELDS):
            self.invalidate()

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> SprayViewQuery | None:
        session, settings = self.session, self.settings
        truth = session.truth_access.current
        self.empty_text = SprayView.empty_text if truth else "Scoring \N{HORIZONTAL ELLIPSIS}"
        unit_id = session.matched_unit()
        if truth is None or unit_id is None:
            self.picture = self.picked = None
            return None
        asked = SprayQuery(
            session.dataset,
            session.channels,
            truth,
            unit_id,
            settings.n_waveforms,
            settings.n_channels,
            settings.cutoff_hz or None,
            session.selection.state.time_window_s,
        )
        surface = SpraySurface(
            self.canvas.viewport,
            (self.canvas.width(), self.canvas.height()),
            self.canvas.devicePixelRatioF(),
            {int(state): state_rgb(state) for state in GROUPS},
        )
        known = None if self.picture is None else self.picture.spray
        return SprayViewQuery(asked, known, surface)

    compute = staticmethod(compute_picture)

    def draw(self, result: SprayPicture) -> None:
        if self.picture is None or self.picture.spray is not result.spray:
            self.picked = None
        self.picture = result
        self.canvas.update()
        self.set_status(self.describe(result))

    def describe(self, picture: SprayPicture) -> str:
        """Say whose spikes are shown, how many there are of each kind, and the filter."""
        spray = picture.spray
        name = "no cluster" if spray.cluster_id is None else f"cluster {spray.cluster_id}"
        parts = [f"unit {spray.query.unit_id}, {name}", _counts(spray.groups)]
        dataset, cutoff_hz = spray.query.dataset, spray.query.cutoff_hz
        if dataset.is_high_passed:
            parts.append("filtered by the recording")
        else:
            parts.append("not filtered" if cutoff_hz is None else f"{cutoff_hz:g} Hz high-pass")
        return DOT.join(parts)

    def _paint(self, painter: QPainter, viewport: Viewport) -> None:
        painter.fillRect(self.canvas.rect(), self.theme.color("plot"))
        if self.picture is None:
            return
        painter.setFont(label_font(self.font()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        raw_channels = self.session.dataset.channels.raw_channels
        labels = tuple(str(c) for c in raw_channels[self.picture.spray.channel_ids].tolist())
        paint_spray(painter, self.picture, viewport, self.theme, labels, self.picked)

    # Mouse and keys ------------------------------------------------------------------------

    def _on_click(self, at: QPointF, button: Any, modifiers: Any) -> None:
        if button != Qt.MouseButton.LeftButton or modifiers or self.picture is None:
            return
        self.picked = find_waveform(self.picture, self.canvas.viewport, at.x(), at.y())
        self.canvas.update()
        if self.picked is None:
            self.set_status(self.describe(self.picture))
            return
        group = self.picture.spray.groups[self.picked[0]]
        time_s = int(group.samples[self.picked[1]]) / self.session.dataset.sample_rate_hz
        self.set_status(f"{STATE_NAMES[group.state]} at {time_s:,.4f} s, shown in the trace view")
        self.session.selection.update(trace_s=centred(self.session, time_s), source=self)

    def show_more_channels(self) -> None:
        """Show one more of the unit's channels."""
        self.change(n_channels=min(self.settings.n_channels + 1, MOST_CHANNELS))

    def show_fewer_channels(self) -> None:
        """Show one channel less."""
        self.change(n_channels=max(self.settings.n_channels - 1, 1))

    def fit(self) -> None:
        """Show everything."""
        self.canvas.go_home()


def _counts(groups: Iterable[SprayGroup]) -> str:
    return ", ".join(f"{g.n_spikes:,} {STATE_NAMES[g.state]}" for g in groups)
