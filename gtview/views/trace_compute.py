"""From what is asked of the trace view to its picture; runs in a thread, without Qt."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.prediction import Predictor
from ..analysis.trace_blocks import TraceBlocks
from ..analysis.trace_spikes import Footprints, TrueSpikes, find_spikes, find_true_spikes
from ..analysis.traces import TraceQuery, Traces, compute_traces
from ..analysis.true_signal import TrueSignal
from .trace_others import find_lane
from .trace_scene import (
    Look,
    Marks,
    Picture,
    draw_image,
    make_segments,
    measure_noise,
    scale_of,
)

if TYPE_CHECKING:
    from ..base.types import Int32Array
    from ..curation.clustering import Clustering
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth
    from ..scoring.states import SpikeStates
    from ..session.read_sorting import ReadSorting
    from ..session.selection import SelectionState
    from ..session.session import Session
    from ..session.spike_truth import SpikeTruth
    from .trace_layout import TimeWindow, TraceLayout


class TraceSource:
    """What is kept of one dataset while it is looked at; safe to use from threads."""

    def __init__(self, session: Session) -> None:
        dataset, truth = session.dataset, session.truth
        self.dataset: Dataset = dataset
        self.blocks = TraceBlocks(dataset)
        self.footprints = Footprints(dataset, session.channels)
        self.predictor = None if dataset.templates is None else Predictor(dataset)
        has_templates = truth is not None and truth.templates is not None
        self.truth: GroundTruth | None = truth
        self.true_signal = TrueSignal(dataset, truth) if truth and has_templates else None

    def channels_of(
        self, marks: Marks, clusters: Mapping[int, Int32Array]
    ) -> tuple[Int32Array, ...]:
        """Return the channels on which each spike is large."""
        if self.dataset.templates is None:
            found = {i: self.footprints.of_cluster(i, spikes) for i, spikes in clusters.items()}
            return tuple(found[i] for i in marks.clusters.tolist())
        templates = self.dataset.spike_templates[marks.spike_ids]
        return tuple(self.footprints.of_template(i) for i in templates.tolist())

    def true_channels(self, spikes: TrueSpikes) -> Int32Array:
        """Return the channel on which each true spike is largest, or -1; int32, (n,)."""
        if self.true_signal is None:
            return np.full(len(spikes.units), -1, np.int32)
        best = {u: self.true_signal.best_channel(u) for u in np.unique(spikes.units).tolist()}
        found = [best[u] for u in spikes.units.tolist()]
        return np.array([-1 if c is None else c for c in found], np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class StatesWanted:
    """The states of all spikes: as they are known, and what is to be asked for newer ones."""

    key: Hashable
    known: SpikeStates | None
    asked: SpikeTruth | None


@dataclass(frozen=True, slots=True, eq=False)
class TraceViewQuery:
    """Everything that the picture depends on; `known` saves reading again.

    `clusters` has the spikes of the clusters in sight where templates do not tell the channels;
    `true_units` the positions of the units whose spikes are shown, None: all.
    """

    source: TraceSource
    traces: TraceQuery
    window: TimeWindow
    layout: TraceLayout
    look: Look
    marks: Marks
    clusters: Mapping[int, Int32Array]
    has_others: bool
    true_units: frozenset[int] | None
    states: StatesWanted | None
    known: Picture | None
    others: tuple[ReadSorting, ...] = ()

    @property
    def key(self) -> Hashable:
        """A value that is the same for the same reading."""
        asked = self.traces
        parts = asked.predictor is not None, asked.true_signal is not None
        place = asked.start, asked.stop, asked.channel_ids.tobytes()
        return id(self.source), place, asked.filter_hz, parts


def compute_picture(query: TraceViewQuery) -> Picture | Iterator[Picture]:
    """Make the picture; again when more of the prediction, or the states, are known."""
    known, wanted = query.known, query.states
    states = None if wanted is None else wanted.known
    has_states = wanted is None or wanted.asked is None
    has_states = has_states and all(o.truth.known_states is not None for o in query.others)
    is_known = known is not None and known.key == query.key and not known.traces.n_to_fit
    if known is not None and is_known and has_states:
        return make_picture(query, known.traces, states)
    if query.traces.predictor is None and has_states:
        return make_picture(query, next(compute_traces(query.traces)), states)
    return _compute_in_steps(
        query, iter([known.traces]) if known is not None and is_known else None
    )


def _compute_in_steps(query: TraceViewQuery, steps: Iterator[Traces] | None) -> Iterator[Picture]:
    wanted = query.states
    states = None if wanted is None else wanted.known
    traces: Traces | None = None
    for traces in steps or compute_traces(query.traces):
        yield make_picture(query, traces, states)
    if traces is not None and wanted is not None and wanted.asked is not None:
        states = wanted.asked.states()
        yield make_picture(query, traces, states)
    for other in query.others if traces is not None else ():
        if traces is not None and other.truth.known_states is None:
            other.truth.states()
            yield make_picture(query, traces, states)


def make_picture(query: TraceViewQuery, traces: Traces, states: SpikeStates | None) -> Picture:
    """Find the channels of the spikes, scale, and draw."""
    rate = query.traces.dataset.sample_rate_hz
    noise = query.look.noise or measure_noise(traces.values)
    channels = query.source.channels_of(query.marks, query.clusters)
    segments = make_segments(
        query.marks, channels, traces, query.look, rate, has_others=query.has_others
    )
    true_spikes = _true_spikes(query)
    return Picture(
        key=query.key,
        traces=traces,
        window=query.window,
        layout=query.layout,
        look=query.look,
        image=draw_image(traces, query.window, query.layout, query.look, noise, segments, rate),
        px_per_unit=scale_of(query.layout, query.look, noise),
        noise=noise,
        sample_rate_hz=rate,
        marks=query.marks,
        channels=channels,
        true_spikes=true_spikes,
        true_channels=None if true_spikes is None else query.source.true_channels(true_spikes),
        states=states,
        others=tuple(
            find_lane(
                other,
                query.true_units,
                (query.traces.start, query.traces.stop),
                most=2 * max(round(query.layout.plot_width), 1),
            )
            for other in query.others
        ),
    )


def _true_spikes(query: TraceViewQuery) -> TrueSpikes | None:
    truth = query.source.truth
    if truth is None:
        return None
    found = find_true_spikes(truth, query.traces.start, query.traces.stop)
    if query.true_units is None:
        return found
    kept = np.isin(found.units, sorted(query.true_units))
    return TrueSpikes(found.positions[kept], found.samples[kept], found.units[kept])


def find_marks(
    dataset: Dataset, clustering: Clustering, state: SelectionState, start: int, stop: int
) -> Marks:
    """Return the sorted spikes from one sample up to another, which is not included."""
    spike_ids = find_spikes(dataset, start, stop)
    clusters = clustering.clusters_of(spike_ids)  # type: ignore[arg-type]
    colors = np.full(len(spike_ids), -1, np.int32)
    for cluster_id, color_id in zip(state.shown_ids, state.color_ids, strict=True):
        colors[clusters == cluster_id] = color_id
    return Marks(
        spike_ids,
        np.asarray(dataset.spike_samples[spike_ids], np.int64),
        np.asarray(clusters, np.int32),
        colors,
        None if state.highlight is None else state.highlight.contains(spike_ids),
    )
