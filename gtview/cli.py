"""The commands; each imports what it needs when it runs, so that `--help` is instant."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from . import __version__

PATH = click.Path(path_type=Path)


class _DefaultToOpen(click.Group):
    """`gtview PATH` means `gtview open PATH`; `gtview` alone opens the window."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            args = ["open"]
        elif (args[0] not in self.commands and not args[0].startswith("-")) or (
            args[0].startswith("--") and args[0] not in ("--help", "--version")
        ):
            args = ["open", *args]
        return super().parse_args(ctx, args)


def _ids(_ctx: click.Context, _param: click.Parameter, text: str | None) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a list of cluster ids such as 3,5") from None


def _size(_ctx: click.Context, _param: click.Parameter, text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a size such as 1920x1200") from None
    if not (200 <= width <= 16384 and 200 <= height <= 16384):
        raise click.BadParameter("a side must be between 200 and 16384 pixels")
    return width, height


def _plain_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Tell errors as one line on stderr: code 2 for bad usage, 1 for what cannot be opened."""

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        from .base.errors import GtviewError, UsageError

        try:
            return function(*args, **kwargs)
        except UsageError as error:
            click.echo(f"gtview: {error}", err=True)
            sys.exit(2)
        except GtviewError as error:
            click.echo(f"gtview: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            click.echo(f"gtview: {error.filename or 'a file'}: {error.strerror}", err=True)
            sys.exit(1)

    return guarded


truth_option = click.option(
    "--ground-truth", type=PATH, help="Folder or file of the truth; found by itself if beside."
)
sorting_option = click.option("--sorting", help="Which sorting of a dataset that holds several.")
select_option = click.option("--select", callback=_ids, help="Clusters to select, such as 3,5.")


@click.group(cls=_DefaultToOpen)
@click.version_option(__version__, prog_name="gtview")
def main() -> None:
    """Look at a spike sorter's output, and see how far it is from the truth.

    PATH is a Kilosort or phy export (the folder or its params.py), or a generated dataset.
    """


@main.command("open")
@click.argument("path", type=PATH, required=False)
@truth_option
@sorting_option
@select_option
@_plain_errors
def open_command(
    path: Path | None, ground_truth: Path | None, sorting: str | None, select: tuple[int, ...]
) -> None:
    """Open a dataset in the window."""
    opening = None
    if path is not None:
        _refuse_at_once(path, sorting)
        opening = _start_opening(path, ground_truth, sorting, select)
    from .app.application import run_window

    sys.exit(run_window(opening))


@main.command()
@click.option("--folder", type=PATH, help="Where the demo is kept; default: your data folder.")
@_plain_errors
def demo(folder: Path | None) -> None:
    """Make a small recording with known truth, sort it, and open the result."""
    from .app.demo_command import run_demo

    sys.exit(run_demo(folder))


@main.command()
@click.argument("path", type=PATH)
@truth_option
@sorting_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_plain_errors
def describe(path: Path, ground_truth: Path | None, sorting: str | None, as_json: bool) -> None:
    """Say what a dataset holds, and what was noticed while reading it."""
    from .api import describe_dataset, describe_in_words

    description = describe_dataset(path, ground_truth, sorting)
    click.echo(json.dumps(description, indent=1) if as_json else describe_in_words(description))


@main.command()
@click.argument("path", type=PATH)
@truth_option
@sorting_option
@click.option(
    "--delta-ms",
    type=click.FloatRange(0, 100),
    default=0.4,
    show_default=True,
    help="Largest distance of two spikes that are counted as the same.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "csv_path", type=PATH, help="Write one row a unit.")
@_plain_errors
def score(
    path: Path,
    ground_truth: Path | None,
    sorting: str | None,
    delta_ms: float,
    as_json: bool,
    csv_path: Path | None,
) -> None:
    """Score a sorting against the ground truth."""
    if as_json and csv_path is not None:
        raise click.UsageError("choose --json or --csv")
    from .api import score_dataset, score_in_words, write_score_csv

    scores = score_dataset(path, ground_truth, sorting, delta_ms)
    if csv_path is not None:
        write_score_csv(scores, csv_path)
    elif as_json:
        click.echo(json.dumps(scores.to_json(), indent=1))
    else:
        click.echo(score_in_words(scores))


@main.command()
@click.argument("path", type=PATH)
@click.argument("out", type=PATH)
@truth_option
@sorting_option
@select_option
@click.option("--size", callback=_size, default="1920x1200", show_default=True)
@click.option("--view", default="", help="Only this view, by its id.")
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True)
@_plain_errors
def screenshot(
    path: Path,
    out: Path,
    ground_truth: Path | None,
    sorting: str | None,
    select: tuple[int, ...],
    size: tuple[int, int],
    view: str,
    theme: str,
) -> None:
    """Write a picture of the window; needs no display."""
    opening = _start_opening(path, ground_truth, sorting, select)
    import os

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from .app.screenshot import Shot, take_screenshot

    take_screenshot(opening, out, Shot(*size, view, theme))


@main.command()
@click.argument("path", type=PATH)
@truth_option
@sorting_option
@click.option("--selections", type=click.IntRange(1, 1000), default=8, show_default=True)
@click.option("--cold", is_flag=True, help="Drop the files from the page cache first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_plain_errors
def bench(
    path: Path,
    ground_truth: Path | None,
    sorting: str | None,
    selections: int,
    cold: bool,
    as_json: bool,
) -> None:
    """Measure opening and selecting in a real window."""
    from .app.bench_command import run_bench

    result = run_bench(path, ground_truth, sorting, selections, cold=cold)
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        for name, value in result.items():
            click.echo(f"{name:16} {value}")


def _refuse_at_once(path: Path, sorting: str | None) -> None:
    """Say in the terminal what would otherwise be said in a window that just appeared."""
    from .data.discovery import find_dataset

    find_dataset(path, sorting)


def _start_opening(
    path: Path, ground_truth: Path | None, sorting: str | None, select: tuple[int, ...]
) -> Any:
    from .app.opening import Opening, OpenRequest

    return Opening(OpenRequest(path, ground_truth, sorting, select)).start()
