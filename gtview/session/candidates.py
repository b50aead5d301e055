"""Clusters that may be the same neuron as one: the most similar ones, and how likely each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.merge_likelihood import (
    ClusterTrain,
    LikelihoodQuery,
    MergeLikelihood,
    iterate_merge_likelihoods,
)
from ..analysis.similarity import compute_cluster_similarity
from ..base.table import Column, Table

if TYPE_CHECKING:
    from ..analysis.clusters import ClusterStats
    from ..base.types import Float64Array, Int32Array, Int64Array
    from ..data.dataset import Dataset
    from .session import Session
    from .similarity import SimilarTemplates

# Beyond, nothing is alike enough to be worth the time.
MOST_CANDIDATES = 30
# Compared between two chances of others to compute.
_AT_ONCE = 5

_HELP = (
    "Merge likelihood: what speaks for one neuron, from 0 to 1. Made from the shapes over lags, "
    "the dip of the cross-correlogram, and how amplitude and depth go on from the one to the "
    "other; of the 30 most similar clusters."
)


@dataclass(frozen=True, slots=True, eq=False)
class CandidateQuery:
    """A snapshot of what `find_candidates` needs; safe to hand to a thread.

    Attributes
    ----------
    spikes
        Spikes of every cluster.
    known
        Likelihoods of earlier answers: an id never names another set of spikes.
    """

    cluster_id: int
    dataset: Dataset
    stats: ClusterStats
    similar_templates: SimilarTemplates
    spikes: Mapping[int, Int32Array]
    known: Mapping[int, MergeLikelihood]

    @classmethod
    def of(
        cls, session: Session, cluster_id: int, known: Mapping[int, MergeLikelihood]
    ) -> CandidateQuery:
        """Take it for one cluster."""
        spikes = {i: session.clustering.spikes_of(i) for i in session.clustering.cluster_ids}
        return cls(
            cluster_id, session.dataset, session.stats, session.similar_templates, spikes, known
        )


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Clusters that may be the same neuron as one.

    Attributes
    ----------
    cluster_id
        The one.
    likelihoods
        Of the most similar clusters, by falling similarity.
    """

    cluster_id: int
    likelihoods: tuple[MergeLikelihood, ...]

    def by_id(self) -> dict[int, MergeLikelihood]:
        """Return the likelihoods by the other cluster."""
        return {found.cluster_ids[1]: found for found in self.likelihoods}


def find_candidates(query: CandidateQuery) -> Candidates:
    """Compare a cluster with the 30 most similar ones; some tenths of a second, for a thread."""
    *_, found = find_in_steps(query)
    assert found is not None
    return found


def find_in_steps(query: CandidateQuery) -> Iterator[Candidates | None]:
    """Do the same with None after every few clusters, so that others have their turn between."""
    chosen = _most_similar(query)
    found = dict(query.known)
    missing = [i for i in chosen if i not in found]
    if missing and query.cluster_id in query.spikes:
        trains = tuple(train_of(query, i) for i in missing)
        asked = LikelihoodQuery(query.dataset, train_of(query, query.cluster_id), trains)
        for k, likelihood in enumerate(iterate_merge_likelihoods(asked)):
            found[likelihood.cluster_ids[1]] = likelihood
            if k % _AT_ONCE == 0:
                yield None
    yield Candidates(query.cluster_id, tuple(found[i] for i in chosen if i in found))


def has_missing(query: CandidateQuery) -> bool:
    """Whether there is anything that is not known yet."""
    return any(i not in query.known for i in _most_similar(query))


def _most_similar(query: CandidateQuery) -> list[int]:
    similarity = similarity_to(query.stats, query.similar_templates, query.cluster_id)
    ids = query.stats.cluster_ids
    rows = order_by(similarity, ids)
    known = [int(ids[row]) for row in rows.tolist() if np.isfinite(similarity[row])]
    return [i for i in known if i != query.cluster_id and i in query.spikes][:MOST_CANDIDATES]


def similarity_to(
    stats: ClusterStats, similar_templates: SimilarTemplates, cluster_id: int
) -> Float64Array:
    """Return the similarity of one cluster to all of `stats`, NaN where it is not known."""
    similarity = np.full(len(stats.cluster_ids), np.nan)
    values = similar_templates.values()
    found = np.flatnonzero(stats.cluster_ids == cluster_id)
    if values is not None and len(found):
        similarity[:] = compute_cluster_similarity(values, stats.templates, int(found[0]))
    return similarity


def order_by(values: Float64Array, cluster_ids: Int32Array) -> Int64Array:
    """Return the rows by falling value; equal ones by id, unknown ones last."""
    rows: Int64Array = np.lexsort((cluster_ids, -np.nan_to_num(values, nan=-np.inf)))
    return rows


def with_likelihood(table: Table, likelihoods: Mapping[int, MergeLikelihood]) -> Table:
    """Return a table of clusters with their likelihood as a column more, behind the similarity.

    Parameters
    ----------
    table
        See `similarity_table`.
    likelihoods
        Of being one neuron with the cluster that the table is about, by the other cluster.
    """
    found = [likelihoods.get(int(i)) for i in table.row_ids]  # type: ignore[call-overload]
    values = np.array([np.nan if one is None else one.value for one in found], np.float64)
    column = Column("likelihood", values, digits=2, help=_HELP)
    return Table(table.row_ids, (*table.columns[:2], column, *table.columns[2:]))


def train_of(query: CandidateQuery, cluster_id: int) -> ClusterTrain:
    """Return one cluster of a query with its spikes and templates."""
    row = int(np.flatnonzero(query.stats.cluster_ids == cluster_id)[0])
    return ClusterTrain(cluster_id, query.spikes[cluster_id], *query.stats.templates.of(row))
