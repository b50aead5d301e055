"""Recall of spikes that collide, by lag and by how much the two units look alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.collisions import count_collisions
from ..kernels.state_counts import find_places
from .rates import Rates, make_rates
from .states import SpikeState

if TYPE_CHECKING:
    from ..base.types import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
    from .rescoring import TruthInTime
    from .states import SpikeStates


@dataclass(frozen=True, slots=True, eq=False)
class CollisionMap:
    """Recall of colliding spikes.

    Attributes
    ----------
    lag_edges_ms : float64 array, (n_lags + 1,)
        The other spike minus this one.
    similarity_edges : float64 array, (n_rows + 1,)
        Cosine of the two templates; one row from -1 to 1 where there are none.
    rates
        Arrays of shape (n_rows, n_lags): pairs of colliding spikes, counted from the side of each
        of the two, and those of which this one is found.
    """

    lag_edges_ms: Float64Array
    similarity_edges: Float64Array
    rates: Rates

    def by_lag(self) -> Rates:
        """Return the same for all similarities together, (n_lags,)."""
        return make_rates(self.rates.n_good.sum(axis=0), self.rates.n.sum(axis=0))

    def by_similarity(self) -> Rates:
        """Return the same for all lags together, (n_rows,)."""
        return make_rates(self.rates.n_good.sum(axis=1), self.rates.n.sum(axis=1))


def compute_collision_map(  # noqa: PLR0913 - the bins of both axes
    in_time: TruthInTime,
    states: SpikeStates,
    similarity: Float32Array | None,
    sample_rate_hz: float,
    *,
    is_near: BoolArray | None = None,
    window_ms: float = 2.0,
    n_lags: int = 11,
    n_rows: int = 8,
    lowest: float = -0.2,
) -> CollisionMap:
    """Count all pairs of spikes of different units within 2 ms.

    Parameters
    ----------
    in_time
        The truth in one sequence, see `order_truth`.
    states
        A spike counts as found where its state is FOUND.
    similarity : float32 array, (n_units, n_units), or None
        See `Neighbours`.
    sample_rate_hz
        Samples a second.
    is_near : bool array, (n_units, n_units), or None
        Only these pairs of units; None: all, as SpikeInterface's `CollisionGTComparison` does.
    window_ms, n_lags, n_rows
        Largest lag; bins of lag (11 as in SpikeInterface) and of similarity.
    lowest
        Lower edge of the first row; lower similarities are in it too.
    """
    n_units = len(in_time.trains.sizes)
    if similarity is None:
        edges, rows = np.array([-1.0, 1.0]), np.zeros((n_units, n_units), np.int32)
    else:
        edges = np.linspace(lowest, 1.0, n_rows + 1)
        places = np.searchsorted(edges, similarity, side="right") - 1
        rows = np.clip(places, 0, n_rows - 1).astype(np.int32)
    if is_near is not None:
        rows = np.where(is_near, rows, np.int32(-1))
    n, n_found, window = count_pairs_by_lag(
        in_time, states, rows, len(edges) - 1, sample_rate_hz, window_ms, n_lags
    )
    lag_edges_ms = np.linspace(-window, window, n_lags + 1) / sample_rate_hz * 1000
    return CollisionMap(lag_edges_ms, edges, make_rates(n_found, n))


def count_pairs_by_lag(
    in_time: TruthInTime,
    states: SpikeStates,
    rows: Int32Array,
    n_rows: int,
    sample_rate_hz: float,
    window_ms: float,
    n_lags: int,
) -> tuple[Int64Array, Int64Array, int]:
    """Count colliding spikes by the row that is given for each pair of units.

    Parameters
    ----------
    rows : int32 array, (n_units, n_units)
        Row of spikes of the first unit beside those of the second; -1: none.

    Returns
    -------
    n, n_found : int64 arrays, (n_rows, n_lags)
        Lags from minus to plus the window.
    window
        In samples.
    """
    window = int(window_ms / 1000 * sample_rate_hz)
    places = find_places(in_time.units, in_time.trains.offsets)
    is_found = (states.true_states == SpikeState.FOUND)[places]
    n, n_found = count_collisions(
        in_time.samples, in_time.units, is_found, rows, n_rows, window, n_lags
    )
    return n, n_found, window
