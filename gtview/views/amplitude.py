"""How large each spike of the selected clusters is, over the whole recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from PyQt6.QtWidgets import QWidget

from ..analysis.amplitudes import (
    KINDS,
    AmplitudeQuery,
    Amplitudes,
    Kind,
    ProjectionAxis,
    available_kinds,
    compute_amplitudes,
)
from ..analysis.mean_features import MeanFeatureCache
from ..analysis.peak_to_peak import PeakToPeakCache, Train
from ..analysis.spike_values import SpikeValues
from ..base.events import Event
from ..base.types import Int32Array
from ..data.dataset import Dataset
from ..qt.theme import cluster_rgb
from ..session.events import DatasetChanged, SelectionChanged
from ..session.session import ClusterSpikes, Session
from .base import ViewAction
from .value_picture import Color, PlotState, ValueGroup, ValuePicture, make_value_picture
from .value_view import MAX_CLUSTERS, ValueView, background_spikes, best_channel, count_text


@dataclass(frozen=True, slots=True)
class AmplitudeSettings:
    """What the user may set."""

    kind: str = field(
        default="template",
        metadata={
            "label": "Amplitude",
            "help": "What is measured: by the sorter, on one feature, or in the recording.",
            "choices": KINDS,
        },
    )
    is_in_uv: bool = field(
        default=True,
        metadata={
            "label": "Microvolts where possible",
            "help": "Template amplitudes of Kilosort 1 to 3 times the size of the template.",
        },
    )
    raw_limit: int = field(
        default=20_000,
        metadata={
            "label": "Raw spikes",
            "help": "Spikes of each cluster that are read from the recording; of more, a sample.",
            "min": 100,
            "max": 10_000_000,
        },
    )
    has_background: bool = field(
        default=True,
        metadata={
            "label": "Other spikes in grey",
            "help": "Spikes of the other clusters that are largest on the same channel.",
        },
    )
    has_histograms: bool = field(
        default=True,
        metadata={"label": "Histograms", "help": "Distributions at the right side."},
    )
    dot_size: float = field(
        default=3.0,
        metadata={"label": "Size of dots", "help": "Diameter in pixels.", "min": 1.0, "max": 12.0},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    asked: AmplitudeQuery
    clusters: tuple[ClusterSpikes, ...]
    behind: tuple[Int32Array, ...]
    grey: Color
    plot: PlotState
    measure: object


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    """What is drawn, what it was made from, and what would make the same."""

    amplitudes: Amplitudes
    picture: ValuePicture
    measure: object


class AmplitudeView(ValueView):
    """Amplitudes over time, with their distributions at the side."""

    id = "amplitude"
    title = "Amplitudes"
    Settings = AmplitudeSettings
    shown_fields = (*ValueView.shown_fields, "feature", "channel_ids")
    actions_declared = (
        ViewAction(
            "amplitude.next",
            "Next measure",
            ("A",),
            "show_next_kind",
            "Template amplitude, feature, template feature, or raw peak-to-peak.",
        ),
        ViewAction("amplitude.previous", "Previous measure", ("Shift+A",), "show_previous_kind"),
        ViewAction(
            "amplitude.background", "Other spikes in grey", ("B",), "toggle_background",
            "Spikes of the other clusters that are largest on the same channel.",
            is_checkable=True, setting="has_background",
        ),
        ViewAction(
            "amplitude.histograms", "Histograms", ("H",), "toggle_histograms",
            "Distributions at the right side.", is_checkable=True, setting="has_histograms",
        ),
        ViewAction("amplitude.fit", "Show everything", ("R",), "fit"),
    )  # fmt: skip

    settings: AmplitudeSettings
    _shown: _Result | None = None

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if available_kinds(session.dataset):
            return None
        return (
            "Amplitudes need one of amplitudes.npy, pc_features.npy, template_features.npy or the "
            "raw recording; the export has none that can be used."
        )

    def build(self) -> QWidget:
        self._cache = PeakToPeakCache()
        self._means = MeanFeatureCache(self.session.dataset)
        return super().build()

    def on_event(self, event: Event) -> None:
        if isinstance(event, DatasetChanged):
            # Another gain, or another raw file.
            self._cache = PeakToPeakCache()
            self._means = MeanFeatureCache(self.session.dataset)
        if isinstance(event, SelectionChanged) and event.touches("feature"):
            self._follow_feature(event.after.feature is not None)
        super().on_event(event)

    def query(self) -> _Query | None:
        clusters = self.session.shown_clusters()[:MAX_CLUSTERS]
        if not clusters:
            self._shown = None
            return None
        self.plot.show_histograms(is_shown=self.settings.has_histograms)
        asked = self._asked(clusters)
        measure = self._measure(asked)
        is_same = self._shown is not None and self._shown.measure == measure
        has_background = self.settings.has_background
        return _Query(
            asked=asked,
            clusters=clusters,
            behind=background_spikes(self.session, clusters) if has_background else (),
            grey=self.grey(),
            plot=self.plot.state(
                self.time_limits(),
                is_same=is_same,
                has_zero=asked.kind in ("template", "raw"),
                has_histograms=self.settings.has_histograms,
                dot_size=self.settings.dot_size,
            ),
            measure=measure,
        )

    @staticmethod
    def compute(query: _Query) -> Iterator[_Result]:
        behind = np.concatenate([np.empty(0, np.int32), *query.behind])
        asked = replace(query.asked, background_ids=behind)
        last, result, plot = None, None, query.plot
        for amplitudes in compute_amplitudes(asked):
            if result is None or amplitudes is not last:
                picture = make_value_picture(_groups(query, amplitudes), plot)
                # From the first part on, axes stay where they are.
                plot = replace(plot, before=picture.limits)
                result, last = _Result(amplitudes, picture, query.measure), amplitudes
            yield result

    def draw(self, result: _Result) -> None:
        is_same = self._shown is not None and self._shown.measure == result.measure
        amplitudes = result.amplitudes
        if self._shown is None or self._shown.picture is not result.picture:
            unit = amplitudes.unit or "sorter's unit"
            self.plot.set_titles("time (s)", f"{amplitudes.name} ({unit})")
            self.plot.show_picture(result.picture, is_same=is_same)
        self._shown = result
        self.tell(describe(amplitudes, len(self.session.selection.state.shown_ids)))

    # What keys do --------------------------------------------------------------------------

    def show_next_kind(self) -> None:
        """Measure in the next way that the export allows."""
        self._turn_kind(1)

    def show_previous_kind(self) -> None:
        """Measure in the previous way that the export allows."""
        self._turn_kind(-1)

    @property
    def kind(self) -> Kind:
        """The measure that is shown: the one that is set, or the first that there is."""
        kinds = available_kinds(self.session.dataset)
        return next((kind for kind in kinds if kind == self.settings.kind), kinds[0])

    # Behind it -----------------------------------------------------------------------------

    def _turn_kind(self, step: int) -> None:
        kinds = available_kinds(self.session.dataset)
        if kinds:
            self.change(kind=kinds[(kinds.index(self.kind) + step) % len(kinds)])

    def _follow_feature(self, is_chosen: bool) -> None:
        """Show the feature that was chosen in another view."""
        if is_chosen and "feature" in available_kinds(self.session.dataset):
            self.change(kind="feature")

    def _asked(self, clusters: tuple[ClusterSpikes, ...]) -> AmplitudeQuery:
        state, window = self.session.selection.state, self.session.selection.state.time_window_s
        trains = tuple(
            Train(c.spike_ids, best_channel(self.session, c.cluster_id), (c.cluster_id, window))
            for c in clusters
        )
        first = trains[0].channel_id
        channel, pc = state.feature or (next(iter(state.channel_ids), first or 0), 0)
        return AmplitudeQuery(
            self.session.dataset,
            self.kind,
            trains,
            np.empty(0, np.int32),
            channel if self.kind == "feature" else first,
            pc,
            self.settings.raw_limit,
            self.settings.is_in_uv,
            self._cache,
            self._axis(clusters[0].cluster_id) if self.kind == "template feature" else None,
            self._means,
        )

    def _axis(self, cluster_id: int) -> ProjectionAxis:
        return ProjectionAxis(cluster_id, self.session.clustering.spikes_of(cluster_id))

    def _measure(self, asked: AmplitudeQuery) -> object:
        """Return what is equal as long as the vertical axis means the same."""
        key: tuple[object, ...] = (asked.kind, asked.dataset.gain, asked.is_in_uv)
        return (*key, asked.pc) if asked.kind == "feature" else key


def _groups(query: _Query, amplitudes: Amplitudes) -> list[ValueGroup]:
    dataset = query.asked.dataset
    fronts = [
        _group(dataset, values, cluster_rgb(cluster.color_id))
        for cluster, values in zip(query.clusters, amplitudes.clusters, strict=True)
    ]
    if amplitudes.background is None:
        return fronts
    return [_group(dataset, amplitudes.background, query.grey, is_background=True), *fronts]


def _group(
    dataset: Dataset, values: SpikeValues, rgb: Color, *, is_background: bool = False
) -> ValueGroup:
    return ValueGroup(
        dataset.spike_samples[values.spike_ids],
        values.values,
        rgb,
        1 / dataset.sample_rate_hz,
        is_background,
        is_sorted=not is_background,
    )


def describe(amplitudes: Amplitudes, n_selected: int) -> str:
    """Return the status: "template amplitude, 1,237 of 1,237 spikes, background 16,654"."""
    n_shown = len(amplitudes.clusters)
    parts = [amplitudes.name]
    if n_selected > n_shown:
        parts.append(f"first {n_shown} of {n_selected} clusters")
    parts += count_text(amplitudes.clusters)
    n_without = sum(values.n_without for values in amplitudes.clusters)
    if n_without:
        is_raw = amplitudes.name.startswith("raw")
        parts.append(f"{n_without:,} {'beyond the file' if is_raw else 'without it'}")
    behind = amplitudes.background
    if behind is None:
        parts.append("reading")
    elif behind.n_asked:
        of_all = f" of {behind.n_asked:,}" if behind.n_shown < behind.n_asked else ""
        parts.append(f"background {behind.n_shown:,}{of_all}")
    return ", ".join(parts)
