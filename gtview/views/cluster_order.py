"""In which order views of all clusters show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base.types import Int64Array

if TYPE_CHECKING:
    from ..analysis.clusters import ClusterStats

ORDERS = ("depth", "id", "rate")


def order_clusters(stats: ClusterStats, order: str) -> Int64Array:
    """Return the positions of the clusters in one of `ORDERS`, int64, (n_clusters,).

    By depth: shank by shank, the deepest last; those of unknown depth at the end. By rate: the
    fastest first. Equal ones are in order of id.
    """
    ids = stats.cluster_ids
    if order == "depth":
        depths = np.nan_to_num(-stats.depths_um.astype(np.float64), nan=np.inf)
        # Unknown shanks are -1: they come last as well.
        shanks = np.where(stats.shanks < 0, np.iinfo(np.int32).max, stats.shanks)
        return np.lexsort((ids, depths, shanks)).astype(np.int64)
    if order == "rate":
        return np.lexsort((ids, -stats.n_spikes)).astype(np.int64)
    return np.argsort(ids, kind="stable").astype(np.int64)


def next_order(order: str, orders: tuple[str, ...] = ORDERS) -> str:
    """Return the order that follows one; of one that is not known, the first."""
    return orders[(orders.index(order) + 1) % len(orders)] if order in orders else orders[0]
