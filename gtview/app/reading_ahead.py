"""Reads what may be selected next, while nothing else is to be done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from threading import Event as Flag
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from ..base.errors import CancelledError, DatasetError
from ..qt.compute import single_shot
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from ..session.session import ClusterSpikes, Session

if TYPE_CHECKING:
    from ..qt.compute import ComputePool
    from ..views.ahead import ReadAhead
    from .view_host import ViewHost

_log = logging.getLogger(__name__)

# After the last selection: who goes through a list quickly needs the threads for what is shown.
WAIT_MS = 250


class ReadingAhead(QObject):
    """Has the visible views read the next cluster and the next similar one.

    Any selection stops it at once; it begins again when everything is drawn.

    Parameters
    ----------
    session, host, pool
        What is selected, who shows it, and the threads.
    may_read
        Says whether there is nothing more important to read.
    """

    def __init__(
        self, session: Session, host: ViewHost, pool: ComputePool, may_read: Callable[[], bool]
    ) -> None:
        super().__init__(pool)
        self._session = session
        self._host = host
        self._pool = pool
        self._may_read = may_read
        self._stopped = Flag()
        self._n_running = 0
        self._soon = single_shot(self, WAIT_MS, self._begin)
        self._unsubscribe = [
            session.bus.subscribe(kind, self._on_changed)
            for kind in (SelectionChanged, ClusteringChanged, DatasetChanged)
        ]
        self._soon.start()

    @property
    def is_busy(self) -> bool:
        """Whether something is being read, or will be soon."""
        return self._soon.isActive() or self._n_running > 0

    def stop(self) -> None:
        """Read no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._stopped.set()
        self._soon.stop()

    def _on_changed(self, _event: object) -> None:
        self._stopped.set()
        self._soon.start()

    def _begin(self) -> None:
        if not self._host.is_settled or not self._may_read():
            self._soon.start()
            return
        self._stopped = Flag()
        for ids in self._session.wizard.next_selections():
            clusters = tuple(ClusterSpikes(i, self._session.spikes_in_window(i), 0) for i in ids)
            for view in self._host.visible_views():
                read = view.read_ahead(clusters)
                if read is not None:
                    self._n_running += 1
                    task = partial(_read, read, self._stopped)
                    self._pool.run_idle(task, self._on_done, self._on_error)

    def _on_done(self, _nothing: object) -> None:
        self._n_running -= 1

    def _on_error(self, error: BaseException) -> None:
        self._n_running -= 1
        if not isinstance(error, CancelledError):
            # Nobody has asked for it: whoever selects that cluster is told.
            level = logging.INFO if isinstance(error, DatasetError) else logging.WARNING
            _log.log(level, "something could not be read ahead", exc_info=error)


def _read(read: ReadAhead, stopped: Flag, pause: Callable[[], None]) -> None:
    def pause_or_stop() -> None:
        pause()
        if stopped.is_set():
            raise CancelledError("Another cluster was selected.")

    pause_or_stop()
    read(pause_or_stop)
