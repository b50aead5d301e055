"""Asks which label clusters get: any field and any value; those that exist are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from ..base.wording import listed
from ..curation.labels import GROUP

if TYPE_CHECKING:
    from ..session.session import Session

GROUPS = ("good", "mua", "noise", "unsorted")


class LabelDialog(QDialog):
    """A field and a value for the clusters that were selected when it was opened.

    Signals
    -------
    chosen(tuple, str, str)
        Clusters, field and value; "" takes the label from them.
    """

    chosen = pyqtSignal(tuple, str, str)
    last_field = GROUP

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = session.curation.labels
        self._known = session.clustering.cluster_ids
        self.cluster_ids = session.selection.state.shown_ids
        self.setWindowTitle("Label")
        n = len(self.cluster_ids)
        name = "cluster" if n == 1 else f"{n} clusters:"
        head = QLabel(f"Label of {name} {listed(self.cluster_ids)}")
        self.field, self.value = _editable(), _editable()
        self.field.addItems(self._fields())
        self.value.setToolTip("Empty: take the label from them")
        form = QFormLayout()
        form.addRow("Field", self.field)
        form.addRow("Value", self.value)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(head)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.field.currentTextChanged.connect(self._offer_values)
        self.field.setCurrentText(self.last_field)
        self._offer_values(self.field.currentText())
        self.value.setFocus()

    def accept(self) -> None:
        field = self.field.currentText().strip() or GROUP
        type(self).last_field = field
        super().accept()
        self.chosen.emit(self.cluster_ids, field, self.value.currentText().strip())

    def _fields(self) -> list[str]:
        # A sorter's measurements can be written over by name, but are not offered.
        own = [f for f in self._labels.fields if f not in self._labels.metrics and f != GROUP]
        return [GROUP, *own]

    def _offer_values(self, field: str) -> None:
        values = {str(v) for v in self._labels.properties.values(field).values()}
        offered = [*GROUPS, *sorted(values - {*GROUPS})] if field == GROUP else sorted(values)
        now = {str(self._labels.get(field, i) or "") for i in self.cluster_ids}
        self.value.clear()
        self.value.addItems(offered)
        self.value.setCurrentText(now.pop() if len(now) == 1 else "")
        line = self.value.lineEdit()
        if line is not None:
            line.selectAll()


def _editable() -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setMinimumWidth(220)
    return box
