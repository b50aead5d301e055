"""A page of HTML in one file: text, tables and pictures; everything in it is escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from string import Template

from .table import Column, Table

_PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; --text: #1c2128; --quiet: #66707d; --line: #d9dde3;
 --plane: #ffffff; --panel: #f3f4f6; --good: #2e8b4f; --bad: #c2303b; }
@media (prefers-color-scheme: dark) { :root { --text: #d7dae0; --quiet: #8a919e;
 --line: #2b2f38; --plane: #16181d; --panel: #1d2026; --good: #5fbf77; --bad: #e5646e; } }
@media print { :root { --text: #000; --quiet: #444; --line: #bbb; --plane: #fff; --panel: #fff; } }
body { background: var(--plane); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
 max-width: 70rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; }
p { max-width: 48rem; margin: .4rem 0; }
.quiet, figcaption { color: var(--quiet); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: left;
 vertical-align: top; }
th { color: var(--quiet); font-weight: 600; background: var(--panel); }
.number { text-align: right; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); }
figure { margin: 1rem 0; } img { max-width: 100%; }
</style>
</head>
<body>
<h1>$title</h1>
$body
</body>
</html>
""")


class HtmlPage:
    """Collects the parts of a page, from top to bottom.

    The page needs no other file and no network, has no scripts, and follows the reader's choice
    of dark or light.

    Parameters
    ----------
    title
        Heading, and name of the window.
    subtitle
        A quiet line below it; "": none.
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        self._title = title
        self._parts: list[str] = []
        if subtitle:
            self.add_text(subtitle, is_quiet=True)

    def add_heading(self, text: str) -> None:
        """Begin a part."""
        self._parts.append(f"<h2>{escape(text)}</h2>")

    def add_text(self, text: str, *, is_quiet: bool = False) -> None:
        """Add a paragraph."""
        kind = ' class="quiet"' if is_quiet else ""
        self._parts.append(f"<p{kind}>{escape(text)}</p>")

    def add_table(self, table: Table, colored: Iterable[str] = ()) -> None:
        """Add a table.

        Parameters
        ----------
        table
            Values are written as the window shows them; the help of a column is its tooltip.
        colored
            Names of columns of numbers that are green above 0 and red below.
        """
        names = set(colored)
        head = "".join(_head(column) for column in table.columns)
        rows = (
            "".join(_cell(column, row, column.name in names) for column in table.columns)
            for row in range(len(table.row_ids))
        )
        body = "\n".join(f"<tr>{cells}</tr>" for cells in rows)
        self._parts.append(
            f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody>\n</table></div>"
        )

    def add_code(self, text: str) -> None:
        """Add text as it is, line by line; folded until it is asked for."""
        self._parts.append(f"<details><summary>Show</summary><pre>{escape(text)}</pre></details>")

    def add_picture(self, png: bytes, caption: str) -> None:
        """Add a picture, which becomes a part of the file."""
        data = base64.b64encode(png).decode("ascii")
        text = escape(caption)
        self._parts.append(
            f'<figure><img src="data:image/png;base64,{data}" alt="{text}">'
            f"<figcaption>{text}</figcaption></figure>"
        )

    def render(self) -> str:
        """Return the page."""
        return _PAGE.substitute(title=escape(self._title), body="\n".join(self._parts))


def _head(column: Column) -> str:
    kind = "" if column.is_text else ' class="number"'
    tip = f' title="{escape(column.help)}"' if column.help else ""
    return f'<th scope="col"{kind}{tip}>{escape(column.title)}</th>'


def _cell(column: Column, row: int, is_colored: bool) -> str:
    text = escape(column.text(row))
    if column.is_text:
        return f"<td>{text}</td>"
    kind = "number"
    # What is shown decides, so that no zero has a colour.
    if is_colored and not column.missing[row]:
        shown = round(float(column.values[row]), column.digits)
        kind += " good" if shown > 0 else " bad" if shown < 0 else ""
    return f'<td class="{kind}">{text}</td>'
