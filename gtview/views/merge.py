"""What the selected clusters would be as one, before it is decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, ClassVar

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QSplitter, QWidget

from ..analysis.correlograms import CorrelogramBins, CorrelogramQuery
from ..analysis.merge_likelihood import LikelihoodQuery
from ..base.events import Event
from ..base.types import Float64Array
from ..qt.histogram_stack import Histogram, HistogramStack, StackNotes
from ..qt.plot import GESTURES, PlotWidget
from ..qt.theme import Theme, cluster_color
from ..session.candidates import CandidateQuery, train_of
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    LabelsChanged,
    ScoresChanged,
    SelectionChanged,
)
from .base import View
from .merge_compute import MOST_CLUSTERS, MeanShapes, MergeQuery, MergeResult, compute_merge
from .merge_paint import MeanLine, MeanWaveforms
from .merge_words import Row, rows_of_merge
from .parts_settings import PartsSettings
from .wording import percent_text

_MERGED = "merged"
# To plan a merge of more would hold up the window.
_MOST_PLANNED = 1_000_000


@dataclass(frozen=True, slots=True)
class MergeSettings(PartsSettings):
    """How a merge is looked at."""

    n_waveforms: int = field(
        default=100,
        metadata={"label": "Raw waveforms of each cluster", "min": 0, "max": 1000},
    )


class MergeView(View):
    """Mean waveforms, autocorrelograms and violations of the parts and of the whole, and words."""

    id = "merge"
    title = "Merge preview"
    Settings = MergeSettings
    empty_text = "select two clusters or more"
    listens_to = (
        SelectionChanged,
        ClusteringChanged,
        DatasetChanged,
        ScoresChanged,
        LabelsChanged,
    )
    gestures: ClassVar[tuple[tuple[str, str], ...]] = GESTURES
    settings: MergeSettings

    def build(self) -> QWidget:
        self.result: MergeResult | None = None
        self.rows: list[Row] = []
        self.plot = PlotWidget()
        self.means = self.plot.add_panel(0, 0, "channel")
        self.lines = MeanWaveforms()
        self.means.add(self.lines)
        self.counts = self.plot.add_panel(0, 1, "lag (ms)")
        self.counts.box.invertY(True)
        self.stack = HistogramStack(self.theme)
        self.counts.add(self.stack)
        self.counts.add(StackNotes(self.stack))
        self.plot.apply_theme(self.theme)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setContentsMargins(10, 6, 10, 6)
        self.word_area = QScrollArea()
        self.word_area.setObjectName("mergeWords")
        self.word_area.setWidget(self.words)
        self.word_area.setWidgetResizable(True)
        self.word_area.setFrameShape(QFrame.Shape.NoFrame)
        self.word_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.plot)
        splitter.addWidget(self.word_area)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setSizes([300, 180])
        return splitter

    def on_event(self, event: Event) -> None:
        if not isinstance(event, SelectionChanged) or event.touches(
            "cluster_ids", "similar_ids", "color_ids"
        ):
            self.invalidate()

    def query(self) -> MergeQuery | None:
        state, session = self.session.selection.state, self.session
        if len(state.shown_ids) < 2:
            return None
        n_spikes = sum(session.clustering.n_spikes_of(i) for i in state.shown_ids)
        change = None
        if n_spikes <= _MOST_PLANNED:
            change = session.curation.plan_merge(state.shown_ids)
        ids, colors = state.shown_ids[:MOST_CLUSTERS], state.color_ids[:MOST_CLUSTERS]
        spikes = tuple(session.clustering.spikes_of(i) for i in ids)
        dataset, asked = session.dataset, self.settings
        candidates = CandidateQuery.of(session, ids[0], {})
        return MergeQuery(
            dataset=dataset,
            channels=session.channels,
            change=change,
            n_clusters=len(state.shown_ids),
            n_spikes=n_spikes,
            cluster_ids=ids,
            color_ids=colors,
            spike_ids=spikes,
            correlograms=CorrelogramQuery(
                ids,
                spikes,
                dataset.spike_samples,
                CorrelogramBins.nearest(asked.bin_ms, asked.window_ms, dataset.sample_rate_hz),
                dataset.duration_s,
                asked.refractory_ms,
                has_merged=True,
            ),
            likelihood=LikelihoodQuery(
                dataset,
                train_of(candidates, ids[0]),
                tuple(train_of(candidates, i) for i in ids[1:]),
            ),
            gain=None if change is None else session.gains.of(change),
            max_waveforms=asked.n_waveforms,
        )

    compute = staticmethod(compute_merge)

    def draw(self, result: MergeResult) -> None:
        self.result = result
        self._show_means(result)
        self._show_counts(result)
        self.rows = rows_of_merge(
            result.query.change, result.correlograms, result.likelihoods, result.gain
        )
        self._show_words()
        self.set_status(self._describe(result))

    # What is shown ---------------------------------------------------------------------------

    def _show_means(self, result: MergeResult) -> None:
        shapes = result.shapes
        lines = [
            MeanLine(part, cluster_color(color))
            for part, color in zip(shapes.parts, result.query.color_ids, strict=True)
            if part is not None
        ]
        if shapes.merged is not None:
            lines.append(MeanLine(shapes.merged, self.theme.color("text"), 2.0))
        self.lines.set_lines(tuple(lines))
        low, high = _limits(shapes)
        n = max(len(shapes.channel_ids), 1)
        self.means.set_home((0.0, float(n)), (low, high))
        names = [str(channel) for channel in shapes.channel_ids.tolist()]
        self.means.x_axis.set_names([k + 0.5 for k in range(len(names))], names)
        self.means.y_axis.set_title(f"mean ({shapes.unit})")

    def _show_counts(self, result: MergeResult) -> None:
        found, merged = result.correlograms, result.correlograms.merged
        half = found.bins.widths_s[0] * 500
        centres = found.bins.centres_ms
        edges = np.append(centres - half, centres[-1] + half)
        rows, names = [], []
        if merged is not None:
            note = _note(merged.n_violations, merged.n_spikes, found.refractory_ms)
            rows.append(_histogram(edges, merged.counts, self.theme.color("quiet"), note))
            names.append(_MERGED)
        for k, cluster_id in enumerate(found.cluster_ids):
            color = cluster_color(result.query.color_ids[k])
            n_violations, n_spikes = int(found.n_violations[k]), int(found.n_spikes[k])
            note = _note(n_violations, n_spikes, found.refractory_ms)
            rows.append(_histogram(edges, found.counts[k, k], color, note))
            names.append(str(cluster_id))
        is_other = len(rows) != len(self.stack.rows)
        self.stack.set_rows(tuple(rows))
        home = (float(edges[0]), float(edges[-1])), (0.0, float(len(rows)))
        self.counts.set_home(*home)
        if is_other:
            self.counts.fit()
        self.counts.y_axis.set_names([k + 0.5 for k in range(len(names))], names)

    def _show_words(self) -> None:
        quiet = self.theme.color("quiet").name()
        lines = "".join(
            f'<tr><td style="color:{quiet}; padding-right:12px; white-space:nowrap">'
            f"{escape(name)}</td><td>{escape(text)}</td></tr>"
            for name, text in self.rows
        )
        self.words.setText(f'<table cellspacing="2">{lines}</table>')

    def _describe(self, result: MergeResult) -> str:
        asked = result.query
        parts = [f"{asked.n_spikes:,} spikes", result.shapes.note]
        n_shown = len(asked.cluster_ids)
        if n_shown < asked.n_clusters:
            parts.insert(0, f"first {n_shown} of {asked.n_clusters}")
        return " \N{MIDDLE DOT} ".join(parts)

    def apply_theme(self, theme: Theme) -> None:
        self.stack.theme = theme
        self.plot.apply_theme(theme)

    def picture_of(self) -> QWidget:
        return self.plot

    def table_text(self, separator: str) -> str | None:
        return "\n".join(separator.join(row) for row in self.rows) if self.rows else None


def _note(n_violations: int, n_spikes: int, refractory_ms: float) -> tuple[str, ...]:
    share = percent_text(n_violations / (n_spikes - 1) if n_spikes > 1 else 0.0)
    return f"{share} < {refractory_ms:g} ms", share


def _histogram(
    edges: Float64Array, counts: Any, color: QColor, notes: tuple[str, ...]
) -> Histogram:
    return Histogram(edges, counts.astype(np.float64), color, notes)


def _limits(shapes: MeanShapes) -> tuple[float, float]:
    known = [w for w in (*shapes.parts, shapes.merged) if w is not None and w.size]
    if not known:
        return -1.0, 1.0
    low = min(float(w.min()) for w in known)
    high = max(float(w.max()) for w in known)
    room = 0.08 * max(high - low, 1e-6)
    return low - room, high + room
