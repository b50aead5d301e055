"""Reads typed commands, as phy has them; nothing is evaluated."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..base.errors import UsageError
from .snippet_table import BY_NAME, SNIPPETS, Parameter, Snippet, Value

# More clusters than that are a slip of the hand.
MOST_CLUSTERS = 100_000


class SnippetError(UsageError):
    """A line that is not understood.

    `is_unfinished` says whether it can become one that is, by typing on.
    """

    def __init__(self, sentence: str, *, is_unfinished: bool = False) -> None:
        super().__init__(sentence)
        self.is_unfinished = is_unfinished


@dataclass(frozen=True, slots=True)
class Command:
    """A line that was understood: the snippet, and the values of its parameters."""

    snippet: Snippet
    values: Mapping[str, Value]


_WORD = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_RANGE = re.compile(r"(\d+)-(\d+)")
_BEGUN = re.compile(r"(\d+-?)?")


def parse(line: str) -> Command:
    """Read a line.

    Parameters
    ----------
    line
        What stands behind the colon; the colon may be there.

    Raises
    ------
    SnippetError
        It is not understood; its text says why, in one sentence.
    """
    text = line.strip().removeprefix(":").lstrip()
    name, rest = (*text.split(maxsplit=1), "", "")[:2]
    if not name:
        raise SnippetError("Type a command, such as :c 3 5-9.", is_unfinished=True)
    snippet = BY_NAME.get(name)
    if snippet is None:
        raise _unknown(name, is_last=not rest)
    values: dict[str, Value] = dict(snippet.given)
    for parameter in snippet.parameters:
        value, rest = _read(snippet, parameter, rest.strip())
        if value is not None:
            values[parameter.name] = value
    if rest.strip():
        raise SnippetError(f"{rest.strip()} is too much: {snippet.usage}")
    return Command(snippet, values)


def find_snippet(line: str) -> Snippet | None:
    """Return the snippet that a line begins with; None when it is none."""
    words = line.strip().removeprefix(":").split()
    return BY_NAME.get(words[0]) if words else None


def read_clusters(text: str) -> tuple[int, ...]:
    """Return the clusters that a text names: "3 5-9" or "3,5-9"; each once, in its order.

    Raises
    ------
    SnippetError
        It names something else.
    """
    found: dict[int, None] = {}
    for word in re.split(r"[\s,]+", text.strip(" \t,")):
        if word:
            for cluster_id in _read_range(word):
                found[cluster_id] = None
                if len(found) > MOST_CLUSTERS:
                    raise SnippetError("These are too many clusters.")
    return tuple(found)


def _read_range(word: str) -> Iterator[int]:
    if word.isascii() and word.isdigit():
        return iter((int(word),))
    both = _RANGE.fullmatch(word)
    if both is None:
        is_begun = _BEGUN.fullmatch(word) is not None
        raise SnippetError(
            f"{word} is no cluster: write 3, or 5-9 for a range.", is_unfinished=is_begun
        )
    first, last = int(both[1]), int(both[2])
    if last < first:
        raise SnippetError(f"{word} ends before it begins.", is_unfinished=True)
    return iter(range(first, min(last, first + MOST_CLUSTERS) + 1))


def _read(snippet: Snippet, parameter: Parameter, rest: str) -> tuple[Value | None, str]:
    """Return the value of a parameter, None for none, and what is left of the line."""
    if not rest:
        if not parameter.is_optional:
            raise SnippetError(f"{parameter.name} is missing: {_how(snippet)}", is_unfinished=True)
        return None, ""
    if parameter.kind == "clusters":
        return read_clusters(rest), ""
    if parameter.kind == "text":
        return _unquoted(rest), ""
    return _read_word(snippet, parameter, rest)


def _read_word(snippet: Snippet, parameter: Parameter, rest: str) -> tuple[Value, str]:
    _check_quotes(rest)
    match = _WORD.match(rest)
    assert match is not None
    word = next(part for part in match.groups() if part is not None)
    left = rest[match.end() :]
    if parameter.kind == "number":
        return _read_number(word), left
    if parameter.choices and word not in parameter.choices:
        is_begun = any(choice.startswith(word) for choice in parameter.choices)
        raise SnippetError(
            f"{word} is none of {', '.join(parameter.choices)}.", is_unfinished=is_begun
        )
    if not word:
        raise SnippetError(f"The {parameter.name} must not be empty: {_how(snippet)}")
    return word, left


def _read_number(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        is_begun = word in ("-", "+", ".", "-.", "+.")
        raise SnippetError(f"{word} is no number.", is_unfinished=is_begun) from None
    if not math.isfinite(number):
        raise SnippetError(f"{word} is no number that can be used.")
    return number


def _unquoted(rest: str) -> str:
    """Return a text without the quotes around the whole of it."""
    quote = rest[0]
    if quote in "\"'" and rest.find(quote, 1) == len(rest) - 1:
        return rest[1:-1]
    if rest.count(quote) == 1 and quote in "\"'":
        _check_quotes(rest)
    return rest


def _check_quotes(rest: str) -> None:
    if rest[0] in "\"'" and rest.count(rest[0]) < 2:
        raise SnippetError(f"A quote {rest[0]} is not closed.", is_unfinished=True)


def _how(snippet: Snippet) -> str:
    return f"{snippet.usage}, as in {snippet.example}" if snippet.example else snippet.usage


def _unknown(name: str, *, is_last: bool) -> SnippetError:
    is_begun = is_last and any(known.startswith(name) for known in BY_NAME)
    close = difflib.get_close_matches(name, BY_NAME, n=1)
    more = f" Did you mean :{close[0]}?" if close else " :help lists them."
    return SnippetError(f"There is no command :{name}.{more}", is_unfinished=is_begun)


__all__ = ["SNIPPETS", "Command", "SnippetError", "find_snippet", "parse", "read_clusters"]
