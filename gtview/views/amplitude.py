"""How large each spike of the selected clusters is, over the whole recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PyQt6.QtWidgets import QWidget

from ..analysis.amplitudes import (
    AmplitudeQuery,
    Amplitudes,
    Kind,
    ProjectionAxis,
    available_kinds,
    compute_amplitudes,
)
from ..analysis.mean_features import MeanFeatureCache
from ..analysis.peak_to_peak import PeakToPeakCache, Train
from ..analysis.pick_planes import (
    FeaturePlane,
    PeakToPeakPlane,
    ProjectionPlane,
    TemplateAmplitudePlane,
)
from ..analysis.spike_values import SpikeValues
from ..analysis.template_features import projection_source
from ..base.events import Event
from ..base.types import Int32Array
from ..data.dataset import Dataset
from ..qt.theme import cluster_rgb
from ..scoring.states import SpikeState
from ..session.events import DatasetChanged, SelectionChanged, SizesMeasured
from ..session.session import ClusterSpikes, Session
from .amplitude_settings import ACTIONS, AmplitudeSettings
from .missed_amplitudes import place_missed
from .part_colors import Parts
from .spike_marks import state_rgb
from .split_lasso import Plane
from .state_colors import NO_PLACE, StateCounts
from .value_picture import Color, PlotState, ValueGroup, ValuePicture, make_value_picture
from .value_view import MAX_CLUSTERS, ValueView, background_spikes, best_channel, count_text


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    asked: AmplitudeQuery
    clusters: tuple[ClusterSpikes, ...]
    behind: tuple[Int32Array, ...]
    grey: Color
    plot: PlotState
    measure: object
    parts: Parts


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    """What is drawn, what it was made from, and what would make the same."""

    amplitudes: Amplitudes
    picture: ValuePicture
    measure: object
    states: StateCounts | None = None


class AmplitudeView(ValueView):
    """Amplitudes over time, with their distributions at the side."""

    id = "amplitude"
    title = "Amplitudes"
    Settings = AmplitudeSettings
    listens_to = (*ValueView.listens_to, SizesMeasured)
    shown_fields = (*ValueView.shown_fields, "feature", "channel_ids")
    actions_declared = ACTIONS

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
            parts=Parts.of(self.session, self.theme, self.state_colors()),
        )

    @staticmethod
    def compute(query: _Query) -> Iterator[_Result]:
        behind = np.concatenate([np.empty(0, np.int32), *query.behind])
        asked = replace(query.asked, background_ids=behind)
        last, result, plot = None, None, query.plot
        for amplitudes in compute_amplitudes(asked):
            if result is None or amplitudes is not last:
                missed, counts = _missed(query, amplitudes)
                picture = make_value_picture([*_groups(query, amplitudes), *missed], plot)
                # From the first part on, axes stay where they are.
                plot = replace(plot, before=picture.limits)
                result, last = _Result(amplitudes, picture, query.measure, counts), amplitudes
            yield result

    def draw(self, result: _Result) -> None:
        is_same = self._shown is not None and self._shown.measure == result.measure
        amplitudes = result.amplitudes
        if self._shown is None or self._shown.picture is not result.picture:
            unit = amplitudes.unit or "sorter's unit"
            self.plot.set_titles("time (s)", f"{amplitudes.name} ({unit})")
            self.plot.show_picture(result.picture, is_same=is_same)
        self._shown = result
        self.tell_with_states(
            describe(amplitudes, len(self.session.selection.state.shown_ids)), result.states
        )

    def plane_of(self, plot: Any) -> Plane | str:
        clusters = tuple(
            ClusterSpikes(i, self.session.clustering.spikes_of(i)) for i in self.judged_clusters()
        )
        if not clusters:
            return "select a cluster"
        asked = self._asked(clusters)
        dataset, axis = asked.dataset, asked.axis
        if asked.kind == "feature" and asked.channel_id is not None:
            return FeaturePlane(dataset, None, (asked.channel_id, asked.pc), asked.pc + 1)
        if asked.kind == "template feature" and axis is not None:
            source = projection_source(dataset)
            if source is not None:
                return ProjectionPlane(dataset, (axis.spike_ids,), source, self._means)
        if asked.kind == "raw":
            return PeakToPeakPlane(dataset, tuple(train.channel_id for train in asked.trains))
        return TemplateAmplitudePlane(dataset, asked.is_in_uv)

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
        _group(dataset, values.at(part.where), part.rgb, is_on_top=part.is_on_top)
        for cluster, values in zip(query.clusters, amplitudes.clusters, strict=True)
        for part in query.parts.divide(values.spike_ids, cluster_rgb(cluster.color_id))
    ]
    if amplitudes.background is None:
        return fronts
    return [_group(dataset, amplitudes.background, query.grey, is_background=True), *fronts]


def _missed(query: _Query, amplitudes: Amplitudes) -> tuple[list[ValueGroup], StateCounts | None]:
    """Return missed spikes that have a place, and the numbers of all states."""
    states = query.parts.states
    if states is None:
        return [], None
    note, groups = NO_PLACE, []
    # Projections do not grow with the size of a spike alone.
    if query.asked.kind in ("template", "raw"):
        found = place_missed(states, amplitudes.clusters)
        if len(found.samples):
            told = "true" if states.truth.facts.sizes is None else "measured"
            note = f"{len(found.samples):,} of them at their {told} size"
            rate_hz, rgb = query.asked.dataset.sample_rate_hz, state_rgb(SpikeState.MISSED)
            groups = [ValueGroup(found.samples, found.values, rgb, 1 / rate_hz, is_sorted=True)]
    return groups, states.count((values.spike_ids for values in amplitudes.clusters), note)


def _group(
    dataset: Dataset,
    values: SpikeValues,
    rgb: Color,
    *,
    is_background: bool = False,
    is_on_top: bool = False,
) -> ValueGroup:
    return ValueGroup(
        dataset.spike_samples[values.spike_ids],
        values.values,
        rgb,
        1 / dataset.sample_rate_hz,
        is_background,
        is_sorted=not is_background,
        is_on_top=is_on_top,
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
