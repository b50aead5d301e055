"""An .npy file whose rows come one after another: none of it is kept in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class NpyStream:
    """Writes an .npy file of a known shape block by block; use it in a `with` block.

    Parameters
    ----------
    path
        The file; one that exists is replaced.
    shape
        Of the whole array.
    dtype
        Of its values.

    Raises
    ------
    OSError
        The file cannot be written.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: Any) -> None:
        self._shape, self._dtype = shape, np.dtype(dtype)
        self._n_written = 0
        self._file = path.open("wb")
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": shape,
        }
        np.lib.format.write_array_header_1_0(self._file, header)

    def append(self, rows: NDArray[Any]) -> None:
        """Write the rows that follow.

        Raises
        ------
        ValueError
            They are of another shape, or too many.
        OSError
            The disk is full, or gone.
        """
        if rows.shape[1:] != self._shape[1:] or self._n_written + len(rows) > self._shape[0]:
            raise ValueError(f"rows of shape {rows.shape} do not fit into {self._shape}")
        if rows.size:
            self._file.write(np.ascontiguousarray(rows, self._dtype).data.cast("B"))
        self._n_written += len(rows)

    @staticmethod
    def save(path: Path, values: NDArray[Any]) -> None:
        """Write a whole array in C order; unlike `np.save` it notices when the disk is full.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        with NpyStream(path, values.shape, values.dtype) as stream:
            stream.append(values)

    def __enter__(self) -> NpyStream:
        return self

    def __exit__(self, kind: object, *_details: object) -> None:
        self._file.close()
        if kind is None and self._n_written != self._shape[0]:
            raise ValueError(f"{self._n_written} of {self._shape[0]} rows were written")
