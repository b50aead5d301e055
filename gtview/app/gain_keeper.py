"""Finds out what each action did to the scores, off the GUI thread, one action after another."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from ..qt.compute import LatestTask
from ..session.events import HistoryChanged, ScoresChanged

if TYPE_CHECKING:
    from ..qt.compute import ComputePool
    from ..session.session import Session

_log = logging.getLogger(__name__)


class GainKeeper(QObject):
    """Scores the actions of a history of which the gain is not known.

    What somebody does now is told by the new scores themselves. What is left are the actions of
    an earlier day, and those that were done faster than they were scored.
    """

    def __init__(self, session: Session, pool: ComputePool, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._pool = pool
        self._task = LatestTask(pool, self)
        self._task.arrived.connect(lambda found, _is_full: session.gains.take(found or {}))
        self._task.failed.connect(self._on_failed)
        self._is_prepared = False
        self._unsubscribe = [
            session.bus.subscribe(kind, self._on_event) for kind in (ScoresChanged, HistoryChanged)
        ]

    @property
    def is_busy(self) -> bool:
        """Whether actions are being scored."""
        return self._task.is_busy

    def stop(self) -> None:
        """Drop what is under way, and listen no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._task.drop()

    def _on_event(self, event: object) -> None:
        session = self._session
        if session.scores is None:
            self._task.drop()
            return
        if session.scores.cluster_ids != tuple(session.clustering.cluster_ids):
            return  # the scores are about to follow, and tell what was done
        self._prepare()
        if session.gains.n_missing and not (
            isinstance(event, HistoryChanged) and self._task.is_busy
        ):
            walk, known = session.gains.walk(), session.gains.known_numbers
            self._task.submit(lambda: walk.gains(known))

    def _prepare(self) -> None:
        """Put the truth in order of time, so that not even the first action has to wait for it."""
        index, keeping = self._session.truth_index, self._session.curation.keeping
        if not self._is_prepared and index is not None and not keeping.read_only_reason:
            self._is_prepared = True
            self._pool.submit(index.get)

    def _on_failed(self, error: BaseException) -> None:
        _log.error("scoring the actions of the history failed", exc_info=error)
