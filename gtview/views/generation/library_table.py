"""The templates of a library in a table: which suit, as the filters of the recipe are now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...base.errors import GtviewError
from ...generation.draft import RecipeDraft
from ...generation.recipe_hybrid import LibraryTemplates
from ...generation.template_sources import filter_rows, read_rows
from ...qt.compute import ComputePool

PATH = "hybrid.templates"
# Column of the table, its header, digits after the point.
_COLUMNS: tuple[tuple[str, str, int | None], ...] = (
    ("brain_area", "area", None),
    ("probe", "probe", None),
    ("amplitude_uv", "\N{MICRO SIGN}V", 0),
    ("signal_to_noise_ratio", "SNR", 1),
    ("depth_along_probe", "depth \N{MICRO SIGN}m", 0),
    ("dataset", "dataset", None),
    ("template_index", "no.", 0),
)
# Fields of the recipe that are lists of names of a column.
_NAMES = (("brain_areas", "brain_area", "Areas"), ("probes", "probe", "Probes"),
          ("datasets", "dataset", "Datasets"))  # fmt: skip
_MOST_ROWS = 2000


class LibraryTable(QWidget):
    """Reads a library in the pool, and lists its templates that suit."""

    def __init__(self, draft: RecipeDraft, pool: ComputePool, changed: Callable[[], None]) -> None:
        super().__init__()
        self._draft, self._pool, self._changed = draft, pool, changed
        self.rows: list[Mapping[str, Any]] = []
        self.suiting: list[Mapping[str, Any]] = []
        self._read_from: Any = object()
        self.read_button = QToolButton()
        self.read_button.setObjectName("pathButton")
        self.read_button.setText("List the templates")
        self.read_button.setToolTip("Read the table of the library, or of the public database")
        self.read_button.clicked.connect(self.read)
        self.message = QLabel()
        self.message.setProperty("quiet", True)
        self.message.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(self.read_button)
        self._menus: dict[str, QToolButton] = {}
        for field, _, title in _NAMES:
            self._menus[field] = _menu_button(title)
            head.addWidget(self._menus[field])
        head.addStretch(1)
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels([title for _, title, _ in _COLUMNS])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSortingEnabled(True)
        self.table.setMinimumHeight(200)
        side = self.table.verticalHeader()
        if side is not None:
            side.hide()
            side.setDefaultSectionSize(22)
        self.table.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 4, 0, 4)
        layout.addLayout(head)
        layout.addWidget(self.message)
        layout.addWidget(self.table)

    def read(self) -> None:
        """Read the table in a thread."""
        folder = self._draft.get(f"{PATH}.folder")
        self.message.setText("Reading\N{HORIZONTAL ELLIPSIS}")
        self._read_from = folder

        def take(rows: list[Mapping[str, Any]]) -> None:
            if not sip.isdeleted(self) and self._read_from == folder:
                self.show_rows(rows)

        def fail(error: BaseException) -> None:
            if not sip.isdeleted(self):
                known = isinstance(error, GtviewError)
                self.message.setText(str(error) if known else "It cannot be read.")

        self._pool.run(partial(read_rows, folder), take, fail)

    def show_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Show the templates of a library."""
        self.rows = list(rows)
        self.table.show()
        for field, column, _ in _NAMES:
            names = sorted({str(row.get(column, "")) for row in rows} - {"", "nan"})
            self._fill_menu(field, names)
        self.refresh()

    def refresh(self) -> None:
        """Take over the filters of the recipe."""
        if not self.rows:
            return
        wish = self._wish()
        if wish is None:
            return
        self.suiting = filter_rows(list(self.rows), wish)
        n = self._draft.get("n_units")
        self.message.setText(
            f"{len(self.suiting)} of {len(self.rows)} templates suit; {n} of them are drawn."
        )
        self._fill_table()

    def _wish(self) -> LibraryTemplates | None:
        try:
            return LibraryTemplates.model_validate(self._draft.get(PATH))
        except ValueError:
            # The form tells what is wrong with the filters.
            return None

    def _fill_table(self) -> None:
        self.table.setSortingEnabled(False)
        shown = self.suiting[:_MOST_ROWS]
        self.table.setRowCount(len(shown))
        for i, row in enumerate(shown):
            for k, (name, _, digits) in enumerate(_COLUMNS):
                self.table.setItem(i, k, _cell(row.get(name, ""), digits))
        self.table.setSortingEnabled(True)
        self.table.resizeColumnsToContents()

    def _fill_menu(self, field: str, names: list[str]) -> None:
        button = self._menus[field]
        menu = button.menu()
        if menu is None:
            return
        menu.clear()
        chosen = set(self._draft.get(f"{PATH}.{field}") or [])
        for name in names:
            action: Any = menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name in chosen)
            action.triggered.connect(partial(self._toggle, field, name))
        button.setVisible(len(names) > 1)

    def _toggle(self, field: str, name: str, is_on: bool) -> None:
        path = f"{PATH}.{field}"
        names = [old for old in self._draft.get(path) or [] if old != name]
        self._draft.set(path, [*names, name] if is_on else names)
        self._changed()


def _menu_button(title: str) -> QToolButton:
    button = QToolButton()
    button.setText(title)
    button.setObjectName("textButton")
    button.setToolTip("Use templates of the ones that are ticked only; none: all")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    button.hide()
    return button


def _cell(value: Any, digits: int | None) -> QTableWidgetItem:
    item = QTableWidgetItem()
    if digits is None:
        item.setText(str(value) if str(value) != "nan" else "-")
        return item
    try:
        item.setData(Qt.ItemDataRole.DisplayRole, round(float(value), digits))
    except (TypeError, ValueError):
        item.setText("-")
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
