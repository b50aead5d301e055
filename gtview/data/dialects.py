"""Which program wrote an export, and in which unit it keeps its templates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array, frozen
from .dataset import Channels, Gain
from .export_writer import EXPORTER
from .recording import RawRecording
from .templates import TemplateStore

# A median of about a hundred amplitudes is known well enough to draw a template.
_MAX_AMPLITUDES = 200_000
_N_COMPARED_TEMPLATES = 4
_N_COMPARED_SPIKES = 16

_KILOSORT4_FILES = ("spike_detection_templates.npy", "kept_spikes.npy", "whitening_mat_dat.npy")
_SPIKEINTERFACE_FILES = ("cluster_si_unit_ids.tsv", "channel_groups.npy", "channel_map_si.npy")
_KILOSORT_FILES = ("cluster_KSLabel.tsv", "templates_ind.npy", "rez.mat", "rez2.mat")


def detect_kind(folder: Path, params: Mapping[str, Any], *, has_whitening: bool) -> str:
    """Tell which program wrote an export, by the files that only it writes.

    Returns
    -------
    str
        `gtview` (its own exports), `kilosort4`, `spikeinterface`, `spyking-circus`, `kilosort`
        (1 to 3) or `phy` (unknown).
    """
    if str(params.get("exporter", "")).startswith(EXPORTER):
        return EXPORTER

    def has_any(names: tuple[str, ...]) -> bool:
        return any((folder / name).exists() for name in names)

    if has_any(_KILOSORT4_FILES):
        return "kilosort4"
    if has_any(_SPIKEINTERFACE_FILES):
        return "spikeinterface"
    # Spyking Circus exports into <recording>.GUI.
    is_circus = folder.suffix == ".GUI" or any("circus" in f"{k} {v}" for k, v in params.items())
    if is_circus:
        return "spyking-circus"
    is_kilosort = has_any(_KILOSORT_FILES) or (
        has_whitening and (folder / "template_features.npy").exists()
    )
    return "kilosort" if is_kilosort else "phy"


def compute_median_amplitudes(
    amplitudes: Float32Array, spike_templates: Int32Array, n_templates: int
) -> Float32Array:
    """Compute the median amplitude of each template's spikes.

    Long vectors are sampled evenly (every k-th spike, at most 200,000); the spikes of templates
    that the sample misses are then all used. A template without spikes gets the median of all.

    Parameters
    ----------
    amplitudes : float32 array, (n_spikes,)
    spike_templates : int32 array, (n_spikes,)
    n_templates
        Number of templates.

    Returns
    -------
    float32 array, (n_templates,)
        In the unit of `amplitudes`.
    """
    step = max(1, math.ceil(len(amplitudes) / _MAX_AMPLITUDES))
    templates, values = spike_templates[::step], amplitudes[::step]
    is_missed = np.bincount(templates, minlength=n_templates) == 0
    if step > 1 and is_missed.any():
        rare = np.flatnonzero(is_missed[spike_templates])
        templates = np.concatenate([templates, spike_templates[rare]])
        values = np.concatenate([values, amplitudes[rare]])
    order = np.lexsort((values, templates))
    templates, values = templates[order], values[order]
    starts = np.searchsorted(templates, np.arange(n_templates + 1))
    counts = np.diff(starts)
    medians = np.full(n_templates, np.median(values), np.float32)
    used = np.flatnonzero(counts)
    low = values[starts[used] + (counts[used] - 1) // 2]
    high = values[starts[used] + counts[used] // 2]
    medians[used] = (low + high) / 2
    return frozen(medians)


def compare_with_raw(
    templates: TemplateStore,
    channels: Channels,
    spikes: tuple[Int64Array, Int32Array],
    raw: RawRecording | None,
    gain: Gain,
) -> float:
    """Tell whether templates are in units of the raw file or in microvolts.

    SpikeInterface writes either, and does not say which. A few of the largest templates are
    compared with the mean of some of their spikes in the raw file. Without one they are taken to
    be in microvolts, as SpikeInterface writes them unless told otherwise.

    Parameters
    ----------
    templates, channels, raw, gain
        Of one export.
    spikes : (int64 array, int32 array), (n_spikes,)
        Sample and template of each spike.

    Returns
    -------
    float
        Factor from a template to units of the raw file: 1, or one over the gain.
    """
    in_uv = 1.0 / gain.uv_per_bit
    if abs(math.log(in_uv)) < 0.3 or raw is None:
        return in_uv
    sizes = templates.peak_to_peak()
    ratios = []
    for template in np.argsort(-sizes.max(axis=1))[:_N_COMPARED_TEMPLATES]:
        channel = int(sizes[template].argmax())
        samples = spikes[0][_find_some(spikes[1], int(template))]
        size = float(sizes[template, channel])
        if len(samples) and size > 0:
            column = channels.raw_channels[channel : channel + 1]
            ratios.append(_measure_mean(raw, samples, column, templates) / size)
    if not ratios or np.median(ratios) <= 0:
        return in_uv
    ratio = math.log(float(np.median(ratios)))
    return 1.0 if abs(ratio) <= abs(ratio - math.log(in_uv)) else in_uv


def _find_some(spike_templates: Int32Array, template: int) -> Int64Array:
    found = np.flatnonzero(spike_templates == template)
    return found[:: max(1, len(found) // _N_COMPARED_SPIKES)][:_N_COMPARED_SPIKES]


def _measure_mean(
    raw: RawRecording, samples: Int64Array, raw_channels: Int32Array, templates: TemplateStore
) -> float:
    n_before = templates.trough_sample
    n_after = templates.n_samples - n_before
    snippets, is_complete = raw.read_snippets(samples, n_before, n_after, raw_channels)
    return float(np.ptp(snippets[is_complete].mean(axis=0))) if is_complete.any() else 0.0
