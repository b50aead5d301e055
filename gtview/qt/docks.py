"""Docks of views, on Qt Advanced Docking; nothing else of gtview knows that library."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import PyQt6Ads as ads  # noqa: N813
from PyQt6 import sip
from PyQt6.QtCore import QByteArray, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QSplitter, QWidget

from .compute import single_shot
from .dock_titles import DockEntry, DoubleClicks, TitleTools
from .layout_tree import LayoutNode

_RIGHT = ads.DockWidgetArea.RightDockWidgetArea
_BOTTOM = ads.DockWidgetArea.BottomDockWidgetArea
_CENTER = ads.DockWidgetArea.CenterDockWidgetArea


class Docks(QObject):
    """The docks of a window, known by id.

    Signals
    -------
    closed(str)
        The user closed a dock.
    title_double_clicked(str)
        The user clicked twice on the title of a dock.
    """

    closed = pyqtSignal(str)
    title_double_clicked = pyqtSignal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        _configure()
        self._manager = ads.CDockManager(parent)
        # Its own sheet would win over the theme's.
        self._manager.setStyleSheet("")
        self._entries: dict[str, DockEntry] = {}
        self._is_arranging = False
        # Kept here by the address of their title bar: Qt's parent alone does not keep them alive.
        self._tools: dict[int, TitleTools] = {}
        # The user's dragging makes new areas, which arrive before they can be asked anything.
        self._titles_soon = single_shot(self, 0, self._fill_titles)
        self._manager.dockAreaCreated.connect(self._fill_titles_soon)

    @property
    def widget(self) -> QWidget:
        """The widget that holds the docks."""
        widget: QWidget = self._manager
        return widget

    @property
    def ids(self) -> list[str]:
        """Ids of all docks, open or closed."""
        return list(self._entries)

    def add(
        self, dock_id: str, title: str, widget: QWidget, buttons: Iterable[QAction] = ()
    ) -> None:
        """Make a dock; it is placed by `arrange` or `restore`."""
        dock = self._manager.createDockWidget(title)
        dock.setObjectName(dock_id)
        dock.setWidget(widget, ads.CDockWidget.eInsertMode.ForceNoScrollArea)
        dock.setMinimumSizeHintMode(
            ads.CDockWidget.eMinimumSizeHintMode.MinimumSizeHintFromContentMinimumSize
        )
        dock.viewToggled.connect(partial(self._on_toggled, dock_id))
        tab_filter = DoubleClicks(dock.tabWidget())
        tab_filter.double_clicked.connect(partial(self._on_double_click, dock_id))
        self._entries[dock_id] = DockEntry(dock_id, dock, widget, tab_filter, list(buttons))

    def add_beside(self, dock_id: str, other_id: str) -> None:
        """Place a dock that is not placed yet in one half of the room of another."""
        area = self._entries[other_id].dock.dockAreaWidget()
        dock = self._entries[dock_id].dock
        if area is None or self._entries[other_id].dock.isClosed():
            self._manager.addDockWidget(_RIGHT, dock)
        else:
            side = _RIGHT if area.width() > area.height() else _BOTTOM
            self._manager.addDockWidget(side, dock, area)
        self._fill_titles()

    def remove(self, dock_id: str) -> None:
        """Delete a dock with its widget."""
        with self._arranging():
            entry = self._entries.pop(dock_id)
            self._manager.removeDockWidget(entry.dock)
            entry.dock.deleteLater()
        self._fill_titles()

    def remove_all(self) -> None:
        """Delete every dock with its widget."""
        with self._arranging():
            for entry in self._entries.values():
                self._manager.removeDockWidget(entry.dock)
                entry.dock.deleteLater()
            self._entries.clear()

    def set_title(self, dock_id: str, title: str) -> None:
        """Change the title of a dock."""
        self._entries[dock_id].dock.setWindowTitle(title)

    def set_status(self, dock_id: str, text: str) -> None:
        """Show a quiet text at the right of the title bar of a dock."""
        entry = self._entries[dock_id]
        entry.status = text
        area = entry.dock.dockAreaWidget()
        if area is not None and area.currentDockWidget() == entry.dock:
            self._tools_of(area).set_status(text)

    def set_open(self, dock_id: str, is_open: bool) -> None:
        """Open a dock and bring its tab to the front, or close it."""
        dock = self._entries[dock_id].dock
        dock.toggleView(is_open)
        if is_open:
            dock.setAsCurrentTab()

    def is_open(self, dock_id: str) -> bool:
        """Whether a dock is not closed (its tab may be behind another)."""
        return not self._entries[dock_id].dock.isClosed()

    def toggle_action(self, dock_id: str) -> QAction:
        """Return the action that opens and closes a dock."""
        action: QAction = self._entries[dock_id].dock.toggleViewAction()
        return action

    def arrange(self, layout: LayoutNode) -> None:
        """Place the docks as a layout says; those that it does not name are closed."""
        with self._arranging():
            self._arrange(layout.only(self._entries))

    def _arrange(self, tree: LayoutNode | None) -> None:
        for entry in self._entries.values():
            if entry.dock.dockAreaWidget() is not None:
                self._manager.removeDockWidget(entry.dock)
        if tree is None:
            return
        area = self._manager.addDockWidget(_CENTER, self._entries[tree.first].dock)
        self._place(tree, area)
        self._fill_titles()
        # What is opened later comes to where there is most room.
        area = self._entries[tree.largest()[1]].dock.dockAreaWidget()
        placed = set(tree.ids())
        for dock_id, entry in self._entries.items():
            if dock_id in placed:
                # The tab of a dock that was closed before stays hidden otherwise.
                entry.dock.tabWidget().show()
            else:
                self._manager.addDockWidgetTabToArea(entry.dock, area)
                entry.dock.toggleView(False)
        self._show_first_tabs(tree)
        self.resize_parts(tree)

    def resize_parts(self, layout: LayoutNode) -> None:
        """Give the parts of a layout their shares of the window as it is now."""
        tree = layout.only(self._entries)
        if tree is not None:
            self._resize(tree)

    def state(self) -> str:
        """Return where every dock is, as text."""
        return base64.b64encode(self._manager.saveState().data()).decode("ascii")

    def restore(self, state: str) -> bool:
        """Put the docks back; False when the text is of another set of docks or damaged."""
        try:
            data = QByteArray(base64.b64decode(state, validate=True))
        except ValueError:
            return False
        with self._arranging():
            is_done = bool(self._manager.restoreState(data))
        self._fill_titles()
        return is_done

    @contextmanager
    def _arranging(self) -> Iterator[None]:
        # What is closed meanwhile was not closed by the user.
        before, self._is_arranging = self._is_arranging, True
        try:
            yield
        finally:
            self._is_arranging = before

    def _on_toggled(self, dock_id: str, is_open: bool) -> None:
        if not is_open and not self._is_arranging and dock_id in self._entries:
            self.closed.emit(dock_id)

    def _place(self, node: LayoutNode, area: Any) -> None:
        for tab in node.tabs[1:]:
            self._manager.addDockWidgetTabToArea(self._entries[tab].dock, area)
        if not node.parts:
            return
        side = _RIGHT if node.direction == "columns" else _BOTTOM
        areas = [area]
        for part in node.parts[1:]:
            dock = self._entries[part.first].dock
            areas.append(self._manager.addDockWidget(side, dock, areas[-1]))
        for part, part_area in zip(node.parts, areas, strict=True):
            self._place(part, part_area)

    def _show_first_tabs(self, node: LayoutNode) -> None:
        if node.tabs:
            self._entries[node.tabs[0]].dock.setAsCurrentTab()
        for part in node.parts:
            self._show_first_tabs(part)

    def _resize(self, node: LayoutNode) -> None:
        if not node.parts:
            return
        areas = [self._entries[part.first].dock.dockAreaWidget() for part in node.parts]
        splitter = _common_splitter(areas[0], areas[1])
        if splitter is not None and splitter.count() == len(node.parts):
            is_row = splitter.orientation() == Qt.Orientation.Horizontal
            room = splitter.width() if is_row else splitter.height()
            total = sum(node.weights)
            splitter.setSizes([max(1, round(room * w / total)) for w in node.weights])
        for part in node.parts:
            self._resize(part)

    def _on_double_click(self, dock_id: str) -> None:
        self.title_double_clicked.emit(dock_id)

    def _fill_titles_soon(self, _what: object) -> None:
        self._titles_soon.start()

    def _fill_titles(self) -> None:
        for entry in self._entries.values():
            area = entry.dock.dockAreaWidget()
            if area is not None and area.currentDockWidget() == entry.dock:
                self._tools_of(area).show_entry(entry)

    def _tools_of(self, area: Any) -> TitleTools:
        bar = area.titleBar()
        address = _address_of(bar)
        tools = self._tools.get(address)
        if tools is None or sip.isdeleted(tools):
            # They end with their bars, and another bar may stand where one was. Nothing of Python
            # is called while a bar is destroyed: that ended the program now and then.
            self._tools = {a: t for a, t in self._tools.items() if not sip.isdeleted(t)}
            tools = self._tools[address] = TitleTools(bar)
            tools.double_clicked.connect(self.title_double_clicked)
            # Behind the tabs, in place of the empty stretch.
            bar.insertWidget(bar.indexOf(bar.tabBar()) + 1, tools)
            bar.layout().setStretchFactor(tools, 1)
            tools.show()
            area.currentChanged.connect(self._fill_titles_soon)
        return tools


def _address_of(widget: Any) -> int:
    # The library hands out a new Python object for the same widget each time.
    unwrap: Callable[[Any], int] = sip.unwrapinstance  # type: ignore[assignment]
    return unwrap(widget)


def _common_splitter(first: QWidget, second: QWidget) -> QSplitter | None:
    widget: QWidget | None = first
    while widget is not None:
        widget = widget.parentWidget()
        if isinstance(widget, QSplitter) and widget.isAncestorOf(second):
            return widget
    return None


def _configure() -> None:
    flag = ads.CDockManager.eConfigFlag
    set_flag: Callable[..., None] = ads.CDockManager.setConfigFlag
    for name, value in (
        ("DockAreaHasCloseButton", False),
        ("DockAreaHasUndockButton", False),
        ("DockAreaHasTabsMenuButton", False),
        ("ActiveTabHasCloseButton", False),
        ("AllTabsHaveCloseButton", False),
        ("TabCloseButtonIsToolButton", False),
        ("FocusHighlighting", False),
        ("OpaqueSplitterResize", False),
        ("AlwaysShowTabs", False),
        ("EqualSplitOnInsertion", True),
        ("FloatingContainerHasWidgetTitle", True),
        ("MiddleMouseButtonClosesTab", False),
        ("DoubleClickUndocksWidget", False),
    ):
        set_flag(getattr(flag, name), value)
