"""What every view can do, whatever it shows: settings, help, picture, full screen, close."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QCursor
from PyQt6.QtWidgets import QMenu, QWidget

from ..qt.form import SettingsForm, describe_fields
from ..qt.icons import tinted_icon
from ..qt.popup import Popup
from ..views import load_view
from ..views.base import View, ViewAction
from .instances import kind_of
from .view_help import HelpText, help_page
from .view_pictures import PictureFlow

if TYPE_CHECKING:
    from .main_window import MainWindow

COMMON_ACTIONS: tuple[ViewAction, ...] = (
    ViewAction("any.settings", "Settings", ("Ctrl+,",), "show_settings", "What can be set here"),
    ViewAction(
        "any.help", "Help", ("Shift+F1", "?"), "show_help", "Its keys and what the mouse does"
    ),
    ViewAction(
        "any.copy", "Copy picture", ("Ctrl+Shift+C",), "copy_picture", "As an image, on white"
    ),
    ViewAction(
        "any.save",
        "Save picture or table",
        ("Ctrl+Shift+E",),
        "save",
        "As PNG, SVG or PDF on white; a table as CSV or TSV",
    ),
    ViewAction(
        "any.full",
        "Fill the screen",
        ("Shift+F11",),
        "toggle_full",
        "This view alone; also by a double click on its title. Esc goes back.",
    ),
    ViewAction(
        "any.another", "One more of this view", ("Ctrl+Shift+N",), "open_another",
        "Beside it, with settings of its own",
    ),
    ViewAction("any.close", "Close", ("Ctrl+F4",), "close", "It comes back by the View menu"),
)  # fmt: skip

# Icon, action, and what a click on the button does where that is not the action.
_BUTTONS = (
    ("settings", "any.settings", "show_settings"),
    ("help", "any.help", "show_help"),
    ("export", "any.save", "show_export_menu"),
    ("full", "any.full", "toggle_full"),
    ("close", "any.close", "close"),
)


class ViewChrome(QObject):
    """The buttons in the title bar of one view, and what they do."""

    def __init__(self, window: MainWindow, instance_id: str) -> None:
        super().__init__(window)
        self._window = window
        self.instance_id = instance_id
        self.popups: dict[str, Popup] = {}
        self.pictures = PictureFlow(window, instance_id)
        self.buttons = [self._make_button(*entry) for entry in _BUTTONS]
        self.update_buttons()

    @property
    def view(self) -> View:
        """The view that it is about."""
        return self._window.host.view(self.instance_id)

    def update_buttons(self) -> None:
        """Take over the colours of the theme, and the keys that are in use."""
        color = self._window.themes.theme.quiet
        by_id = {action.id: action for action in COMMON_ACTIONS}
        for button, (icon, action_id, _) in zip(self.buttons, _BUTTONS, strict=True):
            button.setIcon(tinted_icon(icon, color))
            action = by_id[action_id]
            keys = self._window.shortcuts.keys_of(action.id, action.keys)
            button.setToolTip(f"{action.text} ({keys[0]})" if keys else action.text)

    def dispose(self) -> None:
        """Take everything away that belongs to the view."""
        for popup in list(self.popups.values()):
            popup.close()
        self.deleteLater()

    # What the buttons and keys do ----------------------------------------------------------------

    def show_settings(self, name: str = "") -> SettingsForm | None:
        """Open the form of the settings, or close it; with a name: that setting gets the focus."""
        if "settings" in self.popups and not name:
            self.popups["settings"].close()
            return None
        if "settings" not in self.popups:
            self._open("settings", "Settings", self._make_form())
        form: Any = self.popups["settings"].content
        if name:
            form.editor(name).setFocus()
        return form

    def show_help(self) -> None:
        """Open what is to be known about the view, or close it."""
        if "help" in self.popups:
            self.popups["help"].close()
            return
        page = help_page(type(self.view), COMMON_ACTIONS, self._window.shortcuts)
        self._open("help", "Help", HelpText(page))

    def show_export_menu(self) -> None:
        """Ask in which way the view is taken elsewhere."""
        menu = QMenu(self._window)
        for text, function in self.pictures.choices():
            menu.addAction(text).triggered.connect(partial(_call, function))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(QCursor.pos())

    def copy_picture(self) -> None:
        """Put the picture of the view on the clipboard."""
        self.pictures.copy()

    def save(self) -> None:
        """Ask for a file, and write the picture or the table."""
        self.pictures.ask_and_save()

    def toggle_full(self) -> None:
        """Let the view fill the screen, or go back."""
        self._window.look.toggle_full_view(self.instance_id)

    def open_another(self) -> None:
        """Open one more view of this kind."""
        self._window.host.add_view(self.instance_id)

    def close(self) -> None:
        """Close the view."""
        self._window.look.leave_full_view()
        self._window.host.close_view(self.instance_id)

    # Behind it ---------------------------------------------------------------------------------

    def _make_button(self, _icon: str, action_id: str, slot: str) -> QAction:
        action = QAction(self)
        action.setObjectName(action_id)
        action.triggered.connect(lambda _checked=False: getattr(self, slot)())
        return action

    def _make_form(self) -> SettingsForm:
        view = self.view
        form = SettingsForm(view.settings)
        form.changed.connect(lambda name, value: view.change(**{name: value}))
        form.reset_asked.connect(lambda: view.change(**defaults_of(view)))
        view.settings_changed.connect(form.show_values)
        return form

    def _open(self, name: str, title: str, content: SettingsForm | HelpText) -> None:
        view = self.view
        shown = self._window.host.title(self.instance_id)
        popup = Popup(f"{shown}: {title.lower()}", content, QWidget.window(view) or self._window)
        self.popups[name] = popup
        popup.closed.connect(lambda: self._on_closed(name, popup))
        popup.open_beside(view)

    def _on_closed(self, name: str, popup: Popup) -> None:
        if self.popups.get(name) is popup:
            del self.popups[name]
        popup.deleteLater()
        view = self._window.host.views.get(self.instance_id)
        if view is not None and view.isVisible():
            view.setFocus()


def defaults_of(view: View) -> dict[str, object]:
    """Return the settings of a view that a form shows, as they are at first."""
    return {field.name: field.default for field in describe_fields(view.settings)}


def settings_of(instance_id: str) -> tuple[tuple[str, str], ...]:
    """Return name and label of what can be set in a view."""
    kind = load_view(kind_of(instance_id))
    return tuple((field.name, field.label) for field in describe_fields(kind.Settings))


def _call(function: Callable[[], None], _checked: bool = False) -> None:
    function()
