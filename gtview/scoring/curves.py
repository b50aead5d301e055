"""How recall, precision and accuracy depend on something, with confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..kernels.state_counts import count_states_by_bin
from .rates import Rates, make_rates
from .states import SpikeState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base.types import BoolArray, Float64Array, FloatArray, Int32Array, Int64Array
    from .results import Scores
    from .states import SpikeStates

Measure = Literal["recall", "precision", "accuracy"]
MEASURES: tuple[Measure, ...] = ("recall", "precision", "accuracy")
_N_STATES = len(SpikeState)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The scores in bins of something.

    Attributes
    ----------
    edges : float64 array, (n_bins + 1,)
    recall, precision, accuracy
        tp / (tp + fn), tp / (tp + fp), tp / (tp + fn + fp) of the spikes in each bin, (n_bins,).
    n_units : int64 array, (n_bins,), or None
        Units in each bin, where units are binned and not their spikes.
    n_left_out
        Units, or spikes, that have no finite value.
    """

    edges: Float64Array
    recall: Rates
    precision: Rates
    accuracy: Rates
    n_units: Int64Array | None
    n_left_out: int

    def of(self, measure: Measure) -> Rates:
        """Return one of the three."""
        return {"recall": self.recall, "precision": self.precision, "accuracy": self.accuracy}[
            measure
        ]


def make_curve(
    edges: Float64Array,
    tp: Int64Array,
    fn: Int64Array,
    fp: Int64Array,
    n_units: Int64Array | None = None,
    n_left_out: int = 0,
) -> Curve:
    """Make a curve of numbers of spikes in each bin, int64, (n_bins,)."""
    rates = (make_rates(tp, tp + fn), make_rates(tp, tp + fp), make_rates(tp, tp + fn + fp))
    return Curve(edges, *rates, n_units, n_left_out)


def curve_over_units(values: FloatArray, scores: Scores, edges: FloatArray) -> Curve:
    """Bin units by something: signal-to-noise ratio, rate, depth, ...

    The spikes of all units of a bin are counted together. Units without a cluster have no found
    and no false spikes.

    Parameters
    ----------
    values : float array, (n_units,)
        Units of no finite value are left out.
    scores
        Of the same units.
    edges : float array, (n_bins + 1,)
        Increasing; the last bin holds its upper edge too. Values beyond are in the outer bins.
    """
    known = np.flatnonzero(np.isfinite(values))
    limits: Float64Array = np.asarray(edges, np.float64)
    n_bins = len(limits) - 1
    bins = np.clip(np.searchsorted(limits, values[known], side="right") - 1, 0, n_bins - 1)
    rows = [scores.units[i] for i in known.tolist()]

    def total(numbers: Sequence[int]) -> Int64Array:
        return np.bincount(bins, np.array(numbers, float), minlength=n_bins).astype(np.int64)

    tp, fn, fp = (total([getattr(u, name) for u in rows]) for name in ("tp", "fn", "fp"))
    n_units = np.bincount(bins, minlength=n_bins).astype(np.int64)
    return make_curve(limits, tp, fn, fp, n_units, len(values) - len(known))


def curve_over_time(
    true_samples: Int64Array,
    true_units: Int32Array,
    spike_samples: Int64Array,
    sorted_units: Int32Array,
    states: SpikeStates,
    duration_samples: int,
    n_bins: int,
    sample_rate_hz: float,
) -> Curve:
    """Bin spikes by time.

    Parameters
    ----------
    true_samples : int64 array, (n_true,)
    true_units : int32 array, (n_true,)
        Units with a negative number are left out.
    spike_samples : int64 array, (n_spikes,)
    sorted_units : int32 array, (n_spikes,)
        Unit that the cluster of each sorted spike stands for; -1: none, see `units_of_spikes`.
    states
        Of all of them.
    duration_samples, sample_rate_hz
        Of the recording.
    n_bins
        Bins of equal length, over all of it.
    """
    width = max(duration_samples, 1) / n_bins
    edges = np.arange(n_bins + 1, dtype=np.float64) * (width / sample_rate_hz)
    true = _count(true_samples, true_units, states.true_states, n_bins, 0, width)
    found = _count(spike_samples, sorted_units, states.sorted_states, n_bins, 0, width)
    return _curve_of_states(edges, true, found)


