"""The bins of a correlogram: of one width, or of widths that grow with the lag."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from ..base.types import Float64Array, Int64Array
from ..kernels.correlograms import autocorrelogram, crosscorrelogram
from ..kernels.log_correlograms import log_correlogram

MAX_HALF_BINS = 1000
# A year: far below what the kernels count exactly.
MAX_BIN_SAMPLES = 1 << 40
# Shorter lags than this share the centre bin of a logarithmic correlogram.
SHORTEST_LOG_MS = 0.5


class LagBins(Protocol):
    """What both kinds of bins tell. There are as many on each side of the centre one."""

    @property
    def sample_rate_hz(self) -> float:
        """Samples a second."""

    @property
    def n_half(self) -> int:
        """Number of bins on each side of the centre one."""

    @property
    def n_bins(self) -> int:
        """Number of bins; odd."""

    @property
    def reach_ms(self) -> float:
        """Largest lag on each side."""

    @property
    def centres_ms(self) -> Float64Array:
        """Middle of each bin, float64, (n_bins,)."""

    @property
    def widths_s(self) -> Float64Array:
        """Width of each bin, float64, (n_bins,)."""

    def positions(self, lags_ms: ArrayLike) -> Float64Array:
        """Return where lags lie, in bins from the middle of the centre one."""

    def count(self, first: Int64Array, second: Int64Array | None) -> Int64Array:
        """Count pairs by lag, second minus first; None: of one train with itself."""


@dataclass(frozen=True, slots=True)
class CorrelogramBins:
    """Bins of one width: 2 n_half + 1 of them, centred on the multiples of their width.

    A lag of exactly half a width counts in the bin further from 0, so that the two sides mirror
    each other (and the centre bin of an even width holds one lag less than the others).
    """

    bin_samples: int
    n_half: int
    sample_rate_hz: float

    @classmethod
    def nearest(cls, bin_ms: float, window_ms: float, sample_rate_hz: float) -> CorrelogramBins:
        """Return the bins that come closest to what was asked.

        Parameters
        ----------
        bin_ms
            Width of a bin; at least one sample is used.
        window_ms
            Width of the whole correlogram, both sides together; at least three bins are used,
            and no more than 2,001.
        sample_rate_hz
            Samples a second.
        """
        per_ms = sample_rate_hz / 1000
        wanted = bin_ms * per_ms
        bin_samples = round(min(max(wanted, 1.0), MAX_BIN_SAMPLES)) if math.isfinite(bin_ms) else 1
        half = window_ms * per_ms / 2 / bin_samples
        n_half = round(half) if math.isfinite(half) else MAX_HALF_BINS
        return cls(bin_samples, min(max(1, n_half), MAX_HALF_BINS), sample_rate_hz)

    @property
    def n_bins(self) -> int:
        """Number of bins; odd."""
        return 2 * self.n_half + 1

    @property
    def bin_ms(self) -> float:
        """Width of a bin."""
        return 1000 * self.bin_samples / self.sample_rate_hz

    @property
    def reach_ms(self) -> float:
        """Largest lag on each side."""
        return self.n_half * self.bin_ms

    @property
    def centres_ms(self) -> Float64Array:
        """Middle of each bin, float64, (n_bins,)."""
        return np.arange(-self.n_half, self.n_half + 1, dtype=np.float64) * self.bin_ms

    @property
    def widths_s(self) -> Float64Array:
        """Width of each bin, float64, (n_bins,)."""
        return np.full(self.n_bins, self.bin_ms / 1000)

    def positions(self, lags_ms: ArrayLike) -> Float64Array:
        """Return where lags lie, in bins from the middle of the centre one."""
        return np.asarray(lags_ms, np.float64) / self.bin_ms

    def count(self, first: Int64Array, second: Int64Array | None) -> Int64Array:
        """Count pairs by lag, second minus first; None: of one train with itself."""
        if second is None:
            return autocorrelogram(first, self.bin_samples, self.n_half)
        return crosscorrelogram(first, second, self.bin_samples, self.n_half)


@dataclass(frozen=True, slots=True)
class LogLagBins:
    """Bins that grow with the lag by about the same factor, on both sides of a centre bin.

    Attributes
    ----------
    edges_samples
        Increasing whole samples, so that no bin is empty only because no lag falls into it. The
        centre bin holds the lags below the first on both sides.
    """

    edges_samples: tuple[int, ...]
    sample_rate_hz: float

    @classmethod
    def nearest(cls, n_per_decade: int, window_ms: float, sample_rate_hz: float) -> LogLagBins:
        """Return the bins that come closest to what was asked.

        Parameters
        ----------
        n_per_decade
            Bins for a factor of 10 in lag; fewer where they would be narrower than a sample.
        window_ms
            Width of the whole correlogram, both sides together.
        sample_rate_hz
            Samples a second.
        """
        per_ms = sample_rate_hz / 1000
        first = max(1, round(SHORTEST_LOG_MS * per_ms))
        last = max(first + 1, round(window_ms * per_ms / 2))
        n_bins = max(1, math.ceil(max(1, n_per_decade) * math.log10(last / first)))
        edges = np.rint(np.geomspace(first, last, n_bins + 1)).astype(np.int64)
        return cls(tuple(np.unique(edges).tolist()), sample_rate_hz)

    @property
    def n_half(self) -> int:
        """Number of bins on each side of the centre one."""
        return len(self.edges_samples) - 1

    @property
    def n_bins(self) -> int:
        """Number of bins; odd."""
        return 2 * self.n_half + 1

    @property
    def edges_ms(self) -> Float64Array:
        """Edges on the side of positive lags, float64, (n_half + 1,)."""
        return np.array(self.edges_samples, np.float64) * 1000 / self.sample_rate_hz

    @property
    def reach_ms(self) -> float:
        """Largest lag on each side."""
        return float(self.edges_ms[-1])

    @property
    def centres_ms(self) -> Float64Array:
        """Middle of each bin, by the geometric mean, float64, (n_bins,)."""
        edges = self.edges_ms
        middles = np.sqrt(edges[:-1] * edges[1:])
        return np.concatenate([-middles[::-1], [0.0], middles])

    @property
    def widths_s(self) -> Float64Array:
        """Width of each bin, float64, (n_bins,)."""
        edges = np.array(self.edges_samples, np.float64)
        sides = np.diff(edges)
        # Lags are whole samples: those below the first edge, on both sides, and 0 once.
        widths: Float64Array = np.concatenate([sides[::-1], [2 * edges[0] - 1], sides])
        return widths / self.sample_rate_hz

    def positions(self, lags_ms: ArrayLike) -> Float64Array:
        """Return where lags lie, in bins from the middle of the centre one."""
        lags = np.asarray(lags_ms, np.float64)
        edges, sizes = self.edges_ms, np.abs(lags)
        steps = np.arange(len(edges)) + 0.5
        far = np.interp(np.log(np.maximum(sizes, edges[0])), np.log(edges), steps)
        near = 0.5 * sizes / edges[0]
        places: Float64Array = np.sign(lags) * np.where(sizes < edges[0], near, far)
        return places

    def count(self, first: Int64Array, second: Int64Array | None) -> Int64Array:
        """Count pairs by lag, second minus first; None: of one train with itself."""
        return log_correlogram(first, second, np.array(self.edges_samples, np.int64))
