"""Exports a sorting and its recording in phy's format: read, compute, write."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.export import iterate_spike_values
from ...analysis.export_chunks import ExportSource, Traces
from ...analysis.export_templates import (
    ExportTemplates,
    compute_export_templates,
    sparse_templates,
)
from ...base.errors import UsageError
from ...base.progress import Reporter, part_of
from ...base.types import Float32Array, Float64Array, Int32Array
from ...data.dataset import Channels
from ...data.export_writer import (
    RawLocation,
    choose_cluster_ids,
    write_channels,
    write_feature_channels,
    write_params,
    write_spikes,
    write_tables,
    write_templates,
    writing_spike_values,
)
from ..partial import whole_folder
from .export_source import (
    FileTraces,
    LazyTraces,
    RawFile,
    Units,
    copy_recording,
    dtype_of_copy,
    find_gains_uv,
    find_raw_file,
    read_places,
    refuse_mismatch,
    take_units,
)
from .export_spec import ExportOptions, ExportSpec, read_spec, refuse_to_replace
from .export_tables import cluster_columns
from .loading import load_recording, load_sorting

_COPY_NAME = "recording.dat"
# Dense templates above this size are written on their own channels only.
_MAX_DENSE_BYTES = 100_000_000
_SPARE_BYTES = 200_000_000


def export_sorting(spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Write an export of a sorting that SpikeInterface opens.

    Parameters
    ----------
    spec
        Fields of `ExportSpec`.
    report
        Gets the part done and what is being done.

    Returns
    -------
    `folder`, `n_clusters`, `n_spikes`, and `notes`, sentences on what is not as it was.

    Raises
    ------
    UsageError
        The spec is wrong, the folder exists, or the disk is too small.
    DatasetError
        The sorting or the recording cannot be read, or do not belong together.
    OSError
        The folder cannot be written.
    """
    wish = read_spec(spec)
    folder = wish.folder.absolute()
    if folder.exists():
        refuse_to_replace(folder, replace=wish.replace)
    report(0.0, "loading SpikeInterface")
    sorting, own_recording = load_sorting(wish.sorting)
    recording = own_recording if wish.recording is None else load_recording(wish.recording)
    if recording is None:
        raise UsageError(f"{wish.sorting} holds no recording: name one with --recording.")
    refuse_mismatch(recording, sorting)
    if folder.exists():
        _refuse_own_source(folder, wish, recording)
    with whole_folder(folder, replace=wish.replace) as partial:
        told = export_objects(recording, sorting, partial, part_of(report, 0.1, 1.0), wish)
        report(1.0, "ready")
    return {"folder": str(folder), **told}


def _refuse_own_source(folder: Path, wish: ExportSpec, recording: Any) -> None:
    """Refuse to replace a folder that holds what the export is made from."""
    raw = find_raw_file(recording)
    used = [wish.sorting, wish.recording, None if raw is None else raw.path]
    for path in used:
        if path is not None and path.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"{folder} holds {path.name}, from which the export is made.")


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """One export that is being written."""

    folder: Path
    recording: Any
    units: Units
    raw: RawFile | None
    scale: tuple[Float64Array, Float64Array] | None
    channels: Channels

    @property
    def gains_uv(self) -> Float64Array:
        """Microvolts of a unit of each channel, or 1."""
        return np.ones(self.channels.n_channels) if self.scale is None else self.scale[0]

    def source(self) -> ExportSource:
        """Return what is computed from."""
        traces: Traces
        if self.raw is None:
            traces = LazyTraces(self.recording, self.scale)
        else:
            traces = FileTraces(self.raw, int(self.recording.get_num_samples()), self.scale)
        return ExportSource(
            traces=traces,
            sample_rate_hz=float(self.recording.sampling_frequency),
            spike_samples=self.units.spike_samples,
            spike_templates=self.units.spike_units,
            n_templates=len(self.units.ids),
            channels=self.channels,
            is_filtered=bool(self.recording.is_filtered()),
        )


def export_objects(
    recording: Any,
    sorting: Any,
    folder: Path,
    report: Reporter,
    options: ExportOptions | None = None,
) -> dict[str, Any]:
    """Write an export of SpikeInterface's objects into an empty folder; see `export_sorting`."""
    options = options or ExportOptions()
    refuse_mismatch(recording, sorting)
    units = take_units(sorting, int(recording.get_num_samples()))
    raw = None if options.copy_recording == "always" else find_raw_file(recording)
    is_copied = raw is None and options.copy_recording != "never"
    _refuse_small_disk(folder, recording, units, is_copied=is_copied)
    if is_copied:
        raw = copy_recording(recording, folder / _COPY_NAME, part_of(report, 0.0, 0.3))
    report(0.3 if is_copied else 0.0, "averaging waveforms")
    notes = list(units.notes)
    if raw is None:
        notes.append("The recording is not a part of the export, and was not copied.")
    columns = np.arange(recording.get_num_channels(), dtype=np.int32)
    channels, made_up = read_places(recording, columns if raw is None else raw.raw_channels)
    job = _Job(folder, recording, units, raw, find_gains_uv(recording), channels)
    _compute_and_write(job, options, part_of(report, 0.3 if is_copied else 0.0, 1.0))
    cluster_ids = choose_cluster_ids(units.ids)
    write_spikes(folder, units.spike_samples, units.spike_units, cluster_ids)
    write_tables(folder, cluster_columns(sorting, units, cluster_ids))
    _write_params(job)
    return {
        "n_clusters": len(units.ids),
        "n_spikes": len(units.spike_samples),
        "notes": [*notes, *made_up],
    }


