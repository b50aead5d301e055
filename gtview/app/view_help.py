"""What is to be known about one view, on one small page."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QTextBrowser

from ..views.base import View, ViewAction

if TYPE_CHECKING:
    from .shortcuts import Shortcuts

_WIDTH_PX, _TALLEST_PX = 430, 620


def help_page(kind: type[View], common: Iterable[ViewAction], shortcuts: Shortcuts) -> str:
    """Return a page in HTML: what the view shows, its keys, what the mouse does."""
    parts = [f"<p>{escape(paragraph)}</p>" for paragraph in help_paragraphs(kind)]
    parts += _section("Mouse", ((gesture, text, "") for gesture, text in kind.gestures))
    parts += _section("Keys", _keys(kind.actions_declared, shortcuts))
    parts += _section("In every view", ((k, text, "") for k, text, _ in _keys(common, shortcuts)))
    return "".join(parts)


def help_paragraphs(kind: type[View]) -> list[str]:
    """Return what a view says of itself."""
    text = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
    return [" ".join(paragraph.split()) for paragraph in text if "----" not in paragraph]


def _keys(actions: Iterable[ViewAction], shortcuts: Shortcuts) -> list[tuple[str, str, str]]:
    entries = []
    for action in actions:
        keys = ", ".join(shortcuts.keys_of(action.id, action.keys))
        entries.append((keys, action.text, action.help))
    return entries


def _section(title: str, entries: Iterable[tuple[str, str, str]]) -> list[str]:
    rows = [_row(*entry) for entry in entries]
    if not rows:
        return []
    return [f"<h4>{title}</h4><table cellspacing='0' cellpadding='2'>", *rows, "</table>"]


def _row(keys: str, text: str, more: str) -> str:
    first = f"<td style='padding-right:14px'><b>{escape(keys) or '-'}</b></td>"
    note = f"<br><small>{escape(more)}</small>" if more else ""
    return f"<tr>{first}<td>{escape(text)}{note}</td></tr>"


class HelpText(QTextBrowser):
    """A page as high as its text, up to a limit."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.setObjectName("helpText")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHtml(page)
        document: Any = self.document()
        document.setDocumentMargin(12)
        document.setTextWidth(_WIDTH_PX)
        self._height = min(int(document.size().height()) + 20, _TALLEST_PX)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH_PX + 14, self._height)
