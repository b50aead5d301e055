"""The waveform view: clusters on the channels of the probe, raw, on average and as templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter
from PyQt6.QtWidgets import QWidget

from ..analysis.true_waveforms import TrueUnit
from ..base.events import Event
from ..qt.canvas import Canvas, Viewport
from ..qt.picture import PIXEL_RATIO, is_vector
from ..qt.theme import cluster_rgb
from ..session.events import ClusteringChanged, DatasetChanged, ScoresChanged, SelectionChanged
from ..session.selection import with_channel
from ..session.session import ClusterSpikes, Session
from .ahead import Ahead, Pause, ReadAhead, size_of
from .waveform_compute import Asked, Known, Picture, WaveformViewQuery, compute_picture, read_all
from .waveform_keys import SCALE_STEP, WaveformKeys
from .waveform_layout import LayoutOptions
from .waveform_paint import for_file, label_font, paint_waveforms
from .waveform_scene import Scene, Surface
from .waveform_settings import ACTIONS, GESTURES, WaveformSettings, share_of_waveforms
from .waveform_status import describe_missing_raw, describe_picture

MAX_CLUSTERS = WaveformKeys.most_clusters
_NOTHING_KNOWN = "nothing is known of the waveforms of these clusters"
_SHOWN_FIELDS = ("cluster_ids", "similar_ids", "unit_id", "channel_ids", "time_window_s")
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier


class WaveformView(WaveformKeys):
    """Shows the selected clusters where the probe sees them."""

    id = "waveform"
    title = "Waveforms"
    Settings = WaveformSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged, ScoresChanged)
    actions_declared = ACTIONS
    gestures = GESTURES

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.picture: Picture | None = None
        self._ahead = Ahead()
        super().__init__(context, parent)

    # The contract of views -----------------------------------------------------------------

    @classmethod
    def missing(cls, session: Session) -> str | None:
        dataset = session.dataset
        if dataset.raw is None and dataset.templates is None:
            return (
                "Neither templates nor raw waveforms can be shown: "
                f"templates.npy is missing, and {describe_missing_raw(dataset)}."
            )
        return None

    def build(self) -> QWidget:
        self.canvas = Canvas(self._paint, self)
        self.canvas.viewport_changed.connect(self._on_viewport)
        self.canvas.resized.connect(self.invalidate_if_resized)
        self.canvas.home_asked.connect(self.fit)
        self.canvas.clicked.connect(self._on_click)
        self.canvas.wheeled.connect(self._on_wheel)
        self.add_waveform_lasso()
        return self.canvas

    def query(self) -> WaveformViewQuery | None:
        clusters = self.session.shown_clusters()[:MAX_CLUSTERS]
        if not clusters:
            return None
        settings: WaveformSettings = self.settings
        asked = self._asked(clusters)
        return WaveformViewQuery(
            asked=asked,
            known=self._known,
            ahead=self._ahead.get(asked.key),
            kind=settings.kind,
            mean_on_top=settings.is_mean_on_top,
            has_truth=settings.has_truth,
            labels=settings.has_labels,
            chosen=self.session.selection.state.channel_ids[:2],
            options=self._layout_options(1 if settings.is_overlap else len(clusters)),
            per_box=self._per_box,
            surface=self._surface([cluster.color_id for cluster in clusters]),
        )

    compute = staticmethod(compute_picture)

    def read_ahead(self, clusters: tuple[ClusterSpikes, ...]) -> ReadAhead | None:
        if self.session.dataset.raw is None or not clusters:
            return None
        asked, ahead = self._asked(clusters[:MAX_CLUSTERS]), self._ahead
        if ahead.get(asked.key) is not None:
            return None

        def read(_pause: Pause) -> None:
            known = read_all(asked)
            if known is not None:
                ahead.put(asked.key, known, size_of(known))

        return read

    def draw(self, result: Picture | None) -> None:
        self.picture = result
        if result is not None:
            self._per_box = result.scene.per_box
        self.set_status(self._describe(result))
        self.canvas.update()

    def on_event(self, event: Event) -> None:
        if not isinstance(event, SelectionChanged) or event.touches(*_SHOWN_FIELDS):
            self.invalidate()
        if not isinstance(event, SelectionChanged):
            self._ahead.clear()

    # Behind it -----------------------------------------------------------------------------

    @property
    def scene(self) -> Scene | None:
        """What is painted, for whoever exports it."""
        return None if self.picture is None else self.picture.scene

    @property
    def _known(self) -> Known | None:
        return None if self.picture is None else self.picture.known

    def _asked(self, clusters: tuple[ClusterSpikes, ...]) -> Asked:
        settings: WaveformSettings = self.settings
        return Asked(
            dataset=self.session.dataset,
            channels=self.session.channels,
            clusters=clusters,
            time_window_s=self.session.selection.state.time_window_s,
            n_waveforms=share_of_waveforms(settings.n_waveforms, len(clusters)),
            cutoff_hz=settings.cutoff_hz or None,
            true_unit=self._true_unit(clusters[0].cluster_id),
        )

    def _true_unit(self, cluster_id: int) -> TrueUnit | None:
        truth, unit_id = self.session.truth, self.session.matched_unit(cluster_id)
        if truth is None or truth.templates is None or unit_id not in truth.unit_ids:
            return None
        return TrueUnit(unit_id, truth.unit_ids.index(unit_id), truth.templates)

    def _layout_options(self, n_slots: int) -> LayoutOptions:
        settings: WaveformSettings = self.settings
        largest = str(int(self.session.dataset.channels.raw_channels.max(initial=0)))
        width = QFontMetricsF(label_font(self.font())).horizontalAdvance(largest)
        return LayoutOptions(
            n_slots=n_slots,
            gutter=width + 9 if settings.has_labels else 3.0,
            foot=40.0 if self.canvas.height() > 240 else 26.0,
            box_scale=settings.box_scale,
            probe_scale_x=settings.probe_scale_x,
            probe_scale_y=settings.probe_scale_y,
        )

    def _surface(self, color_ids: Iterable[int], ratio: float | None = None) -> Surface:
        return Surface(
            viewport=self.canvas.viewport,
            size=(self.canvas.width(), self.canvas.height()),
            device_pixel_ratio=ratio or self.canvas.devicePixelRatioF(),
            colors={color_id: cluster_rgb(color_id) for color_id in color_ids},
            background=self.theme.color("plot").getRgb()[:3],
        )

    def _paint(self, painter: QPainter, viewport: Viewport) -> None:
        painter.fillRect(self.canvas.rect(), self.theme.color("plot"))
        if self.scene is not None:
            painter.setFont(label_font(self.font()))
            scene = self.scene
            if is_vector(painter):
                scene = for_file(
                    scene, self._surface({c.color_id or 0 for c in scene.thin}, PIXEL_RATIO)
                )
            paint_waveforms(painter, scene, self.theme, viewport)
        elif self.n_drawn:
            painter.setPen(self.theme.color("quiet"))
            painter.drawText(self.canvas.rect(), Qt.AlignmentFlag.AlignCenter, _NOTHING_KNOWN)

    def _describe(self, picture: Picture | None) -> str:
        if picture is None:
            return ""
        n_selected = len(self.session.selection.state.shown_ids)
        return describe_picture(picture, n_selected, has_truth=self.settings.has_truth)

    def _on_viewport(self) -> None:
        if self.scene is not None and self.scene.rastered:
            self.invalidate()

    def _on_wheel(self, steps: float, modifiers: Any) -> None:
        if modifiers == _CTRL:
            self._scale(SCALE_STEP**steps)

    def _on_click(self, at: QPointF, button: Any, modifiers: Any) -> None:
        is_left = button == Qt.MouseButton.LeftButton
        is_right = button == Qt.MouseButton.RightButton
        if self.scene is None or modifiers not in (_CTRL, _ALT):
            return
        channel_id = self.scene.layout.channel_at(*self.canvas.viewport.place(at.x(), at.y()))
        if channel_id is None:
            return
        if modifiers == _CTRL and is_left:
            self._choose_channel(channel_id, 0)
        elif (modifiers == _CTRL and is_right) or (modifiers == _ALT and is_left):
            self._choose_channel(channel_id, 1)

    def _choose_channel(self, channel_id: int, place: int) -> None:
        """Make it the first or second channel; one that already is goes back to automatic."""
        shown = [] if self.scene is None else self.scene.layout.channel_ids.tolist()
        first = shown[0] if shown else None
        chosen = self.session.selection.state.channel_ids
        chosen = with_channel(chosen, channel_id, place, first)
        self.session.selection.update(channel_ids=chosen, source=self)
