"""What the header of a .npy file says, without touching its values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.errors import DatasetError
from .positional import FileStamp, read_error


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """Layout of a .npy file.

    Attributes
    ----------
    stamp
        The file and its size.
    shape, dtype
        Of the array.
    is_fortran
        Whether the first axis varies fastest in the file, as MATLAB writes it.
    offset_bytes
        Place of the first value.
    """

    stamp: FileStamp
    shape: tuple[int, ...]
    dtype: np.dtype
    is_fortran: bool
    offset_bytes: int


def read_npy_header(path: Path) -> NpyHeader:
    """Read the header of a .npy file of plain numbers, and check that the values are all there.

    Raises
    ------
    DatasetError
        The file is missing, damaged, shorter than its header says, or holds no plain numbers.
    """
    stamp = FileStamp.of(path)
    try:
        header = _parse(stamp)
    except OSError as error:
        raise read_error(path, error) from error
    except Exception as error:
        # A damaged header raises nearly anything: ValueError, SyntaxError, OverflowError, ...
        raise DatasetError(f"The file {path.name} is not a readable .npy file.") from error
    if header.dtype.kind not in "biuf":
        raise DatasetError(f"The file {path.name} does not hold plain numbers.")
    n_bytes = math.prod(header.shape) * header.dtype.itemsize
    if stamp.size_bytes < header.offset_bytes + n_bytes:
        raise DatasetError(f"The file {path.name} is cut off: its last values are missing.")
    return header


def _parse(stamp: FileStamp) -> NpyHeader:
    npy = np.lib.format
    with stamp.path.open("rb") as file:
        version = npy.read_magic(file)
        if version == (1, 0):
            shape, is_fortran, dtype = npy.read_array_header_1_0(file)
        elif version == (2, 0):
            shape, is_fortran, dtype = npy.read_array_header_2_0(file)
        else:
            # Version 3 exists only for the names of structured arrays.
            raise ValueError(f"version {version}")
        return NpyHeader(stamp, tuple(shape), dtype, bool(is_fortran), file.tell())
