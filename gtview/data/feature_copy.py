"""A compact copy of a feature file, ordered by template; it knows no dataset and no cache folder.

In a sorter's file the features of a cluster are scattered over gigabytes. The copy holds the same
float32 numbers cut into segments: some spikes of one template, then one number after another for
all of them, each as one run:

    header | n_rows and template of every segment, checksums | segment | segment | ...
    segment: spike ids, int32 (n,) | column 0, float32 (n,) | column 1 | ...

So what a view wants (two components on two channels of a cluster) is a few runs of the file. Each
run has a checksum: a damaged copy is noticed, never shown.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Float32Array, Int32Array, Int64Array
from .positional import FileStamp, OpenedFile

MAGIC = b"GTVFEAT1"
_START = struct.Struct("<8sIIQ")
_ALIGNMENT = 4096
_VALUE_BYTES = 4
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
    """

    key: str
    source: str
    n_columns: int


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
        used = _START.size + len(self._label_text()) + n_tables
        return math.ceil(used / _ALIGNMENT) * _ALIGNMENT

    @property
    def total_bytes(self) -> int:
        """Size of the whole file."""
        n_values = int(self.segments.n_rows.sum()) * self.n_runs
        return self.header_bytes + n_values * _VALUE_BYTES

    def offsets(self) -> Int64Array:
        """Return the place of each segment in the file; int64, (n_segments,), bytes."""
        sizes = self.segments.n_rows * (self.n_runs * _VALUE_BYTES)
        return self.header_bytes + np.cumsum(sizes) - sizes

    def pack(self, checksums: np.ndarray) -> bytes:
        """Return the header, with the checksum of each run; uint32, (n_segments, n_runs)."""
        s = self.segments
        tables = np.stack([s.template_ids, s.n_rows, s.first_spikes]).astype("<i8").tobytes()
        body = self._label_text() + tables + checksums.astype("<u4").tobytes()
        start = _START.pack(MAGIC, len(self._label_text()), zlib.crc32(body), len(s))
        return (start + body).ljust(self.header_bytes, b"\0")

    def _label_text(self) -> bytes:
        return json.dumps(asdict(self.label)).encode()


def _unpack(file: OpenedFile, size_bytes: int) -> tuple[CopyLayout, np.ndarray]:
    start = bytearray(_START.size)
    file.read_into(memoryview(start), 0)
    magic, n_text, checksum, n_segments = _START.unpack(start)
    if magic != MAGIC or n_text + n_segments * 28 > size_bytes:
        raise DamagedCopyError("The copy of the features has no readable header.")
    text = bytearray(n_text)
    file.read_into(memoryview(text), _START.size)
    label = CopyLabel(**json.loads(bytes(text)))
    rest = bytearray(n_segments * (3 * 8 + (1 + label.n_columns) * 4))
    file.read_into(memoryview(rest), _START.size + n_text)
    if zlib.crc32(text + rest) != checksum:
        raise DamagedCopyError("The header of the copy of the features is damaged.")
    tables = np.frombuffer(rest, "<i8", 3 * n_segments).reshape(3, n_segments).astype(np.int64)
    checksums = np.frombuffer(rest, "<u4", offset=tables.nbytes).astype(np.uint32)
    layout = CopyLayout(label, Segments(*tables))
    return layout, checksums.reshape(n_segments, layout.n_runs)


@dataclass(frozen=True, slots=True, eq=False)
class CopyPlan:
    """Which segments hold some spikes.

    Attributes
    ----------
    parts
        Segment, the spikes wanted of it (int64, increasing), and their places in the request.
    n_rows
        Rows of these segments together: what reading one column costs.
    """

    parts: tuple[tuple[int, Int64Array, slice | Int64Array], ...]
    n_rows: int


