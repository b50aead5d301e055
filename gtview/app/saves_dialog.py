"""Lists the original and the last saves of an export, to go back to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from ..data.backups import Snapshot

ROW_PX = 28
_SNAPSHOT = Qt.ItemDataRole.UserRole


class SavesDialog(QDialog):
    """The original first, then the states before the last saves, the newest first.

    Signals
    -------
    chosen(object)
        The `Snapshot` to go back to.
    """

    chosen = pyqtSignal(object)

    def __init__(self, snapshots: Sequence[Snapshot], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Earlier saves")
        self.resize(520, 360)
        text = QLabel(
            "Go back to clusters and labels as they were. This is an action like others: it can "
            "be undone, and the files change when you save."
        )
        text.setWordWrap(True)
        self.list = QListWidget()
        originals = [s for s in snapshots if s.is_original]
        for snapshot in (*originals, *(s for s in reversed(snapshots) if not s.is_original)):
            item = QListWidgetItem(_title(snapshot))
            item.setData(_SNAPSHOT, snapshot)
            item.setToolTip(str(snapshot.folder))
            item.setSizeHint(QSize(0, ROW_PX))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _item: self.accept())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton("Go back to this", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(self.list)
        layout.addWidget(buttons)

    def accept(self) -> None:
        item = self.list.currentItem()
        super().accept()
        if item is not None:
            self.chosen.emit(item.data(_SNAPSHOT))


def _title(snapshot: Snapshot) -> str:
    return f"{snapshot.name}: as it was found" if snapshot.is_original else snapshot.name
