"""What the curves of recall, precision and accuracy show; runs in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..scoring.curves import MEASURES
from ..session.truth_curves import (
    QUANTITY_UNITS,
    SPIKE_QUANTITIES,
    UNIT_QUANTITIES,
    compute_collisions,
    compute_spike_curve,
    compute_unit_curve,
    missing_reason,
    unit_values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..analysis.quality import NoiseLevels
    from ..base.types import Float64Array
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth
    from ..scoring.rates import Rates
    from ..session.spike_truth import SpikeTruth
    from ..session.truth_curves import SpikeQuantity, UnitQuantity

QUANTITIES: tuple[str, ...] = (
    "snr", "rate", "depth", "size", "displacement", "relative size", "time", "collision lag",
)  # fmt: skip
TITLES = {
    "snr": "signal-to-noise ratio of the unit",
    "rate": "rate of the unit",
    "depth": "depth of the unit",
    "size": "size of the unit",
    "displacement": "displacement at the spike",
    "relative size": "size of the spike, relative to its unit",
    "time": "time",
    "collision lag": "lag of a colliding spike",
}
# Nothing sorted has such a value: only recall can be told.
RECALL_ALONE = ("relative size", "collision lag")


@dataclass(frozen=True, slots=True, eq=False)
class CurvesQuery:
    """What is asked; `quantity` is one of `QUANTITIES`."""

    truth: SpikeTruth
    quantity: str
    n_bins: int
    is_even: bool
    dataset: Dataset
    noise: NoiseLevels


@dataclass(frozen=True, slots=True, eq=False)
class CurvesResult:
    """The scores in bins, and of each unit where units are binned.

    Attributes
    ----------
    quantity
        Of the horizontal axis.
    edges : float64 array, (n_bins + 1,)
    rates
        By measure; without those that cannot be told.
    n_units : int64 array, (n_bins,), or None
        Units in each bin.
    n_left_out
        Units or spikes without a value.
    values : float64 array, (n_units,), or None
        Of each unit; None where spikes are binned.
    """

    truth: SpikeTruth
    quantity: str
    edges: Float64Array
    rates: Mapping[str, Rates]
    n_units: Float64Array | None
    n_left_out: int
    values: Float64Array | None

    def scores_of_units(self, measure: str) -> Float64Array:
        """Return the score of each unit, float64, (n_units,)."""
        return np.array([getattr(u, measure) for u in self.truth.scores.units], np.float64)


def axis_title(quantity: str) -> str:
    """Return the title of the horizontal axis, with its unit."""
    unit = "ms" if quantity == "collision lag" else QUANTITY_UNITS[quantity]  # type: ignore[index]
    return f"{TITLES[quantity]} ({unit})" if unit else TITLES[quantity]


def why_not(truth: GroundTruth, quantity: str, *, has_raw: bool) -> str:
    """Say why a quantity is not known; "" where it is."""
    if quantity == "collision lag":
        return ""
    return missing_reason(truth, quantity, has_raw=has_raw)  # type: ignore[arg-type]


def compute_curves(query: CurvesQuery) -> CurvesResult:
    """Bin units or spikes."""
    truth, quantity = query.truth, query.quantity
    if quantity == "collision lag":
        found = compute_collisions(truth, n_lags=2 * (query.n_bins // 2) + 1)
        return CurvesResult(
            truth, quantity, found.lag_edges_ms, {"recall": found.by_lag()}, None, 0, None
        )
    values = None
    if quantity in UNIT_QUANTITIES:
        kind: UnitQuantity = quantity  # type: ignore[assignment]
        values = unit_values(truth, kind, query.dataset, query.noise)
        curve = compute_unit_curve(truth, values, query.n_bins, is_even=query.is_even)
    else:
        assert quantity in SPIKE_QUANTITIES
        spikes: SpikeQuantity = quantity
        curve = compute_spike_curve(truth, spikes, 2 * query.n_bins)
    told = MEASURES[:1] if quantity in RECALL_ALONE else MEASURES
    rates: dict[str, Rates] = {measure: curve.of(measure) for measure in told}
    n_units = None if curve.n_units is None else curve.n_units.astype(np.float64)
    return CurvesResult(truth, quantity, curve.edges, rates, n_units, curve.n_left_out, values)
