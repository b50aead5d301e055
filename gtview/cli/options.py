"""Options that several commands have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

PATH = click.Path(path_type=Path)


def ids(_ctx: click.Context, _param: click.Parameter, text: str | None) -> tuple[int, ...]:
    """Read a list of cluster ids."""
    try:
        return tuple(int(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a list of cluster ids such as 3,5") from None


def size(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[int, int]:
    """Read the size of a picture in pixels."""
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a size such as 1920x1200") from None
    if not (200 <= width <= 16384 and 200 <= height <= 16384):
        raise click.BadParameter("a side must be between 200 and 16384 pixels")
    return width, height


truth_option = click.option(
    "--ground-truth", type=PATH, help="Folder or file of the truth; found by itself if beside."
)
sorting_option = click.option("--sorting", help="Which sorting of a dataset that holds several.")
journal_option = click.option(
    "--journal", "use_journal", is_flag=True, help="With what was curated and not yet saved."
)
select_option = click.option("--select", callback=ids, help="Clusters to select, such as 3,5.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_figures(figures: dict[str, Any], *, as_json: bool) -> None:
    """Print named figures, one a line or as JSON."""
    if as_json:
        click.echo(json.dumps(figures, indent=1))
        return
    width = max(map(len, figures), default=0) + 1
    for name, value in figures.items():
        click.echo(f"{name:{width}} {value}")
