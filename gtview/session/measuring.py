"""The numbers of clusters, kept up to date: only those of clusters that changed are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .events import QualityChanged

if TYPE_CHECKING:
    from ..analysis.clusters import ClusterStats
    from ..analysis.pc_metrics import PcMetrics, PcQuery
    from ..analysis.quality import ClusterQuality, NoiseLevels, QualityQuery
    from .session import Session


class Measurements:
    """Owns the table numbers and the measurements of quality of a session.

    Parameters
    ----------
    session
        Whose clusters they are.
    stats
        Numbers of all its clusters.

    Attributes
    ----------
    quality
        Measurements of the clusters that were measured; None before `begin`.
    pc
        How well clusters stand apart, of those for which that was asked.
    """

    def __init__(self, session: Session, stats: ClusterStats) -> None:
        self._session = session
        self.stats = stats
        self.quality: ClusterQuality | None = None
        self.pc: Mapping[int, PcMetrics] = {}
        self._noise: NoiseLevels | None = None
        # Of clusters that are gone: an undo brings them back, with the same id and spikes.
        self._gone: dict[int, ClusterStats] = {}

    def begin(self) -> None:
        """Say that quality is going to be measured: tables have its columns from now on."""
        from ..analysis.quality import FIELDS, ClusterQuality

        self.quality = ClusterQuality((), {name: np.empty(0) for name in FIELDS})

    def replace_stats(self, stats: ClusterStats) -> None:
        """Take over new numbers of all clusters; quality is measured again when asked for."""
        self.stats = stats
        self._noise = None
        self._gone.clear()
        if self.quality is not None:
            self.begin()
        if stats is not None:
            # They were counted in a thread: clusters may have changed meanwhile.
            now, counted = self._session.clustering.cluster_ids, stats.cluster_ids.tolist()
            added, removed = set(now) - set(counted), set(counted) - set(now)
            if added or removed:
                self.follow(tuple(sorted(added)), tuple(sorted(removed)))

    def follow(self, added: tuple[int, ...], removed: tuple[int, ...]) -> None:
        """Forget clusters that are gone, and count the new ones."""
        from ..analysis.clusters import join_clusters, pick_clusters, replace_clusters

        if self.stats is not None:
            if added and all(i in self._gone for i in added):
                new = join_clusters([self._gone[i] for i in added])
            else:
                new = self._count(added, removed)
            self._gone |= {i: pick_clusters(self.stats, [i]) for i in removed}
            self.stats = replace_clusters(self.stats, removed, new)
        if self.quality is not None:
            self.quality = self.quality.without(removed)
        gone = {*removed}
        # Those that stood beside a cluster that is gone stand beside another one now.
        self.pc = {
            i: m for i, m in self.pc.items() if i not in gone and gone.isdisjoint(m.neighbours)
        }

    def _count(self, added: Sequence[int], removed: Sequence[int]) -> ClusterStats:
        from ..analysis.clusters import compute_cluster_stats, pick_clusters

        session = self._session
        counts = None
        if len(added) == 1 and removed:
            # It has the spikes of all that are gone: what was counted of them is added up.
            counts = pick_clusters(self.stats, removed).templates.together()
        order, offsets = session.clustering.concatenated(added)
        ids = np.array(added, np.int32)
        find = session.channels.find if session.channels is not None else None
        return compute_cluster_stats(session.dataset, ids, order, offsets, find, counts)

    def query(
        self, *, with_raw: bool = True, first: Sequence[int] = (), at_most: int | None = None
    ) -> QualityQuery:
        """Return what has to be measured: the clusters that were not measured yet.

        Hand it to `analysis.quality.compute_quality` in a thread, and the answer to `take`.

        Parameters
        ----------
        with_raw
            Whether raw waveforms may be read for the signal-to-noise ratio.
        first
            Clusters that come first, such as those that are looked at.
        at_most
            Number of clusters; None: all.
        """
        from ..analysis.quality import NoiseLevels, QualityQuery

        session = self._session
        self._noise = self._noise or NoiseLevels(session.dataset)
        known = set(() if self.quality is None else self.quality.cluster_ids)
        wanted = [i for i in session.clustering.cluster_ids if i not in known]
        wanted = sorted(wanted, key=lambda i: i not in first)[:at_most]
        spikes = tuple(session.clustering.spikes_of(i) for i in wanted)
        rows = np.searchsorted(self.stats.cluster_ids, np.array(wanted, np.int32))
        channels = tuple(int(c) for c in self.stats.best_channels[rows])
        return QualityQuery(
            session.dataset, tuple(wanted), spikes, channels, with_raw, self._noise
        )

    def pc_query(self, cluster_ids: Sequence[int]) -> PcQuery:
        """Return what `analysis.pc_metrics.compute_pc_metrics` needs for some clusters."""
        from ..analysis.pc_metrics import PcQuery

        session = self._session
        ids = tuple(self.stats.cluster_ids.tolist())
        spikes = tuple(session.clustering.spikes_of(i) for i in ids)
        channels = tuple(self.stats.best_channels.tolist())
        return PcQuery(session.dataset, tuple(cluster_ids), ids, spikes, channels)

    def take(self, found: ClusterQuality) -> None:
        """Take over measurements, as far as their clusters still exist, and tell it."""
        gone = [i for i in found.cluster_ids if i not in self._session.clustering]
        found = found.without(gone)
        known = self.quality
        self.quality = found if known is None else known.without(found.cluster_ids).joined(found)
        self._session.bus.publish(QualityChanged(found.cluster_ids))

    def take_pc(self, found: Iterable[PcMetrics]) -> None:
        """Take over how well clusters stand apart, as far as they still exist, and tell it."""
        known = {m.cluster_id: m for m in found if m.cluster_id in self._session.clustering}
        self.pc = {**self.pc, **known}
        self._session.bus.publish(QualityChanged(tuple(known)))
