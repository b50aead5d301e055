"""How the window looks: theme, layouts, which views are open, full screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..qt.keys import Conditional, KeyTable, is_meant
from .solo_page import SoloPage

if TYPE_CHECKING:
    from .main_window import MainWindow

_LARGE = Qt.WindowState.WindowFullScreen | Qt.WindowState.WindowMaximized


class WindowLook:
    """The View menu."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.solo = SoloPage()
        self.solo.left.connect(self.leave_full_view)
        self._full_id = ""
        self._before: Any = None

    @property
    def is_light(self) -> bool:
        """Whether the light theme is in use."""
        return not self._window.themes.theme.is_dark

    @property
    def is_full_screen(self) -> bool:
        """Whether the window fills the screen."""
        return self._window.isFullScreen()

    @property
    def has_own_layout(self) -> bool:
        """Whether the layout in use is one of the user."""
        host = self._window.host
        return self._window.has_dataset and host.layout.name in host.layouts.own_names

    # Menus that change -------------------------------------------------------------------------

    def add_menus(self) -> None:
        """Make the menus whose content depends on what is open; filled when they are opened."""
        menus = self._window.menus
        for path, fill in (
            ("View/Layout", self._fill_layouts),
            ("View/Views", self._fill_views),
            ("View/One more", self._fill_more),
        ):
            menus.menu(path).aboutToShow.connect(fill)
            fill()

    def _fill_layouts(self) -> None:
        menu = self._window.menus.menu("View/Layout")
        menu.clear()
        host = self._window.host
        for name in host.layouts.names:
            action = menu.addAction(host.layouts.read(name).title.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == host.layout.name)
            action.triggered.connect(lambda _checked=False, name=name: self.use_layout(name))

    def _fill_views(self) -> None:
        menu = self._window.menus.menu("View/Views")
        menu.clear()
        for instance_id in self._window.host.ids:
            menu.addAction(self._window.host.docks.toggle_action(instance_id))

    def _fill_more(self) -> None:
        menu = self._window.menus.menu("View/One more")
        menu.clear()
        for instance_id in self._window.host.first_ids:
            action = menu.addAction(f"New view: {self._window.host.title(instance_id)}")
            action.triggered.connect(
                lambda _checked=False, like=instance_id: self._window.host.add_view(like)
            )

    # Layouts -----------------------------------------------------------------------------------

    def reset_layout(self) -> None:
        """Put every view where the layout has it."""
        self.leave_full_view()
        self._window.host.reset_layout(self._window.width())

    def use_layout(self, name: str) -> None:
        """Switch to another layout, keeping the user's changes of this one."""
        window = self._window
        if not window.has_dataset:
            return
        self.leave_full_view()
        window.host.remember_layout(window.width())
        window.host.use_layout(name, window.width())
        window.host.remember_layout(window.width())
        window.menus_changed()

    def save_layout(self) -> None:
        """Ask for a name, and keep where the views are."""
        window = self._window
        name = window.dialogs.ask_text("Save the layout", "Name of the layout:")
        if name is None:
            return
        if not window.host.layouts.can_be_named(name):
            text = f"{name} is a layout of gtview itself: give yours another name."
            window.notice.tell(text, "warning")
            return
        self.leave_full_view()
        window.host.save_layout(name)
        window.host.remember_layout(window.width())
        window.menus_changed()

    def delete_layout(self) -> None:
        """Forget the user's layout that is in use, and go to the one that it was made from."""
        window = self._window
        name = window.host.layout.name
        if self.has_own_layout and window.dialogs.confirm(
            "Delete the layout", f"Delete the layout {name}? The views stay as they are in others."
        ):
            base = window.host.layouts.base_of(name)
            window.host.layouts.delete(name)
            window.host.use_layout(base, window.width())
            window.host.remember_layout(window.width())
            window.menus_changed()

    def keys_of(self, widget: QWidget) -> KeyTable | None:
        """Return the keys of the view that a widget belongs to; Esc first leaves full screen."""
        table = self._window.host.keys_of(widget)
        own = (table or {}).get("Esc")
        # What is drawn in the view is forgotten before the view goes back to its place.
        if not self._full_id or (isinstance(own, Conditional) and is_meant(own)):
            return table
        return {**(table or {}), "Esc": self.leave_full_view}

    # One view alone ----------------------------------------------------------------------------

    @property
    def full_id(self) -> str:
        """The view that fills the window; "" when none does."""
        return self._full_id

    def toggle_full_view(self, instance_id: str) -> None:
        """Let a view fill the screen, or go back."""
        is_there = self._full_id == instance_id
        self.leave_full_view()
        if not is_there:
            self._enter_full_view(instance_id)

    def _enter_full_view(self, instance_id: str) -> None:
        host = self._window.host
        view = host.slot(instance_id).lend()
        if view is None:
            return
        self._full_id = instance_id
        self._before = self._window.windowState(), self._window.geometry()
        title = view.windowTitle() or host.title(instance_id)
        self.solo.take(view, title, host.chrome[instance_id].buttons)
        self._window.show_solo(is_shown=True)
        self._window.setWindowState(self._before[0] | Qt.WindowState.WindowFullScreen)
        self._window.menus_changed()

    def leave_full_view(self) -> None:
        """Put the view that fills the screen back into its dock."""
        if not self._full_id:
            return
        instance_id, self._full_id = self._full_id, ""
        self.solo.give_back()
        self._window.host.slot(instance_id).take_back()
        self._window.show_solo(is_shown=False)
        state, geometry = self._before
        self._window.setWindowState(state)
        if not state & _LARGE:
            self._window.setGeometry(geometry)
        self._window.menus_changed()

    # Theme and screen --------------------------------------------------------------------------

    def toggle_theme(self) -> None:
        """Switch between dark and light."""
        self.use_theme("dark" if self.is_light else "light")

    def use_theme(self, name: str) -> None:
        """Use a theme and remember it."""
        self._window.themes.use(name)
        self._window.settings.set("theme", name)
        for chrome in self._window.host.chrome.values():
            chrome.update_buttons()
        self._window.menus_changed()

    def toggle_full_screen(self) -> None:
        """Use the whole screen, or not."""
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()
        self._window.menus_changed()
