"""A compact copy of a feature file, ordered by template; it knows no dataset and no cache folder.

In a sorter's file the features of a cluster are scattered over gigabytes. The copy holds the same
float32 numbers cut into segments: some spikes of one template, then one number after another for
all of them, each as one run:

    header | n_rows and template of every segment, checksums | segment | segment | ... | sample
    segment: spike ids, int32 (n,) | column 0, float32 (n,) | column 1 | ...
    sample: of every n-th row of the file, column 0, float32 (n_sampled,) | column 1 | ...

So what a view wants (two components on two channels of a cluster) is a few runs of the file. Each
run has a checksum: a damaged copy is noticed, never shown.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from .feature_copy_layout import (
    VALUE_BYTES,
    CopyLayout,
    DamagedCopyError,
    spike_keys,
    unpack_header,
)
from .positional import FileStamp, OpenedFile


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
        of_sample: np.ndarray,
        spike_templates: Int32Array,
    ) -> None:
        self.path = stamp.path
        self.label = layout.label
        self._stamp = stamp
        self._sample = (layout.sample_offset, layout.n_sampled, of_sample)
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
                layout, checksums, of_sample = unpack_header(file, stamp.size_bytes)
        except (ValueError, TypeError, UnicodeDecodeError) as error:
            raise DamagedCopyError("The copy of the features has no readable header.") from error
        if layout.label.key != key or layout.total_bytes != stamp.size_bytes:
            raise DamagedCopyError("The copy of the features is cut off, or of another file.")
        return cls(stamp, layout, checksums, of_sample, spike_templates)

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
        return plan.n_rows * (1 + n_columns) * VALUE_BYTES

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

    def read_sample(self, columns: Int64Array) -> Float32Array:
        """Read columns of every `label.sample_step`-th row.

        Parameters
        ----------
        columns : int64 array, (n_columns,)
            As in `read`.

        Returns
        -------
        float32 array, (n_columns, n_sampled)

        Raises
        ------
        DamagedCopyError, DatasetError
            As for `read`.
        """
        offset, n_sampled, checksums = self._sample
        values = np.empty((len(columns), n_sampled), "<f4")
        with OpenedFile(self._stamp) as file:
            for run, column in zip(values, columns.tolist(), strict=True):
                place = offset + column * n_sampled * VALUE_BYTES
                _read_checked(file, run, place, checksums[column])
        return values

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
        place = self._offsets[segment] + run * n_rows * VALUE_BYTES
        _read_checked(file, values, place, self._checksums[segment, run])
        return values


def _read_checked(file: OpenedFile, values: np.ndarray, offset: int, checksum: int) -> None:
    memory = values.view(np.uint8).data
    file.read_into(memory, offset)
    if zlib.crc32(memory) != checksum:
        raise DamagedCopyError("The copy of the features is damaged.")


def _between(cuts: list[int], n: int) -> Iterator[tuple[int, int]]:
    if n:
        yield from zip([0, *cuts], [*cuts, n], strict=True)
