"""Intervals between consecutive spikes of the selected clusters, and how many are too short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtWidgets import QWidget

from ..analysis.intervals import IntervalBins, IntervalQuery, Intervals, compute_intervals
from ..analysis.pick_planes import IntervalJudge
from ..analysis.train_query import MAX_CLUSTERS
from ..qt.histogram_stack import Histogram
from ..qt.theme import cluster_color
from ..qt.threshold import ThresholdItem
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from .correlogram_settings import stepped
from .isi_settings import (
    ACTIONS,
    GESTURES,
    LONGEST_LOG_MS,
    LONGEST_MS,
    N_BINS,
    REFRACTORY_MS,
    IsiSettings,
)
from .isi_text import DOT, heights, notes, positions, summary
from .split_lasso import SplitTask, SplitView
from .stack_view import StackView
from .wording import count_text, percent_text

if TYPE_CHECKING:
    from ..session.session import ClusterSpikes


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    intervals: IntervalQuery
    color_ids: tuple[int, ...]
    time_window_s: tuple[float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    intervals: Intervals
    color_ids: tuple[int, ...]
    time_window_s: tuple[float, float] | None


class IsiView(StackView, SplitView):
    """One histogram a cluster; the violations are counted and written."""

    id = "isi"
    title = "Intervals"
    x_title = "interval between spikes (ms)"
    Settings = IsiSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = ACTIONS
    gestures = GESTURES

    settings: IsiSettings
    _shown: _Result | None = None

    def build(self) -> QWidget:
        plot = super().build()
        self.line = ThresholdItem("x", self.theme, is_painted=False)
        self.line.moved.connect(self._on_line)
        self.panel.add(self.line)
        self._is_proposing = False
        self.split = SplitTask(self, "refractory period", self._forget_split)
        return plot

    def query(self) -> _Query | None:
        clusters = self.session.shown_clusters()
        if not clusters:
            return None
        return _Query(
            self._ask(clusters),
            tuple(c.color_id for c in clusters[:MAX_CLUSTERS]),
            self.session.selection.state.time_window_s,
        )

    def _ask(self, clusters: tuple[ClusterSpikes, ...]) -> IntervalQuery:
        asked, dataset = self.settings, self.session.dataset
        make = IntervalBins.logarithmic if asked.is_log else IntervalBins.linear
        return IntervalQuery(
            tuple(c.cluster_id for c in clusters),
            tuple(c.spike_ids for c in clusters[:MAX_CLUSTERS]),
            dataset.spike_samples,
            make(asked.n_bins, self._longest_ms, dataset.sample_rate_hz),
            asked.refractory_ms,
        )

    @staticmethod
    def compute(query: _Query) -> _Result:
        return _Result(compute_intervals(query.intervals), query.color_ids, query.time_window_s)

    def draw(self, result: _Result) -> None:
        before, self._shown = self._shown, result
        bins, refractory_ms = result.intervals.bins, result.intervals.refractory_ms
        edges = positions(bins)
        rows = [
            Histogram(edges, heights(one, bins), cluster_color(color), notes(one, refractory_ms))
            for one, color in zip(result.intervals.clusters, result.color_ids, strict=True)
        ]
        line_x = float(np.log10(refractory_ms)) if bins.is_log else refractory_ms
        self.line.show_at(line_x)
        self.panel.x_axis.set_log(is_log=bins.is_log)
        if before is not None and before.intervals.bins.is_log != bins.is_log:
            self.panel.fit()
        self.show_rows(
            rows,
            [one.cluster_id for one in result.intervals.clusters],
            result.color_ids,
            (float(edges[0]), float(edges[-1])),
            is_uniform=self.settings.is_uniform,
            line_x=line_x,
        )

    # Texts ---------------------------------------------------------------------------------

    def bin_text(self, row: int, index: int) -> str:
        """Say what is in a bin."""
        if self._shown is None:
            return ""
        found, edges = self._shown.intervals, self._shown.intervals.bins.edges_ms
        one = found.clusters[row]
        count = int(one.counts[index])
        share = percent_text(count / one.n_intervals) if one.n_intervals else "0 %"
        return (
            f"{one.cluster_id}{DOT}{edges[index]:.4g} to {edges[index + 1]:.4g} ms{DOT}"
            f"{count_text(count, 'interval')}, {share}"
        )

    def summary(self) -> str:
        """Say which intervals are shown, of how many spikes, and what lies outside."""
        if self._shown is None:
            return ""
        return summary(self._shown.intervals, self._shown.time_window_s)

    # Actions -------------------------------------------------------------------------------

    def show_longer(self) -> None:
        """Show longer intervals, too."""
        self.step_range(1)

    def show_shorter(self) -> None:
        """Show shorter intervals only."""
        self.step_range(-1)

    def widen_bins(self) -> None:
        """Count in wider bins."""
        self.step_bins(1)

    def narrow_bins(self) -> None:
        """Count in narrower bins."""
        self.step_bins(-1)

    def toggle_log(self) -> None:
        """Make the axis logarithmic, or linear again."""
        self.change(is_log=not self.settings.is_log)

    def toggle_uniform(self) -> None:
        """Give all clusters one scale, or each its own."""
        self.change(is_uniform=not self.settings.is_uniform)

    def propose_violations(self) -> None:
        """Propose to split off the spikes that come too soon, or forget that."""
        if self._is_proposing:
            self.clear_split()
            return
        self._is_proposing = True
        self._judge()

    def split_tasks(self) -> tuple[SplitTask, ...]:
        return (self.split,)

    def _judge(self) -> None:
        asked = self.settings
        judge = IntervalJudge(self.session.dataset, asked.refractory_ms, asked.takes_both)
        self.split.ask(judge, self.session.selection.state.shown_ids[:MAX_CLUSTERS])

    def _forget_split(self) -> None:
        self._is_proposing = False

    def _on_line(self, x: float) -> None:
        low, high = REFRACTORY_MS
        wanted = 10**x if self.settings.is_log else x
        self.change(refractory_ms=round(min(max(wanted, low), high), 2))
        if self._is_proposing:
            self._judge()

    def reset(self) -> None:
        """Go back to the first bins and the first range."""
        first = IsiSettings()
        self.fit()
        names = ("n_bins", "longest_ms", "longest_log_ms")
        self.change(**{name: getattr(first, name) for name in names})

    def step_range(self, steps: int) -> None:
        if self.settings.is_log:
            self.change(longest_log_ms=stepped(LONGEST_LOG_MS, self._longest_ms, steps))
        else:
            self.change(longest_ms=stepped(LONGEST_MS, self._longest_ms, steps))

    def step_bins(self, steps: int) -> None:
        self.change(n_bins=int(stepped(N_BINS, self.settings.n_bins, steps)))

    @property
    def _longest_ms(self) -> float:
        return self.settings.longest_log_ms if self.settings.is_log else self.settings.longest_ms
