"""Measures clusters off the GUI thread: all once, and those that change when they change."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, reduce
from threading import Event as Flag
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from ..base.errors import CancelledError
from ..session.events import ClusteringChanged, DatasetChanged

if TYPE_CHECKING:
    from ..analysis.pc_metrics import PcMetrics, PcQuery
    from ..analysis.quality import ClusterQuality, QualityQuery
    from ..qt.compute import ComputePool
    from ..session.session import Session

_log = logging.getLogger(__name__)

# One pass; then the clusters that are looked at have their turn again.
PASS_S = 1.0


class QualityKeeper(QObject):
    """Keeps the measurements of a session up to date.

    Parameters
    ----------
    session, pool
        Whose clusters, and the threads.
    tell
        Says how far it is; "" when it is done.
    """

    def __init__(
        self, session: Session, pool: ComputePool, tell: Callable[[str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._pool = pool
        self._tell = tell
        self._is_running = self._is_stopped = False
        self._pc_stopped: Flag | None = None
        self._unsubscribe = [
            session.bus.subscribe(kind, self._on_changed)
            for kind in (ClusteringChanged, DatasetChanged)
        ]
        self._is_started = False

    @property
    def is_busy(self) -> bool:
        """Whether something is being measured, or will be."""
        return self._is_running or self._pc_stopped is not None

    def start(self) -> None:
        """Measure what was not measured yet."""
        self._is_started = True
        if self._is_running or self._is_stopped:
            return
        first = self._session.selection.state.shown_ids
        query = self._session.measurements.query(first=first)
        if not query.cluster_ids:
            self._tell("")
            return
        self._is_running = True
        self._pool.run_idle(partial(_one_pass, query), self._take, self._on_error)

    def stop(self) -> None:
        """Drop what is under way."""
        self._is_stopped = True
        self.stop_pc()
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _on_changed(self, _event: object) -> None:
        if self._is_started:
            self.start()

    def _take(self, found: ClusterQuality) -> None:
        self._is_running = False
        if not self._is_stopped:
            self._session.measurements.take(found)
            self.start()

    def _on_error(self, error: BaseException) -> None:
        # A raw file that cannot be read any more: the tables say "-", the traces say why.
        self._is_running, self._is_stopped = False, True
        _log.warning("clusters were not measured", exc_info=error)

    # On demand -------------------------------------------------------------------------------

    def start_pc(self, cluster_ids: Sequence[int], on_error: Callable[[str], None]) -> None:
        """Measure how well some clusters stand apart; instead of those under way."""
        self.stop_pc()
        query = self._session.measurements.pc_query(cluster_ids)
        flag = self._pc_stopped = Flag()
        self._next_pc(query, 0, flag, on_error)

    def stop_pc(self) -> None:
        """Stop measuring how well clusters stand apart; what was found stays."""
        if self._pc_stopped is not None:
            self._pc_stopped.set()
            self._pc_stopped = None
            self._tell("")

    def _next_pc(
        self, query: PcQuery, n_done: int, flag: Flag, on_error: Callable[[str], None]
    ) -> None:
        n = len(query.cluster_ids)
        if n_done < n:
            self._tell(f"Measuring how clusters stand apart, {100 * n_done // n} %")

        def take(found: tuple[PcMetrics, ...]) -> None:
            if flag.is_set():
                return
            self._session.measurements.take_pc(found)
            if n_done + len(found) < n:
                self._next_pc(query, n_done + len(found), flag, on_error)
            else:
                self.stop_pc()

        def fail(error: BaseException) -> None:
            if not flag.is_set() and not isinstance(error, CancelledError):
                self.stop_pc()
                on_error(str(error))

        self._pool.run_idle(partial(_pc_pass, query, n_done), take, fail)


def _one_pass(query: QualityQuery, pause: Callable[[], None]) -> ClusterQuality:
    """Measure clusters, one after another, for a while."""
    from ..analysis.quality import ClusterQuality, compute_quality

    end, found = time.monotonic() + PASS_S, []
    for k in range(len(query.cluster_ids)):
        pause()
        one = replace(
            query,
            cluster_ids=query.cluster_ids[k : k + 1],
            spike_ids=query.spike_ids[k : k + 1],
            best_channels=query.best_channels[k : k + 1],
        )
        found.append(compute_quality(one))
        if time.monotonic() > end:
            break
    return reduce(ClusterQuality.joined, found)


def _pc_pass(query: PcQuery, n_done: int, pause: Callable[[], None]) -> tuple[PcMetrics, ...]:
    from ..analysis.pc_metrics import compute_pc_metrics

    found: list[PcMetrics] = []
    end = time.monotonic() + PASS_S
    for cluster_id in query.cluster_ids[n_done:]:
        pause()
        found += compute_pc_metrics(replace(query, cluster_ids=(cluster_id,)))
        if time.monotonic() > end:
            break
    return tuple(found)
