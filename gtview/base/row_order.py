"""In which order the rows of a table stand, by one column or as they stood before."""

from __future__ import annotations

import re

import numpy as np

from .table import Column, Table
from .types import Int64Array

_DIGITS = re.compile(r"([0-9]{1,18})")


def sort_rows(column: Column, rows: Int64Array, *, descending: bool) -> Int64Array:
    """Return rows ordered by a column.

    The order is stable: equal rows stay as they stand, so that sorting by one column and then by
    another sorts by both. Numbers go by value and texts as people count ("unit 9" before
    "unit 10"). What does not exist comes last in both directions.

    Parameters
    ----------
    column
        Values, one for each row of the table.
    rows : int64 array, (n,)
        Row numbers in the order in which they stand.
    descending
        The largest first.

    Returns
    -------
    int64 array, (n,)
    """
    missing = column.missing
    ranks = rank_texts(column) if column.is_text else _rank_numbers(column, missing)
    key = -ranks if descending else ranks
    key[missing] = len(ranks)
    return rows[np.argsort(key[rows], kind="stable")]


def _rank_numbers(column: Column, missing: np.ndarray) -> Int64Array:
    values = np.where(missing, 0, column.values)
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)


def rank_texts(column: Column) -> Int64Array:
    """Return the place of each text among the different ones, int64, (n_rows,); 0 if missing."""
    different = sorted({value for value in column.values if value is not None}, key=_natural)
    place = {value: i for i, value in enumerate(different)}
    return np.array([place.get(value, 0) for value in column.values], dtype=np.int64)


def _natural(text: str) -> tuple[list[str | int], str]:
    # Odd parts are digits, even ones are not, so two keys always compare like with like.
    parts = _DIGITS.split(text.casefold())
    return [int(p) if i % 2 else p for i, p in enumerate(parts)], text


def keep_order(
    before: Table, order: Int64Array, after: Table, sorted_after: Int64Array
) -> Int64Array:
    """Return the rows of a new table in the order in which they stood in the old one.

    A new row stands behind the row that comes before it in the sorted order: what stays does not
    move, and what is new is near its place.

    Parameters
    ----------
    before, order : Table; int64 array, (n_before,)
        The old table, and how its rows stood.
    after, sorted_after : Table; int64 array, (n_after,)
        The new table, and how its rows would stand if they were sorted now.

    Returns
    -------
    int64 array, (n_after,)
    """
    row_of = {row_id: row for row, row_id in enumerate(after.row_ids)}
    kept = [row_of[i] for i in (before.row_ids[row] for row in order) if i in row_of]
    new_behind: dict[int, list[int]] = {}
    known, last = set(kept), -1
    for row in sorted_after.tolist():
        if row in known:
            last = row
        else:
            new_behind.setdefault(last, []).append(row)
    result = list(new_behind.get(-1, []))
    for row in kept:
        result.append(row)
        result.extend(new_behind.get(row, []))
    return np.array(result, dtype=np.int64)
