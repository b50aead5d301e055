"""The views of one opened session in their docks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QApplication, QWidget

from ..qt.docks import Docks
from ..qt.keys import KeyTable, portable
from ..views import VIEWS, load_view
from ..views.base import View, ViewContext
from .layouts import LAYOUTS, Layout, read_layout

if TYPE_CHECKING:
    from ..base.settings import SettingsFile


class ViewHost(QObject):
    """Makes the views of a session, and remembers where the user wants them.

    Signals
    -------
    drawn()
        A view has drawn something.
    """

    drawn = pyqtSignal()

    def __init__(self, container: QWidget, settings: SettingsFile) -> None:
        super().__init__(container)
        self.docks = Docks(container)
        self.views: dict[str, View] = {}
        self.layout: Layout = read_layout(LAYOUTS[0])
        self._settings = settings
        self._keys: dict[str, KeyTable] = {}

    def open(self, context: ViewContext, width_px: int) -> None:
        """Make all views for a session, and place them as last time."""
        self.close()
        for view_id in VIEWS:
            self._add(load_view(view_id)(context))
        has_truth = context.session.truth is not None
        name = self._settings.get("layout", LAYOUTS[0] if has_truth else LAYOUTS[1])
        self.use_layout(name if name in LAYOUTS else LAYOUTS[0], width_px)

    def close(self) -> None:
        """Take leave of the session."""
        for view in self.views.values():
            view.close_view()
        self.views.clear()
        self._keys.clear()
        self.docks.remove_all()

    def use_layout(self, name: str, width_px: int, *, remembered: bool = True) -> None:
        """Place the views as a layout says, or as the user had changed it."""
        self.layout = read_layout(name)
        state = self._settings.get(self._state_key(width_px)) if remembered else None
        tree = self.layout.for_width(width_px)
        self.docks.arrange(tree)
        if isinstance(state, str):
            self.docks.restore(state)

    def fit_parts(self, width_px: int) -> None:
        """Share out the room again, once the window has its size."""
        if self._settings.get(self._state_key(width_px)) is None:
            self.docks.resize_parts(self.layout.for_width(width_px))

    def reset_layout(self, width_px: int) -> None:
        """Forget the user's changes of this layout."""
        self._settings.set(self._state_key(width_px), None)
        self.use_layout(self.layout.name, width_px, remembered=False)

    def remember_layout(self, width_px: int) -> None:
        """Keep the places as they are now for next time."""
        if self.views:
            self._settings.set("layout", self.layout.name)
            self._settings.set(self._state_key(width_px), self.docks.state())

    def visible_views(self) -> list[View]:
        """Return the views that are seen now."""
        return [view for view in self.views.values() if view.isVisible()]

    @property
    def is_settled(self) -> bool:
        """Whether every visible view shows its full result."""
        return all(view.is_settled for view in self.visible_views())

    def keys_of(self, widget: QWidget) -> KeyTable | None:
        """Return the keys of the view that a widget belongs to."""
        for parent in _ancestors(widget):
            if isinstance(parent, View):
                return self._keys.get(parent.id)
        return None

    def _add(self, view: View) -> None:
        self.views[view.id] = view
        self._keys[view.id] = make_key_table(view)
        self.docks.add(view.id, view.title, view)
        view.status_changed.connect(partial(self.docks.set_status, view.id))
        view.windowTitleChanged.connect(partial(self._on_title, view.id))
        view.drawn.connect(lambda _is_full: self.drawn.emit())

    def _on_title(self, view_id: str, title: str) -> None:
        if title:
            self.docks.set_title(view_id, title)

    def _state_key(self, width_px: int) -> str:
        kind = "compact" if self.layout.for_width(width_px) is self.layout.compact else "wide"
        return f"places.{self.layout.name}.{kind}"


def make_key_table(view: View) -> KeyTable:
    """Return what each key does in a view, by portable spelling."""
    table: dict[str, Callable[[], None]] = {}
    for action in view.actions_declared:
        for keys in action.keys:
            table[portable(keys)] = getattr(view, action.slot)
    return table


def _ancestors(widget: QWidget | None) -> Iterator[QWidget]:
    while widget is not None:
        yield widget
        widget = widget.parentWidget()


def focused_view() -> View | None:
    """Return the view that has the focus."""
    for widget in _ancestors(QApplication.focusWidget()):
        if isinstance(widget, View):
            return widget
    return None
