"""Features on disk: rows of some spikes, read when asked for, never as a whole."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import DatasetError
from ..base.types import BoolArray, Float32Array, Int32Array, Int64Array
from .feature_parts import check_parts
from .feature_sample import KEPT_PCS, FeatureSample, KeptSample
from .npy_header import NpyHeader, read_npy_header
from .positional import OpenedFile
from .row_reads import RowSource, plan_reads
from .sorted_ids import SortedIds

if TYPE_CHECKING:
    from .feature_copy import FeatureCopy

_log = logging.getLogger(__name__)

# What a disk reads at least for one row somewhere.
_PAGE_BYTES = 4096

# Rows are staged in blocks of this size between the file and the result.
STAGING_BYTES = 1 << 21


class FeatureFile:
    """Features of the spikes on the channels, or the templates, near their template.

    Made by `open`. Holds the header and the spikes of the rows, no feature. Safe to use from
    several threads. Where a compact copy is attached, `read` takes from it what it holds nearer
    together: the same numbers, sooner.

    Attributes
    ----------
    path
        The .npy file.
    n_rows, n_local, n_pcs
        Rows, channels (templates) of a row, and components of each (1 for template features).
    channel_ids : int32 array, (n_templates, n_local), or None
        Which channel (template) each column of a spike's template is, -1 = none; None: column k
        is channel k.
    """

    def __init__(
        self,
        header: NpyHeader,
        channel_ids: Int32Array | None,
        spike_ids: Int64Array | None,
    ) -> None:
        shape = header.shape
        self.path: Path = header.stamp.path
        self.n_rows: int = shape[0]
        self.n_local: int = shape[-1]
        self.n_pcs: int = shape[1] if len(shape) == 3 else 1
        self.channel_ids = channel_ids
        self.header = header
        self._copy: FeatureCopy | None = None
        self._sample = KeptSample()
        self._spikes = None if spike_ids is None else SortedIds(spike_ids)

    @classmethod
    def open(
        cls,
        path: Path,
        channel_ids: Int32Array | None,
        spike_ids: Int64Array | None,
        n_spikes: int,
    ) -> FeatureFile:
        """Read the header of a feature file and check that its parts fit.

        Parameters
        ----------
        path
            A .npy file of floats, (n_rows, n_pcs, n_local) or (n_rows, n_local), in C or
            Fortran order.
        channel_ids : int32 array, (n_templates, n_local), or None
            See the class.
        spike_ids : integer array, (n_rows,), or None
            Spike of each row; None: row k belongs to spike k.
        n_spikes
            Number of spikes of the dataset.

        Raises
        ------
        DatasetError
            The file is missing or damaged, or the parts do not fit; one sentence that says which.
        """
        header = read_npy_header(path)
        check_parts(header, channel_ids, spike_ids, n_spikes)
        return cls(header, channel_ids, spike_ids)

    def rows_of(self, spike_ids: Int32Array | Int64Array) -> Int64Array:
        """Return the row of each spike, -1 where it has none.

        Parameters
        ----------
        spike_ids : integer array, (n,)

        Returns
        -------
        int64 array, (n,)
        """
        spike_ids = np.asarray(spike_ids, np.int64)
        if self._spikes is not None:
            return self._spikes.positions_of(spike_ids)
        return np.where((spike_ids >= 0) & (spike_ids < self.n_rows), spike_ids, -1)

    def read(
        self,
        spike_ids: Int32Array | Int64Array,
        *,
        local_channels: Sequence[int] | None = None,
        pcs: Sequence[int] | None = None,
    ) -> tuple[Float32Array, BoolArray]:
        """Read the features of some spikes, in any order, with repetitions or not.

        Takes the memory of the result and about 6 MB more, whatever the size of the file.
        Choosing columns saves reading in a Fortran-ordered file, and memory in every file.

        Parameters
        ----------
        spike_ids : integer array, (n,)
        local_channels, pcs
            Columns and components to return; None: all.

        Returns
        -------
        values : float32 array, (n_present, n_local, n_pcs)
            Features of the spikes that have a row, in the order asked, in the sorter's unit.
        has : bool array, (n,)
            Which of the spikes have a row.

        Raises
        ------
        DatasetError
            The file is gone, has changed, or the disk refuses it.
        """
        spike_ids = np.asarray(spike_ids, np.int64)
        rows = self.rows_of(spike_ids)
        has = rows >= 0
        rows = rows[has]
        local = np.arange(self.n_local)[slice(None) if local_channels is None else local_channels]
        components = np.arange(self.n_pcs)[slice(None) if pcs is None else pcs]
        values = np.empty((len(rows), len(local), len(components)), np.float32)
        flat = values.reshape(len(rows), len(local) * len(components))
        if values.size and not self._read_copy(spike_ids, has, local, components, flat):
            self._read_blocks(rows, self._columns(local, components), flat)
        return values, has

    def read_rows(self, start: int, stop: int) -> Float32Array:
        """Read rows that follow one another, as they are in the file, never in the copy.

        Returns
        -------
        float32 array, (stop - start, n_local, n_pcs)

        Raises
        ------
        DatasetError
            As for `read`.
        """
        values = np.empty((stop - start, self.n_local, self.n_pcs), np.float32)
        if values.size:
            columns = self._columns(np.arange(self.n_local), np.arange(self.n_pcs))
            self._read_blocks(np.arange(start, stop), columns, values.reshape(len(values), -1))
        return values

    def spikes_of_rows(self) -> Int32Array | Int64Array:
        """Return the spike of each row; integers, (n_rows,).

        Raises
        ------
        ValueError
            Spikes do not increase with the row (`has_increasing_spikes`).
        """
        if not self.has_increasing_spikes:
            raise ValueError("the spikes of the rows are in no order")
        if self._spikes is None:
            return np.arange(self.n_rows, dtype=np.int32)
        return self._spikes.ids

    @property
    def has_all_spikes(self) -> bool:
        """Whether every spike of the dataset has a row."""
        return self._spikes is None

    @property
    def has_increasing_spikes(self) -> bool:
        """Whether each row belongs to a later spike than the row before."""
        return self._spikes is None or self._spikes.is_increasing

    # The copy ------------------------------------------------------------------------------

    @property
    def copy(self) -> FeatureCopy | None:
        """The compact copy in use."""
        return self._copy

    def attach(self, copy: FeatureCopy | None) -> None:
        """Read from a compact copy of this file from now on; None: from the file itself."""
        self._copy = copy

    def sample(self, n_pcs: int, spike_templates: Int32Array) -> FeatureSample | None:
        """Return every n-th row, in memory from the first time on; None: there is no copy of it.

        Parameters
        ----------
        n_pcs
            The first components, at most `KEPT_PCS`.
        spike_templates : int32 array, (n_spikes,)
        """
        is_kept = n_pcs <= min(self.n_pcs, KEPT_PCS)
        if self._copy is None or not self.has_all_spikes or not is_kept:
            return None
        try:
            return self._sample.of(self._copy, self.n_local, self.n_pcs, spike_templates)
        except DatasetError as error:
            self._give_up_copy(error)
            return None

    def _give_up_copy(self, error: DatasetError) -> None:
        _log.warning("the copy of %s is not used any more: %s", self.path.name, error)
        self._copy = None

    def _read_copy(
        self,
        spike_ids: Int64Array,
        has: BoolArray,
        local: Int64Array,
        components: Int64Array,
        out: Float32Array,
    ) -> bool:
        """Read from the copy where that is less to read; whether it was."""
        copy = self._copy
        if copy is None:
            return False
        plan = copy.plan(spike_ids if has.all() else spike_ids[has])
        columns = (components[None, :] + self.n_pcs * local[:, None]).ravel()
        n_pages = len(columns) if self.header.is_fortran else 1
        if copy.cost_bytes(plan, len(columns)) > len(out) * n_pages * _PAGE_BYTES:
            return False
        try:
            copy.read(plan, columns, out)
        except DatasetError as error:
            self._give_up_copy(error)
            return False
        return True

    # The file ------------------------------------------------------------------------------

    def _columns(self, local: Int64Array, components: Int64Array) -> Int64Array:
        """Return the place of each wanted number within a row of the file, as it is ordered."""
        if self.header.is_fortran:
            return (components[None, :] + self.n_pcs * local[:, None]).ravel()
        return (components[None, :] * self.n_local + local[:, None]).ravel()

    def _read_blocks(self, rows: Int64Array, columns: Int64Array, out: Float32Array) -> None:
        """Read rows block by block of increasing rows, so that staging stays small."""
        read = self._read_by_column if self.header.is_fortran else self._read_by_row
        order = np.argsort(rows, kind="stable")
        row_bytes = self.n_local * self.n_pcs * self.header.dtype.itemsize
        block = max(1, STAGING_BYTES // row_bytes)
        with OpenedFile(self.header.stamp) as file:
            for start in range(0, len(rows), block):
                where = order[start : start + block]
                out[where] = read(file, rows[where], columns)

    def _read_by_row(self, file: OpenedFile, rows: Int64Array, columns: Int64Array) -> np.ndarray:
        n_values = self.n_local * self.n_pcs
        dtype = self.header.dtype
        staged = np.empty((len(rows), n_values), dtype)
        plan = plan_reads(rows, n_values * dtype.itemsize)
        RowSource(file, dtype, n_values).read(plan, self.header.offset_bytes, staged)
        return staged.take(columns, axis=1)

    def _read_by_column(
        self, file: OpenedFile, rows: Int64Array, columns: Int64Array
    ) -> np.ndarray:
        dtype = self.header.dtype
        staged = np.empty((len(columns), len(rows)), dtype)
        plan = plan_reads(rows, dtype.itemsize)
        source = RowSource(file, dtype, 1)
        for k, column in enumerate(columns.tolist()):
            offset = self.header.offset_bytes + column * self.n_rows * dtype.itemsize
            source.read(plan, offset, staged[k][:, None])
        return staged.T
