"""The files of a raw recording: what each one holds, and reading them one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.errors import DatasetError
from ..base.types import Float32Array, IntArray
from .npy_header import read_npy_header
from .positional import FileStamp, OpenedFile

# A read of the file takes at most about this much memory beside its result.
CHUNK_BYTES = 1 << 22

# Columns of a block: a slice where they lie side by side, which is much faster.
Selector = slice | IntArray


@dataclass(frozen=True, slots=True)
class RawPart:
    """One file of a recording, and the samples that it holds.

    Attributes
    ----------
    stamp
        The file and its size.
    first_sample, n_samples
        Place in the recording.
    offset_bytes
        Place of the first value in the file.
    is_channel_major
        Channel after channel, as in a Fortran-ordered .npy file, not sample after sample.
    """

    stamp: FileStamp
    first_sample: int
    n_samples: int
    offset_bytes: int
    is_channel_major: bool

    @property
    def stop_sample(self) -> int:
        """Sample of the recording after the last one of the file."""
        return self.first_sample + self.n_samples


class RawReader:
    """The files of a recording for the time of one request, each opened when it is needed."""

    def __init__(self, parts: Sequence[RawPart], dtype: np.dtype, n_channels: int) -> None:
        self._parts = parts
        self._dtype = dtype
        self._n_channels = n_channels
        self._stack = ExitStack()
        self._opened: dict[Path, OpenedFile] = {}
        self._buffer = np.empty(0, np.uint8)

    def __enter__(self) -> RawReader:
        return self

    def __exit__(self, *_details: object) -> None:
        self._stack.close()

    def read_into(self, out: Float32Array, start: int, selector: Selector) -> None:
        """Fill `out`, float32, (n, n_sel), with the samples from `start` on, which must exist.

        Raises
        ------
        DatasetError
            A file is gone, has changed, or the disk refuses it.
        """
        chunk = max(1, CHUNK_BYTES // (self._n_channels * self._dtype.itemsize))
        for part, first, stop in self._overlaps(start, start + len(out)):
            for begin in range(first, stop, chunk):
                end = min(begin + chunk, stop)
                target = out[begin - start : end - start]
                if part.is_channel_major:
                    self._read_columns(part, begin, target, selector)
                else:
                    target[...] = _columns(self._read_block(part, begin, end), selector)

    def _overlaps(self, start: int, stop: int) -> Iterator[tuple[RawPart, int, int]]:
        for part in self._parts:
            first, last = max(start, part.first_sample), min(stop, part.stop_sample)
            if first < last:
                yield part, first, last

    def _read_block(self, part: RawPart, start: int, stop: int) -> NDArray[Any]:
        row_bytes = self._n_channels * self._dtype.itemsize
        place = part.offset_bytes + (start - part.first_sample) * row_bytes
        values = self._fetch(part, place, (stop - start) * self._n_channels)
        return values.reshape(-1, self._n_channels)

    def _read_columns(
        self, part: RawPart, start: int, out: Float32Array, selector: Selector
    ) -> None:
        channels = np.arange(self._n_channels)[selector].tolist()
        for k, channel in enumerate(channels):
            value = channel * part.n_samples + start - part.first_sample
            place = part.offset_bytes + value * self._dtype.itemsize
            out[:, k] = self._fetch(part, place, len(out))

    def _fetch(self, part: RawPart, offset_bytes: int, n_values: int) -> NDArray[Any]:
        """Read values into a buffer that the next call uses again."""
        n_bytes = n_values * self._dtype.itemsize
        if len(self._buffer) < n_bytes:
            self._buffer = np.empty(n_bytes, np.uint8)
        piece = self._buffer[:n_bytes]
        path = part.stamp.path
        if path not in self._opened:
            self._opened[path] = self._stack.enter_context(OpenedFile(part.stamp))
        self._opened[path].read_into(piece.data, offset_bytes)
        return piece.view(self._dtype)


def _columns(block: NDArray[Any], selector: Selector) -> NDArray[Any]:
    if isinstance(selector, slice):
        return block[:, selector]
    return block.take(selector, axis=1)  # 1.6 times as fast as block[:, selector]


def parse_value_type(dtype: np.dtype | str) -> np.dtype:
    """Return the type of the values of a recording; DatasetError when it is no number."""
    try:
        value_type = np.dtype(dtype)
    except TypeError as error:
        raise DatasetError(f"The type of the raw recording, {dtype!r}, is unknown.") from error
    if value_type.kind not in "iuf":
        raise DatasetError(f"The type of the raw recording, {dtype!r}, is not a number.")
    return value_type


def open_flat_part(path: Path, row_bytes: int, offset_bytes: int, first_sample: int) -> RawPart:
    """Look at a file without a header of its own; DatasetError when it cannot be used."""
    if path.suffix.lower() == ".cbin":
        raise DatasetError(f"The raw file {path.name} is compressed, which cannot be read yet.")
    stamp = FileStamp.of(path)
    n_samples = max(0, stamp.size_bytes - offset_bytes) // row_bytes
    return RawPart(stamp, first_sample, n_samples, offset_bytes, False)


def open_npy_part(
    path: Path, n_channels: int, first_sample: int, value_type: np.dtype, must_match: bool
) -> tuple[RawPart, np.dtype]:
    """Look at a .npy file, and return the type of its values too.

    With `must_match` the type must be the one of the files before. Raises DatasetError when the
    file cannot be used.
    """
    header = read_npy_header(path)
    shape = header.shape if len(header.shape) != 1 else (*header.shape, 1)
    if len(shape) != 2 or shape[1] != n_channels:
        raise DatasetError(
            f"The raw file {path.name} has the shape {header.shape}, "
            f"not (samples, {n_channels} channels)."
        )
    dtype = parse_value_type(header.dtype)
    if must_match and dtype != value_type:
        raise DatasetError("The files of the raw recording hold values of different types.")
    is_channel_major = header.is_fortran and n_channels > 1
    part = RawPart(header.stamp, first_sample, shape[0], header.offset_bytes, is_channel_major)
    return part, dtype


def has_rest(part: RawPart, dtype: np.dtype, n_channels: int) -> bool:
    """Return whether a file goes on after its last whole sample."""
    used = part.offset_bytes + part.n_samples * n_channels * dtype.itemsize
    return used != part.stamp.size_bytes
