"""Tables made of records: each column says how its value follows from an item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .table import Column, Kind, Table


@dataclass(frozen=True, slots=True)
class Field:
    """A column, and how its value follows from an item; None: it does not exist."""

    name: str
    value: Callable[[Any], Any]
    kind: Kind = "number"
    digits: int = 1
    help: str = ""


def table_of(items: Sequence[Any], row_id: Callable[[Any], Any], *fields: Field) -> Table:
    """Return a table with one row an item."""
    columns = (column_of(field, [field.value(item) for item in items]) for field in fields)
    return Table(tuple(row_id(item) for item in items), tuple(columns))


def column_of(field: Field, values: Sequence[Any]) -> Column:
    """Return a column of values that are known."""
    if field.kind == "text":
        return text_column(field.name, values, field.help)
    if field.kind == "integer":
        return Column(field.name, np.array(values, np.int64), "integer", help=field.help)
    numbers = np.array([np.nan if v is None else v for v in values], np.float64)
    return Column(field.name, numbers, "number", digits=field.digits, help=field.help)


def text_column(name: str, values: Sequence[Any], text: str = "") -> Column:
    """Return a column of words."""
    words = np.empty(len(values), object)
    words[:] = [None if value is None else str(value) for value in values]
    return Column(name, words, "text", help=text)
