"""Which templates the spikes of each cluster have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Int32Array, Int64Array
from ..kernels.grouping import count_pairs


@dataclass(frozen=True, slots=True, eq=False)
class TemplateCounts:
    """How many spikes of each template each cluster has.

    Attributes
    ----------
    offsets : int64 array, (n_clusters + 1,)
        The entries of cluster i are `offsets[i]:offsets[i + 1]` of the other two.
    template_ids : int32 array, (n_entries,)
        Templates with at least one spike in the cluster, increasing.
    counts : int64 array, (n_entries,)
        Their spikes in the cluster.
    """

    offsets: Int64Array
    template_ids: Int32Array
    counts: Int64Array

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.offsets) - 1

    def of(self, index: int) -> tuple[Int32Array, Int64Array]:
        """Return the templates of the cluster at a position, and their spikes in it."""
        entries = slice(self.offsets[index], self.offsets[index + 1])
        return self.template_ids[entries], self.counts[entries]

    def main(self) -> Int32Array:
        """Return the template with most spikes of each cluster; ties: lowest id; no spikes: -1.

        Returns
        -------
        int32 array, (n_clusters,)
        """
        main = np.full(self.n_clusters, -1, np.int32)
        cluster_of_entry = np.repeat(np.arange(self.n_clusters), np.diff(self.offsets))
        # By cluster, then by falling count, then by id: the first of each cluster is its main one.
        best = np.lexsort((self.template_ids, -self.counts, cluster_of_entry))
        has_spikes = np.diff(self.offsets) > 0
        main[has_spikes] = self.template_ids[best[self.offsets[:-1][has_spikes]]]
        return main

    def together(self) -> TemplateCounts:
        """Return the counts of one cluster that has the spikes of all of these."""
        ids, place = np.unique(self.template_ids, return_inverse=True)
        counts = np.bincount(place, self.counts, len(ids)).astype(np.int64)
        return TemplateCounts(np.array([0, len(ids)]), ids.astype(np.int32), counts)


def count_templates(
    order: Int32Array, offsets: Int64Array, spike_templates: Int32Array, n_templates: int
) -> TemplateCounts:
    """Count the spikes of each template in each cluster.

    Parameters
    ----------
    order : int32 array, (n_assigned,)
        Spike ids of the clusters, one cluster after another.
    offsets : int64 array, (n_clusters + 1,)
        Where each cluster starts in `order`.
    spike_templates : int32 array, (n_spikes,)
        Template of each spike.
    n_templates
        Number of templates.

    Raises
    ------
    ValueError
        A spike has a template that does not exist.
    """
    if (
        len(spike_templates)
        and not 0 <= spike_templates.min() <= spike_templates.max() < n_templates
    ):
        raise ValueError(f"a spike's template is not one of {n_templates}")
    groups, template_ids, counts = count_pairs(order, offsets, spike_templates, n_templates)
    starts = np.searchsorted(groups, np.arange(len(offsets)))
    return TemplateCounts(starts.astype(np.int64), template_ids, counts)
