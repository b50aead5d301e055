"""What the drift view shows: all spikes, those of the selection, and lines of motion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.drift import SpikeDepths, displacement_at, find_depths, sampled_limits
from ..base.types import Float64Array, Int32Array
from ..data.dataset import Dataset
from ..data.ground_truth import GroundTruth, Motion, UnitId
from ..data.sorter_motion import OPS_NAME, SorterMotion, read_sorter_motion
from ..qt.point_layers import UInt8Array
from ..qt.points import Picture, PointLayer, Target, render
from ..session.session import ClusterSpikes
from .drift_truth import RecallBand, find_bands, missed_layers
from .part_colors import NO_PARTS, ON_TOP_SIZE, Part, Parts
from .state_colors import NO_PLACE, StateCounts

if TYPE_CHECKING:
    from ..session.spike_truth import SpikeTruth

Range = tuple[float, float]

# Lines of a motion over the whole probe: about so many.
N_LINES = 5
# Colours reach from the amplitude below which this percentage lies to that above which it does.
_COLOR_PERCENT = 5.0
# Shade of all spikes where amplitudes do not count.
_ONE_SHADE = 160
_MARGIN = 0.04
_SMALLEST_SPAN_UM = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What does not depend on the selection; made once for a dataset.

    Attributes
    ----------
    dataset
        Of which it is.
    depths
        Of all spikes.
    x_range, y_range
        Seconds, and the micrometres in which nearly all spikes lie, with a margin.
    amplitude_range
        Of the colours; None without amplitudes.
    sorter
        The sorter's motion, or why there is none.
    """

    dataset: Dataset
    depths: SpikeDepths
    x_range: Range
    y_range: Range
    amplitude_range: Range | None
    sorter: SorterMotion

    def is_of(self, dataset: Dataset) -> bool:
        """Whether it holds for a dataset, of which meanwhile more may be known."""
        return (
            self.dataset.spike_samples is dataset.spike_samples
            and self.dataset.duration_s == dataset.duration_s
        )

    def with_depths(self, depths: SpikeDepths) -> Overview:
        """Return the same with better depths."""
        return replace(self, depths=depths, y_range=frame_depths(self.dataset, depths))

    @property
    def complaint(self) -> str:
        """Why the sorter's motion is not there although its file is."""
        has_file = (Path(self.dataset.folder) / OPS_NAME).is_file()
        return self.sorter.reason if self.sorter.motion is None and has_file else ""


