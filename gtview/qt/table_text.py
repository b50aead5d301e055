"""Rows of a table as text for the clipboard."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ..base.table import Column, Table


def rows_as_tsv(table: Table, row_ids: Sequence[Hashable], sections: Sequence[int]) -> str:
    """Return some rows and columns as tab-separated text with a header.

    Numbers are whole and without commas between thousands, so that a spreadsheet takes them;
    what does not exist is an empty cell.
    """
    row_of = {row_id: row for row, row_id in enumerate(table.row_ids)}
    columns = [table.columns[section] for section in sections]
    lines = ["\t".join(column.title for column in columns)]
    lines += ["\t".join(_cell(column, row_of[i]) for column in columns) for i in row_ids]
    return "\n".join(lines) + "\n"


def _cell(column: Column, row: int) -> str:
    value = column.values[row]
    if column.is_text:
        return "" if value is None else " ".join(str(value).split())
    if value != value:  # NaN
        return ""
    return f"{value:.10g}" if column.kind == "number" else str(int(value))
