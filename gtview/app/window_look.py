"""How the window looks: theme, layouts, which views are open, full screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layouts import LAYOUTS, read_layout

if TYPE_CHECKING:
    from .main_window import MainWindow


class WindowLook:
    """The View menu."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    @property
    def is_light(self) -> bool:
        """Whether the light theme is in use."""
        return not self._window.themes.theme.is_dark

    @property
    def is_full_screen(self) -> bool:
        """Whether the window fills the screen."""
        return self._window.isFullScreen()

    def add_layout_menu(self) -> None:
        """List the layouts and the views; the menu of views is filled when there are any."""
        menu = self._window.menus.menu("View/Layout")
        for name in LAYOUTS:
            action = menu.addAction(read_layout(name).title)
            action.triggered.connect(lambda _checked=False, name=name: self.use_layout(name))
        self._views_menu = self._window.menus.menu("View/Views")

    def fill_views_menu(self) -> None:
        """List the views of the open dataset."""
        docks = self._window.host.docks
        for view_id in self._window.host.views:
            self._views_menu.addAction(docks.toggle_action(view_id))

    def clear_views_menu(self) -> None:
        """Forget the views."""
        self._views_menu.clear()

    def reset_layout(self) -> None:
        """Put every view where the layout has it."""
        self._window.host.reset_layout(self._window.width())

    def use_layout(self, name: str) -> None:
        """Switch to another layout, keeping the user's changes of this one."""
        window = self._window
        if window.has_dataset:
            window.host.remember_layout(window.width())
            window.host.use_layout(name, window.width())
        window.settings.set("layout", name)

    def toggle_theme(self) -> None:
        """Switch between dark and light."""
        self.use_theme("dark" if self.is_light else "light")

    def use_theme(self, name: str) -> None:
        """Use a theme and remember it."""
        self._window.themes.use(name)
        self._window.settings.set("theme", name)
        self._window.menus_changed()

    def toggle_full_screen(self) -> None:
        """Use the whole screen, or not."""
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()
        self._window.menus_changed()
