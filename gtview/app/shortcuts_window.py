"""All keys in one searchable list, where they can be changed too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..qt.keys import portable
from ..views import kinds_of_views
from .shortcuts import Shortcut, Shortcuts, declared_shortcuts
from .snippet_table import SNIPPETS

if TYPE_CHECKING:
    from ..qt.dialogs import Dialogs

_SHORTCUT = Qt.ItemDataRole.UserRole
_TEXT, _KEYS = 0, 1
_MODIFIERS = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_unknown,
)


class ShortcutsWindow(QDialog):
    """Lists what keys and mouse do; a double click on a line asks for another key."""

    def __init__(self, shortcuts: Shortcuts, dialogs: Dialogs, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.shortcuts = shortcuts
        self._dialogs = dialogs
        self._asked: QTreeWidgetItem | None = None
        self.setWindowTitle("Keys and gestures")
        self.resize(760, 640)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search for what it does, or for a key")
        self.search.setAccessibleName("search")
        self.search.textChanged.connect(self._filter)
        self.tree = self._make_tree()
        self.message = QLabel()
        self.message.setProperty("quiet", True)
        self.message.setWordWrap(True)
        self.line = KeyLine()
        self.line.pressed.connect(self._on_pressed)
        self.line.left.connect(self._stop_asking)
        self.line.hide()
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.message)
        layout.addWidget(self.line)
        layout.addLayout(self._make_buttons())
        self._stop_asking()
        self._fill()
        self.search.setFocus()

    # What is listed ----------------------------------------------------------------------------

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderLabels(["What it does", "Keys"])
        tree.setRootIsDecorated(False)
        tree.setIndentation(16)
        tree.setUniformRowHeights(True)
        tree.setEditTriggers(QTreeWidget.EditTrigger.NoEditTriggers)
        tree.setExpandsOnDoubleClick(False)
        header: Any = tree.header()
        header.setSectionResizeMode(_TEXT, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        header.resizeSection(_KEYS, 230)
        tree.itemActivated.connect(lambda item, _column: self.ask_key(item))
        return tree

    def _make_buttons(self) -> QHBoxLayout:
        self.clear_button = QPushButton("Take the key away")
        self.clear_button.clicked.connect(self._clear_key)
        self.reset_button = QPushButton("Reset all")
        self.reset_button.clicked.connect(self._reset)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(self.clear_button)
        row.addWidget(self.reset_button)
        row.addStretch(1)
        row.addWidget(close)
        for button in (self.clear_button, self.reset_button):
            button.setAutoDefault(False)
        return row

    def _fill(self) -> None:
        self.tree.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        for shortcut in declared_shortcuts():
            group = groups.get(shortcut.context)
            if group is None:
                group = groups[shortcut.context] = _heading(shortcut.context_title)
                self.tree.addTopLevelItem(group)
            group.addChild(self._make_item(shortcut))
        for view_id, kind in kinds_of_views():
            if view_id not in groups:
                groups[view_id] = _heading(kind.title)
                self.tree.addTopLevelItem(groups[view_id])
            for gesture, text in kind.gestures:
                item = QTreeWidgetItem([text, gesture])
                item.setForeground(_KEYS, self.palette().placeholderText())
                groups[view_id].addChild(item)
        self._add_commands()
        self.tree.expandAll()
        self._filter(self.search.text())

    def _add_commands(self) -> None:
        group = _heading("Typed commands (: opens their line)")
        self.tree.addTopLevelItem(group)
        for snippet in SNIPPETS:
            item = QTreeWidgetItem([snippet.help, snippet.usage])
            item.setToolTip(_TEXT, snippet.example)
            item.setForeground(_KEYS, self.palette().placeholderText())
            group.addChild(item)

    def _make_item(self, shortcut: Shortcut) -> QTreeWidgetItem:
        item = QTreeWidgetItem([shortcut.text, ""])
        item.setData(0, _SHORTCUT, shortcut)
        for column in (_TEXT, _KEYS):
            item.setToolTip(column, shortcut.help)
        self._show_keys(item)
        return item

    def _show_keys(self, item: QTreeWidgetItem) -> None:
        shortcut: Shortcut = item.data(0, _SHORTCUT)
        keys = self.shortcuts.keys_of(shortcut.id, shortcut.keys)
        item.setText(_KEYS, ", ".join(native(text) for text in keys))
        font = item.font(_KEYS)
        font.setBold(self.shortcuts.is_changed(shortcut.id))
        item.setFont(_KEYS, font)

    def items(self) -> list[QTreeWidgetItem]:
        """Return the lines that have or may have a key."""
        tops = (self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount()))
        children = (top.child(i) for top in tops if top for i in range(top.childCount()))
        return [item for item in children if item and item.data(0, _SHORTCUT) is not None]

    def _filter(self, typed: str) -> None:
        words = typed.casefold().split()
        for i in range(self.tree.topLevelItemCount()):
            top = self.tree.topLevelItem(i)
            n_shown = 0
            for j in range(top.childCount()):
                item = top.child(j)
                text = f"{top.text(0)} {item.text(0)} {item.text(1)} {item.toolTip(0)}".casefold()
                item.setHidden(not all(word in text for word in words))
                n_shown += not item.isHidden()
            top.setHidden(not n_shown)

    # Other keys --------------------------------------------------------------------------------

    def ask_key(self, item: QTreeWidgetItem) -> None:
        """Wait for the key that shall do what a line says."""
        shortcut: Shortcut | None = item.data(0, _SHORTCUT)
        if shortcut is None:
            return
        self._asked = item
        self.tree.setCurrentItem(item)
        self.message.setText(f"Press the new key for “{shortcut.text}”; Esc leaves it as it is.")
        self.line.clear()
        self.line.show()
        self.line.setFocus()

    def _on_pressed(self, keys: str) -> None:
        item = self._asked
        self._stop_asking()
        if item is not None:
            self.set_key(item.data(0, _SHORTCUT), keys)

    def set_key(self, shortcut: Shortcut, keys: str) -> None:
        """Give an action a key; where another one has it, ask whether they swap."""
        rivals = self.shortcuts.rivals(shortcut, keys)
        shown = native(keys)
        if len(rivals) > 1:
            names = ", ".join(f"“{rival.text}” ({rival.context_title})" for rival in rivals)
            self.message.setText(f"{shown} is taken by {names}: nothing was changed.")
            return
        if rivals:
            rival = rivals[0]
            question = (
                f"{shown} does “{rival.text}” ({rival.context_title}) now. "
                f"Let it do “{shortcut.text}”, and exchange the keys?"
            )
            if not self._dialogs.confirm("The key is taken", question):
                self.message.setText(f"{shown} still does “{rival.text}”: nothing was changed.")
                return
            self.shortcuts.swap(shortcut, (keys,), rival)
            said = f"“{shortcut.text}” and “{rival.text}” have exchanged their keys."
        else:
            self.shortcuts.set_keys(shortcut, (keys,))
            said = f"{shown} does “{shortcut.text}” now."
        self._show_all_keys()
        self.message.setText(f"{said}{self._note(shortcut, keys)}")

    def _note(self, shortcut: Shortcut, keys: str) -> str:
        others = self.shortcuts.hidden_by(shortcut, keys)
        if not others:
            return ""
        names = ", ".join(f"“{other.text}” ({other.context_title})" for other in others)
        return f" The same key does {names}: over a view, the view's comes first."

    def _clear_key(self) -> None:
        item = self.tree.currentItem()
        shortcut: Shortcut | None = None if item is None else item.data(0, _SHORTCUT)
        if shortcut is not None:
            self.shortcuts.set_keys(shortcut, ())
            self._show_all_keys()
            self.message.setText(f"“{shortcut.text}” has no key any more.")

    def _reset(self) -> None:
        self.shortcuts.reset()
        self._show_all_keys()
        self.message.setText("All keys are as they were at first.")

    def _show_all_keys(self) -> None:
        for item in self.items():
            self._show_keys(item)

    def _stop_asking(self) -> None:
        self._asked = None
        self.line.hide()
        self.message.setText(
            "Keys of a view act in the view under the pointer, else in the one with the focus. "
            "Double click a line to give it another key."
        )


class KeyLine(QLineEdit):
    """Takes one key press with its modifiers."""

    pressed = pyqtSignal(str)
    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setPlaceholderText("press a key")

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        # Tab too is a key, not the way to the next field.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self.keyPressEvent(event)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.left.emit()
        elif event.key() not in _MODIFIERS:
            modifiers: Any = (event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier).value
            portable_text = QKeySequence(modifiers | event.key()).toString(
                QKeySequence.SequenceFormat.PortableText
            )
            self.pressed.emit(portable(portable_text))


def native(keys: str) -> str:
    """Return a key as it is written on this system."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _heading(text: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text])
    font = item.font(0)
    font.setBold(True)
    item.setFont(0, font)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    return item
