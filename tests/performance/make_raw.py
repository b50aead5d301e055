"""Writes the raw file of a made export: correlated noise with spikes in it, then a hole."""

from __future__ import annotations

from pathlib import Path

import numpy as np

# Noise is drawn once for this many samples, then reused at random places and signs.
POOL_SAMPLES = 60_000
BLOCK_SAMPLES = 30_000


def write_raw(
    rng: np.random.Generator,
    path: Path,
    covariance: np.ndarray,
    waveforms: np.ndarray,
    spikes: tuple[np.ndarray, np.ndarray, np.ndarray],
    lengths: tuple[int, int],
) -> None:
    """Write int16 samples.

    Parameters
    ----------
    covariance : (n_channels, n_channels)
        Of the noise, in raw units.
    waveforms : float32, (n_units, n_samples, n_channels)
        In raw units for an amplitude of 1.
    spikes
        First sample, unit and amplitude of each spike, by increasing time.
    lengths
        Samples that are written, and samples of the whole file.
    """
    n_written, n_total = lengths
    n_channels = len(covariance)
    pool = make_noise(rng, covariance)
    near = [np.flatnonzero(np.ptp(w, axis=0) > 0.02 * np.ptp(w, axis=0).max()) for w in waveforms]
    local = [np.ascontiguousarray(w[:, c]) for w, c in zip(waveforms, near, strict=True)]
    n_samples = waveforms.shape[1]
    # A spike that begins before the end of a block reaches into the next one.
    tail = np.zeros((n_samples, n_channels), np.int16)
    with path.open("wb") as file:
        for start in range(0, n_written, BLOCK_SAMPLES):
            n_block = min(BLOCK_SAMPLES, n_written - start)
            block = np.zeros((n_block + n_samples, n_channels), np.int16)
            shift = int(rng.integers(0, POOL_SAMPLES - n_block + 1))
            block[:n_block] = rng.choice((-1, 1)) * pool[shift : shift + n_block]
            block[:n_samples] += tail
            first, last = np.searchsorted(spikes[0], (start, start + n_block))
            rows = zip(*(values[first:last].tolist() for values in spikes), strict=True)
            for sample, unit, amplitude in rows:
                shape = np.rint(local[unit] * amplitude).astype(np.int16)
                block[sample - start : sample - start + n_samples, near[unit]] += shape
            tail = block[n_block:].copy()
            file.write(block[:n_block].data)
        file.truncate(n_total * n_channels * 2)


def make_noise(rng: np.random.Generator, covariance: np.ndarray) -> np.ndarray:
    """Draw noise that channels share as told; int16, (POOL_SAMPLES, n_channels)."""
    factor = np.linalg.cholesky(covariance).astype(np.float32)
    white = rng.standard_normal((POOL_SAMPLES, len(covariance)), dtype=np.float32)
    return np.asarray(np.rint(white @ factor.T).astype(np.int16))
