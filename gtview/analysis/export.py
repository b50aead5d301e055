"""What an export says of each spike: features, projections on templates, size and place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..base.progress import Reporter, ignore_progress
from ..base.types import Float32Array, Int32Array
from ..data.dataset import Channels
from ..kernels.mass_centres import find_centres
from ..kernels.spike_windows import project_windows
from .export_chunks import Chunk, ExportSource, iterate_chunks
from .export_templates import ExportTemplates

# Channels that count in the place of a spike.
_REACH_UM = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class SpikeBlock:
    """Values of spikes that follow one another.

    Attributes
    ----------
    pc_features : float32 array, (n, 3, n_local), uV
        Projections on the components, on the local channels of the spike's template.
    template_features : float32 array, (n, n_near), uV
        Projections on the templates near its own, each of them on its own channels and of
        length 1: one axis for the spikes of all clusters.
    amplitudes_uv : float32 array, (n,)
        Peak-to-peak size of the template on its best channel, times the factor that fits it to
        the spike best.
    positions_um : float32 array, (n, 2)
        x and depth: mean place of the channels of the template's shank within 100 um, weighted
        by the squared first component.
    stop_sample
        How far the recording was read.
    """

    pc_features: Float32Array
    template_features: Float32Array
    amplitudes_uv: Float32Array
    positions_um: Float32Array
    stop_sample: int


def iterate_spike_values(
    source: ExportSource, templates: ExportTemplates, report: Reporter = ignore_progress
) -> Iterator[SpikeBlock]:
    """Yield the values of all spikes, in their order, piece by piece.

    A window that reaches over an end of the recording is filled up with 0.

    Raises
    ------
    CancelledError
        `report` says so.
    DatasetError
        The recording cannot be read.
    """
    places = _place_channels(source.channels, templates)
    for chunk in iterate_chunks(source, templates.window):
        yield _describe(source, templates, chunk, places)
        report(chunk.stop_sample / source.traces.n_samples, "computing features")


def _describe(
    source: ExportSource, templates: ExportTemplates, chunk: Chunk, places: Int32Array
) -> SpikeBlock:
    labels = source.spike_templates[chunk.spike_ids]
    features, projections = project_windows(
        chunk.traces,
        chunk.starts,
        labels,
        (templates.local_channels, templates.components),
        (templates.near_templates, templates.seen_channels, templates.seen_waveforms),
    )
    norms = templates.seen_norms_uv
    sizes = np.divide(templates.sizes_uv, norms, out=np.zeros_like(norms), where=norms > 0)
    first = features[:, 0, :]
    positions = np.empty((len(labels), 2), np.float32)
    for axis in range(2):
        along = source.channels.positions_um[:, axis]
        centres = find_centres(first, labels, places, along)
        best = along[templates.best_channels[labels]]
        positions[:, axis] = np.where(np.isfinite(centres), centres, best)
    return SpikeBlock(
        pc_features=features,
        template_features=projections,
        amplitudes_uv=projections[:, 0] * sizes[labels],
        positions_um=positions,
        stop_sample=chunk.stop_sample,
    )


def _place_channels(channels: Channels, templates: ExportTemplates) -> Int32Array:
    """Return the local channels that count in places; -1: it does not."""
    local, best = templates.local_channels, templates.best_channels[:, None]
    offsets = channels.positions_um[local] - channels.positions_um[best]
    is_near = np.hypot(offsets[..., 0], offsets[..., 1]) <= _REACH_UM
    is_near &= channels.shanks[local] == channels.shanks[best]
    return np.where(is_near, local, -1).astype(np.int32)
