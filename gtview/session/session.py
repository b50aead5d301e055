"""One opened dataset: what is on disk, what is true, what is selected; knows no widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..base.events import EventBus
from .events import BlindChanged, DatasetChanged, ScoresChanged
from .opened import ClusterSpikes, Opened, samples_of
from .selection import Selection, SelectionState
from .similarity import SimilarTemplates

if TYPE_CHECKING:
    from ..analysis.channels import BestChannels, ChannelFinder
    from ..analysis.clusters import ClusterStats
    from ..analysis.pc_metrics import PcMetrics
    from ..analysis.quality import ClusterQuality
    from ..base.types import Int32Array
    from ..data.dataset import Dataset
    from ..data.diagnostics import Diagnostic
    from ..data.ground_truth import GroundTruth, UnitId
    from ..scoring.causes import SpikeCauses
    from ..scoring.scores import Scores
    from ..scoring.spike_matrix import SpikeMatrix
    from ..scoring.states import SpikeStates
    from ..scoring.thresholds import Thresholds


class Session:
    """Dataset, ground truth, clustering, selection and scores of one opened dataset."""

    def __init__(
        self,
        opened: Opened,
        on_error: Callable[[BaseException], None] | None = None,
        *,
        blind: bool = False,
    ) -> None:
        # They load numba: the window's modules are imported while it is still being loaded.
        from .curating import Curation
        from .gains import Gains
        from .measuring import Measurements
        from .other_sortings import OtherSortings
        from .problems import Problems
        from .scoring import TruthIndex
        from .splitting import Splitting
        from .table_order import TableOrder
        from .truth_access import TruthAccess
        from .wizard import Wizard

        self.bus = EventBus(on_error)
        self.selection = Selection(self.bus)
        self.clustering = opened.clustering
        self._truth = opened.truth
        self._scores: Scores | None = None
        self._blind = blind and opened.truth is not None
        self.similar_templates = SimilarTemplates(opened.dataset)
        self._opened = opened
        self.truth_index = None if opened.truth is None else TruthIndex(opened.truth)
        self.measurements = Measurements(self, opened.stats)
        self.curation = Curation(self, opened.curation)
        self.splitting = Splitting(self)
        self.table_order = TableOrder(self.bus)
        self.gains = Gains(self)
        self.wizard = Wizard(self)
        self.truth_access = TruthAccess(self)
        self.others = OtherSortings(self)
        self.problems = Problems(self)

    @property
    def dataset(self) -> Dataset:
        """The export, as it is known now."""
        return self._opened.dataset

    @property
    def has_truth(self) -> bool:
        """Whether there is a ground truth, shown or hidden."""
        return self._truth is not None

    @property
    def blind(self) -> bool:
        """Whether the ground truth is hidden: then nobody gets it, nor anything made from it."""
        return self._blind

    @property
    def truth(self) -> GroundTruth | None:
        """The ground truth; None where there is none, and while it is hidden."""
        return None if self._blind else self._truth

    @property
    def scores(self) -> Scores | None:
        """The scores; None until they are computed, and while the truth is hidden."""
        return None if self._blind else self._scores

    @property
    def thresholds(self) -> Thresholds:
        """Where the categories begin; see `truth_access`."""
        return self.truth_access.thresholds

    @property
    def states(self) -> SpikeStates | None:
        """What became of every spike, as far as it is known; see `truth_access`."""
        return self.truth_access.states

    @property
    def spike_matrix(self) -> SpikeMatrix | None:
        """Where the spikes of each unit went, as far as it is known; see `truth_access`."""
        return self.truth_access.spike_matrix

    @property
    def causes(self) -> SpikeCauses | None:
        """Why true spikes are not found, as far as it is known; see `truth_access`."""
        return self.truth_access.causes

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was noticed while reading; not of the truth while it is hidden."""
        items = self.dataset.diagnostics
        if not self._blind:
            return items
        return tuple(d for d in items if d not in self._opened.truth_diagnostics)

    @property
    def channels(self) -> ChannelFinder:
        """Finds the best channels of clusters."""
        return self._opened.channels

    @property
    def stats(self) -> ClusterStats:
        """Numbers of every cluster for the tables; they follow every change of clusters."""
        return self.measurements.stats

    @property
    def quality(self) -> ClusterQuality | None:
        """Measurements of the clusters that were measured; None before the first."""
        return self.measurements.quality

    @property
    def pc(self) -> Mapping[int, PcMetrics]:
        """How well clusters stand apart, of those for which that was asked."""
        return self.measurements.pc

    @property
    def labelled(self) -> Dataset:
        """The export with the labels as they are now; another object only when they change."""
        return self.curation.labelled

    def shown_clusters(self) -> tuple[ClusterSpikes, ...]:
        """Return a snapshot of the selected clusters, in their order, within the time window."""
        state = self.selection.state
        return tuple(
            ClusterSpikes(i, self.spikes_in_window(i), color)
            for i, color in zip(state.shown_ids, state.color_ids, strict=True)
        )

    def spikes_in_window(self, cluster_id: int) -> Int32Array:
        """Return the spikes of a cluster within the selected time window, by increasing time.

        Returns
        -------
        spike_ids : int32 array, (n_spikes,), read-only
        """
        spike_ids = self.clustering.spikes_of(cluster_id)
        window = self.selection.state.time_window_s
        if window is None:
            return spike_ids
        # Whole samples: for limits that are not, NumPy would convert all spikes.
        limits = np.ceil(np.array(window) * self.dataset.sample_rate_hz).astype(np.int64)
        if self.dataset.time_order is None:
            # Ids are in order of time: two searches, whatever the size of the cluster.
            ids = np.searchsorted(self.dataset.spike_samples, limits).astype(np.int32)
            start, stop = np.searchsorted(spike_ids, ids)
        else:
            start, stop = np.searchsorted(self.dataset.spike_samples[spike_ids], limits)
        return spike_ids[start:stop]

    def best_channels(self, cluster_id: int) -> BestChannels:
        """Return the channels of a cluster by decreasing amplitude."""
        return self.channels.find(self.clustering.spikes_of(cluster_id))

    def select_clusters(
        self, cluster_ids: Sequence[int], similar_ids: Sequence[int] = (), source: object = None
    ) -> None:
        """Select clusters that exist; ids that do not are left out."""
        known = self.clustering
        self.selection.update(
            cluster_ids=tuple(i for i in cluster_ids if i in known),
            similar_ids=tuple(i for i in similar_ids if i in known),
            source=source,
        )

    def restore_selection(self, before: SelectionState) -> None:
        """Select what was selected before a reload, with its colours, as far as it exists."""
        colors = dict(zip(before.shown_ids, before.color_ids, strict=True))
        chosen = tuple(i for i in before.cluster_ids if i in self.clustering)
        similar = tuple(i for i in before.similar_ids if i in self.clustering)
        n_channels = len(self.dataset.channels.raw_channels)
        units = () if self.truth is None else self.truth.unit_ids
        self.selection.restore(
            replace(
                before,
                cluster_ids=chosen,
                similar_ids=similar,
                unit_id=before.unit_id if before.unit_id in units else None,
                channel_ids=tuple(c for c in before.channel_ids if c < n_channels),
                color_ids=tuple(colors[i] for i in chosen + similar),
                highlight=None,  # spikes may have other numbers now
            )
        )

    def pick_cluster(
        self, cluster_id: int, *, is_added: bool = False, source: object = None
    ) -> None:
        """Select one cluster; or add it to the selected ones, or take it out if it is of them."""
        state = self.selection.state
        if not is_added:
            self.select_clusters((cluster_id,), source=source)
        elif cluster_id in state.shown_ids:
            chosen = tuple(i for i in state.cluster_ids if i != cluster_id)
            similar = tuple(i for i in state.similar_ids if i != cluster_id)
            self.select_clusters(chosen, similar, source=source)
        else:
            self.select_clusters((*state.cluster_ids, cluster_id), state.similar_ids, source)

    def select_unit(self, unit_id: UnitId | None, source: object = None) -> None:
        """Select a unit of the ground truth, and its best cluster with it."""
        changes: dict[str, object] = {"unit_id": unit_id}
        best = self._best_cluster_of(unit_id)
        if best is not None:
            changes |= {"cluster_ids": (best,), "similar_ids": ()}
        self.selection.update(source=source, **changes)

    def select_match(
        self, unit_id: UnitId, cluster_ids: Sequence[int], source: object = None
    ) -> None:
        """Select a unit and clusters in one change; clusters that do not exist are left out."""
        known = tuple(i for i in cluster_ids if i in self.clustering)
        self.selection.update(unit_id=unit_id, cluster_ids=known, similar_ids=(), source=source)

    def set_scores(self, scores: Scores) -> None:
        """Take new scores and tell it."""
        if self._blind:
            return  # they were being computed when the truth was hidden
        scores = self.truth_access.adjusted(scores)
        before, self._scores = self._scores, scores
        self.gains.follow(before, scores)
        self.bus.publish(ScoresChanged())

    def replace_scores(self, scores: Scores) -> None:
        """Take the same scores judged otherwise and tell it; no action did this."""
        self._scores = None if self._blind else scores
        self.bus.publish(ScoresChanged())

    def set_blind(self, is_blind: bool) -> None:
        """Hide the ground truth from everybody, or show it again, and tell it.

        Scores are forgotten: what they were computed from may have changed when they are shown.
        """
        is_blind = is_blind and self.has_truth
        if is_blind == self._blind:
            return
        self._blind, self._scores = is_blind, None
        with self.bus.hold():
            self.selection.update(unit_id=None, highlight=None)
            self.bus.publish(BlindChanged())
            self.bus.publish(ScoresChanged())

    def replace_opened(self, opened: Opened) -> None:
        """Take a dataset of which more is known (the raw file, the gain), and tell it."""
        self._opened = opened
        self.measurements.replace_stats(opened.stats)
        self.curation.refresh_dataset()
        self.bus.publish(DatasetChanged())

    def _best_cluster_of(self, unit_id: UnitId | None) -> int | None:
        if self.scores is None or unit_id is None:
            return None
        for unit in self.scores.units:
            if unit.unit_id == unit_id:
                return unit.best_cluster_id
        return None

    def matched_unit(self, cluster_id: int | None = None) -> UnitId | None:
        """Return the selected unit, else the best one of a cluster: by default the first."""
        state = self.selection.state
        if state.unit_id is not None:
            return state.unit_id
        first = state.cluster_ids[0] if cluster_id is None and state.cluster_ids else cluster_id
        if self.scores is None or first is None:
            return None
        match = self.scores.unit_of_cluster(first)
        return None if match is None else match.unit_id


__all__ = ["ClusterSpikes", "Opened", "Session", "samples_of"]
