"""The place of a view in a dock: the view is made when it is first seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QStackedLayout, QWidget

from ..qt.compute import single_shot
from ..qt.keys import building
from ..qt.placeholders import MessageLabel
from ..views.base import View

_log = logging.getLogger(__name__)

SMALLEST_WIDTH_PX, SMALLEST_HEIGHT_PX = 200, 120


class ViewSlot(QWidget):
    """Holds a view, or makes it when it is seen: what nobody looks at costs nothing.

    Signals
    -------
    built(object)
        The view is there.
    """

    built = pyqtSignal(object)

    def __init__(self, make: Callable[[], View]) -> None:
        super().__init__()
        self.view: View | None = None
        self.error: Exception | None = None
        self._make = make
        self._layout = QStackedLayout(self)
        self._soon = single_shot(self, 0, self._build_if_seen)
        # Every split keeps a sensible minimum.
        self.setMinimumSize(SMALLEST_WIDTH_PX, SMALLEST_HEIGHT_PX)

    @property
    def is_waiting(self) -> bool:
        """Whether it is seen, and the view is still to be made."""
        return self._soon.isActive()

    def build(self) -> View | None:
        """Make the view now; None when that fails."""
        self._soon.stop()
        if self.view is None and self.error is None:
            try:
                with building():
                    self.view = self._make()
            except Exception as error:  # noqa: BLE001  (the other views go on)
                self._show_error(error)
            else:
                self._layout.addWidget(self.view)
                self.built.emit(self.view)
        return self.view

    def lend(self) -> View | None:
        """Give the view away for a while."""
        view = self.build()
        if view is not None:
            self._layout.removeWidget(view)
        return view

    def take_back(self) -> None:
        """Show the view here again."""
        if self.view is not None:
            self._layout.addWidget(self.view)
            self._layout.setCurrentWidget(self.view)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        # Docks that are being arranged are seen for a moment.
        if self.view is None:
            self._soon.start()

    def _build_if_seen(self) -> None:
        if self.isVisible():
            self.build()

    def _show_error(self, error: Exception) -> None:
        _log.error("a view could not be made", exc_info=error)
        self.error = error
        text = f"This view could not be opened ({type(error).__name__}); the log has the details."
        self._layout.addWidget(MessageLabel(text, is_error=True))


def view_around(widget: QWidget | None) -> View | None:
    """Return the view that a widget belongs to."""
    for parent in _ancestors(widget):
        if isinstance(parent, View):
            return parent
    return None


def _ancestors(widget: QWidget | None) -> Iterator[QWidget]:
    while widget is not None:
        yield widget
        widget = widget.parentWidget()
