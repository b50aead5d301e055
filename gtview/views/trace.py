"""The trace view: the recording around the spikes, what the sorter and the truth say it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QFontMetricsF, QPainter
from PyQt6.QtWidgets import QWidget

from ..analysis.trace_spikes import channels_around, order_channels
from ..analysis.traces import TraceQuery
from ..base.events import Event
from ..base.types import Int32Array
from ..qt.picture import is_vector
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    ScoresChanged,
    SelectionChanged,
    SortingsChanged,
    SortingsRead,
)
from ..session.read_sorting import ReadSorting
from ..session.session import Session
from .trace_ahead import ReadAhead
from .trace_canvas import TraceCanvas
from .trace_choices import make_look, units_of_selection
from .trace_compute import (
    StatesWanted,
    TraceSource,
    TraceViewQuery,
    compute_picture,
    find_marks,
)
from .trace_gestures import TraceGestures
from .trace_highlight import paint_highlighted
from .trace_lanes import (
    LEGEND_PX,
    paint_errors,
    paint_lanes,
    paint_legend,
)
from .trace_layout import LANE_PX, RowZoom, TimeWindow, TraceLayout, lay_out
from .trace_others import name_px, shown_others
from .trace_paint import AXIS_PX, paint_ends, paint_frame, paint_rows, paint_scale, paint_spots
from .trace_scene import Picture
from .trace_settings import ACTIONS, DEFAULT_INTERVAL_S, GESTURES, TraceSettings
from .trace_status import BETWEEN, describe_missing, describe_traces
from .waveform_paint import label_font

# Of a larger probe only the channels around the selected clusters are shown at first.
MANY_CHANNELS = 64
_SHOWN_FIELDS = (
    "cluster_ids", "similar_ids", "color_ids", "unit_id", "channel_ids", "highlight",
)  # fmt: skip


class TraceView(TraceGestures):
    """Shows the recording on the channels of the probe, with the spikes in it."""

    id = "trace"
    title = "Traces"
    Settings = TraceSettings
    listens_to = (
        SelectionChanged, ClusteringChanged, DatasetChanged, ScoresChanged, SortingsChanged,
        SortingsRead,
    )  # fmt: skip
    actions_declared = ACTIONS
    gestures = GESTURES

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.ahead = ReadAhead()
        self._source: TraceSource | None = None
        self._noise: dict[float | None, float] = {}
        super().__init__(context, parent)

    # The contract of views -----------------------------------------------------------------

    @classmethod
    def missing(cls, session: Session) -> str | None:
        return describe_missing(session.dataset) if session.dataset.raw is None else None

    def build(self) -> QWidget:
        self.canvas = TraceCanvas(self._paint, self)
        self.connect_canvas()
        return self.canvas

    def query(self) -> TraceViewQuery:
        source, settings = self._source_now(), self.settings
        dataset, state = source.dataset, self.session.selection.state
        window, channel_ids = self.place(), self._channel_ids()
        rate = dataset.sample_rate_hz
        start, stop = int(window.start_s * rate) - 1, int(np.ceil(window.stop_s * rate)) + 2
        wants_prediction = settings.has_prediction or settings.is_residual
        traces = TraceQuery(
            dataset=dataset,
            blocks=source.blocks,
            start=start,
            stop=stop,
            channel_ids=channel_ids,
            cutoff_hz=settings.cutoff_hz if settings.is_filtered else None,
            predictor=source.predictor if wants_prediction else None,
            true_signal=source.true_signal if settings.has_truth else None,
        )
        marks = find_marks(dataset, self.session.clustering, state, start, stop)
        others = shown_others(self)
        in_sight = np.unique(marks.clusters).tolist() if dataset.templates is None else []
        return TraceViewQuery(
            source=source,
            traces=traces,
            window=window,
            layout=self._layout(channel_ids, others),
            look=make_look(self, self._gain, self._noise.get(traces.filter_hz)),
            marks=marks,
            clusters={i: self.session.clustering.spikes_of(i) for i in in_sight},
            has_others=settings.has_all_spikes,
            true_units=None if settings.has_all_spikes else units_of_selection(self.session),
            states=self._states_wanted(),
            known=self.picture,
            others=others,
        )

    compute = staticmethod(compute_picture)

    def draw(self, result: Picture) -> None:
        self.picture = result
        asked = self._cutoff_hz
        self._noise[asked] = result.noise
        text = describe_traces(result, self.settings, self.session.dataset, self.duration_s)
        self.set_status(BETWEEN.join(filter(None, (self.error_text(), text))))
        self.canvas.update()
        traces = result.traces
        if self._source is not None:
            self.ahead.ask(self._source.blocks, traces.start, traces.stop, asked)

    def on_event(self, event: Event) -> None:
        if isinstance(event, DatasetChanged):
            self._source, self.picture, self._noise = None, None, {}
        if isinstance(event, SelectionChanged):
            if event.touches("trace_s") and event.source is not self:
                self.follow(event.after.trace_s)
            if not event.touches(*_SHOWN_FIELDS):
                return
            self.set_note("")
        self.invalidate()

    def close_view(self) -> None:
        self.ahead.close()
        super().close_view()

    # What keys do --------------------------------------------------------------------------

    def toggle_spikes(self) -> None:
        """Mark the spikes of all clusters, or of the selected ones."""
        self.change(has_all_spikes=not self.settings.has_all_spikes)

    def toggle_labels(self) -> None:
        """Show the channel numbers, or not."""
        self.change(has_labels=not self.settings.has_labels)

    def toggle_lanes(self) -> None:
        """Show the spikes above the traces, or not."""
        self.change(has_lanes=not self.settings.has_lanes)

    def toggle_channels(self) -> None:
        """Show all channels, or those around the selected clusters."""
        n_all = self.session.dataset.channels.n_channels
        self.zoom = RowZoom()
        self.change(channels="selection" if len(self._channel_ids()) == n_all else "all")

    def toggle_image(self) -> None:
        """Show an image, or lines."""
        self.change(is_image=not self.settings.is_image)

    def toggle_filter(self) -> None:
        """Show high-passed or raw traces."""
        self.change(is_filtered=not self.settings.is_filtered)

    def toggle_prediction(self) -> None:
        """Lay the sorter's prediction over the traces, or not."""
        self.change(has_prediction=not self.settings.has_prediction)

    def toggle_residual(self) -> None:
        """Show the traces minus the prediction, or the traces."""
        self.change(is_residual=not self.settings.is_residual)

    def toggle_truth(self) -> None:
        """Lay the true signal over the traces, or not."""
        self.change(has_truth=not self.settings.has_truth)

    def reset(self) -> None:
        """Show the first interval around the same middle, all rows, at the first scale."""
        self._gain, self._noise, self.zoom = 1.0, {}, RowZoom()
        half = DEFAULT_INTERVAL_S / 2
        middle = self._now().middle_s
        self.show_window(TimeWindow(middle - half, middle + half))

    # Behind it -----------------------------------------------------------------------------

    @property
    def _cutoff_hz(self) -> float | None:
        """The filter in use."""
        if not self.settings.is_filtered or self.session.dataset.is_high_passed:
            return None
        cutoff_hz: float = self.settings.cutoff_hz
        return cutoff_hz

    def _source_now(self) -> TraceSource:
        if self._source is None:
            self._source = TraceSource(self.session)
        return self._source

    def _channel_ids(self) -> Int32Array:
        channels, wanted = self.session.dataset.channels, self.settings.channels
        if wanted == "all" or (wanted == "auto" and channels.n_channels <= MANY_CHANNELS):
            return order_channels(channels)
        best = [self._best_channel(i) for i in self.session.selection.state.shown_ids]
        known = tuple(c for c in best if c is not None)
        return channels_around(channels, known) if known else order_channels(channels)

    def _best_channel(self, cluster_id: int) -> int | None:
        # Without templates it would have to be read: then all channels are shown.
        if self.session.dataset.templates is None or cluster_id not in self.session.clustering:
            return None
        return self.session.best_channels(cluster_id).best

    def _layout(self, channel_ids: Int32Array, others: tuple[ReadSorting, ...]) -> TraceLayout:
        channels, settings = self.session.dataset.channels, self.settings
        metrics = QFontMetricsF(label_font(self.font()))
        texts = [str(int(channels.raw_channels.max(initial=0)))] if settings.has_labels else []
        texts += ["sorted"] if settings.has_lanes else []
        wide = [metrics.horizontalAdvance(t) for t in texts]
        left = max([*wide, *(name_px(o.name, metrics) for o in others)], default=0.0) + 9
        n_lanes = (1 if self.session.truth is None else 2) if settings.has_lanes else 0
        top = 4 + LANE_PX * (n_lanes + len(others)) + (LEGEND_PX if self._has_legend else 0)
        return lay_out(
            channel_ids,
            channels.shanks[channel_ids],
            (self.canvas.width(), self.canvas.height()),
            (left, top, AXIS_PX),
            self.zoom,
        )

    @property
    def _has_legend(self) -> bool:
        settings = self.settings
        has_lines = settings.has_prediction or settings.has_truth
        has_signs = settings.has_lanes and self.session.truth is not None
        is_large = self.canvas.height() >= 260 and self.canvas.width() >= 360
        return bool((has_lines or has_signs) and is_large)

    def _states_wanted(self) -> StatesWanted | None:
        truth = self.session.truth_access.current if self.settings.has_lanes else None
        if truth is None:
            return None
        known = truth.known_states
        # Until the new ones are there, those of before are shown.
        shown = known or self.session.truth_access.states
        return StatesWanted(id(truth), shown, None if known is not None else truth)

    def _paint(self, painter: QPainter, size: QSize) -> None:
        theme, picture = self.theme, self.picture
        painter.fillRect(0, 0, size.width(), size.height(), theme.color("plot"))
        if picture is None:
            return
        window, layout, settings = self._now(), picture.layout, self.settings
        dataset = self.session.dataset
        painter.setFont(label_font(self.font()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        raw_channels = dataset.channels.raw_channels[layout.channel_ids]
        labels = tuple(str(c) for c in raw_channels.tolist()) if settings.has_labels else ()
        shanks = tuple(np.unique(dataset.channels.shanks[layout.channel_ids]).tolist())
        chosen = self.session.selection.state.channel_ids[:2]
        paint_frame(painter, layout, window, theme, labels, chosen, shanks)
        paint_highlighted(painter, picture, window, theme)
        is_own = theme.name == picture.look.theme and not is_vector(painter)
        paint_rows(painter, picture, window, theme, use_image=is_own or picture.look.is_image)
        raw_s = picture_end_s(self._source, dataset.sample_rate_hz)
        paint_ends(painter, layout, window, theme, self.duration_s, raw_s)
        if picture.look.is_image:
            paint_spots(painter, picture, window)
        if settings.has_lanes:
            paint_lanes(painter, picture, window, theme, has_others=settings.has_all_spikes)
            paint_errors(painter, picture, window, has_others=settings.has_all_spikes)
        if self._has_legend:
            paint_legend(painter, picture, theme, has_lanes=settings.has_lanes)
        paint_scale(painter, picture, theme, dataset.amplitude_unit)


def picture_end_s(source: TraceSource | None, sample_rate_hz: float) -> float:
    """Return where the raw file ends, in seconds."""
    return float("inf") if source is None else source.blocks.n_samples / sample_rate_hz
