"""Collects Python's garbage in the thread of the window only.

Python looks for cycles in whichever thread makes the next object. A cycle with a widget or a timer
in it that is taken apart in another thread can still be called by the event loop meanwhile, which
ends the program.
"""

from __future__ import annotations

import gc

from PyQt6.QtCore import QObject, QTimer

_EVERY_MS = 200
# New objects since the last look; Python's own limit is 700.
_YOUNG = 2_000
# Looks at the young ones until the next older ones are looked at too, as Python does.
_UNTIL_OLDER = 10
# Looks at the older ones until all are looked at: that takes tens of milliseconds.
_UNTIL_ALL = 30


class GarbageCollector(QObject):
    """Takes over from Python's own collector for as long as it lives.

    Parameters
    ----------
    parent
        What it ends with.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        # What was imported stays for ever: to look at all of it once costs a tenth of a second,
        # just while a dataset is being opened.
        gc.freeze()
        self._n_young = self._n_older = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> None:
        """Look for garbage where enough objects were made since the last time."""
        if gc.get_count()[0] < _YOUNG:
            return
        generation = 0
        self._n_young += 1
        if self._n_young >= _UNTIL_OLDER:
            self._n_young, generation = 0, 1
            self._n_older += 1
        if self._n_older >= _UNTIL_ALL:
            self._n_older, generation = 0, 2
        gc.collect(generation)

    def stop(self) -> None:
        """Give it back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
