"""What causes are told from, and what is told: one cause a spike, counted for each unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .cause_names import Cause, CauseRules
from .thresholds import Thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base.types import Float64Array, Int32Array, Int64Array
    from ..data.ground_truth import GroundTruth, UnitId
    from .neighbours import Neighbours
    from .rescoring import TruthInTime
    from .spike_matrix import SpikeMatrix
    from .states import SpikeStates


@dataclass(frozen=True, slots=True, eq=False)
class CauseQuery:
    """Everything that causes are told from.

    Attributes
    ----------
    truth
        With templates, places and amplitude factors as far as they are known.
    in_time
        The same in one sequence, see `order_truth`.
    states, matrix
        State and partner of every spike, and where the spikes went.
    spike_samples, order, offsets
        The sorted spikes, as they were given to `compute_spike_states`.
    matched : int64 array, (n_units,)
        Position of the cluster that stands for each unit; -1: none.
    sample_rate_hz, duration_samples
        Of the recording.
    displacement_of
        Gives the displacement of a unit at each of its spikes, float array, (n_spikes,), um;
        None: motion is not known.
    neighbours
        See `find_neighbours`; None: it is asked.
    own : int64 array, (n_units,), or None
        Like `matched`, with the clusters of units that have none because their cluster is late or
        early as a whole (see `cluster_lags`); None: `matched`.
    no_sizes
        Why the sizes of single spikes are not known, where they are not; a sentence.
    rules, thresholds
        The numbers behind the causes; `thresholds.large` is how much of a unit somebody must
        hold.
    """

    truth: GroundTruth
    in_time: TruthInTime
    states: SpikeStates
    matrix: SpikeMatrix
    spike_samples: Int64Array
    order: Int32Array
    offsets: Int64Array
    matched: Int64Array
    sample_rate_hz: float
    duration_samples: int
    displacement_of: Callable[[int], Float64Array] | None = None
    neighbours: Neighbours | None = None
    own: Int64Array | None = None
    no_sizes: str = "The ground truth does not tell the sizes of its spikes."
    rules: CauseRules = field(default_factory=CauseRules)
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True, eq=False)
class SpikeCauses:
    """Why true spikes are not found. Arrays are read-only.

    Attributes
    ----------
    unit_ids
        Rows.
    causes : uint8 array, (n_true,)
        A `Cause`, in the order of the truth's samples.
    conditions : uint8 array, (n_true,)
        Bit k is set where `CONDITIONS[k]` holds, also for spikes that are found and where it does
        not count as a cause.
    counts : int64 array, (n_units, n_causes)
        Spikes of each unit with each `Cause`.
    condition_counts : int64 array, (n_units, n_conditions, 2)
        Spikes under each of `CONDITIONS`: all of them, and those that are lost (in no cluster but
        by chance).
    is_admitted : bool array, (n_units, n_conditions)
        Whether a condition counts as a cause in a unit.
    collision_units, collision_lags : int32 arrays, (n_true,), or None
        The unit (its position) of the nearest spike that may disturb each, -1: none within 2 ms;
        and its sample minus that of the spike. None: neighbours are not known.
    level_uv
        Size below which units are beyond this sorter's detection; None: there is no such size, or
        it is not known.
    unknown
        Causes that cannot be told from this ground truth, and why: a sentence.
    """

    unit_ids: tuple[UnitId, ...]
    causes: NDArray[np.uint8]
    conditions: NDArray[np.uint8]
    counts: Int64Array
    condition_counts: Int64Array
    is_admitted: NDArray[np.bool_]
    collision_units: Int32Array | None
    collision_lags: Int32Array | None
    level_uv: float | None
    unknown: Mapping[Cause, str]

    def main_cause(self, unit: int) -> Cause | None:
        """Return the most frequent cause of the unit's spikes that are not found, if any."""
        counts = self.counts[unit, 1:]
        return Cause(int(np.argmax(counts)) + 1) if counts.any() else None

    def shares(self) -> Float64Array:
        """Return `counts` divided by the spikes of the unit: the bars; (n_units, n_causes)."""
        sizes = np.maximum(self.counts.sum(axis=1, keepdims=True), 1)
        return np.asarray(self.counts / sizes)
