"""Writes a Kilosort / phy export file by file; it computes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float32Array, Int32Array, Int64Array
from .cluster_files import file_of, table_text
from .dataset import Channels
from .npy_stream import NpyStream
from .tables import PropertyValue

# What params.py says under `exporter`: templates are in units of the raw file, and amplitudes in
# microvolts where the gain is known.
EXPORTER = "gtview"
UNIT_IDS = "si_unit_ids"
_UNIT_ID_COLUMN = "si_unit_id"


@dataclass(frozen=True, slots=True)
class RawLocation:
    """The raw file of an export.

    Attributes
    ----------
    path
        None: there is none.
    dtype, n_channels, offset_bytes
        Its layout.
    sample_rate_hz
        Samples a second.
    is_filtered
        Whether it is high-passed already.
    gains_uv
        Microvolts of one unit of each channel of the export; None: not known.
    """

    path: Path | None
    dtype: str
    n_channels: int
    offset_bytes: int
    sample_rate_hz: float
    is_filtered: bool
    gains_uv: tuple[float, ...] | None


def write_params(folder: Path, raw: RawLocation, version: str) -> None:
    """Write `params.py`.

    The raw file is named relative to the folder where it is in it, beside it, or in the generated
    dataset that the folder is a part of, so that they can be moved together; otherwise by its
    whole path.

    Parameters
    ----------
    folder
        The export.
    raw
        The raw file.
    version
        Of the program that writes.
    """
    values: dict[str, Any] = {
        "dat_path": "" if raw.path is None else path_from(folder, raw.path),
        "n_channels_dat": raw.n_channels,
        "dtype": raw.dtype,
        "offset": raw.offset_bytes,
        "sample_rate": float(raw.sample_rate_hz),
        "hp_filtered": raw.is_filtered,
        "exporter": f"{EXPORTER} {version}",
    }
    if raw.gains_uv:
        is_one = max(raw.gains_uv) == min(raw.gains_uv)
        values["gain_to_uv"] = raw.gains_uv[0] if is_one else list(raw.gains_uv)
    text = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    (folder / "params.py").write_text(text, encoding="utf-8")


def path_from(folder: Path, raw: Path) -> str:
    """Return how `params.py` in a folder names a raw file."""
    folder, raw = Path(os.path.abspath(folder)), Path(os.path.abspath(raw))
    # `<dataset>/sortings/<name>/phy` moves with its dataset.
    roots = [folder.parent, *(p.parent for p in folder.parents if p.name == "sortings")]
    if any(raw.is_relative_to(root) for root in roots):
        return Path(os.path.relpath(raw, folder)).as_posix()
    return str(raw)


def write_spikes(
    folder: Path, spike_samples: Int64Array, spike_templates: Int32Array, cluster_ids: Int32Array
) -> None:
    """Write times, templates and clusters.

    Parameters
    ----------
    folder
        The export.
    spike_samples : int64 array, (n_spikes,)
        Not decreasing.
    spike_templates : int32 array, (n_spikes,)
    cluster_ids : int32 array, (n_templates,)
        The cluster of each template.
    """
    _save(folder, "spike_times", spike_samples, np.int64)
    _save(folder, "spike_templates", spike_templates, np.int32)
    _save(folder, "spike_clusters", cluster_ids[spike_templates], np.int32)


def write_channels(folder: Path, channels: Channels) -> None:
    """Write channel map, positions, shanks, and a whitening that does nothing."""
    _save(folder, "channel_map", channels.raw_channels, np.int32)
    _save(folder, "channel_positions", channels.positions_um, np.float32)
    _save(folder, "channel_shanks", channels.shanks, np.int32)
    identity = np.eye(channels.n_channels)
    _save(folder, "whitening_mat", identity, np.float64)
    _save(folder, "whitening_mat_inv", identity, np.float64)


def write_templates(
    folder: Path,
    waveforms: Float32Array,
    channel_ids: Int32Array | None,
    similar: Float32Array,
) -> None:
    """Write templates and how alike they are.

    Parameters
    ----------
    folder
        The export.
    waveforms : float32 array, (n_templates, n_samples, n_columns)
        In units of the raw file.
    channel_ids : int32 array, (n_templates, n_columns), or None
        Channel of each column, -1: unused. None: column k is channel k.
    similar : float32 array, (n_templates, n_templates)
    """
    _save(folder, "templates", waveforms, np.float32)
    if channel_ids is not None:
        _save(folder, "template_ind", channel_ids, np.int32)
    _save(folder, "similar_templates", similar, np.float32)


class SpikeValueWriter:
    """Takes the values of spikes piece by piece; made by `writing_spike_values`."""

    def __init__(self, streams: Mapping[str, NpyStream]) -> None:
        self._streams = streams

    def append(self, values: Mapping[str, NDArray[Any]]) -> None:
        """Write the values of the spikes that follow, by the name of their file."""
        for name, stream in self._streams.items():
            stream.append(values[name])


@contextmanager
def writing_spike_values(
    folder: Path, n_spikes: int, shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[SpikeValueWriter]:
    """Write `<name>.npy` in float32 for each name, with one row of its shape for each spike.

    Raises
    ------
    OSError
        The folder cannot be written.
    ValueError
        At the end: rows are missing.
    """
    with ExitStack() as stack:
        yield SpikeValueWriter(
            {
                name: stack.enter_context(
                    NpyStream(folder / f"{name}.npy", (n_spikes, *shape), np.float32)
                )
                for name, shape in shapes.items()
            }
        )


def write_feature_channels(folder: Path, name: str, ids: Int32Array) -> None:
    """Write `<name>_ind.npy`: channels, or templates, of the columns of each template's rows."""
    _save(folder, f"{name}_ind", ids, np.int32)


def write_tables(folder: Path, columns: Mapping[str, Mapping[int, PropertyValue]]) -> None:
    """Write `cluster_<name>.tsv` for each property, its values by cluster id."""
    for name, values in columns.items():
        if name == UNIT_IDS:
            text = table_text(_UNIT_ID_COLUMN, values)
        else:
            text = table_text(name, values)
        (folder / file_of(name)).write_text(text, encoding="utf-8", newline="")


def choose_cluster_ids(unit_ids: Iterable[object]) -> Int32Array:
    """Return a cluster id for each unit: its own where it is a small number, else its place.

    phy makes tables as long as the largest id, so large ids are not kept.

    Returns
    -------
    int32 array, (n_units,)
    """
    own = [_as_id(unit) for unit in unit_ids]
    numbers = [number for number in own if number is not None]
    limit = max(999, 4 * len(own))
    is_kept = len(set(numbers)) == len(own) and max(numbers, default=0) <= limit
    return np.array(numbers if is_kept else range(len(own)), np.int32)


def _as_id(unit: object) -> int | None:
    """Return the number that a unit's id is, also when it is written as text."""
    text = str(unit)
    return int(text) if text.isascii() and text.isdigit() and text == str(int(text)) else None


def _save(folder: Path, name: str, array: NDArray[Any], dtype: Any) -> None:
    NpyStream.save(folder / f"{name}.npy", np.ascontiguousarray(array, dtype))
