"""The templates of an export: means of all spikes, and what is near and like each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.progress import Reporter, ignore_progress, part_of
from ..base.types import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from ..data.dataset import Channels
from ..data.templates import TemplateStore
from ..kernels.spike_windows import add_windows
from .export_chunks import Chunk, ExportSource, Window, iterate_chunks
from .sampling import even_positions
from .similarity import compute_template_similarity

N_COMPONENTS = 3
# Channels with features of each template, the nearest ones; and those it is projected on.
N_LOCAL = 16
_N_SEEN = 12
_N_NEAR = 12
# For the components: pieces of the recording, spikes in all, and channels of each spike.
_N_FIT_CHUNKS = 6
_N_FIT_SPIKES = 6_000
_LEAST_FIT_SPIKES = 20
_N_FIT_CHANNELS = 3


@dataclass(frozen=True, slots=True, eq=False)
class ExportTemplates:
    """Everything of an export that has a row for each template.

    Attributes
    ----------
    window
        Samples of a template; the spike is in its middle.
    waveforms_uv : float32 array, (n_templates, n_samples, n_channels)
        Mean of the filtered waveforms.
    similar : float32 array, (n_templates, n_templates)
    best_channels : int32 array, (n_templates,)
        Channel of the largest peak-to-peak size.
    sizes_uv : float32 array, (n_templates,)
        That size.
    local_channels : int32 array, (n_templates, n_local)
        Channels with features: the nearest to the best one, that first.
    components : float32 array, (3, n_samples)
        Orthonormal waveforms, for all channels.
    near_templates : int32 array, (n_templates, n_near)
        Templates that spikes are projected on: its own, then the most similar.
    seen_channels : int32 array, (n_templates, n_seen)
        Channels of those projections.
    seen_waveforms : float32 array, (n_templates, n_samples, n_seen)
        The template on these channels, of length 1.
    seen_norms_uv : float32 array, (n_templates,)
        What it was divided by.
    """

    window: Window
    waveforms_uv: Float32Array
    similar: Float32Array
    best_channels: Int32Array
    sizes_uv: Float32Array
    local_channels: Int32Array
    components: Float32Array
    near_templates: Int32Array
    seen_channels: Int32Array
    seen_waveforms: Float32Array
    seen_norms_uv: Float32Array


def compute_export_templates(
    source: ExportSource, report: Reporter = ignore_progress
) -> ExportTemplates:
    """Average all spikes of each template, and find what the features are computed with.

    Takes the memory of the templates in float64, and some 200 MB, whatever the length of the
    recording.

    Raises
    ------
    CancelledError
        `report` says so.
    DatasetError
        The recording cannot be read.
    """
    window = Window.of(source.sample_rate_hz)
    waveforms = _average(source, window, part_of(report, 0.0, 0.85))
    sizes = np.ptp(waveforms, axis=1)
    store = TemplateStore(waveforms, None, None, waveforms.shape[2])
    similar = compute_template_similarity(store, report=part_of(report, 0.85, 0.9))
    seen_channels = np.argsort(-sizes, axis=1, kind="stable")[:, :_N_SEEN].astype(np.int32)
    seen = np.take_along_axis(waveforms, seen_channels[:, None, :], axis=2)
    norms = np.sqrt(np.square(seen, dtype=np.float64).sum(axis=(1, 2)))
    scale = np.where(norms > 0, norms, 1.0)
    components = _fit_components(source, window, sizes, part_of(report, 0.9, 1.0))
    return ExportTemplates(
        window=window,
        waveforms_uv=waveforms,
        similar=similar,
        best_channels=seen_channels[:, 0].copy(),
        sizes_uv=sizes.max(axis=1),
        local_channels=find_local_channels(source.channels, seen_channels[:, 0]),
        components=components,
        near_templates=_find_near(similar),
        seen_channels=seen_channels,
        seen_waveforms=(seen / scale[:, None, None]).astype(np.float32),
        seen_norms_uv=norms.astype(np.float32),
    )


def find_local_channels(channels: Channels, best: Int32Array) -> Int32Array:
    """Return the nearest channels of some channels: of the same shank first, then by distance.

    Returns
    -------
    int32 array, (n_best, at most 16)
        Each row begins with the channel itself.
    """
    positions = channels.positions_um.astype(np.float64)
    n_local = min(N_LOCAL, len(positions))
    rows = np.empty((len(best), n_local), np.int32)
    for row, channel in zip(rows, best.tolist(), strict=True):
        distances = np.hypot(*(positions - positions[channel]).T)
        is_elsewhere = channels.shanks != channels.shanks[channel]
        distances[channel] = -1.0
        row[:] = np.lexsort((distances, is_elsewhere))[:n_local]
    return rows


def _average(source: ExportSource, window: Window, report: Reporter) -> Float32Array:
    shape = (source.n_templates, window.n_samples, source.traces.n_channels)
    sums = np.zeros(shape, np.float64)
    is_used = _find_whole(source, window)
    for chunk in iterate_chunks(source, window):
        used = is_used[chunk.spike_ids]
        labels = source.spike_templates[chunk.spike_ids[used]]
        add_windows(chunk.traces, chunk.starts[used], labels, sums)
        report(chunk.stop_sample / source.traces.n_samples, "averaging waveforms")
    counts = np.bincount(source.spike_templates[is_used], minlength=source.n_templates)
    sums /= counts[:, None, None]
    return sums.astype(np.float32)


def _find_whole(source: ExportSource, window: Window) -> BoolArray:
    """Return which spikes make the mean: those whose window is whole, where there are any."""
    samples, templates = source.spike_samples, source.spike_templates
    is_whole = (samples >= window.n_before) & (
        samples + window.n_before <= source.traces.n_samples
    )
    has_whole = np.bincount(templates[is_whole], minlength=source.n_templates) > 0
    used: BoolArray = is_whole | ~has_whole[templates]
    return used


def _find_near(similar: Float32Array) -> Int32Array:
    ranks = -similar.astype(np.float64)
    np.fill_diagonal(ranks, -np.inf)
    return np.argsort(ranks, axis=1, kind="stable")[:, :_N_NEAR].astype(np.int32)


def _fit_components(
    source: ExportSource, window: Window, sizes: Float32Array, report: Reporter
) -> Float32Array:
    """Return the waveforms that describe single spikes best: principal directions, not centred.

    From spikes of all templates alike, each on its three largest channels and divided by its
    template's size, so that large units do not decide alone. As nothing is subtracted, no signal
    has features of 0. The first component points down at the spike: larger spikes have larger
    values.
    """
    channels = np.argsort(-sizes, axis=1, kind="stable")[:, :_N_FIT_CHANNELS]
    largest = np.maximum(sizes.max(axis=1), np.finfo(np.float32).tiny)
    limit = max(_LEAST_FIT_SPIKES, _N_FIT_SPIKES // source.n_templates // _N_FIT_CHUNKS)
    products = np.zeros((window.n_samples, window.n_samples))
    total = np.zeros(window.n_samples)
    for chunk in iterate_chunks(source, window, _N_FIT_CHUNKS):
        labels = source.spike_templates[chunk.spike_ids]
        chosen = _choose_evenly(labels, limit)
        snippets = _cut(chunk, chosen, window, channels[labels[chosen]])
        snippets /= largest[labels[chosen], None, None]
        flat = snippets.transpose(0, 2, 1).reshape(-1, window.n_samples)
        products += flat.T @ flat
        total += flat.sum(axis=0)
        report(chunk.stop_sample / source.traces.n_samples, "fitting components")
    return _principal(products, total)


def _choose_evenly(labels: Int32Array, limit: int) -> Int64Array:
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return np.concatenate([group[even_positions(len(group), limit)] for group in groups])


def _cut(chunk: Chunk, chosen: Int64Array, window: Window, channels: Int64Array) -> Float64Array:
    rows = chunk.starts[chosen][:, None] + np.arange(window.n_samples)
    cut: Float32Array = chunk.traces[rows[:, :, None], channels[:, None, :]]
    return cut.astype(np.float64)


def _principal(products: Float64Array, total: Float64Array) -> Float32Array:
    _, vectors = np.linalg.eigh(products)
    components = vectors[:, ::-1][:, :N_COMPONENTS].T
    for component in components:
        # The sign of a direction is arbitrary: the mean spike gets positive features.
        if component @ total < 0:
            component *= -1
    return np.ascontiguousarray(components, np.float32)


def sparse_templates(
    waveforms: Float32Array, max_n: int = 64, least_share: float = 0.02
) -> tuple[Float32Array, Int32Array]:
    """Return templates on the channels on which they are large.

    Parameters
    ----------
    waveforms : float32 array, (n_templates, n_samples, n_channels)
    max_n
        Channels of a template, at most.
    least_share
        Channels on which a template is smaller than this share of its largest size are left out.

    Returns
    -------
    waveforms : float32 array, (n_templates, n_samples, n_kept)
        The largest channel first; 0 where a column is unused.
    channel_ids : int32 array, (n_templates, n_kept)
        -1: unused.
    """
    sizes = np.ptp(waveforms, axis=1)
    order = np.argsort(-sizes, axis=1, kind="stable")[:, :max_n]
    ordered = np.take_along_axis(sizes, order, axis=1)
    is_kept = ordered >= least_share * ordered[:, :1]
    n_kept = int(is_kept.sum(axis=1).max())
    order, is_kept = order[:, :n_kept], is_kept[:, :n_kept]
    values = np.take_along_axis(waveforms, order[:, None, :], axis=2)
    values[~np.broadcast_to(is_kept[:, None, :], values.shape)] = 0
    return values, np.where(is_kept, order, -1).astype(np.int32)


__all__ = [
    "N_COMPONENTS",
    "N_LOCAL",
    "ExportTemplates",
    "compute_export_templates",
    "find_local_channels",
    "sparse_templates",
]