def _compute_and_write(job: _Job, options: ExportOptions, report: Reporter) -> None:
    source = job.source()
    templates = compute_export_templates(source, part_of(report, 0.0, 0.45))
    write_channels(job.folder, job.channels)
    _write_templates(job, templates, options)
    shapes: dict[str, tuple[int, ...]] = {
        "pc_features": (len(templates.components), templates.local_channels.shape[1]),
        "template_features": (templates.near_templates.shape[1],),
        "amplitudes": (),
        "spike_positions": (2,),
    }
    if len(job.units.ids) == 1:
        # One template has none to be compared with, and phy cannot read a single column.
        del shapes["template_features"]
    else:
        write_feature_channels(job.folder, "template_feature", templates.near_templates)
    n_spikes = len(source.spike_samples)
    with writing_spike_values(job.folder, n_spikes, shapes) as values:
        for block in iterate_spike_values(source, templates, part_of(report, 0.5, 1.0)):
            values.append(
                {
                    "pc_features": block.pc_features,
                    "template_features": block.template_features,
                    "amplitudes": block.amplitudes_uv,
                    "spike_positions": block.positions_um,
                }
            )


def _write_templates(job: _Job, templates: ExportTemplates, options: ExportOptions) -> None:
    """Write templates in units of the raw file, as Kilosort does and phy draws them."""
    waveforms: Float32Array = np.divide(
        templates.waveforms_uv, job.gains_uv.astype(np.float32), dtype=np.float32
    )
    similar, local = templates.similar, templates.local_channels
    if len(waveforms) == 1:
        # phy cannot read an export with one template: an empty one is put beside it.
        waveforms, similar, local = _with_empty(waveforms, similar, local)
    is_large = waveforms.nbytes > _MAX_DENSE_BYTES
    channel_ids: Int32Array | None = None
    if options.templates == "sparse" or (options.templates == "auto" and is_large):
        waveforms, channel_ids = sparse_templates(waveforms)
    write_templates(job.folder, waveforms, channel_ids, similar)
    write_feature_channels(job.folder, "pc_feature", local)


def _with_empty(
    waveforms: Float32Array, similar: Float32Array, local: Int32Array
) -> tuple[Float32Array, Float32Array, Int32Array]:
    padded = np.zeros((2, 2), np.float32)
    padded[0, 0] = similar[0, 0]
    empty = np.zeros_like(waveforms)
    return np.concatenate([waveforms, empty]), padded, np.concatenate([local, local])


def _write_params(job: _Job) -> None:
    from ... import __version__

    recording, raw = job.recording, job.raw
    dtype = dtype_of_copy(recording) if raw is None else raw.dtype
    location = RawLocation(
        path=None if raw is None else raw.path,
        dtype=str(dtype),
        n_channels=job.channels.n_channels if raw is None else raw.n_channels,
        offset_bytes=0 if raw is None else raw.offset_bytes,
        sample_rate_hz=float(recording.sampling_frequency),
        is_filtered=bool(recording.is_filtered()),
        gains_uv=None if job.scale is None else tuple(job.scale[0].tolist()),
    )
    write_params(job.folder, location, __version__)


def _refuse_small_disk(folder: Path, recording: Any, units: Units, *, is_copied: bool) -> None:
    n_spikes, n_channels = len(units.spike_samples), recording.get_num_channels()
    # Times, template, cluster; components; projections, size and place.
    needed = n_spikes * (16 + 4 * 3 * min(n_channels, 16) + 4 * 15)
    needed += min(_MAX_DENSE_BYTES, len(units.ids) * n_channels * 4 * 82)
    if is_copied:
        needed += recording.get_num_samples() * n_channels * dtype_of_copy(recording).itemsize
    free = shutil.disk_usage(folder).free
    if needed + _SPARE_BYTES > free:
        raise UsageError(
            f"The export needs {needed / 1e9:.1f} GB, but the disk of {folder.parent} has only "
            f"{free / 1e9:.1f} GB left."
        )
