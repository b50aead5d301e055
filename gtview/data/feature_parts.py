"""Whether the files of an export that belong to one feature file fit together."""

from __future__ import annotations

from ..base.errors import DatasetError
from ..base.types import Int32Array, Int64Array
from .npy_header import NpyHeader


def check_parts(
    header: NpyHeader,
    channel_ids: Int32Array | None,
    spike_ids: Int64Array | None,
    n_spikes: int,
) -> None:
    """Check that a feature file holds features, and what its other files say of it.

    Raises
    ------
    DatasetError
        It does not; one sentence that says which part does not fit.
    """
    name, shape = header.stamp.path.name, header.shape
    if header.dtype.kind != "f" or len(shape) not in (2, 3):
        raise DatasetError(f"The file {name} does not hold features: {_layout(header)}.")
    n_expected = n_spikes if spike_ids is None else len(spike_ids)
    if shape[0] != n_expected:
        raise DatasetError(
            f"The file {name} has {shape[0]:,} rows, but {n_expected:,} spikes belong to it."
        )
    if channel_ids is not None and channel_ids.shape[-1] != shape[-1]:
        raise DatasetError(
            f"The file {name} has {shape[-1]} columns, "
            f"but its index file names {channel_ids.shape[-1]}."
        )


def _layout(header: NpyHeader) -> str:
    size = " x ".join(str(n) for n in header.shape) or "one number"
    return f"it has the shape {size} and the type {header.dtype}"
