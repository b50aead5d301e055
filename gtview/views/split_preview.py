"""What a proposed split would make of its clusters, before it is decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from ..qt.plot import GESTURES, PlotWidget
from ..qt.theme import Theme, cluster_color
from ..session.events import DatasetChanged, SplitProposed
from .base import View
from .correlogram_grid import CorrelogramGrid
from .correlogram_text import DOT, share_text
from .merge_compute import mean_of
from .merge_paint import MeanLine, MeanWaveforms
from .parts_settings import PartsSettings
from .split_lasso import forget_action
from .split_preview_compute import Preview, PreviewQuery, compute_preview

HOW = (
    "No split is proposed.\n\n"
    "Shift+drag around spikes in the features, amplitudes, drift or waveforms; "
    "T in the amplitudes and V in the intervals propose by a threshold; "
    "Ctrl+K suggests a split.\n\n"
    "K then splits, Esc forgets."
)


@dataclass(frozen=True, slots=True)
class SplitPreviewSettings(PartsSettings):
    """How a split is looked at."""

    window_ms: float = field(default=50.0, metadata={"label": "Window", "min": 5.0, "max": 1000.0})


class SplitPreview(View):
    """The sentence, the mean waveforms of the parts over each other, and their correlograms."""

    id = "split"
    title = "Split preview"
    Settings = SplitPreviewSettings
    empty_text = HOW
    listens_to = (SplitProposed, DatasetChanged)
    actions_declared = (forget_action("split"),)
    gestures = GESTURES

    settings: SplitPreviewSettings

    def build(self) -> QWidget:
        self.result: Preview | None = None
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setContentsMargins(8, 4, 8, 2)
        self.plot = PlotWidget()
        self.means = self.plot.add_panel(0, 0, "channel")
        self.lines = MeanWaveforms()
        self.means.add(self.lines)
        self.plot.apply_theme(self.theme)
        self.plot.setMinimumSize(60, 50)
        self.grid = CorrelogramGrid(self.theme)
        self.splitter = QSplitter()
        self.splitter.addWidget(self.plot)
        self.splitter.addWidget(self.grid)
        self.splitter.setSizes([400, 400])
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sentence)
        layout.addWidget(self.splitter, 1)
        return content

    def query(self) -> PreviewQuery | None:
        session, proposal = self.session, self.session.splitting.proposal
        if proposal is None:
            return None
        state, asked = session.selection.state, self.settings
        return PreviewQuery(
            session.dataset,
            session.channels,
            proposal,
            tuple(session.clustering.spikes_of(i) for i in proposal.cluster_ids),
            tuple(state.color_of(i) or 0 for i in proposal.cluster_ids),
            asked.bin_ms,
            asked.window_ms,
            asked.refractory_ms,
            asked.n_waveforms,
        )

    compute = staticmethod(compute_preview)

    def draw(self, result: Preview) -> None:
        self.result = result
        self._show_sentence(result)
        colors = tuple(group.color_id for group in result.groups)
        names = tuple(group.name for group in result.groups)
        found = result.correlograms
        self.grid.set_result(found, result.values, colors, is_uniform=False, names=names)
        if result.waveforms is not None:
            self._show_means(result)
        self.set_status(self._describe(result))

    def _show_means(self, result: Preview) -> None:
        waveforms = result.waveforms
        if waveforms is None:
            return
        means = [mean_of(cluster) for cluster in waveforms.clusters]
        lines = [
            MeanLine(mean, cluster_color(group.color_id), 1.8)
            for mean, group in zip(means, result.groups, strict=True)
            if mean is not None
        ]
        self.lines.set_lines(tuple(reversed(lines)))
        sizes = np.concatenate([np.zeros(1), *(line.waveform.ravel() for line in lines)])
        low, high = float(sizes.min()), float(sizes.max())
        room = 0.08 * max(high - low, 1e-6)
        ids = result.query.dataset.channels.raw_channels[waveforms.channel_ids].tolist()
        self.means.set_home((0.0, float(max(len(ids), 1))), (low - room, high + room))
        places = [k + 0.5 for k in range(len(ids))]
        self.means.x_axis.set_names(places, [str(channel) for channel in ids])
        self.means.y_axis.set_title(f"mean ({waveforms.unit})")

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        is_tall = self.height() > self.width()
        self.splitter.setOrientation(
            Qt.Orientation.Vertical if is_tall else Qt.Orientation.Horizontal
        )

    def _show_sentence(self, result: Preview) -> None:
        quiet = self.theme.color("quiet").name()
        first, shares = escape(result.query.proposal.sentence), escape(self._shares(result))
        more = f'<br><span style="color:{quiet}">{shares}</span>' if shares else ""
        self.sentence.setText(first + more)

    def _describe(self, result: Preview) -> str:
        n = sum(len(group.spike_ids) for group in result.groups)
        parts = [f"{n:,} spikes"]
        if result.n_left_out:
            parts.insert(0, f"first {len(result.groups)} parts")
        if result.waveforms is not None:
            n_read = sum(len(cluster.spike_ids) for cluster in result.waveforms.clusters)
            parts.append(f"means of {n_read:,} waveforms" if n_read else "mean templates")
        return DOT.join(parts)

    @staticmethod
    def _shares(result: Preview) -> str:
        """Say how often each part would violate the refractory period."""
        found = result.correlograms
        shares = [(group.name, _share(found, k)) for k, group in enumerate(result.groups)]
        return DOT.join(f"{name}: {share}" for name, share in shares if share)

    def clear_split(self) -> None:
        """Forget what is proposed."""
        self.session.splitting.clear()

    @property
    def has_proposal(self) -> bool:
        """Whether there is something to forget."""
        return self.session.splitting.proposal is not None

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)
        self.grid.apply_theme(theme)


def _share(found: Any, k: int) -> str:
    n_violations, n_spikes = int(found.n_violations[k]), int(found.n_spikes[k])
    return share_text(n_violations, n_spikes - 1, found.refractory_ms)
