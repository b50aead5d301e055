"""Raw waveforms of the found, missed, false and misplaced spikes of one unit; for a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.snippets import Alignment, read_at_samples
from ..analysis.true_waveforms import join_channels
from ..base.errors import UsageError
from ..scoring.states import SpikeState

if TYPE_CHECKING:
    from ..analysis.channels import ChannelFinder
    from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
    from ..data.dataset import Dataset
    from ..data.ground_truth import UnitId
    from .spike_truth import SpikeTruth

GROUPS = (SpikeState.FOUND, SpikeState.ELSEWHERE, SpikeState.MISSED, SpikeState.FALSE)


@dataclass(frozen=True, slots=True, eq=False)
class SprayQuery:
    """What is asked.

    Attributes
    ----------
    dataset
        With a raw file.
    channels
        Finds the best channels of clusters.
    truth
        What became of the spikes.
    unit_id
        Whose spikes.
    n_waveforms
        Most waveforms of each group; they are spread evenly over its spikes.
    n_channels
        How many of the unit's largest channels.
    cutoff_hz
        Of the high-pass; None: no filter. Not used when the recording already is high-passed.
    time_window_s
        Only spikes in it; None: all.
    """

    dataset: Dataset
    channels: ChannelFinder
    truth: SpikeTruth
    unit_id: UnitId
    n_waveforms: int = 60
    n_channels: int = 4
    cutoff_hz: float | None = 300.0
    time_window_s: tuple[float, float] | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """A value that is the same for the same reading, as long as its objects live."""
        rest = self.n_waveforms, self.n_channels, self.cutoff_hz, self.time_window_s
        return id(self.dataset), id(self.truth), self.unit_id, *rest


@dataclass(frozen=True, slots=True, eq=False)
class SprayGroup:
    """Spikes of one state.

    Attributes
    ----------
    state
        True spikes that are found, elsewhere or missed; or sorted spikes of the unit's cluster
        that stand for nothing (false).
    n_spikes
        All of them.
    samples : int64 array, (n_read,)
        Of the spikes whose waveforms were read.
    waveforms : float32 array, (n_read, n_samples, n_channels), microvolts or arb.
    mean : float32 array, (n_samples, n_channels), or None
        Of those waveforms.
    n_outside
        Spikes whose window is not wholly in the raw file.
    """

    state: SpikeState
    n_spikes: int
    samples: Int64Array
    waveforms: Float32Array
    mean: Float32Array | None
    n_outside: int


@dataclass(frozen=True, slots=True, eq=False)
class Spray:
    """Answer to a `SprayQuery`.

    Attributes
    ----------
    query
        What was asked.
    channel_ids : int32 array, (n_channels,)
        The largest first.
    times_ms : float64 array, (n_samples,)
        From the spike's own sample.
    unit
        Of the waveforms: microvolts, or "arb.".
    groups
        Those that have spikes; found, missed and false always.
    cluster_id
        The cluster that stands for the unit; None: none.
    """

    query: SprayQuery
    channel_ids: Int32Array
    times_ms: Float64Array
    unit: str
    groups: tuple[SprayGroup, ...]
    cluster_id: int | None


def compute_spray(query: SprayQuery) -> Spray:
    """Read raw waveforms of each group.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    UsageError
        It is not known on which channels the unit is.
    """
    dataset, truth = query.dataset, query.truth
    row = truth.facts.truth.unit_ids.index(query.unit_id)
    channels = find_unit_channels(query, row)
    if not len(channels):
        raise UsageError(
            "On which channels this unit is, is told neither by the ground truth nor by a cluster."
        )
    alignment = Alignment.of(dataset)
    groups = []
    for state in GROUPS:
        samples = _in_window(query, np.sort(spikes_of_state(truth, row, state)))
        if len(samples) or state != SpikeState.ELSEWHERE:
            groups.append(_read(query, state, samples, channels, alignment))
    offsets = np.arange(-alignment.n_before, alignment.n_after)
    return Spray(
        query,
        channels,
        1000 * offsets / dataset.sample_rate_hz,
        dataset.amplitude_unit,
        tuple(groups),
        truth.scores.units[row].cluster_id,
    )


def spikes_of_state(truth: SpikeTruth, row: int, state: SpikeState) -> Int64Array:
    """Return the samples of the spikes of a unit (its position) that have a state; int64."""
    states = truth.states()
    if state == SpikeState.FALSE:
        column = int(truth.matched[row])
        if column < 0:
            return np.empty(0, np.int64)
        own = truth.query.spikes[column]
        own = own[states.sorted_states[own] == SpikeState.FALSE]
        return np.asarray(truth.query.spike_samples[own], np.int64)
    source = truth.facts.truth
    first, stop = source.offsets[row], source.offsets[row + 1]
    is_of_state = states.true_states[first:stop] == state
    return np.asarray(source.spike_samples[first:stop][is_of_state], np.int64)


def find_unit_channels(query: SprayQuery, row: int) -> Int32Array:
    """Return the largest channels of a unit: of its template, else of its best cluster; int32."""
    truth = query.truth.facts.truth
    if truth.templates is not None:
        columns = join_channels(query.dataset, truth.templates)
        sizes = np.zeros(len(columns))
        known = np.flatnonzero(columns >= 0)
        sizes[known] = np.ptp(truth.templates.waveforms_uv[row][:, columns[known]], axis=0)
        if sizes.any():
            order = np.argsort(-sizes, kind="stable")[: query.n_channels]
            return np.asarray(order[sizes[order] > 0], np.int32)
    best = query.truth.scores.units[row].best_cluster_id
    ids = query.truth.query.cluster_ids
    if best is None or best not in ids:
        return np.empty(0, np.int32)
    found = query.channels.find(query.truth.query.spikes[ids.index(best)])
    return found.channel_ids[: query.n_channels]


def _in_window(query: SprayQuery, samples: Int64Array) -> Int64Array:
    if query.time_window_s is None:
        return samples
    low, high = (t * query.dataset.sample_rate_hz for t in query.time_window_s)
    return samples[(samples >= low) & (samples < high)]


def _read(
    query: SprayQuery,
    state: SpikeState,
    samples: Int64Array,
    channels: Int32Array,
    alignment: Alignment,
) -> SprayGroup:
    kept, values, n_outside = read_at_samples(
        query.dataset, samples, channels, alignment, query.n_waveforms, query.cutoff_hz
    )
    mean = values.mean(axis=0) if len(values) else None
    return SprayGroup(state, len(samples), samples[kept], values, mean, n_outside)
