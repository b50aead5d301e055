"""Correlograms of all pairs of the selected clusters, from all of their spikes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..analysis.correlograms import (
    CorrelogramBins,
    CorrelogramQuery,
    Correlograms,
    LogLagBins,
    compute_correlograms,
)
from ..analysis.train_query import MAX_CLUSTERS
from ..base.events import Event
from ..base.types import Int32Array, Int64Array
from ..qt.theme import Theme
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from .base import View
from .correlogram_grid import CorrelogramGrid
from .correlogram_settings import (
    ACTIONS,
    BINS_MS,
    BINS_PER_DECADE,
    FEWEST_BINS,
    GESTURES,
    LOG_WINDOWS_MS,
    MOST_BINS,
    WINDOWS_MS,
    CorrelogramSettings,
    stepped,
)
from .correlogram_text import bin_text, summary
from .correlogram_values import UNITS, CellValues, make_values


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    """What to count, and where in time."""

    correlograms: CorrelogramQuery
    color_ids: tuple[int, ...]
    unit: str
    time_window_s: tuple[float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    correlograms: Correlograms
    values: CellValues
    color_ids: tuple[int, ...]
    time_window_s: tuple[float, float] | None


class CorrelogramView(View):
    """All pairs: autocorrelograms on the diagonal, in the colours of their clusters."""

    id = "correlogram"
    title = "Correlograms"
    Settings = CorrelogramSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = ACTIONS
    gestures = GESTURES

    settings: CorrelogramSettings
    grid: CorrelogramGrid
    _shown: _Result | None = None

    def build(self) -> QWidget:
        self.grid = CorrelogramGrid(self.theme)
        self.grid.hovered.connect(self._tell_bin)
        self.grid.left.connect(self._tell_summary)
        self.grid.turned.connect(self._on_wheel)
        return self.grid

    def on_event(self, event: Event) -> None:
        fields = ("cluster_ids", "similar_ids", "color_ids", "time_window_s")
        if not isinstance(event, SelectionChanged) or event.touches(*fields):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.grid.apply_theme(theme)

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        clusters = self.session.shown_clusters()
        if not clusters:
            self._shown = None
            return None
        dataset = self.session.dataset
        asked = CorrelogramQuery(
            cluster_ids=tuple(c.cluster_id for c in clusters),
            spike_ids=tuple(c.spike_ids for c in clusters[:MAX_CLUSTERS]),
            spike_samples=dataset.spike_samples,
            bins=self._bins(dataset.sample_rate_hz),
            duration_s=dataset.duration_s,
            refractory_ms=self.settings.refractory_ms,
            has_merged=self.settings.has_merged,
        )
        colors = tuple(c.color_id for c in clusters[:MAX_CLUSTERS])
        window = self.session.selection.state.time_window_s
        return _Query(asked, colors, self._unit, window)

    @staticmethod
    def compute(query: _Query) -> _Result:
        asked = query.correlograms
        if query.time_window_s is not None:
            asked = within(asked, *query.time_window_s)
        result = compute_correlograms(asked)
        values = make_values(result, query.unit)
        return _Result(result, values, query.color_ids, query.time_window_s)

    def draw(self, result: _Result) -> None:
        self._shown = result
        self.grid.set_result(
            result.correlograms,
            result.values,
            result.color_ids,
            is_uniform=self.settings.is_uniform,
        )
        self._tell_summary()

    # Status --------------------------------------------------------------------------------

    def _tell_summary(self) -> None:
        if self._shown is not None:
            shown = self._shown
            self.set_status(summary(shown.correlograms, shown.time_window_s, shown.values.unit))

    def _tell_bin(self, row: int, column: int, index: int) -> None:
        if self._shown is not None:
            self.set_status(bin_text(self._shown.correlograms, row, column, index))

    # Actions -------------------------------------------------------------------------------

    def widen_window(self) -> None:
        """Show longer lags."""
        self._step_window(1)

    def narrow_window(self) -> None:
        """Show shorter lags only."""
        self._step_window(-1)

    def widen_bins(self) -> None:
        """Count in wider bins."""
        self._step_bins(1)

    def narrow_bins(self) -> None:
        """Count in narrower bins."""
        self._step_bins(-1)

    def toggle_uniform(self) -> None:
        """Give all correlograms one scale, or each its own."""
        self.change(is_uniform=not self.settings.is_uniform)

    def show_next_unit(self) -> None:
        """Show counts, the rate, or the ratio to what constant rates would give."""
        self.change(unit=UNITS[(UNITS.index(self._unit) + 1) % len(UNITS)])

    def toggle_log(self) -> None:
        """Make the lag axis logarithmic, or linear again."""
        self.change(is_log=not self.settings.is_log)

    def toggle_merged(self) -> None:
        """Show what the selection would be as one cluster, or not."""
        self.change(has_merged=not self.settings.has_merged)

    def reset(self) -> None:
        """Go back to the first bins and window, and show all pairs."""
        first = CorrelogramSettings()
        self.grid.show_single(None)
        names = ("bin_ms", "window_ms", "bins_per_decade", "log_window_ms")
        self.change(**{name: getattr(first, name) for name in names})

    @property
    def _unit(self) -> str:
        return self.settings.unit if self.settings.unit in UNITS else UNITS[0]

    def _bins(self, sample_rate_hz: float) -> CorrelogramBins | LogLagBins:
        asked = self.settings
        if asked.is_log:
            return LogLagBins.nearest(asked.bins_per_decade, asked.log_window_ms, sample_rate_hz)
        return CorrelogramBins.nearest(asked.bin_ms, asked.window_ms, sample_rate_hz)

    def _on_wheel(self, steps: int, modifiers: Any) -> None:
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self._step_window(steps)
        elif modifiers & Qt.KeyboardModifier.AltModifier:
            self._step_bins(steps)

    def _step_window(self, steps: int) -> None:
        asked = self.settings
        if asked.is_log:
            self.change(log_window_ms=stepped(LOG_WINDOWS_MS, asked.log_window_ms, steps))
            return
        window_ms = stepped(WINDOWS_MS, asked.window_ms, steps)
        if FEWEST_BINS <= window_ms / asked.bin_ms <= MOST_BINS:
            self.change(window_ms=window_ms)

    def _step_bins(self, steps: int) -> None:
        asked = self.settings
        if asked.is_log:
            wanted = stepped(BINS_PER_DECADE, asked.bins_per_decade, steps)
            self.change(bins_per_decade=int(wanted))
            return
        bin_ms = stepped(BINS_MS, asked.bin_ms, steps)
        if FEWEST_BINS <= asked.window_ms / bin_ms <= MOST_BINS:
            self.change(bin_ms=bin_ms)


def within(query: CorrelogramQuery, start_s: float, stop_s: float) -> CorrelogramQuery:
    """Restrict a query to the spikes of a part of the recording."""
    rate = query.bins.sample_rate_hz
    limits = np.array([start_s * rate, stop_s * rate])

    def part(ids: Int32Array) -> Int32Array:
        samples: Int64Array = query.spike_samples[ids]
        first, last = np.searchsorted(samples, limits)
        return ids[first:last]

    length = max(0.0, min(stop_s, query.duration_s) - max(start_s, 0.0))
    return replace(query, spike_ids=tuple(part(i) for i in query.spike_ids), duration_s=length)
