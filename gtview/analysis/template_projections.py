"""Projections of spikes on the templates of clusters: from the sorter's file, or computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..base.types import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from .channels import best_channels, template_factor
from .mean_features import MeanFeatureCache, filled, local_channels, with_row
from .snippets import DEFAULT_CUTOFF_HZ, Alignment, read_snippets
from .spike_features import features_of, group_by_columns

# Spikes whose features are held at a time.
_BLOCK_SPIKES = 1 << 13
# Channels on which a template is compared with raw waveforms.
_RAW_CHANNELS = 12
_RAW_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class TemplateWeights:
    """How many spikes of each template some clusters have.

    Attributes
    ----------
    template_ids : int64 array, (n_templates,)
        Templates that at least one of the clusters has.
    counts : float64 array, (n_clusters, n_templates)
        Spikes of each of them in each cluster.
    """

    template_ids: Int64Array
    counts: Float64Array

    @classmethod
    def of(cls, dataset: Dataset, clusters: Sequence[Int32Array]) -> TemplateWeights:
        """Count the templates of the spikes of some clusters, int32 (n_spikes,) each."""
        n = dataset.n_templates
        counts = [np.bincount(dataset.spike_templates[c], minlength=n) for c in clusters]
        table = np.array(counts, np.float64).reshape(len(clusters), n)
        present = np.flatnonzero(table.any(axis=0))
        return cls(present, table[:, present])

    def average(self, values: Float64Array, is_there: BoolArray) -> Float64Array:
        """Average values of templates for each cluster, by counts, over those that are there.

        Parameters
        ----------
        values : float64 array, (n_templates, n_spikes)
            Whatever where it is not there.
        is_there : bool array, (n_templates, n_spikes)

        Returns
        -------
        float64 array, (n_clusters, n_spikes)
            NaN where none of the cluster's templates is there.
        """
        weight = self.counts @ is_there
        total = self.counts @ np.where(is_there, values, 0.0)
        return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Projections:
    """Some spikes, projected on clusters.

    Attributes
    ----------
    spike_ids : int32 array, (n,)
        Spikes that have what is needed.
    values : float32 array, (n_clusters, n)
        NaN: nothing is known of this spike and this cluster.
    n_shared : int32 array, (n_clusters, n)
        Channels, or templates, that the projection is from; 0 where it is NaN.
    n_asked
        Spikes that were asked for.
    """

    spike_ids: Int32Array
    values: Float32Array
    n_shared: Int32Array
    n_asked: int

    @property
    def n_without(self) -> int:
        """Spikes that have nothing of what is needed."""
        return self.n_asked - len(self.spike_ids)


def joined(pieces: Sequence[Projections]) -> Projections:
    """Return pieces, at least one, as one."""
    return Projections(
        np.concatenate([p.spike_ids for p in pieces]),
        np.concatenate([p.values for p in pieces], axis=1),
        np.concatenate([p.n_shared for p in pieces], axis=1),
        sum(p.n_asked for p in pieces),
    )


# From template_features.npy -------------------------------------------------------------------


def project_stored(
    dataset: Dataset, spike_ids: Int32Array, weights: TemplateWeights
) -> Projections:
    """Take projections from `template_features.npy`.

    ``sum_k n[k] tf[s, k] / sum_k n[k]`` with n[k] the spikes of template k in the cluster, over
    those templates k that the file holds for the spike's template (phy's formula, which takes
    what the file lacks for 0).

    Parameters
    ----------
    dataset
        With `template_features`.
    spike_ids : int32 array, (n_spikes,)
    weights
        Templates of the clusters to project on.

    Raises
    ------
    DatasetError
        The file cannot be read.
    ValueError
        There is none.
    """
    file = dataset.template_features
    if file is None:
        raise ValueError("the dataset has no template features")
    kept = with_row(file, spike_ids)
    shape = (len(weights.template_ids), len(kept))
    values, is_there = np.zeros(shape), np.zeros(shape, bool)
    templates = dataset.spike_templates[kept]
    for columns, where in group_by_columns(file, templates, weights.template_ids.tolist()):
        known = np.flatnonzero(columns >= 0)
        part, _ = file.read(kept[where], local_channels=columns[known].tolist(), pcs=[0])
        for place, template in enumerate(known.tolist()):
            values[template, where] = part[:, place, 0]
            is_there[template, where] = np.isfinite(part[:, place, 0])
    n_shared = ((weights.counts > 0).astype(np.float32) @ is_there).astype(np.int32)
    averaged = weights.average(values, is_there).astype(np.float32)
    return Projections(kept, averaged, n_shared, len(spike_ids))


# From principal components --------------------------------------------------------------------


def project_computed(
    dataset: Dataset, spike_ids: Int32Array, weights: TemplateWeights, means: MeanFeatureCache
) -> Projections:
    """Project spikes on templates by their principal components.

    ``sum_cp f[c, p] m[c, p] / sqrt(sum_cp m[c, p]^2)`` with the spike's features f and the
    template's mean features m, over the channels c that both have; then averaged over the
    templates of a cluster by their counts.

    Parameters
    ----------
    dataset
        With `pc_features`.
    spike_ids : int32 array, (n_spikes,)
    weights
        Templates of the clusters to project on.
    means
        Mean features of the dataset's templates.

    Raises
    ------
    DatasetError
        The features cannot be read.
    """
    file = features_of(dataset)
    kept = with_row(file, spike_ids)
    shape = (len(weights.template_ids), len(kept))
    values, n_channels = np.zeros(shape), np.zeros(shape, np.int32)
    for template_id, where in _blocks_by_template(dataset.spike_templates[kept]):
        channels = local_channels(file, template_id)
        shared = [means.of(k).on(channels) for k in weights.template_ids.tolist()]
        if not any(is_shared.any() for _, is_shared in shared):
            continue
        features, has = filled(file, kept[where])
        for k, (mean, is_shared) in enumerate(shared):
            power = has @ (mean**2).sum(axis=1)
            dot = np.einsum("slp,lp->s", features, mean)
            values[k, where] = dot / np.sqrt(np.where(power > 0, power, np.nan))
            n_channels[k, where] = has.astype(np.int32) @ is_shared.astype(np.int32)
    averaged = weights.average(values, n_channels > 0).astype(np.float32)
    most = [n_channels[row > 0].max(axis=0, initial=0) for row in weights.counts]
    return Projections(kept, averaged, np.array(most, np.int32).reshape(averaged.shape),
                       len(spike_ids))  # fmt: skip


def _blocks_by_template(template_ids: Int32Array) -> Iterator[tuple[int, Int64Array]]:
    order = np.argsort(template_ids, kind="stable")
    present, starts = np.unique(template_ids[order], return_index=True)
    for template_id, of_template in zip(
        present.tolist(), np.split(order, starts[1:]), strict=False
    ):
        for start in range(0, len(of_template), _BLOCK_SPIKES):
            yield template_id, of_template[start : start + _BLOCK_SPIKES]


# From raw waveforms ---------------------------------------------------------------------------


def project_raw(dataset: Dataset, spike_ids: Int32Array, weights: TemplateWeights) -> Projections:
    """Project raw waveforms on templates.

    ``sum_tc w[t, c] T[t, c] / sqrt(sum_tc T[t, c]^2)`` over the (at most 12) channels on which
    the template T has a tenth of its largest size; then averaged over the templates of a cluster.

    Parameters
    ----------
    dataset
        With a raw file and templates.
    spike_ids : int32 array, (n_spikes,)
        All of them are read.
    weights
        Templates of the clusters to project on.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    ValueError
        The dataset has no raw file or no templates.
    """
    if dataset.templates is None:
        raise ValueError("the dataset has no templates")
    sizes = dataset.templates.peak_to_peak()
    channels = [
        best_channels(sizes[k], _RAW_CHANNELS, _RAW_SHARE)[0] for k in weights.template_ids
    ]
    union = np.unique(np.concatenate(channels)).astype(np.int32)
    alignment = Alignment.of(dataset)
    n = len(spike_ids)
    snippets = read_snippets(dataset, spike_ids, union, alignment, n, DEFAULT_CUTOFF_HZ)
    shape = (len(weights.template_ids), len(snippets.spike_ids))
    values, n_channels = np.zeros(shape), np.zeros(shape, np.int32)
    for k, (template_id, own) in enumerate(
        zip(weights.template_ids.tolist(), channels, strict=True)
    ):
        factor = template_factor(dataset, template_id)
        template = dataset.templates.waveform(template_id)[:, own] * factor
        norm = float(np.sqrt((template.astype(np.float64) ** 2).sum()))
        if norm > 0:
            waveforms = snippets.values[:, :, np.searchsorted(union, own)]
            values[k] = np.einsum("stc,tc->s", waveforms, template) / norm
            n_channels[k] = len(own)
    averaged = weights.average(values, n_channels > 0).astype(np.float32)
    most = [n_channels[row > 0].max(axis=0, initial=0) for row in weights.counts]
    return Projections(snippets.spike_ids, averaged,
                       np.array(most, np.int32).reshape(averaged.shape), n)  # fmt: skip
