"""Tables as columns of values, for whoever shows or exports them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

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
        `number` with 0 digits.
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

    def text(self, row: int) -> str:
        """Return a value as it is shown; "\N{EN DASH}" for what does not exist."""
        value = self.values[row]
        if self.kind == "number":
            return f"{value:,.{self.digits}f}" if np.isfinite(value) else "\N{EN DASH}"
        if self.kind == "integer":
            return f"{value:,}"
        if self.kind == "id":
            return str(value)
        return "\N{EN DASH}" if value is None else str(value)


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
