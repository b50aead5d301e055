"""Datasets made in memory from known templates, and a raw file in which every spike is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from factories import make_positions, make_templates

from gtview.data.dataset import Channels, Dataset, Gain
from gtview.data.recording import RawRecording
from gtview.data.tables import ClusterProperties
from gtview.data.templates import TemplateStore
from gtview.kernels.inputs import as_input

RATE = 30_000.0


def make_dataset(
    waveforms: np.ndarray | None,
    spike_samples: np.ndarray,
    spike_templates: np.ndarray,
    **others: Any,
) -> Dataset:
    """Return a dataset of dense unwhitened templates; any other field may be given."""
    n_channels = others.pop("n_channels", None) or waveforms.shape[2]
    positions, shanks = make_positions(n_channels, others.pop("n_shanks", 1))
    store = None if waveforms is None else TemplateStore(waveforms, None, None, n_channels)
    fields: dict[str, Any] = {
        "folder": Path("made"),
        "kind": "kilosort4",
        "sample_rate_hz": RATE,
        "spike_samples": as_input(spike_samples, np.int64),
        "time_order": None,
        "spike_templates": as_input(spike_templates, np.int32),
        "spike_clusters": as_input(spike_templates, np.int32),
        "amplitudes": None,
        "spike_positions_um": None,
        "spike_attributes": {},
        "channels": Channels(np.arange(n_channels, dtype=np.int32), positions, shanks),
        "templates": store,
        "similar_templates": None,
        "pc_features": None,
        "template_features": None,
        "raw": None,
        "gain": Gain(0.5, "the test"),
        "n_raw_channels": n_channels,
        "duration_s": 10.0,
        "has_whitening": False,
        "is_high_passed": False,
        "template_gain": None,
        "properties": ClusterProperties(),
    }
    return Dataset(**(fields | others))


def make_recorded_dataset(
    folder: Path,
    *,
    n_samples: int = 61,
    trough: int = 20,
    n_units: int = 3,
    n_channels: int = 8,
    n_spikes: int = 240,
    duration_s: float = 4.0,
    noise: float = 2.0,
    with_templates: bool = True,
    raw_share: float = 1.0,
    **others: Any,
) -> Dataset:
    """Return a dataset whose raw file holds its templates, on an offset and a slow wave.

    The raw file has two columns more than there are channels, and its columns are shuffled.
    `raw_share` of it is written.
    """
    rng = np.random.default_rng(5)
    positions, _ = make_positions(n_channels)
    waveforms = make_templates(rng, n_units, n_samples, trough, positions)
    n_total = int(duration_s * RATE)
    samples = np.linspace(0, n_total - 1, n_spikes).astype(np.int64)
    units = np.arange(n_spikes) % n_units
    slow = 400 * np.sin(2 * np.pi * 6 * np.arange(n_total) / RATE) + 900
    raw = rng.normal(0, noise, (n_total, n_channels + 2)) + slow[:, None]
    raw_channels = rng.permutation(n_channels + 2)[:n_channels].astype(np.int32)
    for sample, unit in zip(samples.tolist(), units.tolist(), strict=True):
        start = sample - trough
        first, last = max(start, 0), min(start + n_samples, n_total)
        raw[first:last, raw_channels] += waveforms[unit][first - start : last - start]
    path = folder / "raw.bin"
    raw[: int(raw_share * n_total)].round().astype(np.int16).tofile(path)
    recording = RawRecording.open([path], "int16", n_channels + 2, 0, RATE)
    positions, shanks = make_positions(n_channels)
    fields = {
        "raw": recording,
        "channels": Channels(raw_channels, positions, shanks),
        "n_raw_channels": n_channels + 2,
        "duration_s": duration_s,
        "n_channels": n_channels,
    }
    return make_dataset(waveforms if with_templates else None, samples, units, **(fields | others))


def spikes_by_cluster(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return order and offsets of the clusters 0 .. n - 1 of the first assignment."""
    order = np.argsort(dataset.spike_clusters, kind="stable").astype(np.int32)
    counts = np.bincount(dataset.spike_clusters)
    return order, np.r_[0, np.cumsum(counts)].astype(np.int64)
