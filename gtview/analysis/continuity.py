"""Whether a number of the spikes of two clusters goes on from the one to the other over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..base.types import Float64Array, FloatArray, Int64Array

N_WINDOWS = 40
FEWEST = 10
# The standard deviation of a normal distribution over the median deviation from its median.
_MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A number of the spikes of one cluster over time, in those windows that have enough spikes.

    Attributes
    ----------
    windows : int64 array, (n,)
        Numbers of the windows, increasing.
    n_spikes : int64 array, (n,)
    medians, deviations : float64 arrays, (n,)
        The deviation is 1.4826 times the median absolute deviation.
    """

    windows: Int64Array
    n_spikes: Int64Array
    medians: Float64Array
    deviations: Float64Array


def compute_course(times: FloatArray, values: FloatArray, span: tuple[float, float]) -> Course:
    """Return the course of a number over 40 windows, of those with at least 10 spikes.

    Parameters
    ----------
    times : float array, (n,)
        Times of the spikes, in the unit of `span`; what lies outside counts to the ends.
    values : float array, (n,)
        Values that are not finite are left out.
    span
        From when to when the windows are.
    """
    width = (span[1] - span[0]) / N_WINDOWS
    known = np.isfinite(values) & (width > 0)
    places = (times[known] - span[0]) / (width if width > 0 else 1)
    windows = np.clip(places, 0, N_WINDOWS - 1).astype(np.int64)
    numbers = values[known].astype(np.float64)
    counts = np.bincount(windows, minlength=N_WINDOWS)
    medians = _medians(numbers, windows, counts)
    deviations = _MAD_TO_SD * _medians(np.abs(numbers - medians[windows]), windows, counts)
    enough = np.flatnonzero(counts >= FEWEST)
    return Course(enough, counts[enough], medians[enough], deviations[enough])


def _medians(values: Float64Array, groups: Int64Array, counts: Int64Array) -> Float64Array:
    """Return the median of each group; NaN of an empty one."""
    ordered = values[np.lexsort((values, groups))]
    starts = np.cumsum(counts) - counts
    medians = np.full(len(counts), np.nan)
    some = counts > 0
    first, n = starts[some], counts[some]
    medians[some] = (ordered[first + (n - 1) // 2] + ordered[first + n // 2]) / 2
    return medians


def compute_continuity(
    first: Course, second: Course, *, least: float = 0.0, share: float = 0.0
) -> float:
    """Return how much two clusters overlap in a number, where they are nearest in time.

    Those pairs of windows count (one of each cluster) that are nearest in time: the same window
    where both fire, else the end of the one and the beginning of the other. Of each pair the
    distance of the medians in units of the deviations,
    ``d = |m_a - m_b| / sqrt((s_a^2 + s_b^2) / 2)``, becomes the overlapping area of two normal
    distributions, ``2 Phi(-d / 2)`` (Inman and Bradley, 1989, Communications in Statistics 18:
    3851). The answer is the mean over the pairs, each weighing as much as its smaller number of
    spikes.

    So two clusters that fire at other times are compared where they could hand over, and slow
    drift of both does not tell them apart.

    Parameters
    ----------
    first, second
        Courses over the same span.
    least, share
        A smaller s counts as `least`, or as this share of the median.

    Returns
    -------
    float
        From 0 to 1; NaN where one of the clusters has no window with enough spikes.
    """
    if not len(first.windows) or not len(second.windows):
        return math.nan
    gaps = np.abs(first.windows[:, None] - second.windows)
    rows, columns = np.nonzero(gaps == gaps.min())
    weights = np.minimum(first.n_spikes[rows], second.n_spikes[columns])
    spread_a = _at_least(first, least, share)[rows]
    spread_b = _at_least(second, least, share)[columns]
    spread = np.sqrt((spread_a**2 + spread_b**2) / 2)
    apart = np.abs(first.medians[rows] - second.medians[columns])
    overlaps = [_overlap(*pair) for pair in zip(apart.tolist(), spread.tolist(), strict=True)]
    return float(np.average(overlaps, weights=weights))


def _at_least(course: Course, least: float, share: float) -> Float64Array:
    spread: Float64Array = np.maximum(
        course.deviations, np.maximum(least, share * np.abs(course.medians))
    )
    return spread


def _overlap(apart: float, spread: float) -> float:
    if spread <= 0:
        return 0.0 if apart else 1.0
    # 2 Phi(-d / 2) is the complementary error function of d over the root of 8.
    return math.erfc(apart / spread / math.sqrt(8))
