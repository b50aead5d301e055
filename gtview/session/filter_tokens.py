"""The words of a filter: what a person types becomes names and signs that Python can parse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..base.errors import UsageError


class FilterError(UsageError):
    """A filter that is not understood."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column's name, a text, a number, or `null`, as it stands in a filter."""

    kind: Literal["name", "text", "number", "null"]
    text: str

    @property
    def number(self) -> np.float64:
        """The value of a number."""
        return np.float64(self.text)


_TOKEN = re.compile(
    r"""
    (?P<number> (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
  | (?P<text> '[^']*' | "[^"]*" )
  | (?P<quoted_name> `[^`]+` )
  | (?P<name> [^\W\d]\w* )
  | (?P<sign> <=|>=|==|!=|<>|&&|\|\||\*\*|[-<>=!&|+*/%(),\[\]{}] )
  | (?P<space> \s+ )
    """,
    re.VERBOSE,
)
# As typed by other programs' users, and by keyboards that mean well.
_SIGNS = {"=": "==", "<>": "!=", "&&": " and ", "&": " and ", "||": " or ", "|": " or "}
_SIGNS["!"] = " not "
_LOOKALIKES = str.maketrans(
    {"−": "-", "–": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "≥": ">=", "≤": "<=", "≠": "!="}
)
_WORDS = {"and", "or", "not", "in", "is"}
_OPENING = {"(": ")", "[": "]", "{": "}"}


def straighten(text: str) -> str:
    """Return a filter with signs of the keyboard in place of those that only look like them."""
    return text.translate(_LOOKALIKES)


def read_tokens(text: str) -> tuple[str, dict[str, Leaf]]:
    """Return a filter as a Python expression over made-up names, and what each name stands for.

    Names, texts and numbers never reach Python's parser, so whatever a column is called, and
    whatever somebody types, only signs and and, or, not, in, is have a meaning there.

    Raises
    ------
    FilterError
        A sign without meaning, a quote or a parenthesis that is not closed.
    """
    leaves: dict[str, Leaf] = {}
    parts: list[str] = []
    signs: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FilterError(_explain_sign(text[at]))
        at = match.end()
        token, kind = match.group(), match.lastgroup
        if kind == "space":
            parts.append(" ")
        elif kind == "sign":
            signs.append(token)
            parts.append(_SIGNS.get(token, token))
        elif kind == "name" and token.lower() in _WORDS:
            parts.append(f" {token.lower()} ")
        else:
            name = f"_{len(leaves)}"
            leaves[name] = _make_leaf(str(kind), token)
            parts.append(f" {name} ")
    _check_parentheses(signs)
    return "".join(parts).strip(), leaves


def _make_leaf(kind: str, token: str) -> Leaf:
    if kind == "number":
        if not np.isfinite(float(token)):
            raise FilterError(f"{token} is too large a number.")
        return Leaf("number", token)
    if kind == "text":
        return Leaf("text", token[1:-1])
    if kind == "name" and token.lower() in ("null", "none"):
        return Leaf("null", token)
    return Leaf("name", token.strip("`").strip())


def _explain_sign(sign: str) -> str:
    if sign in "'\"`":
        return f"A quote {sign} is not closed."
    return f"The sign {sign} has no meaning here."


def _check_parentheses(signs: list[str]) -> None:
    open_signs: list[str] = []
    for sign in signs:
        if sign in _OPENING:
            open_signs.append(sign)
        elif sign in _OPENING.values() and (not open_signs or _OPENING[open_signs.pop()] != sign):
            raise FilterError(f"There is a {sign} too many.")
    if open_signs:
        raise FilterError(f"A parenthesis {open_signs[-1]} is not closed.")
