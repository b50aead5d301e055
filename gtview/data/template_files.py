"""The files of an export with a row for each template, and the features that refer to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Float32Array, Int32Array, Int64Array, frozen
from .arrays import AnyArray, ArrayError, native, open_array, read_integers, read_table
from .diagnostics import DiagnosticLog
from .features import FeatureFile

_NO_TEMPLATES = "Templates are not shown; channels come from the features or the raw file."


@dataclass(frozen=True, slots=True, eq=False)
class TemplateArrays:
    """Templates as the files have them.

    `waveforms` is (n_templates, n_samples, n_local); `channel_ids` is int32,
    (n_templates, n_local), -1 = unused, or None when column k is channel k.
    """

    waveforms: AnyArray
    channel_ids: Int32Array | None

    def extended(self, n_templates: int) -> TemplateArrays:
        """Return the same with empty templates added up to a number."""
        if n_templates <= len(self.waveforms):
            return self
        ids = self.channel_ids
        return TemplateArrays(
            extend_rows(self.waveforms, n_templates, 0),
            None if ids is None else extend_rows(ids, n_templates, -1),
        )


def extend_rows(array: AnyArray, n_rows: int, fill: int) -> AnyArray:
    """Return a copy with rows of one value added up to a number."""
    result = np.full((n_rows, *array.shape[1:]), fill, array.dtype)
    result[: len(array)] = array
    return frozen(result)


def read_templates(folder: Path, n_channels: int, log: DiagnosticLog) -> TemplateArrays | None:
    """Map `templates.npy` and find the channel of each of its columns.

    `template_ind.npy` counts; `templates_ind.npy` (Kilosort) where it is not simply 0 .. n - 1 in
    every row. None and told where the templates cannot be used.
    """
    path = folder / "templates.npy"
    if not path.exists():
        log.info(path.name, "The file is missing.", _NO_TEMPLATES)
        return None
    try:
        waveforms = native(open_array(path))
    except ArrayError as error:
        log.error(path.name, str(error), _NO_TEMPLATES)
        return None
    if waveforms.ndim == 2:
        # Some programs squeeze the array of a sorting with one template.
        waveforms = waveforms[None]
    if waveforms.ndim != 3 or 0 in waveforms.shape:
        message = f"Its shape is {waveforms.shape}, not (templates, samples, channels)."
        log.error(path.name, message, _NO_TEMPLATES)
        return None
    n_templates, _, n_local = waveforms.shape
    channel_ids = _read_template_channels(folder, (n_templates, n_local), n_channels, log)
    if channel_ids is None and n_local != n_channels:
        message = f"It has {n_local} channels, and channel_map.npy has {n_channels}."
        log.error(path.name, message, _NO_TEMPLATES)
        return None
    return TemplateArrays(waveforms, channel_ids)


def _read_template_channels(
    folder: Path, shape: tuple[int, int], n_channels: int, log: DiagnosticLog
) -> Int32Array | None:
    for name in ("template_ind.npy", "templates_ind.npy"):
        ids = read_id_table(folder / name, shape[1], n_channels, log)
        if ids is None:
            continue
        if len(ids) != shape[0]:
            _tell_rows(name, len(ids), shape[0], log)
            continue
        is_dense = shape[1] == n_channels and bool((ids == np.arange(n_channels)).all())
        return None if is_dense else ids
    return None


def _tell_rows(name: str, n_rows: int, n_templates: int, log: DiagnosticLog) -> None:
    log.warning(name, f"{n_rows} rows for {n_templates} templates.", "It was left out.")


def read_id_table(path: Path, n_columns: int, n_ids: int, log: DiagnosticLog) -> Int32Array | None:
    """Read which channel (or template) each column of each template is.

    Parameters
    ----------
    path
        A file of integers or floats, (n_templates, n_columns).
    n_columns
        Columns that it must have.
    n_ids
        Ids from 0 to n_ids - 1 count; others mean "unused".
    log
        Told where the file cannot be used.

    Returns
    -------
    int32 array, (n_templates, n_columns), or None
        -1 where a column is unused.
    """
    if not path.exists():
        return None
    try:
        table = read_table(path, np.float64)
    except ArrayError as error:
        log.warning(path.name, str(error), "It was left out.")
        return None
    if table.ndim < 2:
        # One template, or one column: some programs squeeze the array.
        table = table.reshape(-1, n_columns) if table.size % max(n_columns, 1) == 0 else table
    if table.ndim != 2 or table.shape[1] != n_columns:
        message = f"Its shape is {table.shape}, but {n_columns} columns were expected."
        log.warning(path.name, message, "It was left out.")
        return None
    with np.errstate(invalid="ignore"):
        is_used = (table >= 0) & (table < n_ids) & (table == np.rint(table))
    return frozen(np.where(is_used, table, -1).astype(np.int32))


def read_similar_templates(
    folder: Path, n_file: int, n_templates: int, log: DiagnosticLog
) -> Float32Array | None:
    """Read `similar_templates.npy`, float32, (n_templates, n_templates).

    Parameters
    ----------
    folder
        Folder of an export.
    n_file, n_templates
        Templates in the files, and with the empty ones that were added.
    log
        Told where the file cannot be used.
    """
    path = folder / "similar_templates.npy"
    meaning = "Similarity is computed from the templates."
    if not path.exists():
        return None
    try:
        array = open_array(path)
    except ArrayError as error:
        log.warning(path.name, str(error), meaning)
        return None
    if array.size == n_file == 1:
        array = array.reshape(1, 1)
    if array.shape != (n_file, n_file):
        expected = f"({n_file}, {n_file}), one row and column for each template"
        log.warning(path.name, f"Its shape is {array.shape}, not {expected}.", meaning)
        return None
    similar: Float32Array = np.array(array, np.float32, order="C")
    if not np.isfinite(similar).all():
        log.warning(path.name, "It holds values that are not numbers.", "They count as 0.")
        similar = np.nan_to_num(similar, nan=0.0, posinf=0.0, neginf=0.0)
    if not similar.any():
        log.info(path.name, "It holds only zeros.", "No two templates count as similar.")
    if n_templates > n_file:
        larger = np.zeros((n_templates, n_templates), np.float32)
        larger[:n_file, :n_file] = similar
        similar = larger
    return frozen(similar)


@dataclass(frozen=True, slots=True)
class FeatureNames:
    """The three files of one kind of features."""

    values: str
    columns: str
    spikes: str


@dataclass(frozen=True, slots=True)
class FeatureSizes:
    """What features must fit: spikes, templates in the files and with the empty ones added.

    `n_ids` is the number of channels or templates that their columns name.
    """

    n_spikes: int
    n_file_templates: int
    n_templates: int
    n_ids: int


PC_FEATURES = FeatureNames("pc_features.npy", "pc_feature_ind.npy", "pc_feature_spike_ids.npy")
TEMPLATE_FEATURES = FeatureNames(
    "template_features.npy", "template_feature_ind.npy", "template_feature_spike_ids.npy"
)


def open_features(
    folder: Path,
    names: FeatureNames,
    sizes: FeatureSizes,
    log: DiagnosticLog,
) -> FeatureFile | None:
    """Open features without reading any; None and told where they cannot be used.

    Parameters
    ----------
    folder
        Folder of an export.
    names
        `PC_FEATURES` or `TEMPLATE_FEATURES`.
    sizes
        What they must fit.
    log
        Told where they cannot be used.
    """
    path = folder / names.values
    if not path.exists():
        return None
    try:
        return _open_features(folder, names, sizes, log)
    except DatasetError as error:
        log.error(path.name, str(error), "These features are not shown.")
        return None


def _open_features(
    folder: Path, names: FeatureNames, sizes: FeatureSizes, log: DiagnosticLog
) -> FeatureFile:
    path = folder / names.values
    shape = open_array(path).shape
    if len(shape) not in (2, 3):
        raise DatasetError(f"{path.name} has the shape {shape}: these are no features.")
    columns = read_id_table(folder / names.columns, shape[-1], sizes.n_ids, log)
    if columns is None and shape[-1] != sizes.n_ids:
        raise DatasetError(
            f"{path.name} has {shape[-1]} columns, and no usable {names.columns} tells what they "
            "are."
        )
    if columns is not None and len(columns) < sizes.n_templates:
        if len(columns) < sizes.n_file_templates:
            _tell_missing_rows(names.columns, len(columns), sizes.n_file_templates, log)
        columns = extend_rows(columns, sizes.n_templates, -1)
    spike_ids = _read_spike_ids(folder / names.spikes, shape[0], sizes.n_spikes, log)
    return FeatureFile.open(path, columns, spike_ids, sizes.n_spikes)


def _tell_missing_rows(name: str, n_rows: int, n_templates: int, log: DiagnosticLog) -> None:
    log.warning(
        name,
        f"{n_rows} rows for {n_templates} templates.",
        "Spikes of the other templates have no features.",
    )


def _read_spike_ids(
    path: Path, n_rows: int, n_spikes: int, log: DiagnosticLog
) -> Int64Array | None:
    if not path.exists():
        return None
    ids: np.ndarray[Any, np.dtype[np.int64]] = read_integers(path, np.int64, log)
    if len(ids) != n_rows:
        raise DatasetError(f"{path.name} has {len(ids):,} values for {n_rows:,} rows of features.")
    if not n_rows:
        return ids
    if int(ids.min()) < 0 or int(ids.max()) >= n_spikes:
        raise DatasetError(f"{path.name} names spikes that are not in spike_times.npy.")
    is_increasing = bool((ids[1:] > ids[:-1]).all())
    if is_increasing and n_rows == n_spikes:
        return None
    if not is_increasing and len(np.unique(ids)) < n_rows:
        log.warning(path.name, "Some spikes have more than one row.", "The first row counts.")
    return ids
