"""Correlograms of all pairs of the selected clusters, from all of their spikes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..analysis.correlograms import (
    MAX_CLUSTERS,
    CorrelogramBins,
    CorrelogramQuery,
    Correlograms,
    compute_correlograms,
)
from ..base.events import Event
from ..base.types import Int32Array, Int64Array
from ..qt.theme import Theme
from ..qt.ticks import MINUS
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from .base import View, ViewAction
from .correlogram_grid import CorrelogramGrid

WINDOWS_MS = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0)
BINS_MS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
FEWEST_BINS, MOST_BINS = 5, 2000
DOT = " \N{MIDDLE DOT} "


@dataclass(frozen=True, slots=True)
class CorrelogramSettings:
    """How correlograms are counted and drawn.

    Attributes
    ----------
    bin_ms, window_ms
        Width of a bin, and of both sides together.
    refractory_ms
        Where the dashed lines are; shorter intervals are counted as violations.
    is_uniform
        All correlograms share one scale, instead of filling their cells.
    """

    bin_ms: float = 1.0
    window_ms: float = 100.0
    refractory_ms: float = 2.0
    is_uniform: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    """What to count, and where in time."""

    correlograms: CorrelogramQuery
    color_ids: tuple[int, ...]
    time_window_s: tuple[float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    correlograms: Correlograms
    color_ids: tuple[int, ...]
    duration_s: float
    time_window_s: tuple[float, float] | None


class CorrelogramView(View):
    """All pairs: autocorrelograms on the diagonal, in the colours of their clusters."""

    id = "correlogram"
    title = "Correlograms"
    Settings = CorrelogramSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = (
        ViewAction("correlogram.wider", "Wider window", ("Ctrl+Up",), "widen_window"),
        ViewAction("correlogram.narrower", "Narrower window", ("Ctrl+Down",), "narrow_window"),
        ViewAction("correlogram.coarser", "Wider bins", ("Alt+Up",), "widen_bins"),
        ViewAction("correlogram.finer", "Narrower bins", ("Alt+Down",), "narrow_bins"),
        ViewAction(
            "correlogram.uniform",
            "Same scale in all",
            ("N",),
            "toggle_uniform",
            "Bars of all correlograms have one scale; otherwise each fills its place.",
            is_checkable=True,
            setting="is_uniform",
        ),
        ViewAction(
            "correlogram.reset",
            "Reset bins and window",
            ("R",),
            "reset",
            "Back to 1 ms bins, a window of 100 ms, and all pairs.",
        ),
    )
    gestures = (
        ("Ctrl+wheel", "wider or narrower window"),
        ("Alt+wheel", "wider or narrower bins"),
        ("Double click", "one correlogram alone, or all again"),
        ("Pointer on a bin", "its lag, count and rate in the title bar"),
    )

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
            bins=CorrelogramBins.nearest(
                self.settings.bin_ms, self.settings.window_ms, dataset.sample_rate_hz
            ),
            duration_s=dataset.duration_s,
            refractory_ms=self.settings.refractory_ms,
        )
        colors = tuple(c.color_id for c in clusters[:MAX_CLUSTERS])
        return _Query(asked, colors, self.session.selection.state.time_window_s)

    @staticmethod
    def compute(query: _Query) -> _Result:
        asked = query.correlograms
        if query.time_window_s is not None:
            asked = within(asked, *query.time_window_s)
        result = compute_correlograms(asked)
        return _Result(result, query.color_ids, asked.duration_s, query.time_window_s)

    def draw(self, result: _Result) -> None:
        self._shown = result
        self.grid.set_result(
            result.correlograms, result.color_ids, is_uniform=self.settings.is_uniform
        )
        self._tell_summary()

    # Status --------------------------------------------------------------------------------

    def _tell_summary(self) -> None:
        if self._shown is not None:
            self.set_status(summary(self._shown.correlograms, self._shown.time_window_s))

    def _tell_bin(self, row: int, column: int, index: int) -> None:
        if self._shown is not None:
            shown = self._shown
            self.set_status(bin_text(shown.correlograms, row, column, index))

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

    def reset(self) -> None:
        """Go back to the first bins and window, and show all pairs."""
        known = CorrelogramSettings()
        self.grid.show_single(None)
        self.change(bin_ms=known.bin_ms, window_ms=known.window_ms)

    def _on_wheel(self, steps: int, modifiers: Any) -> None:
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self._step_window(steps)
        elif modifiers & Qt.KeyboardModifier.AltModifier:
            self._step_bins(steps)

    def _step_window(self, steps: int) -> None:
        window_ms = stepped(WINDOWS_MS, self.settings.window_ms, steps)
        if FEWEST_BINS <= window_ms / self.settings.bin_ms <= MOST_BINS:
            self.change(window_ms=window_ms)

    def _step_bins(self, steps: int) -> None:
        bin_ms = stepped(BINS_MS, self.settings.bin_ms, steps)
        if FEWEST_BINS <= self.settings.window_ms / bin_ms <= MOST_BINS:
            self.change(bin_ms=bin_ms)


def stepped(values: tuple[float, ...], now: float, steps: int) -> float:
    """Return the value some steps further in a list, from the one nearest to now."""
    nearest = min(range(len(values)), key=lambda i: abs(values[i] - now))
    return values[min(max(nearest + steps, 0), len(values) - 1)]


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


def summary(result: Correlograms, time_window_s: tuple[float, float] | None) -> str:
    """Say what is shown: bins, window, spikes, and what is left out."""
    bins = result.bins
    n_spikes = int(result.n_spikes.sum())
    spikes = f"all {n_spikes:,} spikes"
    if time_window_s is not None:
        spikes = f"{n_spikes:,} spikes, {time_window_s[0]:g} to {time_window_s[1]:g} s"
    parts = [
        f"{bins.bin_ms:.3g} ms bins",
        f"{2 * bins.n_half * bins.bin_ms:.4g} ms window",
        spikes,
    ]
    if result.n_left_out:
        n = len(result.cluster_ids)
        parts.insert(0, f"first {n} of {n + result.n_left_out} clusters")
    return DOT.join(parts)


def bin_text(result: Correlograms, row: int, column: int, index: int) -> str:
    """Say what is in one bin."""
    bins = result.bins
    first, second = result.cluster_ids[row], result.cluster_ids[column]
    name = f"{first}" if row == column else f"{first} \N{RIGHTWARDS ARROW} {second}"
    lag = f"{bins.centres_ms[index] + 0.0:g} ms".replace("-", MINUS)
    count = int(result.counts[row, column, index])
    text = f"{name}{DOT}lag {lag}{DOT}{count:,} {'pair' if count == 1 else 'pairs'}"
    exposure_s = int(result.n_spikes[row]) * bins.bin_ms / 1000
    if exposure_s > 0:
        text += f"{DOT}{count / exposure_s:.3g} Hz"
        expected = float(result.expected[row, column])
        if np.isfinite(expected):
            text += f" (expected {expected / exposure_s:.3g} Hz)"
    return text
