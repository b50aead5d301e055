"""Rows of a table as text for the clipboard and for files."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable, Sequence

from .table import Column, Table


def rows_as_text(
    table: Table, row_ids: Sequence[Hashable], sections: Sequence[int], separator: str = "\t"
) -> str:
    """Return some rows and columns as text with a header; a cell that needs quotes has them.

    Numbers are whole and without commas between thousands, so that a spreadsheet takes them;
    what does not exist is an empty cell.
    """
    row_of = {row_id: row for row, row_id in enumerate(table.row_ids)}
    columns = [table.columns[section] for section in sections]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow([column.title for column in columns])
    writer.writerows([[_cell(column, row_of[i]) for column in columns] for i in row_ids])
    return text.getvalue()


def _cell(column: Column, row: int) -> str:
    value = column.values[row]
    if column.is_text:
        return "" if value is None else " ".join(str(value).split())
    if value != value:  # NaN
        return ""
    return f"{value:.10g}" if column.kind == "number" else str(int(value))