@dataclass(frozen=True, slots=True, eq=False)
class MotionLine:
    """Where tissue that is at rest at one depth is over time.

    Attributes
    ----------
    times_s, depths_um : float64 arrays, (n_times,)
    label
        Written at its end; "" for none.
    """

    times_s: Float64Array
    depths_um: Float64Array
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines over the picture: of the true motion, of matched units, of the sorter's motion."""

    truth: tuple[MotionLine, ...] = ()
    units: tuple[MotionLine, ...] = ()
    sorter: tuple[MotionLine, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DriftQuery:
    """A snapshot of what the view needs.

    `unit_ids` are the units whose way is shown; `colors` are those of the clusters; `recall_of`
    is there where recall is shown along the ways of all units, `chosen_units` above others.
    """

    dataset: Dataset
    truth: GroundTruth | None
    overview: Overview | None
    clusters: tuple[ClusterSpikes, ...]
    colors: tuple[tuple[int, int, int], ...]
    unit_ids: tuple[UnitId, ...]
    dot_size: float
    target: Target
    shows_true_motion: bool
    shows_sorter_motion: bool
    parts: Parts = NO_PARTS
    recall_of: SpikeTruth | None = None
    chosen_units: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DriftResult:
    """What `draw` needs."""

    query: DriftQuery
    overview: Overview
    layers: tuple[PointLayer, ...]
    picture: Picture
    lines: Lines
    bands: tuple[RecallBand, ...] = ()
    states: StateCounts | None = None


def compute_drift(query: DriftQuery) -> DriftResult:
    """Compute what is shown; all that does not depend on the selection only the first time."""
    overview = query.overview or make_overview(query.dataset)
    layers = tuple(
        _layer_of(overview, cluster.spike_ids, part, query.dot_size)
        for cluster, color in zip(query.clusters, query.colors, strict=True)
        for part in query.parts.divide(cluster.spike_ids, color)
    )
    states, counts = query.parts.states, None
    if states is not None:
        missed = missed_layers(states, query.dot_size)
        layers += missed
        note = "at their true depth" if missed else NO_PLACE
        counts = states.count((cluster.spike_ids for cluster in query.clusters), note)
    return DriftResult(
        query, overview, layers, render(layers, query.target), find_lines(query, overview),
        () if query.recall_of is None else find_bands(query.recall_of, query.chosen_units),
        counts,
    )  # fmt: skip


def make_overview(dataset: Dataset) -> Overview:
    """Find depths, limits, and the sorter's motion of a dataset."""
    depths = find_depths(dataset)
    amplitudes = dataset.amplitudes
    return Overview(
        dataset=dataset,
        depths=depths,
        x_range=(0.0, dataset.duration_s),
        y_range=frame_depths(dataset, depths),
        amplitude_range=None if amplitudes is None else sampled_limits(amplitudes, _COLOR_PERCENT),
        sorter=read_sorter_motion(dataset.folder, dataset.sample_rate_hz),
    )


def frame_depths(dataset: Dataset, depths: SpikeDepths) -> Range:
    """Return the depths in which nearly all spikes lie, with a margin; else those of the probe."""
    limits = sampled_limits(depths.depths_um)
    if limits is None:
        y = dataset.channels.positions_um[:, 1]
        limits = float(y.min()), float(y.max())
    middle, half = (limits[0] + limits[1]) / 2, (limits[1] - limits[0]) / 2
    half = max(half * (1 + 2 * _MARGIN), _SMALLEST_SPAN_UM / 2)
    return middle - half, middle + half


def background_layer(overview: Overview, table: UInt8Array, *, by_amplitude: bool) -> PointLayer:
    """Return all spikes, coloured by amplitude where it is known, else in one colour."""
    red, green, blue = (int(part) for part in table[_ONE_SHADE, :3])
    dataset = overview.dataset
    layer = PointLayer(
        dataset.spike_samples,
        overview.depths.depths_um,
        (red, green, blue),
        size=2.0,
        is_background=True,
        x_scale=1 / dataset.sample_rate_hz,
        is_sorted=dataset.time_order is None,
    )
    if not by_amplitude or overview.amplitude_range is None:
        return layer
    return replace(
        layer, values=dataset.amplitudes, table=table, value_range=overview.amplitude_range
    )


def _layer_of(overview: Overview, spike_ids: Int32Array, part: Part, size: float) -> PointLayer:
    dataset, spike_ids = overview.dataset, spike_ids[part.where]
    return PointLayer(
        dataset.spike_samples[spike_ids],
        overview.depths.depths_um[spike_ids],
        part.rgb,
        size=size * (ON_TOP_SIZE if part.is_on_top else 1),
        is_on_top=part.is_on_top,
        x_scale=1 / dataset.sample_rate_hz,
        is_sorted=True,
    )


# Motion ----------------------------------------------------------------------------------------


def find_lines(query: DriftQuery, overview: Overview) -> Lines:
    """Return the lines of motion that are known and asked for."""
    truth, sorter = query.truth, overview.sorter.motion
    lines = Lines()
    if truth is not None and query.shows_true_motion:
        times = _times_of(truth.motion, query.dataset.duration_s)
        found = (unit_line(truth, unit_id, times) for unit_id in query.unit_ids)
        units = tuple(line for line in found if line is not None)
        if truth.motion is not None:
            over = motion_lines(truth.motion, _places(overview.y_range))
            lines = replace(lines, truth=over)
        lines = replace(lines, units=units)
    if sorter is not None and query.shows_sorter_motion:
        depths = sorter.depths_um
        places = depths if 1 < len(depths) <= 2 * N_LINES else _places(overview.y_range)
        lines = replace(lines, sorter=motion_lines(sorter, places))
    return lines


def motion_lines(motion: Motion, depths_um: Float64Array) -> tuple[MotionLine, ...]:
    """Return where tissue at rest at some depths is over time."""
    times = motion.times_s
    return tuple(
        MotionLine(times, depth + displacement_at(motion, times, float(depth)))
        for depth in depths_um
    )


def unit_line(truth: GroundTruth, unit_id: UnitId, times_s: Float64Array) -> MotionLine | None:
    """Return where a unit is over time; None when its place is not known."""
    if truth.locations_um is None or unit_id not in truth.unit_ids:
        return None
    depth = float(truth.locations_um[truth.unit_ids.index(unit_id), 1])
    if not np.isfinite(depth):
        return None
    moved = np.zeros(len(times_s))
    if truth.motion is not None:
        moved = displacement_at(truth.motion, times_s, depth)
    return MotionLine(times_s, depth + moved, f"unit {unit_id}")


def _times_of(motion: Motion | None, duration_s: float) -> Float64Array:
    ends = np.array([0.0, duration_s])
    return ends if motion is None else np.union1d(motion.times_s, ends)


def _places(y_range: Range) -> Float64Array:
    """Return depths that divide a range evenly, none on its edge."""
    step = (y_range[1] - y_range[0]) / N_LINES
    places: Float64Array = y_range[0] + step * (np.arange(N_LINES, dtype=np.float64) + 0.5)
    return places
