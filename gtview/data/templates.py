"""The sorter's templates: unwhitened on demand, measured once."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from ..base.types import BoolArray, Float32Array, FloatArray, Int32Array, Int64Array, frozen

# Templates are brought into memory, on all channels, in pieces of about this size.
CHUNK_BYTES = 1 << 23
# No sorter writes such values: they are damage, and products of them would overflow.
_LARGEST = 1e30


@dataclass(frozen=True, slots=True, eq=False)
class _Survey:
    """What one pass over all templates finds."""

    peak_to_peak: Float32Array
    extreme_samples: Int64Array
    bad_templates: Int64Array


class TemplateStore:
    """Templates as they are on disk, given out unwhitened on all channels.

    Safe to use from several threads. Values that are NaN, infinite or beyond 1e30 count as 0.

    Parameters
    ----------
    waveforms : float array, (n_templates, n_samples, n_local)
        In memory or a read-only memory map; whitened when `unwhitening` is given.
    channel_ids : int32 array, (n_templates, n_local), or None
        Channel of each column, -1 = unused; None: column k is channel k.
    unwhitening : float32 array, (n_channels, n_channels), or None
        A template on all channels times this matrix is unwhitened. It is always applied on all
        channels: a part of the matrix would not do the same.
    n_channels
        Rows of the channel map.
    """

    def __init__(
        self,
        waveforms: FloatArray,
        channel_ids: Int32Array | None,
        unwhitening: Float32Array | None,
        n_channels: int,
    ) -> None:
        self.n_templates: int = waveforms.shape[0]
        self.n_samples: int = waveforms.shape[1]
        self.n_channels = n_channels
        self._waveforms = waveforms
        self._channel_ids = channel_ids
        self._unwhitening = unwhitening
        self._lock = threading.Lock()
        self._survey: _Survey | None = None

    @property
    def trough_sample(self) -> int:
        """Sample of a template at which its spike time lies.

        Sorters align all templates at one sample (20 of 61 in Kilosort 4, 40 of 82 before), and
        do not write down which. Every template that is not empty votes with the sample of its
        largest absolute value on its peak channel, in proportion to its size up to the median
        size, so that noise counts little and large units do not decide alone. The sample that
        has most votes together with its two neighbours wins; among equals the one closest to
        the median vote. Without any template: the middle.
        """
        survey = self._surveyed()
        sizes = survey.peak_to_peak.max(axis=1, initial=0.0)
        return _vote(survey.extreme_samples, sizes, self.n_samples)

    def waveform(self, template_id: int, channel_ids: Int32Array | None = None) -> Float32Array:
        """Return one unwhitened template on all channels, or on some of them.

        Parameters
        ----------
        template_id
            Row of the templates.
        channel_ids : int32 array, (n_asked,), or None
            Rows of the channel map. For a few channels the product is so small that it starts no
            threads of the linear algebra library, which would wait for those of other views.

        Returns
        -------
        float32 array, (n_samples, n_channels or n_asked)
            In the sorter's unit.

        Raises
        ------
        IndexError
            There is no such template.
        """
        if not 0 <= template_id < self.n_templates:
            raise IndexError(f"no template {template_id} among {self.n_templates}")
        values = _finite(np.array(self._waveforms[template_id], np.float32, order="C"))
        is_used: BoolArray = np.any(values, axis=0)
        columns, channels = self._used_columns(template_id, values, is_used)
        if channel_ids is None or self._unwhitening is None:
            dense = np.zeros((self.n_samples, self.n_channels), np.float32)
            self._unwhiten(columns, channels, dense)
            return dense if channel_ids is None else dense[:, channel_ids]
        # Only columns of the result are left out: every channel of the template is still used.
        part: Float32Array = columns @ self._unwhitening[np.ix_(channels, channel_ids)]
        return part

    def peak_to_peak(self) -> Float32Array:
        """Return the peak-to-peak amplitude of the unwhitened templates on every channel.

        The first call reads all templates (some 100 ms for 400 templates on 384 channels) with
        about 10 MB of memory beside the result; later calls return the same read-only array.

        Returns
        -------
        float32 array, (n_templates, n_channels)
            In the sorter's unit.
        """
        return self._surveyed().peak_to_peak

    def find_bad_templates(self) -> Int64Array:
        """Return the ids of the templates with values that count as 0 (see above); int64, (n,)."""
        return self._surveyed().bad_templates

    def survey(self) -> None:
        """Measure all templates ahead, in a thread; an error is raised when they are asked for."""
        with suppress(Exception):
            self._surveyed()

    def _surveyed(self) -> _Survey:
        with self._lock:
            if self._survey is None:
                self._survey = self._make_survey()
            return self._survey

    def _make_survey(self) -> _Survey:
        peak_to_peak = np.zeros((self.n_templates, self.n_channels), np.float32)
        extremes = np.zeros(self.n_templates, np.int64)
        bad: list[int] = []
        for start, values in self._iterate() if self.n_samples and self.n_channels else ():
            is_bad = ~_is_sound(values).all(axis=(1, 2))
            if is_bad.any():
                bad += (start + np.flatnonzero(is_bad)).tolist()
                values = _finite(values.copy())
            stop = start + len(values)
            peak_to_peak[start:stop], extremes[start:stop] = self._measure(start, values)
        return _Survey(frozen(peak_to_peak), frozen(extremes), frozen(np.array(bad, np.int64)))

    def _measure(self, first: int, values: Float32Array) -> tuple[Float32Array, Int64Array]:
        """Return sizes and extreme samples of templates that follow one another."""
        # Many at once: each call of NumPy waits for Python's lock, while all else is imported.
        is_used: BoolArray = np.any(values, axis=1)
        dense = np.zeros((len(values), self.n_samples, self.n_channels), np.float32)
        for k, waveform in enumerate(dense):
            columns, channels = self._used_columns(first + k, values[k], is_used[k])
            if len(channels):
                self._unwhiten(columns, channels, waveform)
        sizes = dense.max(axis=1) - dense.min(axis=1)
        each = np.arange(len(dense))
        on_peak = dense[each, :, sizes.argmax(axis=1)]
        return sizes, np.abs(on_peak).argmax(axis=1)

    def _iterate(self) -> Iterator[tuple[int, Float32Array]]:
        """Give every template once, as C-ordered float32 pieces not to be written to."""
        n_chunk = max(1, CHUNK_BYTES // max(1, 4 * self.n_samples * self.n_channels))
        for start in range(0, self.n_templates, n_chunk):
            piece = self._waveforms[start : start + n_chunk]
            yield start, np.asarray(piece, np.float32, order="C")
            if start + n_chunk >= self.n_templates or self._waveforms.flags.c_contiguous:
                # In Fortran order every piece needs all pages again.
                _forget_pages(self._waveforms)

    def _used_columns(
        self, template_id: int, values: Float32Array, is_used: BoolArray
    ) -> tuple[Float32Array, Int64Array]:
        """Return the columns that are used, not zero, and their channels: most are zero."""
        if self._channel_ids is None:
            used = np.flatnonzero(is_used)
            return (values if len(used) == values.shape[1] else values[:, used]), used
        channels = self._channel_ids[template_id]
        used = np.flatnonzero(is_used & (channels >= 0) & (channels < self.n_channels))
        return values[:, used], channels[used].astype(np.int64)

    def _unwhiten(self, columns: Float32Array, channels: Int64Array, dense: Float32Array) -> None:
        """Write the dense form of some columns times the whole matrix; `dense` holds zeros.

        Zero channels add nothing to the product, so their rows of the matrix are left out.
        """
        if self._unwhitening is not None:
            np.matmul(columns, self._unwhitening[channels], out=dense)
        else:
            dense[:, channels] = columns


def _forget_pages(array: np.ndarray) -> None:
    """Give back the memory of a map's pages: they stay in the system's cache, not in ours."""
    mapped = array
    while isinstance(mapped.base, np.ndarray):
        mapped = mapped.base
    # Only of a map that cannot have been written to: its pages are the file's.
    if getattr(mapped, "mode", "") == "r" and isinstance(mapped.base, mmap.mmap):
        advise = getattr(mapped.base, "madvise", None)  # not on Windows
        if advise is not None:
            advise(mmap.MADV_DONTNEED)


def _is_sound(values: Float32Array) -> BoolArray:
    return np.abs(values) < _LARGEST  # False for NaN


def _finite(values: Float32Array) -> Float32Array:
    is_sound = _is_sound(values)
    if not is_sound.all():
        values[~is_sound] = 0
    return values


def _vote(samples: Int64Array, sizes: Float32Array, n_samples: int) -> int:
    """Return the sample that most templates agree on; see `TemplateStore.trough_sample`."""
    samples, sizes = samples[sizes > 0], sizes[sizes > 0]
    if len(samples) == 0:
        return n_samples // 2
    weights = np.minimum(1.0, sizes.astype(np.float64) / np.median(sizes))
    votes = np.bincount(samples, weights, minlength=n_samples)
    padded = np.pad(votes, 1)
    together = padded[:-2] + padded[1:-1] + padded[2:]
    # Of the samples with the best neighbourhood, those with most votes of their own.
    best = np.flatnonzero(np.isclose(together, together.max(), rtol=1e-9))
    best = best[np.isclose(votes[best], votes[best].max(), rtol=1e-9)]
    return int(best[np.abs(best - np.median(samples)).argmin()])
