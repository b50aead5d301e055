"""Commands that open a window, or draw one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .errors import plain_errors
from .group import main
from .options import (
    PATH,
    journal_option,
    json_option,
    print_figures,
    select_option,
    size,
    sorting_option,
    truth_option,
)


@main.command("open")
@click.argument("path", type=PATH, required=False)
@truth_option
@sorting_option
@click.option("--recording", type=PATH, help="Of a SpikeInterface sorting: its recording.")
@select_option
@click.option("--blind", is_flag=True, help="Hide the ground truth until you ask for it.")
@plain_errors
def open_command(
    path: Path | None,
    ground_truth: Path | None,
    sorting: str | None,
    recording: Path | None,
    select: tuple[int, ...],
    blind: bool,
) -> None:
    """Open a dataset, or the results of a study, in the window."""
    from ..study.store import is_study

    opening, study = None, None
    if path is not None and is_study(path):
        study = path
    elif path is not None:
        _refuse_at_once(path, sorting)
        opening = _start_opening(path, ground_truth, sorting, select, recording, is_blind=blind)
    from ..app.application import run_window

    sys.exit(run_window(opening, study=study))


@main.command()
@click.option("--folder", type=PATH, help="Where the demo is kept; default: your data folder.")
@plain_errors
def demo(folder: Path | None) -> None:
    """Make a small recording with known truth, sort it, and open the result."""
    from ..app.demo_command import run_demo

    sys.exit(run_demo(folder))


@main.command()
@click.argument("path", type=PATH)
@click.argument("out", type=PATH)
@truth_option
@sorting_option
@select_option
@click.option("--size", callback=size, default="1920x1200", show_default=True)
@click.option("--layout", default="", help="The layout of the views, by its name.")
@click.option("--view", default="", help="Only this view, by its id.")
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True)
@plain_errors
def screenshot(
    path: Path,
    out: Path,
    ground_truth: Path | None,
    sorting: str | None,
    select: tuple[int, ...],
    size: tuple[int, int],
    **shown: Any,
) -> None:
    """Write a picture of the window; needs no display."""
    opening = _start_opening(path, ground_truth, sorting, select, use_journal=False)
    import os

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from ..app.screenshot import Shot, take_screenshot

    take_screenshot(opening, out, Shot(*size, **shown))


@main.command()
@click.argument("path", type=PATH)
@click.option("-o", "--out", type=PATH, required=True, help="A file .html.")
@truth_option
@sorting_option
@journal_option
@plain_errors
def report(
    path: Path, out: Path, ground_truth: Path | None, sorting: str | None, use_journal: bool
) -> None:
    """Write one page on what a sorting found of the truth, and why it lost the rest."""
    from ..app.report_command import run_report

    click.echo(run_report(path, out, ground_truth, sorting, use_journal=use_journal))


@main.command()
@click.argument("path", type=PATH)
@truth_option
@sorting_option
@click.option("--selections", type=click.IntRange(1, 1000), default=8, show_default=True)
@click.option("--cold", is_flag=True, help="Drop the files from the page cache first.")
@click.option(
    "--wait-background", "waits", is_flag=True, help="Let the copy of the features be made first."
)
@json_option
@plain_errors
def bench(
    path: Path,
    ground_truth: Path | None,
    sorting: str | None,
    selections: int,
    cold: bool,
    waits: bool,
    as_json: bool,
) -> None:
    """Measure opening and selecting in a real window."""
    from ..app.bench_command import run_bench

    result = run_bench(path, ground_truth, sorting, selections, cold=cold, waits=waits)
    print_figures(result, as_json=as_json)


def _refuse_at_once(path: Path, sorting: str | None) -> None:
    """Say in the terminal what would otherwise be said in a window that just appeared."""
    from ..app.exporting import refuse_early

    refuse_early(path, sorting)


def _start_opening(
    path: Path,
    ground_truth: Path | None,
    sorting: str | None,
    select: tuple[int, ...],
    recording: Path | None = None,
    **options: Any,
) -> Any:
    from ..app.opening import Opening, OpenRequest

    request = OpenRequest(path, ground_truth, sorting, select, recording=recording, **options)
    return Opening(request).start()
