"""Which rows of a table a person asks for, in words or in comparisons; nothing is evaluated.

A filter of plain words keeps the rows in which every word is part of some cell ("good or mua"
and "not noise" work too). A filter with a comparison is an expression over the columns, such as
``rate > 2 and group == 'good'``: see `filter_language` for what may be said.

A row whose value does not exist satisfies neither a comparison nor its opposite; ``is null`` and
``is not null`` ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from ..base.table import Column, Table
from ..base.types import BoolArray
from .filter_language import find_column, find_rows
from .filter_tokens import FilterError, straighten

_EXPRESSION = re.compile(
    r"""[<>=!"'`&|]|\b(not\s+)?in\s*[(\[{]|\bis\s+(not\s+)?(null|none)\b""", re.IGNORECASE
)
_IN_NUMBER = re.compile(r"[-0-9.,]")
_AFTER_COLUMN = ("in", "is")


class RowFilter:
    """Finds the rows of one table that a filter keeps.

    Parameters
    ----------
    table
        Rows to choose from.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def rows(self, text: str) -> BoolArray:
        """Return which rows a filter keeps, bool, (n_rows,); all of them for an empty one.

        Raises
        ------
        FilterError
            The filter is not understood; its text says why, in one sentence.
        """
        if not text.strip():
            return np.ones(len(self._table.row_ids), dtype=np.bool_)
        if self._is_expression(straighten(text)):
            return find_rows(straighten(text), self._table, self._rows_with)
        return self._rows_of_words(text.split())

    def _is_expression(self, text: str) -> bool:
        """Whether a filter is meant as comparisons, and not as words to look for."""
        if _EXPRESSION.search(text):
            return True
        first, *more = text.split()
        return bool(more) and more[0].lower() in _AFTER_COLUMN and self._has_column(first)

    def _has_column(self, name: str) -> bool:
        try:
            find_column(self._table.columns, name)
        except FilterError:
            return False
        return True

    def _rows_of_words(self, words: list[str]) -> BoolArray:
        """Return the rows that hold all words of one of the lists between two "or"."""
        found = np.zeros(len(self._table.row_ids), dtype=np.bool_)
        matching = ~found
        is_negated = False
        for word in words:
            lowered = word.casefold()
            if lowered == "or":
                found, matching, is_negated = found | matching, np.ones_like(found), False
            elif lowered == "not":
                is_negated = not is_negated
            elif lowered != "and":
                matching &= self._rows_with(word) != is_negated
                is_negated = False
        return found | matching

    def _rows_with(self, text: str) -> BoolArray:
        """Return the rows in which a text is part of some cell."""
        wanted = text.casefold()
        # Most words have no digit, and then no number needs to be written out.
        rows = self._all_texts if _IN_NUMBER.search(wanted) else self._words
        return np.array([wanted in row for row in rows], dtype=np.bool_)

    @cached_property
    def _words(self) -> list[str]:
        """The cells that hold texts, of each row."""
        return self._write_rows([c for c in self._table.columns if c.is_text])

    @cached_property
    def _all_texts(self) -> list[str]:
        """All cells of each row, numbers also without the commas between thousands."""
        return self._write_rows(self._table.columns)

    def _write_rows(self, columns: Sequence[Column]) -> list[str]:
        missing = [column.missing for column in columns]
        texts = []
        for row in range(len(self._table.row_ids)):
            cells = [
                column.text(row)
                for column, is_missing in zip(columns, missing, strict=True)
                if not is_missing[row]
            ]
            cells += [c.replace(",", "") for c in cells if "," in c]
            # No word holds a line break, so none can begin in one cell and end in the next.
            texts.append("\n".join(cells).casefold())
        return texts


__all__ = ["FilterError", "RowFilter"]
