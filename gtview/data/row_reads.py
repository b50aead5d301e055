"""Scattered rows of a table on disk, read in few pieces of bounded size.

Nearby rows come in one read: reading through a gap of 16 kB takes as long as one more read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Int64Array
from .positional import OpenedFile

MAX_GAP_BYTES = 1 << 14
MAX_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """Increasing rows, cut into pieces of which each is one read.

    Attributes
    ----------
    rows : int64 array, (n,)
        Increasing rows; a row may occur more than once.
    pieces
        (first position in `rows`, position after the last, whether exactly these rows are read).
    """

    rows: Int64Array
    pieces: list[tuple[int, int, bool]]


def plan_reads(rows: Int64Array, row_bytes: int) -> ReadPlan:
    """Cut increasing rows into reads.

    A read spans at most `MAX_READ_BYTES` (or one row), and no gap above `MAX_GAP_BYTES`.

    Parameters
    ----------
    rows : int64 array, (n,)
        Increasing rows, with repetitions or not.
    row_bytes
        Size of a row in the file.
    """
    if len(rows) == 0:
        return ReadPlan(rows, [])
    chunk_rows = max(1, MAX_READ_BYTES // row_bytes)
    step = np.diff(rows)
    # Cutting at multiples of the chunk bounds every read without looking at the one before.
    is_cut = (step * row_bytes > MAX_GAP_BYTES + row_bytes) | (np.diff(rows // chunk_rows) > 0)
    starts = np.concatenate(([0], np.flatnonzero(is_cut) + 1))
    stops = np.append(starts[1:], len(rows))
    irregular = np.concatenate(([0], np.cumsum(step != 1)))
    is_dense = irregular[starts] == irregular[stops - 1]
    pieces = list(zip(starts.tolist(), stops.tolist(), is_dense.tolist(), strict=True))
    return ReadPlan(rows, pieces)


class RowSource:
    """Rows of `n_values` numbers each, one after another from some place of an open file."""

    def __init__(self, file: OpenedFile, dtype: np.dtype, n_values: int) -> None:
        self._file = file
        self._dtype = dtype
        self._n_values = n_values
        self._buffer = np.empty((0, n_values), dtype)

    def read(self, plan: ReadPlan, offset_bytes: int, out: np.ndarray) -> None:
        """Read the planned rows into `out`, (len(plan.rows), n_values), of the file's type.

        Raises
        ------
        DatasetError
            The file cannot be read.
        """
        row_bytes = self._n_values * self._dtype.itemsize
        out_bytes = out.view(np.uint8).reshape(-1).data
        # Positions in Python: indexing an array for one number costs more than the read.
        firsts = plan.rows[[start for start, _, _ in plan.pieces]].tolist()
        for (start, stop, is_dense), first in zip(plan.pieces, firsts, strict=True):
            offset = offset_bytes + first * row_bytes
            if is_dense:
                self._file.read_into(out_bytes[start * row_bytes : stop * row_bytes], offset)
            else:
                self._gather(plan.rows[start:stop] - first, offset, out[start:stop])

    def _gather(self, rows: Int64Array, offset_bytes: int, out: np.ndarray) -> None:
        span = int(rows[-1]) + 1
        if len(self._buffer) < span:
            self._buffer = np.empty((span, self._n_values), self._dtype)
        piece = self._buffer[:span]
        self._file.read_into(piece.view(np.uint8).reshape(-1).data, offset_bytes)
        # "clip" writes straight into `out`; "raise" would go through a copy.
        np.take(piece, rows, axis=0, out=out, mode="clip")
