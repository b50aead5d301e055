"""Keeps the scores against the ground truth up to date, off the GUI thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ..session.events import ClusteringChanged, DeltaChanged

if TYPE_CHECKING:
    from ..qt.compute import ComputePool
    from ..session.session import Session

_log = logging.getLogger(__name__)


class ScoreKeeper(QObject):
    """Scores a session now and after each change of its clustering.

    Signals
    -------
    scored()
        The session has new scores.
    failed(object)
        The error of a scoring that failed.
    """

    scored = pyqtSignal()
    failed = pyqtSignal(object)

    def __init__(self, session: Session, pool: ComputePool, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._pool = pool
        self._version = 0
        # Busy from the beginning: nobody should take "not scored yet" for the full picture.
        self.is_busy = session.truth is not None
        session.bus.subscribe(ClusteringChanged, self._on_changed)
        session.bus.subscribe(DeltaChanged, self._on_changed)

    def start(self) -> None:
        """Score the clustering as it is; an older scoring under way is dropped when it is done."""
        if self._session.truth is None:
            return
        from ..session.scoring import score, scoring_query

        self._version += 1
        version = self._version
        self.is_busy = True
        query = scoring_query(self._session)
        delta_ms = self._session.truth_access.delta_ms
        self._pool.run(
            lambda: score(query, delta_ms),
            lambda scores: self._on_scores(version, scores),
            lambda error: self._on_error(version, error),
        )

    def stop(self) -> None:
        """Drop what is under way."""
        self._version += 1
        self.is_busy = False

    def _on_changed(self, _event: ClusteringChanged | DeltaChanged) -> None:
        self.start()

    def _on_scores(self, version: int, scores: object) -> None:
        if version == self._version:
            self.is_busy = False
            self._session.set_scores(scores)  # type: ignore[arg-type]
            self.scored.emit()
            self._find_states(version)

    def _find_states(self, version: int) -> None:
        """Say what became of every spike, so that the views that colour by it need not wait."""
        truth = self._session.truth_access.current
        if truth is not None:
            self._pool.run(
                truth.states,
                lambda _states: self._on_states(version),
                lambda error: self._on_error(version, error),
            )

    def _on_states(self, version: int) -> None:
        if version == self._version:
            self._session.truth_access.tell_states()

    def _on_error(self, version: int, error: BaseException) -> None:
        if version == self._version:
            self.is_busy = False
            _log.error("scoring failed", exc_info=error)
            self.failed.emit(error)