class FeatureCopy:
    """Reads features from a copy. Made by `open`; safe to use from several threads."""

    def __init__(
        self,
        stamp: FileStamp,
        layout: CopyLayout,
        checksums: np.ndarray,
        spike_templates: Int32Array,
    ) -> None:
        self.path = stamp.path
        self.label = layout.label
        self._stamp = stamp
        self._n_rows = layout.segments.n_rows.tolist()
        self._keys = layout.segments.keys()
        self._offsets = layout.offsets().tolist()
        self._checksums = checksums
        self._templates = spike_templates

    @classmethod
    def open(cls, path: Path, key: str, spike_templates: Int32Array) -> FeatureCopy:
        """Read the header of a copy.

        Parameters
        ----------
        path
            The file of the copy.
        key
            Fingerprint of the file that it should be a copy of.
        spike_templates : int32 array, (n_spikes,)
            Template of each spike.

        Raises
        ------
        DamagedCopyError
            It is damaged, or a copy of something else.
        DatasetError
            It is missing, or cannot be read.
        """
        stamp = FileStamp.of(path)
        try:
            with OpenedFile(stamp) as file:
                layout, checksums = _unpack(file, stamp.size_bytes)
        except (ValueError, TypeError, UnicodeDecodeError) as error:
            raise DamagedCopyError("The copy of the features has no readable header.") from error
        if layout.label.key != key or layout.total_bytes != stamp.size_bytes:
            raise DamagedCopyError("The copy of the features is cut off, or of another file.")
        return cls(stamp, layout, checksums, spike_templates)

    def plan(self, spike_ids: Int64Array) -> CopyPlan:
        """Find the segments of some spikes that have features; int64, (n,), in any order."""
        keys = spike_keys(self._templates[spike_ids], spike_ids)
        order = None if bool((keys[1:] >= keys[:-1]).all()) else np.argsort(keys, kind="stable")
        owners = np.searchsorted(self._keys, keys if order is None else keys[order], "right") - 1
        cuts = np.flatnonzero(np.diff(owners)) + 1
        parts = []
        for start, stop in _between(cuts.tolist(), len(keys)):
            where = slice(start, stop) if order is None else order[start:stop]
            parts.append((int(owners[start]), spike_ids[where], where))
        n_rows = sum(self._n_rows[segment] for segment, _, _ in parts)
        return CopyPlan(tuple(parts), n_rows)

    def cost_bytes(self, plan: CopyPlan, n_columns: int) -> int:
        """Return how much is read for a plan."""
        return plan.n_rows * (1 + n_columns) * _VALUE_BYTES

    def read(self, plan: CopyPlan, columns: Int64Array, out: Float32Array) -> None:
        """Read columns of the planned spikes; exactly what the copied file holds.

        Parameters
        ----------
        plan
            Made by `plan`.
        columns : int64 array, (n_columns,)
            Channel times the number of components, plus component.
        out : float32 array, (n_spikes, n_columns)
            Filled.

        Raises
        ------
        DamagedCopyError
            Bytes are not those that were written, or a spike is not where it should be.
        DatasetError
            The copy is gone, or the disk refuses it.
        """
        with OpenedFile(self._stamp) as file:
            for segment, wanted, where in plan.parts:
                places = self._places(file, segment, wanted)
                for k, column in enumerate(columns.tolist()):
                    run = self._run(file, segment, 1 + column, np.dtype("<f4"))
                    out[where, k] = run if places is None else run[places]

    def _places(self, file: OpenedFile, segment: int, wanted: Int64Array) -> Int64Array | None:
        """Return where spikes are in a segment; None: they are all of it."""
        ids = self._run(file, segment, 0, np.dtype("<i4")) if segment >= 0 else np.empty(0)
        if len(ids) == len(wanted) and np.array_equal(ids, wanted):
            return None
        places = np.searchsorted(ids, wanted)
        if not len(ids) or not np.array_equal(ids.take(places, mode="clip"), wanted):
            raise DamagedCopyError("The copy of the features lacks spikes.")
        return places

    def _run(self, file: OpenedFile, segment: int, run: int, dtype: np.dtype) -> np.ndarray:
        n_rows = self._n_rows[segment]
        values = np.empty(n_rows, dtype)
        memory = values.view(np.uint8).data
        file.read_into(memory, self._offsets[segment] + run * n_rows * _VALUE_BYTES)
        if zlib.crc32(memory) != self._checksums[segment, run]:
            raise DamagedCopyError("The copy of the features is damaged.")
        return values


def _between(cuts: list[int], n: int) -> Iterator[tuple[int, int]]:
    if n:
        yield from zip([0, *cuts], [*cuts, n], strict=True)
