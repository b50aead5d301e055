"""Shares of numbers of spikes, with their confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int64Array


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Shares of numbers of spikes, and how sure they are.

    Attributes
    ----------
    n : int64 array
        Spikes that were looked at.
    n_good : int64 array
        Those that count.
    value, low, high : float64 arrays
        n_good / n and its 95 % interval (Wilson); NaN where there are no spikes.
    """

    n: Int64Array
    n_good: Int64Array
    value: Float64Array
    low: Float64Array
    high: Float64Array


def make_rates(n_good: Int64Array, n: Int64Array) -> Rates:
    """Divide numbers of spikes; arrays of any one shape."""
    low, high = wilson_interval(n_good, n)
    value = np.divide(n_good, n, out=np.full(np.shape(n), np.nan), where=np.asarray(n) > 0)
    return Rates(n, n_good, value, low, high)


def wilson_interval(
    n_good: Int64Array, n: Int64Array, z: float = 1.959963984540054
) -> tuple[Float64Array, Float64Array]:
    """Return the score interval of a share.

    (p + z^2 / 2n -+ z * sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), after Wilson (1927),
    J. Am. Stat. Assoc. 22, 209: it stays between 0 and 1 and is right for few spikes too. It
    takes spikes as independent: within bursts and collisions they are not quite.

    Parameters
    ----------
    n_good, n : int64 arrays of the same shape
    z
        Quantile of the normal distribution; 1.96: 95 %.

    Returns
    -------
    low, high : float64 arrays
        NaN where n is 0.
    """
    sizes = np.where(np.asarray(n) > 0, n, np.nan).astype(np.float64)
    p = np.asarray(n_good) / sizes
    middle = p + z * z / (2 * sizes)
    half = z * np.sqrt(p * (1 - p) / sizes + z * z / (4 * sizes * sizes))
    whole = 1 + z * z / sizes
    return np.clip((middle - half) / whole, 0, 1), np.clip((middle + half) / whole, 0, 1)
