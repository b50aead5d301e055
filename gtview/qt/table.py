"""A quiet, quick table: chosen rows are ids, painting touches only what is on the screen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from PyQt6.QtCore import QEvent, QItemSelectionModel, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFont,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ..base.table import Table
from ..base.table_text import rows_as_text
from ..base.types import BoolArray
from .row_selection import RowSelection
from .table_cells import CellPainter
from .table_header import TableHeader
from .table_model import ColumnTableModel
from .table_paint import ROW_HEIGHT, RowPainter, RowSizes
from .table_picture import paint_table, picture_size

_Key = Qt.Key
_Modifier = Qt.KeyboardModifier


class TableView(QTableView):
    """Shows a `Table`; which rows are chosen is known by id and told in order of choosing.

    A click chooses one row, ctrl+click adds or removes one, shift+click and dragging choose a
    range; the newest is last. Only what the user does is told by `row_ids_selected`; a double
    click on a row, or Enter, by `row_id_activated`.
    """

    row_ids_selected = pyqtSignal(object)
    row_id_activated = pyqtSignal(object)
    hidden_columns_changed = pyqtSignal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ColumnTableModel(self)
        self.selection = RowSelection()
        # Columns, by name, whose cells are pictures instead of texts.
        self.cell_painters: dict[str, CellPainter] = {}
        self.rows.tip_of = self._tip_of
        self._pressed: Hashable | None = None
        self._keeps = False
        self._before_drag: tuple[Hashable, ...] = ()
        self._remembered: tuple[Hashable | None, Hashable | None, int, int] = (None, None, 0, 0)
        self.setModel(self.rows)
        self._painter = RowPainter(self)
        self.setItemDelegate(RowSizes(self))
        self.header = TableHeader(self)
        self.setHorizontalHeader(self.header)
        self.header.hidden_changed.connect(self.hidden_columns_changed)
        self._set_up()
        self.rows.modelAboutToBeReset.connect(self._remember_place)
        self.rows.modelReset.connect(self._return_to_place)

    def _set_up(self) -> None:
        font = QFont(self.font())
        if hasattr(font, "setFeature"):  # digits of one width, so that columns of numbers line up
            font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAutoScroll(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        side = self.verticalHeader()
        side.hide()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.row_height = max(ROW_HEIGHT, self.fontMetrics().height() + 6)
        side.setMinimumSectionSize(self.row_height)
        side.setDefaultSectionSize(self.row_height)
        self.setSortingEnabled(True)

    # What is shown -------------------------------------------------------------------------

    def set_table(
        self, table: Table, kept: BoolArray | None = None, *, resort: bool = False
    ) -> None:
        """Show another table; order, scroll position and chosen ids stay as they are.

        See `ColumnTableModel.set_table`; with `resort` the rows are sorted anew, seen from the
        top.
        """
        is_other = table.names != self.rows.table.names
        self.rows.set_table(table, kept, resort=resort)
        if is_other:
            self.header.dress_columns()
        if resort:
            self.verticalScrollBar().setValue(0)

    def keep_rows(self, kept: BoolArray | None) -> None:
        """Show these rows only, bool, (n_rows,); the chosen ids stay chosen."""
        self.rows.keep_rows(kept)

    def sort_by(self, name: str, *, descending: bool) -> None:
        """Sort by a column, now or as soon as there is one of that name."""
        self.rows.sorted_by = (name, descending)
        if name in self.rows.table.names:
            self.rows.sort(self.rows.table.names.index(name), _qt_order(descending))
        self.header.mark_sorted()

    def set_hidden_columns(self, names: Iterable[str]) -> None:
        """Hide the columns of these names, and show all others."""
        self.header.hide_columns(names)

    # What is chosen ------------------------------------------------------------------------

    @property
    def selected_ids(self) -> list[Hashable]:
        """The chosen ids, the newest last; also those that are not on the screen."""
        return list(self.selection.ids)

    def select_ids(self, ids: Iterable[Hashable]) -> None:
        """Choose these ids without telling it, and bring the newest into sight."""
        before = self.selection.ids
        if self.selection.replace(ids):
            self.update_rows({*before, *self.selection.ids})
            self._look_at(self.selection.newest)

    def _tip_of(self, row_id: Hashable, column: str) -> str:
        painter = self.cell_painters.get(column)
        return "" if painter is None else painter.tip(row_id)

    def update_rows(self, ids: Iterable[Hashable]) -> None:
        """Paint some rows again, as far as they are seen; all others stay as they are."""
        places = [self.rows.row_of(row_id) for row_id in ids]
        first = self.verticalScrollBar().value() // self.row_height
        last = first + self.viewport().height() // self.row_height + 1
        for row in places:
            if row is not None and first <= row <= last:
                top = self.rowViewportPosition(row)
                self.viewport().update(0, top, self.viewport().width(), self.row_height)

    def _look_at(self, row_id: Hashable | None) -> None:
        row = None if row_id is None else self.rows.row_of(row_id)
        if row is not None:
            self._set_current(row)
            self._scroll_to_row(row)

    def _scroll_to_row(self, row: int) -> None:
        # Vertically only: the columns that somebody looks at stay in sight.
        bar, top = self.verticalScrollBar(), row * self.row_height
        bottom = top + self.row_height - self.viewport().height()
        bar.setValue(min(top, max(bottom, bar.value())))

    def _set_current(self, row: int) -> None:
        before = self.currentIndex().row()
        index = self.rows.index(row, max(0, self.columnAt(1)))
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if 0 <= before < self.rows.rowCount():
            self.update_rows((self.rows.id_at(before),))
        self.update_rows((self.rows.id_at(row),))

    def _choose(self, change: Callable[[Hashable], None], row_id: Hashable) -> None:
        before = self.selection.ids
        change(row_id)
        self.update_rows({*before, *self.selection.ids})

    def _extend_to(self, row_id: Hashable, *, keep: bool) -> None:
        visible = self.rows.shown_ids
        self._choose(lambda i: self.selection.extend(i, visible, keep=keep), row_id)

    def _tell(self) -> None:
        self.row_ids_selected.emit(self.selected_ids)

    def copy_selected(self) -> None:
        """Copy the chosen rows that are shown, with a header, as tab-separated text."""
        shown = [i for i in self.rows.shown_ids if i in self.selection]
        QGuiApplication.clipboard().setText(self.as_text(shown))

    def as_text(self, row_ids: Sequence[Hashable] | None = None, separator: str = "\t") -> str:
        """Return rows with the columns that are shown as text; None: all that are shown."""
        sections = [i for i in range(len(self.rows.table.columns)) if not self.isColumnHidden(i)]
        ids = self.rows.shown_ids if row_ids is None else row_ids
        return rows_as_text(self.rows.table, ids, sections, separator)

    # For a file ----------------------------------------------------------------------------

    def picture_size(self) -> QSize:
        """Return the size of the rows in sight and of their header, without scroll bars."""
        return picture_size(self)

    def paint_picture(self, painter: QPainter, _size: QSize) -> None:
        """Paint the rows in sight and their header."""
        paint_table(painter, self)

    # Where it is ---------------------------------------------------------------------------

    @property
    def top_id(self) -> Hashable | None:
        """Id of the uppermost row in sight; None when the first row is seen."""
        top = self.rowAt(0)
        return self.rows.id_at(top) if top > 0 else None

    def scroll_to_top(self, row_id: Hashable) -> None:
        """Bring a row to the top."""
        row = self.rows.row_of(row_id)
        if row is not None:
            self.updateGeometries()
            self.verticalScrollBar().setValue(row * self.row_height)

    # Mouse ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        row_id, modifiers = self.rows.id_at(index.row()), event.modifiers()
        self._keeps = bool(modifiers & _Modifier.ControlModifier)
        if modifiers & _Modifier.ShiftModifier:
            self._extend_to(row_id, keep=self._keeps)
        elif self._keeps:
            self._choose(self.selection.toggle, row_id)
        else:
            self._choose(self.selection.choose, row_id)
        self._pressed, self._before_drag = row_id, self.selection.ids
        self._set_current(index.row())
        self._tell()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)
        if self._pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            self.row_id_activated.emit(self._pressed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        row = self._row_near(event.position().toPoint().y())
        row_id = self.rows.id_at(row)
        if row_id != self._pressed or self.selection.ids != self._before_drag:
            self._extend_to(row_id, keep=self._keeps)
            self._set_current(row)
            self._scroll_to_row(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        # While dragging, the rows light up; the selection is told when it is settled.
        if self._pressed is not None and self.selection.ids != self._before_drag:
            self._tell()
        self._pressed = None

    def _row_near(self, y: int) -> int:
        row = (y + self.verticalScrollBar().value()) // self.row_height
        return min(max(row, 0), self.rows.rowCount() - 1)

    # Keys ----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
            return
        modifiers = event.modifiers() & ~_Modifier.KeypadModifier
        row = self._row_of_key(event.key())
        if event.key() in (_Key.Key_Return, _Key.Key_Enter) and self._can_activate():
            self.row_id_activated.emit(self.selection.newest)
        elif row is not None and modifiers in (_Modifier.NoModifier, _Modifier.ShiftModifier):
            self._go_to(row, extend=modifiers == _Modifier.ShiftModifier)
        elif event.key() in (_Key.Key_Left, _Key.Key_Right) and not modifiers:
            bar = self.horizontalScrollBar()
            step = bar.singleStep() if event.key() == _Key.Key_Right else -bar.singleStep()
            bar.setValue(bar.value() + step)
        else:
            event.ignore()  # letters are keys of the window, not a search

    def _can_activate(self) -> bool:
        return self.selection.newest is not None and self.receivers(self.row_id_activated) > 0

    def _row_of_key(self, key: int) -> int | None:
        n_rows = self.rows.rowCount()
        if not n_rows:
            return None
        if key in (_Key.Key_Home, _Key.Key_End):
            return 0 if key == _Key.Key_Home else n_rows - 1
        page = max(1, self.viewport().height() // self.row_height - 1)
        step = {
            int(_Key.Key_Up): -1,
            int(_Key.Key_Down): 1,
            int(_Key.Key_PageUp): -page,
            int(_Key.Key_PageDown): page,
        }.get(key)
        if step is None:
            return None
        now = self.currentIndex().row()
        return 0 if now < 0 else min(max(now + step, 0), n_rows - 1)

    def _go_to(self, row: int, *, extend: bool) -> None:
        row_id = self.rows.id_at(row)
        if extend:
            self._extend_to(row_id, keep=False)
        else:
            self._choose(self.selection.choose, row_id)
        self._set_current(row)
        self._scroll_to_row(row)
        self._tell()

    # Painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            self._painter.paint(painter, event.region())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._painter.forget_texts()

    # New data leave everything where it is ---------------------------------------------------

    def _remember_place(self) -> None:
        top, current = self.rowAt(0), self.currentIndex().row()
        self._remembered = (
            self.rows.id_at(top) if top >= 0 else None,
            self.rows.id_at(current) if 0 <= current < self.rows.rowCount() else None,
            self.rowViewportPosition(top) if top >= 0 else 0,
            self.verticalScrollBar().value(),
        )

    def _return_to_place(self) -> None:
        top_id, current_id, offset, value = self._remembered
        row = None if current_id is None else self.rows.row_of(current_id)
        if row is not None:
            self._set_current(row)
        self.updateGeometries()
        top = None if top_id is None else self.rows.row_of(top_id)
        if value and top is not None:  # at the very top, new first rows are to be seen
            value = top * self.row_height - offset
        self.verticalScrollBar().setValue(value)


def _qt_order(descending: bool) -> Qt.SortOrder:
    return Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
