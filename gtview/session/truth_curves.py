"""Recall, precision and accuracy of what is opened, against whatever is known of its spikes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from ..base.errors import UsageError
from ..scoring.curves import (
    Curve,
    curve_over_time,
    curve_over_units,
    curve_over_values,
    even_edges,
    quantile_edges,
    units_of_spikes,
)
from .states import trains_of
from .tables import unit_depths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..analysis.quality import NoiseLevels
    from ..base.types import Float64Array, Int32Array
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth
    from ..scoring.collisions import CollisionMap
    from ..scoring.recall_over_time import RecallOverTime
    from .spike_truth import SpikeTruth

UnitQuantity = Literal["rate", "depth", "size", "snr"]
SpikeQuantity = Literal["time", "displacement", "relative size"]
Quantity = Literal[UnitQuantity, SpikeQuantity]
UNIT_QUANTITIES: tuple[UnitQuantity, ...] = get_args(UnitQuantity)
SPIKE_QUANTITIES: tuple[SpikeQuantity, ...] = get_args(SpikeQuantity)
QUANTITY_UNITS: dict[Quantity, str] = {
    "rate": "Hz",
    "depth": "\N{MICRO SIGN}m",
    "size": "\N{MICRO SIGN}V",
    "snr": "",
    "time": "s",
    "displacement": "\N{MICRO SIGN}m",
    "relative size": "",
}


def missing_reason(truth: GroundTruth, quantity: Quantity, *, has_raw: bool) -> str:
    """Say in one sentence why a quantity is not known of a truth; "" where it is."""
    if quantity in ("size", "snr") and truth.templates is None:
        return "The ground truth has no templates."
    if quantity == "snr" and not has_raw:
        return "The noise is measured in the raw file, which is missing."
    if quantity == "depth" and not np.isfinite(unit_depths(truth)).any():
        return "The ground truth does not tell where its units are."
    if quantity == "displacement" and truth.motion is None:
        return "The ground truth does not tell how the tissue moved."
    if quantity == "relative size" and truth.amplitude_factors is None:
        return "The ground truth does not tell the sizes of its spikes."
    return ""


def unit_values(
    truth: SpikeTruth,
    quantity: UnitQuantity,
    dataset: Dataset | None = None,
    noise: NoiseLevels | None = None,
) -> Float64Array:
    """Return something of every unit, float64, (n_units,); NaN where it is not known.

    Parameters
    ----------
    truth
        What is opened.
    quantity
        `size` is the peak-to-peak size of the template where it is largest; `snr` the largest
        deflection of the template over the noise of its channel.
    dataset, noise
        For `snr` only.
    """
    source = truth.facts.truth
    if quantity == "rate":
        return np.asarray(source.unit_sizes / max(truth.facts.duration_s, 1e-9), np.float64)
    if quantity == "depth":
        return unit_depths(source)
    if source.templates is None:
        return np.full(source.n_units, np.nan)
    if quantity == "size":
        from ..scoring.neighbours import largest_sizes

        return largest_sizes(source.templates).astype(np.float64)
    if dataset is None or noise is None or dataset.raw is None:
        return np.full(source.n_units, np.nan)
    return _signal_to_noise(source, dataset, noise)


def _signal_to_noise(truth: GroundTruth, dataset: Dataset, noise: NoiseLevels) -> Float64Array:
    from ..analysis.snippets import DEFAULT_CUTOFF_HZ
    from ..analysis.true_signal import TrueSignal
    from ..analysis.true_waveforms import join_channels

    assert truth.templates is not None
    columns = join_channels(dataset, truth.templates)
    known = np.flatnonzero(columns >= 0)
    if not len(known):
        return np.full(truth.n_units, np.nan)
    peaks = np.abs(truth.templates.waveforms_uv[:, :, columns[known]]).max(axis=1)
    levels = np.array([noise.of(int(known[k])) for k in peaks.argmax(axis=1)])
    # Without a gain the noise is in the unit of the traces: the templates are brought to it.
    cutoff_hz = None if dataset.is_high_passed else DEFAULT_CUTOFF_HZ
    peaks = peaks * TrueSignal(dataset, truth).scale(cutoff_hz)
    ratios = np.full(truth.n_units, np.nan)
    np.divide(peaks.max(axis=1), levels, out=ratios, where=levels > 0)
    return ratios


def compute_unit_curve(
    truth: SpikeTruth, values: Float64Array, n_bins: int = 8, *, is_even: bool = False
) -> Curve:
    """Bin the units by one of their values, see `unit_values`; for a thread.

    Bins hold about as many units each, or are of equal width.
    """
    edges = even_edges(values, n_bins) if is_even else quantile_edges(values, n_bins)
    return curve_over_units(values, truth.scores, edges)


def compute_spike_curve(truth: SpikeTruth, quantity: SpikeQuantity, n_bins: int = 20) -> Curve:
    """Bin the spikes by time, displacement or relative size; for a thread.

    Sorted spikes have no true size: precision and accuracy against it are without false spikes.

    Raises
    ------
    UsageError
        The truth does not tell the quantity; see `missing_reason`.
    """
    reason = missing_reason(truth.facts.sized_truth, quantity, has_raw=False)
    if reason:
        raise UsageError(reason)
    if quantity == "time":
        return _time_curve(truth, n_bins)
    offsets, states = truth.facts.truth.offsets, truth.states()
    if quantity == "displacement":
        assert truth.facts.truth.motion is not None
        edges = even_edges(truth.facts.truth.motion.displacement_um, n_bins)
        spikes = _MatchedSpikes(truth)
        return curve_over_values(
            truth.facts.spike_displacement, spikes.displacement, states, offsets, spikes.states,
            edges,
        )  # fmt: skip
    factors = truth.facts.sized_truth.amplitude_factors
    assert factors is not None
    known = factors[np.isfinite(factors)]
    edges = even_edges(np.percentile(known, (0.5, 99.5)) if len(known) else known, n_bins)
    return curve_over_values(
        lambda unit: np.clip(factors[offsets[unit] : offsets[unit + 1]], edges[0], edges[-1]),
        None,
        states,
        offsets,
        None,
        edges,
    )


def _time_curve(truth: SpikeTruth, n_bins: int) -> Curve:
    from ..kernels.matching import label_spikes

    source, query = truth.facts.truth, truth.query
    order, offsets = trains_of(query)
    labels = label_spikes(order, offsets, len(query.spike_samples))
    return curve_over_time(
        source.spike_samples,
        np.repeat(np.arange(source.n_units, dtype=np.int32), source.unit_sizes),
        query.spike_samples,
        units_of_spikes(labels, truth.matched, len(query.cluster_ids)),
        truth.states(),
        truth.facts.duration_samples,
        n_bins,
        query.sample_rate_hz,
    )


class _MatchedSpikes:
    """The spikes of the cluster that stands for each unit."""

    def __init__(self, truth: SpikeTruth) -> None:
        self._truth = truth
        self._matched = truth.matched

    def _ids(self, unit: int) -> Int32Array:
        column = int(self._matched[unit])
        return self._truth.query.spikes[column] if column >= 0 else np.empty(0, np.int32)

    def states(self, unit: int) -> NDArray[np.uint8]:
        states: NDArray[np.uint8] = self._truth.states().sorted_states[self._ids(unit)]
        return states

    def displacement(self, unit: int) -> Float64Array:
        samples = self._truth.query.spike_samples[self._ids(unit)]
        return self._truth.facts.displacement_at(unit, samples / self._truth.query.sample_rate_hz)


def compute_recall_over_time(truth: SpikeTruth, n_bins: int = 60) -> RecallOverTime:
    """Return the recall of each unit bin by bin: sparklines, bands; for a thread."""
    from ..scoring.recall_over_time import recall_over_time

    source, facts = truth.facts.truth, truth.facts
    return recall_over_time(
        source.spike_samples, source.offsets, truth.states(), facts.duration_samples,
        facts.sample_rate_hz, n_bins,
    )  # fmt: skip


def compute_collisions(
    truth: SpikeTruth, n_lags: int = 21, n_rows: int = 8, *, neighbours_only: bool = True
) -> CollisionMap:
    """Return the recall of colliding spikes by lag and similarity; for a thread."""
    from ..scoring.collisions import compute_collision_map

    near = truth.facts.neighbours()
    return compute_collision_map(
        truth.query.index.get(),
        truth.states(),
        near.similarity,
        truth.query.sample_rate_hz,
        is_near=near.is_near if neighbours_only else None,
        n_lags=n_lags,
        n_rows=n_rows,
    )
