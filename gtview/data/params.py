"""What a `params.py` says, read as text: it is parsed, and never run."""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..base.errors import DatasetError
from .diagnostics import DiagnosticLog

MAX_BYTES = 1_000_000
_MAX_DEPTH = 50
_MAX_NUMBER = 1e300

_NUMBER_OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


class _NotLiteral(ValueError):  # noqa: N818  (never leaves this module)
    """An expression that would have to be run."""


def read_params(path: Path, log: DiagnosticLog) -> dict[str, Any]:
    """Read the top-level assignments of literal values; everything else is skipped and told.

    Numbers, text, True, False, None, lists, tuples, sums and products of numbers, joined text,
    and names assigned before are understood.

    Parameters
    ----------
    path
        A `params.py`.
    log
        Gets a warning for each statement that is skipped.

    Returns
    -------
    dict
        Values by name in lower case; of a name assigned twice, the last.

    Raises
    ------
    DatasetError
        The file is missing, unreadable, too large, or not Python.
    """
    tree = _parse(path, _read_text(path, log))
    params: dict[str, Any] = {}
    for statement in tree.body:
        if not _is_silent(statement) and not _assign(statement, params):
            line = getattr(statement, "lineno", 0)
            log.warning(
                path.name,
                f"Line {line} ({_describe(statement)}) was skipped.",
                "params.py is read as text and never run: only plain values count.",
            )
    return params


def _read_text(path: Path, log: DiagnosticLog) -> str:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.") from error
    if size > MAX_BYTES:
        raise DatasetError(f"{path} has {size:,} bytes: too large to be a params.py.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        log.warning(
            path.name, "The text is not UTF-8; it was read as Latin-1.", "Check the paths."
        )
        return data.decode("latin-1")


def _parse(path: Path, text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            # Python warns of 'C:\\data' without r: it is read as it was meant.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        where = f" (line {error.lineno})" if error.lineno else ""
        if "unicode error" in error.msg:
            raise DatasetError(
                f"{path} is not valid Python{where}: write paths with backslashes as r'...'."
            ) from error
        raise DatasetError(f"{path} is not valid Python{where}: {error.msg}.") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise DatasetError(f"{path} is not a valid params.py: {error}.") from error


def _is_silent(statement: ast.stmt) -> bool:
    is_comment = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_comment or isinstance(statement, ast.Pass)


def _assign(statement: ast.stmt, params: dict[str, Any]) -> bool:
    if isinstance(statement, ast.Assign):
        targets, expression = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets, expression = [statement.target], statement.value
    else:
        return False
    try:
        value = _evaluate(expression, params, 0)
    except _NotLiteral:
        return False
    names = [target.id.lower() for target in targets if isinstance(target, ast.Name)]
    if len(names) < len(targets):
        return False
    params.update(dict.fromkeys(names, value))
    return True


def _evaluate(node: ast.expr, known: Mapping[str, Any], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise _NotLiteral
    if isinstance(node, ast.Constant) and not isinstance(node.value, bytes | complex):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_evaluate(item, known, depth + 1) for item in node.elts]
    if isinstance(node, ast.Name) and node.id.lower() in known:
        return known[node.id.lower()]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _evaluate(node.operand, known, depth + 1)
        if _is_number(value):
            return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        left = _evaluate(node.left, known, depth + 1)
        return _combine(left, node.op, _evaluate(node.right, known, depth + 1))
    raise _NotLiteral


def _combine(left: Any, operation: ast.operator, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str) and isinstance(operation, ast.Add):
        if len(left) + len(right) > MAX_BYTES:
            raise _NotLiteral
        return left + right
    combine = _NUMBER_OPERATIONS.get(type(operation))
    if combine is None or not _is_number(left) or not _is_number(right):
        raise _NotLiteral
    try:
        value = combine(left, right)
        is_sensible = math.isfinite(value) and abs(value) < _MAX_NUMBER
    except ArithmeticError as error:
        raise _NotLiteral from error
    if not is_sensible:
        raise _NotLiteral
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _describe(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return "an import"
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        if isinstance(target, ast.Name):
            return f"a value of {target.id.lower()} that is not a plain one"
        return "an assignment that is not of a plain name"
    return "not an assignment"
