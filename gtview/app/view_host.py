"""The views of one opened session in their docks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from ..qt.compute import single_shot
from ..qt.docks import Docks
from ..qt.keys import KeyTable
from ..views import load_view, view_ids, view_title
from ..views.base import View, ViewContext
from .instances import is_copy, kind_of, next_instance, title_of
from .layouts import LayoutStore, Places
from .view_slot import ViewSlot, view_around

if TYPE_CHECKING:
    from ..base.settings import SettingsFile
    from .view_chrome import ViewChrome


class ViewHost(QObject):
    """Makes the views of a session when they are seen, and remembers where the user wants them.

    `chrome_of` and `keys_for` are given by the window: what stands around a view, and which key
    does what in it.

    Signals
    -------
    drawn()
        A view has drawn something.
    changed()
        There is another set of views.
    """

    drawn = pyqtSignal()
    changed = pyqtSignal()

    def __init__(self, container: QWidget, settings: SettingsFile) -> None:
        super().__init__(container)
        self.docks = Docks(container)
        self.docks.closed.connect(self._on_closed)
        self.layouts = LayoutStore(settings)
        self.layout = self.layouts.read(self.layouts.names[0])
        self.views: dict[str, View] = {}
        self.chrome: dict[str, ViewChrome] = {}
        self.make_chrome: Callable[[str], ViewChrome] | None = None
        self.make_keys: Callable[[View, ViewChrome | None], KeyTable] = lambda _v, _c: {}
        self._settings = settings
        self._slots: dict[str, ViewSlot] = {}
        self._keys: dict[str, KeyTable] = {}
        self._context: ViewContext | None = None
        self._closed: list[str] = []
        self._clean_up = single_shot(self, 0, self._forget_closed)

    # A session ---------------------------------------------------------------------------------

    def open(self, context: ViewContext, width_px: int) -> None:
        """Take the views of a session, and place them as last time."""
        self.close()
        self._context = context
        for view_id in view_ids(context.session):
            self._add(view_id)
        self.use_layout(self.layouts.last_used(has_truth=self._has_truth), width_px)

    def close(self) -> None:
        """Take leave of the session."""
        for chrome in self.chrome.values():
            chrome.dispose()
        for view in self.views.values():
            view.close_view()
        for table in (self.views, self._slots, self._keys, self.chrome):
            table.clear()
        self._context = None
        self.docks.remove_all()
        self.changed.emit()

    @property
    def ids(self) -> list[str]:
        """Ids of all views that can be seen, made or not."""
        return list(self._slots)

    @property
    def first_ids(self) -> list[str]:
        """Ids of the views without further ones of a kind."""
        return [i for i in self._slots if not is_copy(i)]

    def view(self, instance_id: str) -> View:
        """Return a view, made now if it is not yet.

        Raises
        ------
        KeyError
            There is no view of that name, or it cannot be made.
        """
        view = self._slots[instance_id].build()
        if view is None:
            raise KeyError(instance_id)
        return view

    def slot(self, instance_id: str) -> ViewSlot:
        """Return the place of a view."""
        return self._slots[instance_id]

    def visible_views(self) -> list[View]:
        """Return the views that are seen now."""
        return [view for view in self.views.values() if view.isVisible()]

    @property
    def is_settled(self) -> bool:
        """Whether every visible view shows its full result."""
        if not all(view.is_settled for view in self.views.values() if view.isVisible()):
            return False
        return not any(slot.is_waiting for slot in self._slots.values())

    def title(self, instance_id: str) -> str:
        """Return what stands in the title bar of a view that shows nothing yet."""
        return title_of(view_title(kind_of(instance_id)), instance_id)

    # More of a kind ----------------------------------------------------------------------------

    def open_view(self, instance_id: str) -> None:
        """Show a view, in front of others."""
        self.docks.set_open(instance_id, True)
        self.view(instance_id)

    def add_view(self, like: str) -> str:
        """Open one more view of a kind, beside and with the settings of one that is there."""
        instance_id = next_instance(kind_of(like), self._slots)
        self._settings.set(f"view.{instance_id}", self._settings.get(f"view.{like}"))
        self._add(instance_id)
        self.docks.add_beside(instance_id, like)
        self.changed.emit()
        self.open_view(instance_id)
        return instance_id

    def close_view(self, instance_id: str) -> None:
        """Close a view; one more of a kind is forgotten."""
        if is_copy(instance_id):
            self._forget(instance_id)
            self.changed.emit()
        else:
            self.docks.set_open(instance_id, False)

    def _on_closed(self, instance_id: str) -> None:
        if is_copy(instance_id):
            # Not now: the dock is still busy with closing itself.
            self._closed.append(instance_id)
            self._clean_up.start()

    def _forget_closed(self) -> None:
        closed, self._closed = self._closed, []
        for instance_id in closed:
            if instance_id in self._slots and not self.docks.is_open(instance_id):
                self._forget(instance_id)
        self.changed.emit()

    def _forget(self, instance_id: str, *, with_settings: bool = True) -> None:
        if instance_id in self.chrome:
            self.chrome[instance_id].dispose()
        view = self.views.pop(instance_id, None)
        if view is not None:
            view.close_view()
        for table in (self._slots, self._keys, self.chrome):
            table.pop(instance_id, None)
        if with_settings:
            self._settings.set(f"view.{instance_id}", None)
        self.docks.remove(instance_id)

    # Layouts -----------------------------------------------------------------------------------

    def use_layout(self, name: str, width_px: int) -> None:
        """Place the views as a layout says, or as the user had changed it."""
        self.layout = self.layouts.read(name)
        self._place(self.layouts.places(self.layout, width_px), width_px)

    def fit_parts(self, width_px: int) -> None:
        """Share out the room again, once the window has its size."""
        if self.layouts.places(self.layout, width_px) is None:
            self.docks.resize_parts(self.layout.for_width(width_px))

    def reset_layout(self, width_px: int) -> None:
        """Forget the user's changes of this layout."""
        self.layouts.remember(self.layout, width_px, None)
        self._place(self.layouts.first_places(self.layout), width_px)

    def remember_layout(self, width_px: int) -> None:
        """Keep the places as they are now for next time."""
        if self._slots:
            self.layouts.remember_last(self.layout.name, has_truth=self._has_truth)
            self.layouts.remember(self.layout, width_px, self.places())

    def places(self) -> Places:
        """Return where the views are now."""
        return Places(self.docks.state(), tuple(i for i in self._slots if is_copy(i)))

    def save_layout(self, name: str) -> None:
        """Keep where the views are under a name, and go on with that."""
        self.layouts.save_as(name, self.layout, self.places())
        self.layout = self.layouts.read(name)

    def _place(self, places: Places | None, width_px: int) -> None:
        self._use_copies(places.copies if places is not None else ())
        self.docks.arrange(self.layout.for_width(width_px))
        if places is not None:
            self.docks.restore(places.state)
        self.changed.emit()

    def _use_copies(self, wanted: Iterable[str]) -> None:
        wanted = [i for i in wanted if is_copy(i) and kind_of(i) in self._slots]
        for instance_id in [i for i in self._slots if is_copy(i) and i not in wanted]:
            # They belong to another layout, and come back with it.
            self._forget(instance_id, with_settings=False)
        for instance_id in wanted:
            if instance_id not in self._slots:
                self._add(instance_id)

    # Keys --------------------------------------------------------------------------------------

    def keys_of(self, widget: QWidget) -> KeyTable | None:
        """Return the keys of the view that a widget belongs to."""
        view = view_around(widget)
        return None if view is None else self._keys.get(view.instance_id)

    def update_keys(self) -> None:
        """Take over other keys."""
        for view in self.views.values():
            self._keys[view.instance_id] = self.make_keys(view, self.chrome.get(view.instance_id))

    # What survives a reload --------------------------------------------------------------------

    def keep_state(self) -> dict[str, dict[str, Any]]:
        """Return what the views would forget otherwise."""
        return {instance_id: view.keep_state() for instance_id, view in self.views.items()}

    def restore_state(self, states: dict[str, dict[str, Any]]) -> None:
        """Give the views back what they had."""
        for instance_id, state in states.items():
            if state and instance_id in self._slots:
                self.view(instance_id).restore_state(state)

    # Behind it ---------------------------------------------------------------------------------

    @property
    def _has_truth(self) -> bool:
        return self._context is not None and self._context.session.truth is not None

    def _add(self, instance_id: str) -> None:
        slot = ViewSlot(partial(self._make, instance_id))
        slot.built.connect(self._on_built)
        self._slots[instance_id] = slot
        buttons = []
        if self.make_chrome is not None:
            chrome = self.chrome[instance_id] = self.make_chrome(instance_id)
            buttons = chrome.buttons
        self.docks.add(instance_id, self.title(instance_id), slot, buttons)

    def _make(self, instance_id: str) -> View:
        if self._context is None:
            raise RuntimeError("no session is open")
        kind = load_view(kind_of(instance_id))
        return kind(replace(self._context, instance=instance_id))

    def _on_built(self, view: View) -> None:
        instance_id = view.instance_id
        self.views[instance_id] = view
        self._keys[instance_id] = self.make_keys(view, self.chrome.get(instance_id))
        view.status_changed.connect(partial(self.docks.set_status, instance_id))
        view.windowTitleChanged.connect(partial(self._on_title, instance_id))
        view.drawn.connect(lambda _is_full: self.drawn.emit())

    def _on_title(self, instance_id: str, title: str) -> None:
        if title and instance_id in self._slots:
            self.docks.set_title(instance_id, title_of(title, instance_id))
