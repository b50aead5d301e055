"""The firing rate of the selected clusters over the whole recording."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PyQt6.QtWidgets import QWidget

from ..analysis.rates import RateQuery, Rates, compute_rates
from ..analysis.train_query import MAX_CLUSTERS
from ..base.events import Event
from ..qt.histogram_stack import Histogram
from ..qt.plot import GESTURES
from ..qt.theme import Theme, cluster_color
from ..qt.ticks import tick_step
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from .base import ViewAction
from .correlogram_settings import stepped
from .stack_view import SHOWN_FIELDS, StackView
from .time_axis import TIME_GESTURES, TimeAxis
from .wording import count_text, seconds_text

BINS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
# As many bins as that are chosen for a recording of any length.
AUTOMATIC_BINS = 240
DOT = " \N{MIDDLE DOT} "


@dataclass(frozen=True, slots=True)
class RateSettings:
    """How rates are counted and drawn."""

    bin_s: float = field(
        default=0.0,
        metadata={
            "label": "Width of a bin",
            "help": "0: chosen by the length of the recording.",
            "min": 0.0,
            "max": 3600.0,
        },
    )
    is_uniform: bool = field(default=False, metadata={"label": "Same scale in all"})


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    rates: RateQuery
    color_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    rates: Rates
    color_ids: tuple[int, ...]
    is_window: bool


class RateView(StackView):
    """One histogram a cluster, in Hz; mean rates are those of the chosen part of the recording."""

    id = "rate"
    title = "Firing rate"
    x_title = "time (s)"
    shown_fields = (*SHOWN_FIELDS, "trace_s")
    Settings = RateSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = (
        ViewAction("rate.coarser", "Wider bins", ("Alt+Up",), "widen_bins"),
        ViewAction("rate.finer", "Narrower bins", ("Alt+Down",), "narrow_bins"),
        ViewAction(
            "rate.uniform",
            "Same scale in all",
            ("N",),
            "toggle_uniform",
            is_checkable=True,
            setting="is_uniform",
        ),
        ViewAction("rate.reset", "Reset bins and range", ("R",), "reset"),
    )
    gestures = (
        ("Alt+wheel", "wider or narrower bins"),
        ("Pointer on a bin", "its time and rate in the title bar"),
        *TIME_GESTURES,
        *GESTURES,
    )

    settings: RateSettings
    _shown: _Result | None = None

    def build(self) -> QWidget:
        content = super().build()
        self.time_axis = TimeAxis(self.panel, self.session, self.theme)
        return content

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.time_axis.apply_theme(theme)

    def on_event(self, event: Event) -> None:
        if isinstance(event, SelectionChanged) and not event.touches(*SHOWN_FIELDS):
            # Only the trace view has moved: nothing is to be counted again.
            self.time_axis.refresh()
        else:
            self.invalidate()

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        state = self.session.selection.state
        if not state.shown_ids:
            return None
        dataset, clustering = self.session.dataset, self.session.clustering
        # All spikes, also when a part of the recording is chosen: the rest lies under a veil.
        asked = RateQuery(
            state.shown_ids,
            tuple(clustering.spikes_of(i) for i in state.shown_ids[:MAX_CLUSTERS]),
            dataset.spike_samples,
            dataset.time_order is None,
            dataset.sample_rate_hz,
            dataset.duration_s,
            self._bin_s,
            state.time_window_s,
        )
        return _Query(asked, state.color_ids[:MAX_CLUSTERS])

    @staticmethod
    def compute(query: _Query) -> _Result:
        is_window = query.rates.window_s is not None
        return _Result(compute_rates(query.rates), query.color_ids, is_window)

    def draw(self, result: _Result) -> None:
        self._shown = result
        rates, values = result.rates, result.rates.rates_hz
        rows = [
            Histogram(
                rates.edges_s,
                values[k],
                cluster_color(color),
                notes(float(rates.means_hz[k]), float(values[k].max(initial=0.0))),
            )
            for k, color in enumerate(result.color_ids)
        ]
        ends = (float(rates.edges_s[0]), float(rates.edges_s[-1]))
        self.show_rows(
            rows, rates.cluster_ids, result.color_ids, ends, is_uniform=self.settings.is_uniform
        )
        self.time_axis.refresh()

    # Texts ---------------------------------------------------------------------------------

    def bin_text(self, row: int, index: int) -> str:
        """Say what is in a bin."""
        if self._shown is None:
            return ""
        rates = self._shown.rates
        first, last = rates.edges_s[index : index + 2].tolist()
        count = int(rates.counts[row, index])
        return (
            f"{rates.cluster_ids[row]}{DOT}{seconds_text((first, last))}{DOT}"
            f"{count_text(count, 'spike')}, {count / (last - first):.3g} Hz"
        )

    def summary(self) -> str:
        """Say how wide bins are, and how many spikes are counted."""
        if self._shown is None:
            return ""
        rates = self._shown.rates
        n = int(rates.n_spikes.sum())
        spikes = f"all {count_text(n, 'spike')}"
        if self._shown.is_window:
            spikes = f"{count_text(n, 'spike')}, {seconds_text(rates.window_s)}"
        parts = [f"{rates.edges_s[1] - rates.edges_s[0]:.3g} s bins", spikes]
        if rates.n_left_out:
            n_shown = len(rates.cluster_ids)
            parts.insert(0, f"first {n_shown} of {n_shown + rates.n_left_out} clusters")
        return DOT.join(parts)

    # Actions -------------------------------------------------------------------------------

    def widen_bins(self) -> None:
        """Count in wider bins."""
        self.step_bins(1)

    def narrow_bins(self) -> None:
        """Count in narrower bins."""
        self.step_bins(-1)

    def toggle_uniform(self) -> None:
        """Give all clusters one scale, or each its own."""
        self.change(is_uniform=not self.settings.is_uniform)

    def reset(self) -> None:
        """Go back to the first bins, and show the whole recording."""
        self.fit()
        self.change(bin_s=RateSettings().bin_s)

    def step_bins(self, steps: int) -> None:
        wanted = stepped(BINS_S, self._bin_s, steps)
        duration_s = self.session.dataset.duration_s
        if duration_s / 5 >= wanted >= duration_s / 20_000 or steps < 0 < wanted < self._bin_s:
            self.change(bin_s=wanted)

    @property
    def _bin_s(self) -> float:
        if self.settings.bin_s > 0:
            return self.settings.bin_s
        duration_s = self.session.dataset.duration_s
        return tick_step(duration_s, AUTOMATIC_BINS) if duration_s > 0 else 1.0


def notes(mean_hz: float, most_hz: float) -> tuple[str, ...]:
    """Return what is written of a cluster, the longest text first."""
    if not np.isfinite(mean_hz):
        return (f"max {most_hz:.3g} Hz",)
    mean = f"mean {mean_hz:.3g} Hz"
    return (f"{mean}{DOT}max {most_hz:.3g} Hz", mean, f"{mean_hz:.3g} Hz")
