"""Raw waveforms, mean, templates and true template of some clusters, in one alignment and unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array
from ..data.dataset import Dataset
from .channels import template_factor
from .snippets import DEFAULT_CUTOFF_HZ, Alignment, Snippets, read_snippets
from .true_waveforms import OverlaidTemplate, TrueUnit, overlay_true_template


@dataclass(frozen=True, slots=True, eq=False)
class WaveformQuery:
    """What is asked.

    Attributes
    ----------
    dataset
        What was opened.
    cluster_ids
        Clusters, in the order of the answer.
    spike_ids : tuple of int32 arrays, (n_spikes,)
        Spikes of each cluster by increasing time.
    channel_ids : int32 array, (n_channels,)
        Rows of the channel map, in the order of the answer.
    max_waveforms
        Raw waveforms of each cluster; 0: none are read, templates alone (fast, reads no raw file).
    cutoff_hz
        High-pass of raw waveforms; None: no filter. Not used when the recording already is
        high-passed.
    true_unit
        Unit whose true template is laid over the first cluster; None: none.
    """

    dataset: Dataset
    cluster_ids: tuple[int, ...]
    spike_ids: tuple[Int32Array, ...]
    channel_ids: Int32Array
    max_waveforms: int = 100
    cutoff_hz: float | None = DEFAULT_CUTOFF_HZ
    true_unit: TrueUnit | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TemplateWaveform:
    """One template of a cluster.

    Attributes
    ----------
    template_id
        Row of the templates.
    n_spikes
        Spikes of the cluster that have it.
    share
        The same as a part of the cluster's spikes.
    waveform : float32 array, (n_samples, n_channels), microvolts or arb.
    """

    template_id: int
    n_spikes: int
    share: float
    waveform: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class ClusterWaveforms:
    """Waveforms of one cluster.

    Attributes
    ----------
    cluster_id, n_spikes
        The cluster, and its number of spikes.
    spike_ids : int32 array, (n_read,)
        Spikes whose raw waveforms were read.
    waveforms : float32 array, (n_read, n_samples, n_channels), microvolts or arb.
    mean, deviation : float32 arrays, (n_samples, n_channels), or None
        Of those waveforms; None when there are none.
    n_outside
        Spikes whose window is not wholly in the raw file: they cannot be read.
    templates
        Templates of the cluster, that with most spikes first; empty without templates.
    """

    cluster_id: int
    n_spikes: int
    spike_ids: Int32Array
    waveforms: Float32Array
    mean: Float32Array | None
    deviation: Float32Array | None
    n_outside: int
    templates: tuple[TemplateWaveform, ...]

    @property
    def reference(self) -> Float32Array | None:
        """What stands for the cluster: the mean waveform, else its main template."""
        if self.mean is not None:
            return self.mean
        return self.templates[0].waveform if self.templates else None


@dataclass(frozen=True, slots=True, eq=False)
class Waveforms:
    """Answer to a `WaveformQuery`.

    Attributes
    ----------
    channel_ids : int32 array, (n_channels,)
    times_ms : float64 array, (n_samples,)
        Time of each sample from the spike's own.
    unit
        Of all waveforms: microvolts, or "arb.".
    clusters
        In the order of the query.
    true_template
        Of the unit asked for; None when none was, or when it is on none of the channels.
    note
        What was done to the raw waveforms, for the status of a view; "" when none were read.
    """

    channel_ids: Int32Array
    times_ms: Float64Array
    unit: str
    clusters: tuple[ClusterWaveforms, ...]
    true_template: OverlaidTemplate | None
    note: str


def compute_waveforms(query: WaveformQuery) -> Waveforms:
    """Read and filter raw waveforms, and bring templates into the same alignment and unit.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    ValueError
        The cut-off does not suit the sample rate.
    """
    dataset = query.dataset
    alignment = Alignment.of(dataset)
    clusters = tuple(
        _describe_cluster(query, cluster_id, spike_ids, alignment)
        for cluster_id, spike_ids in zip(query.cluster_ids, query.spike_ids, strict=True)
    )
    samples = np.arange(-alignment.n_before, alignment.n_after)
    return Waveforms(
        channel_ids=query.channel_ids,
        times_ms=1000 * samples / dataset.sample_rate_hz,
        unit=dataset.amplitude_unit,
        clusters=clusters,
        true_template=_overlay(query, clusters, alignment),
        note=_describe_raw(query),
    )


def compute_cluster_templates(
    dataset: Dataset, spike_ids: Int32Array, channel_ids: Int32Array
) -> tuple[TemplateWaveform, ...]:
    """Return every template that spikes of a cluster have, by falling number of spikes.

    Parameters
    ----------
    dataset
        What was opened.
    spike_ids : int32 array, (n_spikes,)
    channel_ids : int32 array, (n_channels,)
        Rows of the channel map.
    """
    if dataset.templates is None or not len(spike_ids):
        return ()
    counts = np.bincount(dataset.spike_templates[spike_ids])
    used = np.flatnonzero(counts)
    # Stable: of two templates with as many spikes the lower id comes first.
    used = used[np.argsort(-counts[used], kind="stable")]
    return tuple(
        TemplateWaveform(
            template_id,
            int(counts[template_id]),
            float(counts[template_id] / len(spike_ids)),
            dataset.templates.waveform(template_id, channel_ids)
            * np.float32(template_factor(dataset, template_id)),
        )
        for template_id in used.tolist()
    )


def _describe_cluster(
    query: WaveformQuery, cluster_id: int, spike_ids: Int32Array, alignment: Alignment
) -> ClusterWaveforms:
    snippets = _read_cluster(query, spike_ids, alignment)
    has_any = len(snippets.values) > 0
    return ClusterWaveforms(
        cluster_id=cluster_id,
        n_spikes=len(spike_ids),
        spike_ids=snippets.spike_ids,
        waveforms=snippets.values,
        mean=snippets.values.mean(axis=0) if has_any else None,
        deviation=snippets.values.std(axis=0) if has_any else None,
        n_outside=snippets.n_outside,
        templates=compute_cluster_templates(query.dataset, spike_ids, query.channel_ids),
    )


def _read_cluster(query: WaveformQuery, spike_ids: Int32Array, alignment: Alignment) -> Snippets:
    if query.dataset.raw is None or query.max_waveforms < 1:
        shape = (0, alignment.n_samples, len(query.channel_ids))
        return Snippets(np.empty(0, np.int32), np.empty(shape, np.float32), 0)
    return read_snippets(
        query.dataset,
        spike_ids,
        query.channel_ids,
        alignment,
        query.max_waveforms,
        query.cutoff_hz,
    )


def _overlay(
    query: WaveformQuery, clusters: tuple[ClusterWaveforms, ...], alignment: Alignment
) -> OverlaidTemplate | None:
    if query.true_unit is None:
        return None
    reference = clusters[0].reference if clusters else None
    cutoff_hz = None if query.dataset.is_high_passed else query.cutoff_hz
    return overlay_true_template(
        query.dataset, query.true_unit, query.channel_ids, alignment, reference, cutoff_hz
    )


def _describe_raw(query: WaveformQuery) -> str:
    if query.dataset.raw is None or query.max_waveforms < 1:
        return ""
    if query.dataset.is_high_passed:
        return "filtered by the recording"
    return "not filtered" if query.cutoff_hz is None else f"{query.cutoff_hz:g} Hz high-pass"
