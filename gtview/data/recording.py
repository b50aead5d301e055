"""The raw recording: one or several flat files, read in pieces, never mapped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..base.errors import DatasetError
from ..base.types import BoolArray, Float32Array, IntArray
from .recording_files import (
    RawPart,
    RawReader,
    Selector,
    has_rest,
    open_flat_part,
    open_npy_part,
    parse_value_type,
)


class RawRecording:
    """Samples of a raw recording in the file's own unit. Made by `open`; safe to use from threads.

    Attributes
    ----------
    paths
        The files, in order of time.
    dtype
        Type of a value in the files.
    n_samples, n_channels
        Samples of all files together, and columns.
    sample_rate_hz, duration_s
    is_truncated
        Whether some file ends within a sample: it was cut off, or the number of channels is wrong.
    """

    def __init__(
        self, parts: Sequence[RawPart], dtype: np.dtype, n_channels: int, sample_rate_hz: float
    ) -> None:
        self.paths: tuple[Path, ...] = tuple(part.stamp.path for part in parts)
        self.dtype = dtype
        self.n_channels = n_channels
        self.sample_rate_hz = sample_rate_hz
        self.n_samples: int = parts[-1].stop_sample
        self.is_truncated: bool = any(has_rest(part, dtype, n_channels) for part in parts)
        self._parts = tuple(parts)

    @classmethod
    def open(
        cls,
        paths: Sequence[Path],
        dtype: np.dtype | str,
        n_channels: int,
        offset_bytes: int,
        sample_rate_hz: float,
    ) -> RawRecording:
        """Look at the files of a recording; reads no samples.

        Parameters
        ----------
        paths
            One or several files that follow each other: flat ones (.dat, .bin, .raw, ...), or
            .npy files of shape (n_samples, n_channels), whose own header counts.
        dtype
            Type of a value in the flat files.
        n_channels
            Columns of each file.
        offset_bytes
            Bytes before the first sample of every flat file.
        sample_rate_hz
            Samples a second.

        Raises
        ------
        DatasetError
            A file is missing or compressed, or the layout is impossible.
        """
        value_type = parse_value_type(dtype)
        if n_channels < 1 or offset_bytes < 0 or not sample_rate_hz > 0:
            raise DatasetError(
                "The raw recording cannot be opened: its number of channels, offset or sample "
                "rate makes no sense."
            )
        if not paths:
            raise DatasetError("The raw recording cannot be opened: no file is named.")
        parts: list[RawPart] = []
        for path in paths:
            first = parts[-1].stop_sample if parts else 0
            if path.suffix.lower() == ".npy":
                part, value_type = open_npy_part(path, n_channels, first, value_type, bool(parts))
            else:
                part = open_flat_part(path, value_type.itemsize * n_channels, offset_bytes, first)
            parts.append(part)
        return cls(parts, value_type, n_channels, sample_rate_hz)

    @property
    def duration_s(self) -> float:
        """Length of all files together, in seconds."""
        return self.n_samples / self.sample_rate_hz

    def read(
        self, start_sample: int, stop_sample: int, raw_channels: IntArray | None = None
    ) -> Float32Array:
        """Read the samples of an interval, clipped to the recording.

        Takes the memory of the result and about 4 MB more.

        Parameters
        ----------
        start_sample, stop_sample
            First sample, and the one after the last.
        raw_channels : integer array, (n_sel,), or None
            Columns of the file, in any order; None: all.

        Returns
        -------
        float32 array, (n, n_sel)
            In raw units; n is 0 where nothing exists.

        Raises
        ------
        DatasetError
            A file is gone, has changed, or the disk refuses it; or a channel does not exist.
        """
        selector, n_selected = self._select(raw_channels)
        start = min(max(start_sample, 0), self.n_samples)
        stop = min(max(stop_sample, start), self.n_samples)
        out = np.empty((stop - start, n_selected), np.float32)
        with RawReader(self._parts, self.dtype, self.n_channels) as reader:
            reader.read_into(out, start, selector)
        return out

    def read_snippets(
        self,
        spike_samples: IntArray,
        n_before: int,
        n_after: int,
        raw_channels: IntArray | None = None,
    ) -> tuple[Float32Array, BoolArray]:
        """Cut a piece around each of some samples.

        Parameters
        ----------
        spike_samples : integer array, (n,)
            In any order, also outside the recording.
        n_before, n_after
            Samples before each one, and from it on.
        raw_channels : integer array, (n_sel,), or None
            Columns of the file, in any order; None: all.

        Returns
        -------
        snippets : float32 array, (n, n_before + n_after, n_sel)
            In raw units; 0 at samples that do not exist. The spike is at index `n_before`.
        is_complete : bool array, (n,)
            Whether all samples of the snippet exist.

        Raises
        ------
        DatasetError
            As `read`.
        """
        selector, n_selected = self._select(raw_channels)
        length = n_before + n_after
        starts = np.asarray(spike_samples, np.int64) - n_before
        snippets = np.empty((len(starts), length, n_selected), np.float32)
        is_complete = (starts >= 0) & (starts + length <= self.n_samples)
        snippets[~is_complete] = 0
        # By increasing time: disks read forwards.
        order = np.argsort(starts, kind="stable")
        with RawReader(self._parts, self.dtype, self.n_channels) as reader:
            for k, start in zip(order.tolist(), starts[order].tolist(), strict=True):
                first = max(start, 0)
                stop = min(start + length, self.n_samples)
                if first < stop:
                    reader.read_into(snippets[k, first - start : stop - start], first, selector)
        return snippets, is_complete

    def _select(self, raw_channels: IntArray | None) -> tuple[Selector, int]:
        if raw_channels is None:
            return slice(0, self.n_channels), self.n_channels
        wanted = np.asarray(raw_channels)
        if len(wanted) == 0:
            return slice(0, 0), 0
        if wanted.min() < 0 or wanted.max() >= self.n_channels:
            raise DatasetError(
                f"The raw recording has {self.n_channels} channels; channel "
                f"{wanted.max() if wanted.max() >= self.n_channels else wanted.min()} "
                "does not exist in it."
            )
        first = int(wanted[0])
        if np.array_equal(wanted, np.arange(first, first + len(wanted))):
            return slice(first, first + len(wanted)), len(wanted)
        return wanted, len(wanted)
