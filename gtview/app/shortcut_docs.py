"""Writes docs/generated/shortcuts.md; run `python -m gtview.app.shortcut_docs` for it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from ..views import kinds_of_views
from .shortcuts import Shortcut, declared_shortcuts
from .snippet_table import SNIPPETS

_HEAD = """# Keys and gestures

This page is made from what the program declares: `python -m gtview.app.shortcut_docs` writes it
again. In the program F1 lists the same, and keys can be changed there.

Keys of a view act in the view under the pointer, else in the one with the focus.
"""


def shortcut_page() -> str:
    """Return the page in Markdown."""
    gestures = {kind.title: kind.gestures for _, kind in kinds_of_views()}
    parts = [_HEAD]
    titles = []
    for title, shortcuts in groupby(declared_shortcuts(), lambda s: s.context_title):
        titles.append(title)
        parts += _section(title, shortcuts, gestures.get(title, ()))
    for title, own in gestures.items():
        if title not in titles and own:
            parts += _section(title, (), own)
    return "\n".join([*parts, *_commands()])


def _commands() -> list[str]:
    head = ["## Typed commands", "", "The key `:` opens a line for them.", ""]
    rows = []
    for snippet in SNIPPETS:
        also = ", ".join(f"`:{name}`" for name in snippet.names[1:])
        example = f"as in `{snippet.example}`" if snippet.example else ""
        more = "; ".join(part for part in (example, also and f"also {also}") if part)
        rows.append(_row(f"`{snippet.usage}`", snippet.help + (f" ({more})" if more else ""), ""))
    return [*head, "| Command | What it does |", "| --- | --- |", *rows, ""]


def _section(
    title: str, shortcuts: Iterable[Shortcut], gestures: Iterable[tuple[str, str]]
) -> list[str]:
    rows = [
        _row(" or ".join(f"`{k}`" for k in s.keys), s.text, s.help) for s in shortcuts if s.keys
    ]
    rows += [_row(gesture, text, "") for gesture, text in gestures]
    head = [f"## {title}", "", "| Key or gesture | What it does |", "| --- | --- |"]
    return [*head, *rows, ""] if rows else []


def _row(keys: str, text: str, more: str) -> str:
    full = f"{text}. {more}" if more else text
    return f"| {_safe(keys)} | {_safe(full)} |"


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def page_path() -> Path:
    """Return where the page is in a checkout."""
    return Path(__file__).resolve().parents[2] / "docs" / "generated" / "shortcuts.md"


def main() -> None:
    """Write the page."""
    path = page_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(shortcut_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
