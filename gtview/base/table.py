"""Tables as columns of values, for whoever shows or exports them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .types import BoolArray

MISSING = "\N{EN DASH}"

Kind = Literal["id", "integer", "number", "text"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column.

    Attributes
    ----------
    name
        Short name: header, and the name in filters.
    values : array, (n_rows,)
        int64 for `id` and `integer`; float64 with NaN for "does not exist" for `number`; objects
        (str, or None for "does not exist") for `text`. An `integer` that may be missing is a
        `number` with 0 digits; an `id` that may be missing is float64 with NaN.
    kind
        What the values are.
    unit
        Unit, shown behind the name in the header.
    digits
        Decimals of a `number`.
    help
        One sentence for the tooltip of the header.
    """

    name: str
    values: NDArray[Any]
    kind: Kind = "number"
    unit: str = ""
    digits: int = 1
    help: str = ""

    @property
    def title(self) -> str:
        """Header: the name and the unit."""
        return f"{self.name} {self.unit}" if self.unit else self.name

    @property
    def is_text(self) -> bool:
        """Whether the values are words, and not numbers."""
        return self.kind == "text"

    @property
    def missing(self) -> BoolArray:
        """Which values do not exist, bool, (n_rows,)."""
        if self.is_text:
            return np.array([value is None for value in self.values], dtype=np.bool_)
        return np.asarray(~np.isfinite(self.values), dtype=np.bool_)

    def text(self, row: int) -> str:
        """Return a value as it is shown; "\N{EN DASH}" for what does not exist."""
        value = self.values[row]
        if self.kind == "text":
            return MISSING if value is None else str(value)
        if not math.isfinite(value):
            return MISSING
        if self.kind == "number":
            return f"{value:z,.{self.digits}f}"
        return f"{int(value):,}" if self.kind == "integer" else str(int(value))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of the same rows; a row is known by its id, never by its place."""

    row_ids: tuple[Hashable, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return a column by its name.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]
