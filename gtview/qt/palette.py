"""A line to type in, and below it what fits: every command of a window in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import QEvent, QObject, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPalette
from PyQt6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from .fuzzy import match

MOST_SHOWN = 50
_WIDTH_PX, _HEIGHT_PX = 620, 420
_COMMAND = Qt.ItemDataRole.UserRole
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be found and done.

    Attributes
    ----------
    text
        What is searched and shown.
    kind
        What sort of thing it is, such as "view"; searched too.
    keys, help
        The key that does the same, and more about it.
    weight
        Added to how well it fits: what is done often comes before what is done rarely.
    """

    text: str
    run: Callable[[], object]
    kind: str = ""
    keys: str = ""
    help: str = ""
    weight: float = 0.0


def find(commands: Iterable[Command], typed: str, most: int = MOST_SHOWN) -> list[Command]:
    """Return the commands that fit what was typed, the best first; all, in order, for ""."""
    commands = list(commands)
    if not typed.strip():
        return commands[:most]
    scored = ((_score(typed, command), index) for index, command in enumerate(commands))
    found = sorted((-score, index) for score, index in scored if score > 0)
    return [commands[index] for _, index in found[:most]]


def _score(typed: str, command: Command) -> float:
    score = match(typed, command.text) or 0.5 * match(typed, f"{command.kind} {command.text}")
    return score + command.weight if score > 0 else 0.0


class CommandPalette(QFrame):
    """Opens over the top of a window; Enter or a click does it, Esc closes.

    `more_for` returns further commands for what is typed, such as something by its number.
    """

    closed = pyqtSignal()

    def __init__(
        self,
        commands: list[Command],
        more_for: Callable[[str], list[Command]],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.setObjectName("popup")
        self._commands = commands
        self._more_for = more_for
        self.line = QLineEdit()
        self.line.setPlaceholderText("Type what you want to do, a view, a setting, or a number")
        self.line.setAccessibleName("command")
        self.line.textChanged.connect(self._search)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_CommandPainter(self.list))
        self.list.itemClicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        self._search("")
        self.hide()

    @property
    def shown(self) -> list[Command]:
        """The commands that are listed, the best first."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(_COMMAND) for item in items if item is not None]

    def open_in(self, window: QWidget) -> None:
        """Show it at the top of a window."""
        width = min(_WIDTH_PX, window.width() - 40)
        height = min(_HEIGHT_PX, window.height() - 80)
        self.setGeometry((window.width() - width) // 2, 40, width, height)
        self.show()
        self.raise_()
        self.line.setFocus()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self._move(event.key())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentItem())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
        if event is not None and event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.close()
        return super().eventFilter(watched, event)

    def closeEvent(self, event: Any) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def _search(self, typed: str) -> None:
        self.list.clear()
        for command in [*self._more_for(typed), *find(self._commands, typed)]:
            item = QListWidgetItem(command.text)
            item.setData(_COMMAND, command)
            item.setToolTip(command.help)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _move(self, key: int) -> None:
        page = 8
        step = {
            int(Qt.Key.Key_Up): -1,
            int(Qt.Key.Key_Down): 1,
            int(Qt.Key.Key_PageUp): -page,
            int(Qt.Key.Key_PageDown): page,
        }[key]
        row = self.list.currentRow() + step
        self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))

    def _run(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        command: Command = item.data(_COMMAND)
        self.close()
        command.run()


class _CommandPainter(QStyledItemDelegate):
    """The text at the left; its kind and its key, quietly, at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(100, option.fontMetrics.height() + 10)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: Any) -> None:
        command: Command = index.data(_COMMAND)
        if painter is None:
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.highlight())
        room = option.rect.adjusted(8, 0, -8, 0)
        metrics = option.fontMetrics
        side = "   ".join(part for part in (command.kind, command.keys) if part)
        right = metrics.horizontalAdvance(side)
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(room, centre | Qt.AlignmentFlag.AlignRight, side)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        left = QRect(room.left(), room.top(), room.width() - right - 16, room.height())
        text = metrics.elidedText(command.text, Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, centre | Qt.AlignmentFlag.AlignLeft, text)
