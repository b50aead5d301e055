"""The language of filters: comparisons over the columns of a table, parsed and never evaluated.

What may be said: columns by name (in any case; a name of several words with underscores or
between backticks), numbers, 'texts' (in any case), + - * / % **, < <= > >= == !=, chains as in
1 < rate < 5, in (a, b), 'part' in column, is null, is not null, and, or, not (also && || & | !),
parentheses. A text that stands alone is looked for in all cells.
"""

from __future__ import annotations

import ast
import difflib
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..base.table import Column, Table
from ..base.types import BoolArray, Float64Array
from .filter_tokens import FilterError, Leaf, read_tokens

MAX_LENGTH = 1000

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_NOT_COMPLETE = "Not complete yet: a filter reads like rate > 2 and group == 'good'."
_NO_COMPARISON = "{} is not compared with anything, as in {} > 2."


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Where something holds, and where its opposite does; neither where a value is missing.

    Attributes
    ----------
    yes, no : bool arrays, (n_rows,)
    """

    yes: BoolArray
    no: BoolArray

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Numbers of all rows, float64, (n_rows,); what is not finite is missing."""

    values: Float64Array
    told: str

    @property
    def known(self) -> BoolArray:
        """Which exist."""
        return np.isfinite(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts of all rows in lower case, objects, (n_rows,); None is missing."""

    values: NDArray[np.object_]
    told: str

    @property
    def known(self) -> BoolArray:
        """Which exist."""
        return np.array([value is not None for value in self.values], dtype=np.bool_)


Values: TypeAlias = Numbers | Texts


def find_rows(text: str, table: Table, rows_with: Callable[[str], BoolArray]) -> BoolArray:
    """Return the rows for which an expression holds.

    Parameters
    ----------
    text
        The expression.
    table
        Rows to choose from.
    rows_with
        Finds the rows in which a text is part of some cell.

    Returns
    -------
    bool array, (n_rows,)

    Raises
    ------
    FilterError
        The expression is not understood.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(f"A filter has at most {MAX_LENGTH} characters.")
    python_text, leaves = read_tokens(text)
    try:
        tree = ast.parse(python_text, mode="eval")
        with np.errstate(all="ignore"):
            return _Finder(table, leaves, rows_with).truth(tree.body).yes
    except SyntaxError:
        raise FilterError(_NOT_COMPLETE) from None
    except (RecursionError, MemoryError):
        raise FilterError("The filter is nested too deeply.") from None


class _Finder:
    """Walks the tree of one expression over the columns of one table."""

    def __init__(
        self, table: Table, leaves: dict[str, Leaf], rows_with: Callable[[str], BoolArray]
    ) -> None:
        self._table = table
        self._leaves = leaves
        self._rows_with = rows_with
        self._n_rows = len(table.row_ids)

    # What is true or false -----------------------------------------------------------------

    def truth(self, node: ast.expr) -> Truth:
        if isinstance(node, ast.BoolOp):
            join = operator.and_ if isinstance(node.op, ast.And) else operator.or_
            return reduce(join, [self.truth(part) for part in node.values])
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return ~self.truth(node.operand)
        if isinstance(node, ast.Compare):
            return self._compare_all(node)
        leaf = self._leaf(node)
        if leaf is not None and leaf.kind == "text":
            rows = self._rows_with(leaf.text)
            return Truth(rows, ~rows)
        told = self.value(node).told
        raise FilterError(_NO_COMPARISON.format(told, told))

    def _compare_all(self, node: ast.Compare) -> Truth:
        operands = [node.left, *node.comparators]
        pairs = zip(operands, node.ops, operands[1:], strict=False)
        return reduce(operator.and_, [self._compare(*pair) for pair in pairs])

    def _compare(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> Truth:
        if isinstance(sign, ast.In):
            return self._is_in(left, right)
        if isinstance(sign, ast.NotIn):
            return ~self._is_in(left, right)
        leaf = self._leaf(right)
        if leaf is not None and leaf.kind == "null":
            return self._is_null(self.value(left), sign)
        if isinstance(sign, ast.Is | ast.IsNot):
            raise FilterError('"is" goes with null only; write == for a value.')
        return _compare_values(self.value(left), sign, self.value(right))

    def _is_null(self, values: Values, sign: ast.cmpop) -> Truth:
        if not isinstance(sign, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            raise FilterError("Nothing is larger or smaller than null; write is null.")
        known = values.known
        return Truth(~known, known) if isinstance(sign, ast.Is | ast.Eq) else Truth(known, ~known)

    def _is_in(self, left: ast.expr, right: ast.expr) -> Truth:
        wanted = self.value(left)
        if isinstance(right, ast.Tuple | ast.List | ast.Set):
            choices = [self.value(item) for item in right.elts]
            if not choices:
                raise FilterError("The list after in is empty.")
            return reduce(operator.or_, [_compare_values(wanted, ast.Eq(), c) for c in choices])
        leaf, within = self._leaf(right), self.value(right)
        if leaf is not None and leaf.kind != "name":
            return _compare_values(wanted, ast.Eq(), within)  # parentheses around one value
        return _is_part_of(wanted, within)

    # What has a value ----------------------------------------------------------------------

    def value(self, node: ast.expr) -> Values:
        leaf = self._leaf(node)
        if leaf is not None:
            return self._value_of_leaf(leaf)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            number = _numbers(self.value(node.operand), "-")
            is_minus = isinstance(node.op, ast.USub)
            return Numbers(-number.values if is_minus else number.values, number.told)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            compute = _ARITHMETIC[type(node.op)]
            left = _numbers(self.value(node.left), "arithmetic")
            right = _numbers(self.value(node.right), "arithmetic")
            return Numbers(compute(left.values, right.values), left.told)
        raise FilterError(_explain_node(node))

    def _leaf(self, node: ast.expr) -> Leaf | None:
        return self._leaves[node.id] if isinstance(node, ast.Name) else None

    def _value_of_leaf(self, leaf: Leaf) -> Values:
        if leaf.kind == "number":
            return Numbers(np.full(self._n_rows, leaf.number), leaf.text)
        if leaf.kind == "text":
            values = np.full(self._n_rows, leaf.text.casefold(), dtype=object)
            return Texts(values, f"'{leaf.text}'")
        if leaf.kind == "null":
            raise FilterError("null stands after is, as in unit is null.")
        column = find_column(self._table.columns, leaf.text)
        if not column.is_text:
            return Numbers(column.values.astype(np.float64), column.name)
        lowered = [None if value is None else value.casefold() for value in column.values]
        return Texts(np.array(lowered, dtype=object), column.name)


def _compare_values(left: Values, sign: ast.cmpop, right: Values) -> Truth:
    compare = _COMPARISONS[type(sign)]
    if isinstance(left, Texts) != isinstance(right, Texts):
        text, number = (left, right) if isinstance(left, Texts) else (right, left)
        raise FilterError(f"{text.told} is a text and {number.told} is a number.")
    if isinstance(left, Texts) and not isinstance(sign, ast.Eq | ast.NotEq):
        raise FilterError(f"{left.told} is a text: it can be == or != to another.")
    known = left.known & right.known
    holds = np.asarray(compare(left.values, right.values), dtype=np.bool_)
    return Truth(known & holds, known & ~holds)


def _is_part_of(part: Values, whole: Values) -> Truth:
    if not (isinstance(part, Texts) and isinstance(whole, Texts)):
        raise FilterError("After in comes a list such as (1, 2), or a column of texts.")
    known = part.known & whole.known
    pairs = zip(part.values, whole.values, known, strict=True)
    holds = np.array([is_known and p in w for p, w, is_known in pairs], dtype=np.bool_)
    return Truth(holds, known & ~holds)


def _numbers(values: Values, what: str) -> Numbers:
    if isinstance(values, Texts):
        what = "a minus" if what == "-" else what
        raise FilterError(f"{values.told} is a text; {what} needs numbers.")
    return values


def _explain_node(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return "Functions cannot be used in a filter."
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return "A list stands after in, as in id in (1, 2); numbers have no commas."
    if isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
        return "A comparison has no value to go on with; join comparisons with and, or."
    return _NOT_COMPLETE


def find_column(columns: Sequence[Column], name: str) -> Column:
    """Return the column that a person means by a name.

    Raises
    ------
    FilterError
        There is none.
    """
    for simplify in (str, _simplify):
        wanted = simplify(name)
        for column in columns:
            if wanted in (simplify(column.name), simplify(column.title)):
                return column
    raise FilterError(f"There is no column {name}; {_suggest(columns, name)}")


def _suggest(columns: Sequence[Column], name: str) -> str:
    wanted = _simplify(name)
    known = {_simplify(column.name): column.name for column in columns}
    close = [key for key in known if len(key) > 1 and wanted.startswith(key)]
    close += [key for key in known if len(wanted) > 1 and key.startswith(wanted)]
    close += difflib.get_close_matches(wanted, known, n=1)
    return f"did you mean {known[close[0]]}?" if close else f"a text needs quotes: '{name}'."


def _simplify(name: str) -> str:
    return re.sub(r"\W+", "_", name.casefold()).strip("_")
