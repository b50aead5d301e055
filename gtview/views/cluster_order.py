"""In which order views of all clusters show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base.types import Int64Array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..analysis.clusters import ClusterStats

ORDERS = ("table", "depth", "id", "rate")
ORDER_WORDS = {
    "table": "as in their table",
    "depth": "by depth",
    "id": "by id",
    "rate": "by rate",
}
ORDER_HELP = "Clusters as in their table, by depth, by id, or by rate."


def order_clusters(stats: ClusterStats, order: str, table_ids: Sequence[int] = ()) -> Int64Array:
    """Return the positions of the clusters in one of `ORDERS`, int64, (n_clusters,).

    By table: as in `table_ids`, the others after them by rate. By depth: shank by shank, the
    deepest last; those of unknown depth at the end. By rate: the fastest first. Equal ones are in
    order of id.
    """
    ids = stats.cluster_ids
    if order == "depth":
        depths = np.nan_to_num(-stats.depths_um.astype(np.float64), nan=np.inf)
        # Unknown shanks are -1: they come last as well.
        shanks = np.where(stats.shanks < 0, np.iinfo(np.int32).max, stats.shanks)
        return np.lexsort((ids, depths, shanks)).astype(np.int64)
    if order == "id":
        return np.argsort(ids, kind="stable").astype(np.int64)
    by_rate = np.lexsort((ids, -stats.n_spikes)).astype(np.int64)
    if order == "rate":
        return by_rate
    places = {cluster_id: place for place, cluster_id in enumerate(table_ids)}
    in_table = [places.get(i, len(places)) for i in ids[by_rate].tolist()]
    return by_rate[np.argsort(in_table, kind="stable")]


def known_order(order: str) -> str:
    """Return an order, or the first one where it is not known."""
    return order if order in ORDERS else ORDERS[0]


def next_order(order: str) -> str:
    """Return the order that follows one; of one that is not known, the first."""
    return ORDERS[(ORDERS.index(order) + 1) % len(ORDERS)] if order in ORDERS else ORDERS[0]
