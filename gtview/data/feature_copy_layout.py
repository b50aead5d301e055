"""How the file of a compact copy of features is laid out, and its header."""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import asdict, dataclass

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Int32Array, Int64Array
from .positional import OpenedFile

MAGIC = b"GTVFEAT1"
_START = struct.Struct("<8sIIQ")
_ALIGNMENT = 4096
VALUE_BYTES = 4
# Larger than any spike id, smaller than what a template id leaves free in 64 bits.
_TEMPLATE_STRIDE = 1 << 40


class DamagedCopyError(DatasetError):
    """A copy that is cut off, of another file, or holds other bytes than were written."""


@dataclass(frozen=True, slots=True)
class CopyLabel:
    """What a copy is of.

    Attributes
    ----------
    key
        Fingerprint of the file that was copied.
    source
        Its path, for a person who looks.
    n_columns
        Numbers of each spike: components of the first channel, then of the second, ...
    sample_step
        Every so many rows one is in the sample; 0: there is none.
    """

    key: str
    source: str
    n_columns: int
    sample_step: int


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """How the rows are cut.

    Attributes
    ----------
    template_ids, n_rows, first_spikes : int64 arrays, (n_segments,)
        Template, number of spikes, and lowest spike id of each; by template, then by spike.
    """

    template_ids: Int64Array
    n_rows: Int64Array
    first_spikes: Int64Array

    def __len__(self) -> int:
        return len(self.n_rows)

    def keys(self) -> Int64Array:
        """Return one increasing number a segment: that of its first spike."""
        return spike_keys(self.template_ids, self.first_spikes)


def spike_keys(template_ids: Int64Array | Int32Array, spike_ids: Int64Array) -> Int64Array:
    """Return numbers that sort spikes by template, then by id."""
    return np.asarray(template_ids, np.int64) * _TEMPLATE_STRIDE + spike_ids


@dataclass(frozen=True, slots=True, eq=False)
class CopyLayout:
    """Where everything lies in the file of a copy."""

    label: CopyLabel
    segments: Segments

    @property
    def n_runs(self) -> int:
        """Runs of each segment: the spike ids, and the columns."""
        return 1 + self.label.n_columns

    @property
    def header_bytes(self) -> int:
        """Size of all that comes before the first segment."""
        n_tables = len(self.segments) * (3 * 8 + self.n_runs * 4)
        used = _START.size + len(self._label_text()) + n_tables + 4 * self.label.n_columns
        return math.ceil(used / _ALIGNMENT) * _ALIGNMENT

    @property
    def total_bytes(self) -> int:
        """Size of the whole file."""
        return self.sample_offset + self.n_sampled * self.label.n_columns * VALUE_BYTES

    @property
    def n_sampled(self) -> int:
        """Rows of the sample."""
        step = self.label.sample_step
        return -(-int(self.segments.n_rows.sum()) // step) if step else 0

    @property
    def sample_offset(self) -> int:
        """Place of the sample in the file, bytes."""
        n_values = int(self.segments.n_rows.sum()) * self.n_runs
        return self.header_bytes + n_values * VALUE_BYTES

    def offsets(self) -> Int64Array:
        """Return the place of each segment in the file; int64, (n_segments,), bytes."""
        sizes = self.segments.n_rows * (self.n_runs * VALUE_BYTES)
        return self.header_bytes + np.cumsum(sizes) - sizes

    def pack(self, checksums: np.ndarray, of_sample: np.ndarray) -> bytes:
        """Return the header.

        Parameters
        ----------
        checksums : uint32 array, (n_segments, n_runs)
            Of the runs.
        of_sample : uint32 array, (n_columns,)
            Of the columns of the sample.
        """
        s = self.segments
        tables = np.stack([s.template_ids, s.n_rows, s.first_spikes]).astype("<i8").tobytes()
        sums = np.concatenate([checksums.ravel(), of_sample]).astype("<u4").tobytes()
        body = self._label_text() + tables + sums
        start = _START.pack(MAGIC, len(self._label_text()), zlib.crc32(body), len(s))
        return (start + body).ljust(self.header_bytes, b"\0")

    def _label_text(self) -> bytes:
        return json.dumps(asdict(self.label)).encode()


def unpack_header(file: OpenedFile, size_bytes: int) -> tuple[CopyLayout, np.ndarray, np.ndarray]:
    """Read what `CopyLayout.pack` wrote: the layout, and the checksums of runs and sample.

    Raises
    ------
    DamagedCopyError
        It is something else.
    """
    start = bytearray(_START.size)
    file.read_into(memoryview(start), 0)
    magic, n_text, checksum, n_segments = _START.unpack(start)
    if magic != MAGIC or n_text + n_segments * 28 > size_bytes:
        raise DamagedCopyError("The copy of the features has no readable header.")
    text = bytearray(n_text)
    file.read_into(memoryview(text), _START.size)
    label = CopyLabel(**json.loads(bytes(text)))
    rest = bytearray(n_segments * (3 * 8 + (1 + label.n_columns) * 4) + 4 * label.n_columns)
    file.read_into(memoryview(rest), _START.size + n_text)
    if zlib.crc32(text + rest) != checksum:
        raise DamagedCopyError("The header of the copy of the features is damaged.")
    tables = np.frombuffer(rest, "<i8", 3 * n_segments).reshape(3, n_segments).astype(np.int64)
    checksums = np.frombuffer(rest, "<u4", offset=tables.nbytes).astype(np.uint32)
    layout = CopyLayout(label, Segments(*tables))
    of_runs, of_sample = np.split(checksums, [n_segments * layout.n_runs])
    return layout, of_runs.reshape(n_segments, layout.n_runs), of_sample
