"""Intervals between consecutive spikes of the selected clusters, and how many are too short."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.intervals import (
    MAX_CLUSTERS,
    IntervalBins,
    IntervalCounts,
    IntervalQuery,
    Intervals,
    compute_intervals,
)
from ..base.types import Float64Array
from ..qt.histogram_stack import Histogram
from ..qt.plot import GESTURES
from ..qt.theme import cluster_color
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from .base import ViewAction
from .correlogram_settings import stepped
from .stack_view import StackView
from .wording import count_text, percent_text, seconds_text

if TYPE_CHECKING:
    from ..session.session import ClusterSpikes

LONGEST_MS = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
LONGEST_LOG_MS = (100.0, 1000.0, 10_000.0, 100_000.0, 1_000_000.0)
N_BINS = (500, 400, 300, 250, 200, 150, 100, 80, 50, 40, 25, 20, 10)
DOT = " \N{MIDDLE DOT} "


@dataclass(frozen=True, slots=True)
class IsiSettings:
    """How intervals are counted and drawn."""

    n_bins: int = field(default=50, metadata={"label": "Bins", "min": 1, "max": 2000})
    longest_ms: float = field(
        default=50.0, metadata={"label": "Longest interval", "min": 1.0, "max": 100_000.0}
    )
    refractory_ms: float = field(
        default=2.0,
        metadata={
            "label": "Refractory period",
            "help": "Shorter intervals are violations.",
            "min": 0.1,
            "max": 20.0,
        },
    )
    is_log: bool = field(default=False, metadata={"label": "Logarithmic time"})
    longest_log_ms: float = field(
        default=10_000.0,
        metadata={"label": "Longest interval, logarithmic", "min": 10.0, "max": 1_000_000.0},
    )
    is_uniform: bool = field(default=False, metadata={"label": "Same scale in all"})


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


class IsiView(StackView):
    """One histogram a cluster; the violations are counted and written."""

    id = "isi"
    title = "Intervals"
    x_title = "interval between spikes (ms)"
    Settings = IsiSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = (
        ViewAction("isi.longer", "Longer intervals", ("Ctrl+Up",), "show_longer"),
        ViewAction("isi.shorter", "Shorter intervals only", ("Ctrl+Down",), "show_shorter"),
        ViewAction("isi.coarser", "Wider bins", ("Alt+Up",), "widen_bins"),
        ViewAction("isi.finer", "Narrower bins", ("Alt+Down",), "narrow_bins"),
        ViewAction(
            "isi.log",
            "Logarithmic time",
            ("L",),
            "toggle_log",
            "Intervals from a tenth of a millisecond to seconds, in bins that grow with them.",
            is_checkable=True,
            setting="is_log",
        ),
        ViewAction(
            "isi.uniform",
            "Same scale in all",
            ("N",),
            "toggle_uniform",
            is_checkable=True,
            setting="is_uniform",
        ),
        ViewAction("isi.reset", "Reset bins and range", ("R",), "reset"),
    )
    gestures = (
        ("Ctrl+wheel", "longer or shorter intervals"),
        ("Alt+wheel", "wider or narrower bins"),
        ("Pointer on a bin", "its interval and count in the title bar"),
        *GESTURES,
    )

    settings: IsiSettings
    _shown: _Result | None = None

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
        self.panel.x_axis.set_log(is_log=bins.is_log)
        if before is not None and before.intervals.bins.is_log != bins.is_log:
            self.panel.fit()
        self.show_rows(
            rows,
            [one.cluster_id for one in result.intervals.clusters],
            result.color_ids,
            (float(edges[0]), float(edges[-1])),
            is_uniform=self.settings.is_uniform,
            line_x=float(np.log10(refractory_ms)) if bins.is_log else refractory_ms,
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


def positions(bins: IntervalBins) -> Float64Array:
    """Return the edges of bins on the axis: ms, or the logarithm of ms to the base of ten."""
    return np.log10(bins.edges_ms) if bins.is_log else bins.edges_ms


def heights(one: IntervalCounts, bins: IntervalBins) -> Float64Array:
    """Return the heights of bars: counts, on a logarithmic axis those of bins of one width."""
    if not bins.is_log:
        return one.counts.astype(np.float64)
    widths = np.diff(positions(bins))
    # Short intervals are few samples apart: their bins are of different widths.
    scaled: Float64Array = one.counts * (np.median(widths) / widths)
    return scaled


def notes(one: IntervalCounts, refractory_ms: float) -> tuple[str, ...]:
    """Return what is written of a cluster, the longest text first."""
    if not one.n_intervals:
        return ("no intervals",)
    share = percent_text(one.violation_share)
    violations = f"{one.n_violations:,} of {one.n_intervals:,} < {refractory_ms:g} ms, {share}"
    return (
        f"{violations}{DOT}max {one.counts.max(initial=0):,}",
        violations,
        f"< {refractory_ms:g} ms: {share}",
        share,
    )


def summary(found: Intervals, time_window_s: tuple[float, float] | None) -> str:
    """Say which intervals are shown, of how many, and what lies outside."""
    bins = found.bins
    n = sum(one.n_intervals for one in found.clusters)
    all_of_them = "all " if time_window_s is None else ""
    parts = [
        f"{bins.n_bins} logarithmic bins"
        if bins.is_log
        else f"{bins.edges_ms[1] - bins.edges_ms[0]:.3g} ms bins",
        f"{all_of_them}{count_text(n, 'interval')}",
    ]
    if time_window_s is not None:
        parts[-1] += f", {seconds_text(time_window_s)}"
    n_longer = sum(one.n_longer for one in found.clusters)
    n_shorter = sum(one.n_shorter for one in found.clusters)
    if n_longer:
        parts.append(f"{n_longer:,} longer than {bins.edges_ms[-1]:,.6g} ms")
    if n_shorter:
        parts.append(f"{n_shorter:,} shorter than {bins.edges_ms[0]:.3g} ms")
    if found.n_left_out:
        n_shown = len(found.clusters)
        parts.insert(0, f"first {n_shown} of {n_shown + found.n_left_out} clusters")
    return DOT.join(parts)