def _count(
    values: FloatArray | Int64Array,
    units: Int32Array,
    states: NDArray[np.uint8],
    n_bins: int,
    start: float,
    width: float,
) -> Int64Array:
    shown = np.where(np.asarray(units) >= 0, np.int32(0), np.int32(-1))
    shape = (1, n_bins, _N_STATES)
    counts: Int64Array = count_states_by_bin(values, shown, states, shape, start, width)[0]
    return counts


def _curve_of_states(edges: Float64Array, true: Int64Array, found: Int64Array) -> Curve:
    tp = true[:, SpikeState.FOUND]
    fn = true.sum(axis=1) - tp
    # All that a unit's cluster holds and that is not the unit, as the scores count it.
    fp = found.sum(axis=1) - found[:, SpikeState.FOUND]
    return make_curve(edges, tp, fn, fp)


def units_of_spikes(labels: Int32Array, matched: Int64Array, n_clusters: int) -> Int32Array:
    """Return the unit that the cluster of each sorted spike stands for.

    Parameters
    ----------
    labels : int32 array, (n_spikes,)
        Position of its cluster, or -1.
    matched : int64 array, (n_units,)
        Position of the cluster that stands for each unit, or -1.

    Returns
    -------
    int32 array, (n_spikes,)
        Position of the unit; -1: none.
    """
    of_cluster = np.full(n_clusters + 1, -1, np.int32)
    rows = np.flatnonzero(matched >= 0)
    of_cluster[matched[rows]] = rows
    return np.asarray(of_cluster[labels])


def curve_over_values(
    true_values: Callable[[int], FloatArray],
    sorted_values: Callable[[int], FloatArray] | None,
    states: SpikeStates,
    truth_offsets: Int64Array,
    found_states: Callable[[int], NDArray[np.uint8]] | None,
    edges: FloatArray,
) -> Curve:
    """Bin spikes by something that each of them has: displacement, size, ...

    Unit by unit, so that the values of all spikes are never in memory at once.

    Parameters
    ----------
    true_values
        Gives the values of the spikes of a unit, float, (n_spikes,).
    sorted_values
        Gives the values of the spikes of the cluster that stands for the unit, with
        `found_states`; None where sorted spikes have no such value: precision and accuracy are
        then without false spikes, and should not be shown.
    states
        Of all spikes.
    truth_offsets : int64 array, (n_units + 1,)
    found_states
        Gives the states of the same sorted spikes, uint8, (n,).
    edges : float array, (n_bins + 1,)
        Of equal width.
    """
    limits: Float64Array = np.asarray(edges, np.float64)
    n_bins = len(limits) - 1
    start, width = float(limits[0]), float(limits[-1] - limits[0]) / n_bins
    true, found = np.zeros((2, n_bins, _N_STATES), np.int64)
    n_left_out = 0
    for unit, (first, stop) in enumerate(pairwise(truth_offsets.tolist())):
        values = np.asarray(true_values(unit), np.float32)
        zeros = np.zeros(len(values), np.int32)
        counted = _count(values, zeros, states.true_states[first:stop], n_bins, start, width)
        true += counted
        n_left_out += len(values) - int(counted.sum())
        if sorted_values is not None and found_states is not None:
            values = np.asarray(sorted_values(unit), np.float32)
            zeros = np.zeros(len(values), np.int32)
            found += _count(values, zeros, found_states(unit), n_bins, start, width)
    curve = _curve_of_states(limits, true, found)
    return Curve(curve.edges, curve.recall, curve.precision, curve.accuracy, None, n_left_out)


def even_edges(values: FloatArray, n_bins: int) -> Float64Array:
    """Return edges of equal width over all finite values, float64, (n_bins + 1,)."""
    finite = _finite(values)
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    high = high if high > low else low + 1.0
    return np.linspace(low, high, n_bins + 1)


def quantile_edges(values: FloatArray, n_bins: int) -> Float64Array:
    """Return edges with about as many values in each bin; fewer bins where values are equal."""
    finite = _finite(values)
    if not len(finite):
        return even_edges(values, 1)
    edges: Float64Array = np.unique(np.quantile(finite, np.linspace(0, 1, n_bins + 1)))
    return edges if len(edges) > 1 else even_edges(values, 1)


def _finite(values: FloatArray) -> Float64Array:
    array = np.asarray(values, np.float64).ravel()
    is_finite: BoolArray = np.isfinite(array)
    return array[is_finite]
