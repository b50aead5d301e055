"""Shows views in tests: built, visible, and waited for; and sessions of made datasets."""

from __future__ import annotations

from typing import Any

import numpy as np

from gtview.analysis.channels import ChannelFinder
from gtview.analysis.clusters import compute_cluster_stats
from gtview.base.settings import SettingsFile
from gtview.curation.clustering import Clustering
from gtview.data.dataset import Dataset
from gtview.data.ground_truth import GroundTruth
from gtview.qt.compute import ComputePool
from gtview.qt.theme import ThemeKeeper
from gtview.session.session import Opened, Session
from gtview.views.base import View, ViewContext


class Shower:
    """Shows views of sessions; each is drawn when it is returned."""

    def __init__(self, qtbot: Any) -> None:
        self._qtbot = qtbot
        self._pools: list[ComputePool] = []
        self._views: list[View] = []

    def __call__(
        self,
        kind: type[View],
        session: Session,
        size: tuple[int, int] = (600, 500),
        theme: str = "dark",
        stored: SettingsFile | None = None,
        **settings: Any,
    ) -> Any:
        self._pools.append(ComputePool())
        if stored is None:
            stored = SettingsFile("test", persistent=False)
            stored.set(f"view.{kind.id}", settings)
        view = kind(ViewContext(session, self._pools[-1], ThemeKeeper(theme), stored))
        self._qtbot.addWidget(view)
        # pytest-qt closes it, but does not keep it alive.
        self._views.append(view)
        view.resize(*size)
        view.show()
        self.settle(view)
        return view

    def settle(self, view: View) -> None:
        """Wait until a view shows what is selected."""
        settle(self._qtbot, view)

    def change(self, view: View, **values: Any) -> None:
        """Change settings of a view, and wait."""
        view.change(**values)
        self.settle(view)

    def close(self) -> None:
        """Let no thread outlive the test."""
        for pool in self._pools:
            pool.close()


def settle(qtbot: Any, view: View) -> None:
    """Wait until a view shows what is selected."""
    qtbot.waitUntil(lambda: view.is_settled, timeout=30_000)
    qtbot.wait(1)


def session_of(dataset: Dataset, truth: GroundTruth | None = None) -> Session:
    """Return a session of a dataset, its clusters measured as when it is opened."""
    clustering = Clustering(dataset.spike_clusters, dataset.time_order)
    channels = ChannelFinder(dataset)
    ids = clustering.cluster_ids
    order, offsets = clustering.concatenated(ids)
    stats = compute_cluster_stats(dataset, np.array(ids, np.int32), order, offsets, channels.find)
    return Session(Opened(dataset, truth, clustering, channels, stats))
