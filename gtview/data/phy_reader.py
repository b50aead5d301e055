"""Reads a Kilosort / phy export of any dialect; writes nothing, and runs nothing of it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Float32Array, Int32Array, frozen
from .dataset import Channels, Dataset, Gain
from .diagnostics import DiagnosticLog
from .dialects import compare_with_raw, compute_median_amplitudes, detect_kind
from .discovery import find_recording_folder
from .features import FeatureFile
from .gain import find_gain
from .params import read_params
from .probe import is_within, read_channels
from .raw_files import find_raw_files, open_raw
from .recording import RawRecording
from .recording_params import RecordingParams, check_params
from .spike_attributes import (
    check_kept_spikes,
    read_amplitudes,
    read_spike_attributes,
    read_spike_positions,
)
from .spikes import SpikeTimes, fit_to_templates, read_assignments, read_spike_times
from .tables import read_cluster_tables
from .template_files import (
    PC_FEATURES,
    TEMPLATE_FEATURES,
    FeatureNames,
    FeatureSizes,
    open_features,
    read_similar_templates,
    read_templates,
)
from .templates import TemplateStore
from .whitening import read_unwhitening


def read_export(
    folder_or_params: Path, *, gain: Gain | None = None, raw_path: Path | None = None
) -> Dataset:
    """Read an export: its spikes, channels, templates, tables, and where the rest of it is.

    Nothing proportional to spikes times features is read, and no file is changed or made.
    Whatever is missing or damaged is left out or repaired in memory, and told in `diagnostics`.

    Parameters
    ----------
    folder_or_params
        Folder with a `params.py`, or that `params.py`.
    gain
        Microvolts per unit of the raw file where the user has set them; else they are looked for.
    raw_path
        Raw file that the user has located, instead of what `dat_path` says.

    Returns
    -------
    Dataset

    Raises
    ------
    DatasetError
        The folder is no export, or cannot be opened; one sentence that names the file.
    """
    folder = Path(os.path.abspath(folder_or_params))
    params_path = folder / "params.py"
    if folder.is_file():
        folder, params_path = folder.parent, folder
    if raw_path is not None and not raw_path.is_file():
        raise DatasetError(f"There is no raw file {raw_path}.")
    if not params_path.is_file():
        raise DatasetError(f"{folder} is no sorter's export: it holds no params.py.")
    try:
        return _Reader(folder, params_path).read(gain, raw_path)
    except OSError as error:
        raise DatasetError(f"{error.filename or folder}: {error.strerror or error}.") from error


@dataclass(frozen=True, slots=True, eq=False)
class _Templates:
    """Templates, and the template of each spike, which is always one of them.

    `n_file` templates are in the files; empty ones may have been added.
    """

    spike_templates: Int32Array
    n_file: int
    n_templates: int
    store: TemplateStore | None
    similar: Float32Array | None


@dataclass(frozen=True, slots=True, eq=False)
class _Raw:
    """The raw file where it was found, and its gain where that is known."""

    recording: RawRecording | None
    gain: Gain | None


class _Reader:
    """Reads one folder; holds what its steps share."""

    def __init__(self, folder: Path, params_path: Path) -> None:
        self._folder = folder
        self._params_path = params_path
        self._log = DiagnosticLog()

    def read(self, gain: Gain | None, raw_path: Path | None) -> Dataset:
        folder, log = self._folder, self._log
        params = read_params(self._params_path, log)
        asked = check_params(params, log)
        times = read_spike_times(folder, log)
        n_spikes = len(times.samples)
        ids, spike_clusters, new_ids = read_assignments(folder, n_spikes, log)
        channels = read_channels(folder, asked.n_raw_channels, log)
        unwhitening, has_whitening = read_unwhitening(
            folder, channels.n_channels, asked.template_scaling, log
        )
        templates = self._read_templates(ids, channels, unwhitening)
        amplitudes = read_amplitudes(folder, n_spikes, log)
        raw = self._open_raw(params, asked, channels, times, gain=gain, path=raw_path)
        kind = detect_kind(folder, params, has_whitening=has_whitening)
        check_kept_spikes(folder, n_spikes, log)
        self._tell_bad_templates(templates.store)
        return Dataset(
            folder=folder,
            kind=kind,
            sample_rate_hz=asked.sample_rate_hz,
            spike_samples=times.samples,
            time_order=times.time_order,
            spike_templates=templates.spike_templates,
            spike_clusters=spike_clusters,
            amplitudes=amplitudes,
            spike_positions_um=read_spike_positions(folder, n_spikes, log),
            spike_attributes=read_spike_attributes(folder, n_spikes, log),
            channels=channels,
            templates=templates.store,
            similar_templates=templates.similar,
            pc_features=self._open_features(PC_FEATURES, times, templates, channels.n_channels),
            template_features=self._open_features(
                TEMPLATE_FEATURES, times, templates, templates.n_templates
            ),
            raw=raw.recording,
            gain=raw.gain,
            n_raw_channels=asked.n_raw_channels or int(channels.raw_channels.max()) + 1,
            duration_s=_find_duration(times, raw, asked),
            has_whitening=has_whitening,
            is_high_passed=asked.is_high_passed,
            template_gain=_find_template_gain(kind, templates, channels, times, amplitudes, raw),
            properties=read_cluster_tables(folder, log).renumbered(new_ids),
            diagnostics=tuple(log.items),
            raw_path_asked=", ".join(asked.raw_names),
            params=MappingProxyType(params),
        )

    def _read_templates(
        self, ids: Int32Array, channels: Channels, unwhitening: Float32Array | None
    ) -> _Templates:
        n_channels = channels.n_channels
        arrays = read_templates(self._folder, n_channels, self._log)
        n_rows = None if arrays is None else len(arrays.waveforms)
        ids, n_templates = fit_to_templates(ids, n_rows, self._log)
        n_file = n_templates if n_rows is None else n_rows
        similar = read_similar_templates(self._folder, n_file, n_templates, self._log)
        if arrays is None:
            return _Templates(ids, n_file, n_templates, None, similar)
        arrays = arrays.extended(n_templates)
        store = TemplateStore(arrays.waveforms, arrays.channel_ids, unwhitening, n_channels)
        # They are asked for their sizes when the spikes have been read.
        threading.Thread(target=store.survey, name="gtview-templates", daemon=True).start()
        return _Templates(ids, n_file, n_templates, store, similar)

    def _open_features(
        self, names: FeatureNames, times: SpikeTimes, templates: _Templates, n_ids: int
    ) -> FeatureFile | None:
        n_spikes = len(times.samples)
        sizes = FeatureSizes(n_spikes, templates.n_file, templates.n_templates, n_ids)
        return open_features(self._folder, names, sizes, self._log)

    def _tell_bad_templates(self, store: TemplateStore | None) -> None:
        if store is None:
            return
        bad = store.find_bad_templates().tolist()
        if bad:
            shown = ", ".join(map(str, bad[:8])) + (", ..." if len(bad) > 8 else "")
            self._log.warning(
                "templates.npy",
                f"Values of {len(bad)} of the templates are not numbers, or beyond any size: "
                f"{shown}.",
                "These values count as 0; the file stays as it is.",
            )
        if not store.peak_to_peak().any():
            self._log.warning(
                "templates.npy",
                "All templates are empty.",
                "Channels come from the features or the raw file.",
            )

    def _open_raw(
        self,
        params: dict[str, Any],
        asked: RecordingParams,
        channels: Channels,
        times: SpikeTimes,
        *,
        gain: Gain | None,
        path: Path | None,
    ) -> _Raw:
        paths = find_raw_files(self._folder, asked, self._log) if path is None else [path]
        if gain is None:
            gain = find_gain(params, paths, find_recording_folder(self._folder))
        n_raw = asked.n_raw_channels
        if n_raw is not None and not is_within(channels.raw_channels, n_raw, self._log):
            return _Raw(None, gain)
        return _Raw(open_raw(paths, asked, times.last_sample + 1, self._log), gain)


def _find_duration(times: SpikeTimes, raw: _Raw, asked: RecordingParams) -> float:
    of_spikes = (times.last_sample + 1) / asked.sample_rate_hz
    return of_spikes if raw.recording is None else max(of_spikes, raw.recording.duration_s)


def _find_template_gain(
    kind: str,
    templates: _Templates,
    channels: Channels,
    times: SpikeTimes,
    amplitudes: Float32Array | None,
    raw: _Raw,
) -> Float32Array | None:
    if templates.store is None:
        return None
    if kind in ("kilosort", "spyking-circus") and amplitudes is not None:
        return compute_median_amplitudes(
            amplitudes, templates.spike_templates, templates.n_templates
        )
    if kind == "spikeinterface" and raw.gain is not None:
        spikes = (times.samples, templates.spike_templates)
        factor = compare_with_raw(templates.store, channels, spikes, raw.recording, raw.gain)
        if factor != 1.0:
            return frozen(np.full(templates.n_templates, factor, np.float32))
    return None
