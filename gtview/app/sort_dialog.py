"""Which sorter should run, with which parameters, on which of the recordings."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..jobs.sorting import SortChoice, SorterInfo
from .sorter_form import SorterForm

_INFO = Qt.ItemDataRole.UserRole
# Chosen at first: it needs nothing else and is quick.
FIRST_SORTER = "simple"


class SortDialog(QDialog):
    """Asks how to sort; sorters that are not installed are listed last, with how to get them.

    Parameters
    ----------
    has_drifting, has_static
        Which recordings there are, or will be.
    choice
        What was chosen last.

    Signals
    -------
    chosen(object)
        The user pressed Sort: a `SortChoice`.
    """

    chosen = pyqtSignal(object)

    def __init__(
        self,
        *,
        has_drifting: bool = True,
        has_static: bool = False,
        choice: SortChoice | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sort with")
        self.resize(880, 620)
        self._choice = choice or SortChoice(FIRST_SORTER)
        self.form: SorterForm | None = None
        self.sorters = QListWidget()
        self.sorters.setAccessibleName("sorters")
        self.sorters.currentItemChanged.connect(self._on_sorter)
        self.about = QLabel("Looking for sorters…")
        self.about.setWordWrap(True)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.drifting = QCheckBox("The drifting recording")
        self.static = QCheckBox("The static recording")
        self.drifting.setVisible(has_drifting)
        self.static.setVisible(has_static)
        self.drifting.setChecked(has_drifting and self._choice.of_drifting)
        self.static.setChecked(has_static and (self._choice.of_static or not has_drifting))
        for box in (self.drifting, self.static):
            box.toggled.connect(self._update)
        self.message = QLabel()
        self.message.setProperty("quiet", True)
        self.message.setWordWrap(True)
        self._build(is_choice=has_drifting and has_static)
        self._update()

    def show_sorters(self, infos: Sequence[SorterInfo]) -> None:
        """List sorters; what was chosen stays chosen."""
        if self.form is not None:
            self._choice = self.choice()
        self.sorters.clear()
        for info in infos:
            item = QListWidgetItem(info.name)
            item.setData(_INFO, info)
            item.setToolTip(info.description or info.how_to_get)
            if not info.is_installed:
                item.setForeground(self.palette().placeholderText())
            self.sorters.addItem(item)
        names = [info.name for info in infos]
        wanted = self._choice.sorter
        self.sorters.setCurrentRow(names.index(wanted) if wanted in names else 0)

    def choice(self) -> SortChoice:
        """Return what is chosen now."""
        info = self._info()
        return SortChoice(
            sorter=self._choice.sorter if info is None else info.name,
            params=self._choice.params if self.form is None else self.form.params(),
            of_drifting=self.drifting.isChecked(),
            of_static=self.static.isChecked(),
        )

    def accept(self) -> None:
        """Tell what was chosen, and close."""
        if self.sort_button.isEnabled():
            self.chosen.emit(self.choice())
            super().accept()

    def _build(self, *, is_choice: bool) -> None:
        right = QWidget()
        self._right = QVBoxLayout(right)
        self._right.setContentsMargins(12, 0, 0, 0)
        self._right.addWidget(self.about, 0, Qt.AlignmentFlag.AlignTop)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.sorters)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([220, 640])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        sort = buttons.addButton("Sort", QDialogButtonBox.ButtonRole.AcceptRole)
        assert sort is not None
        self.sort_button = sort
        self.sort_button.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        if is_choice:
            row.addWidget(QLabel("Sort"))
            row.addWidget(self.drifting)
            row.addWidget(self.static)
        row.addWidget(self.message, 1)
        row.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.addWidget(splitter, 1)
        layout.addLayout(row)

    def _info(self) -> SorterInfo | None:
        item = self.sorters.currentItem()
        found = None if item is None else item.data(_INFO)
        return found if isinstance(found, SorterInfo) else None

    def _on_sorter(self) -> None:
        info = self._info()
        if self.form is not None:
            self._right.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        if info is None:
            return
        text = info.description if info.is_installed else info.how_to_get
        self.about.setText("\n\n".join(part for part in (info.name, text) if part))
        if info.is_installed:
            params = self._choice.params if info.name == self._choice.sorter else {}
            self.form = SorterForm(info, params)
            self.form.changed.connect(self._update)
            self._right.addWidget(self.form, 1)
        self._update()

    def _update(self) -> None:
        why = self._why_not()
        self.sort_button.setEnabled(not why)
        self.message.setText(why)

    def _why_not(self) -> str:
        """Say why it cannot be sorted so; "": it can."""
        info = self._info()
        if info is None:
            return "Choose a sorter."
        if not info.is_installed:
            return f"{info.name} is not installed."
        if not (self.drifting.isChecked() or self.static.isChecked()):
            return "Choose a recording."
        return "" if self.form is None else self.form.wrong
