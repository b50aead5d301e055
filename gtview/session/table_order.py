"""In which order the table of clusters shows them, for views that follow it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .events import TableOrderChanged

if TYPE_CHECKING:
    from ..base.events import EventBus


class TableOrder:
    """The order of the table of clusters, those that its filter hides included.

    Attributes
    ----------
    cluster_ids
        As the table was sorted last; empty before it was first seen. Clusters made since then are
        not among them, and some of them may be gone.
    """

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self.cluster_ids: tuple[int, ...] = ()

    def follow(self, cluster_ids: Iterable[int]) -> None:
        """Take over the order of the table, and tell it when it is another one."""
        cluster_ids = tuple(cluster_ids)
        if cluster_ids != self.cluster_ids:
            self.cluster_ids = cluster_ids
            self._bus.publish(TableOrderChanged())
