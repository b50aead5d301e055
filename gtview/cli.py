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


def run() -> None:
    """Run the command of this process, and end it; see `app.application.leave`."""
    try:
        main()
    except SystemExit as end:
        if "PyQt6.QtWidgets" not in sys.modules:
            raise
        from .app.application import leave

        leave(end.code if isinstance(end.code, int) else int(end.code is not None))


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

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command; bad usage is told in one line, without click's lines around it."""
        extra["standalone_mode"] = False
        try:
            code = super().main(*args, **extra)
        except click.ClickException as error:
            click.echo(f"gtview: {_in_one_line(error)}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("gtview: stopped", err=True)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _in_one_line(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return message if ctx is None else f"{message} See {ctx.command_path} --help."


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
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # noqa: BLE001  (told in one line, and in the log)
            _tell_fault(error)
            sys.exit(1)

    return guarded


def _tell_fault(error: Exception) -> None:
    import logging

    from .base.failures import sentence_for
    from .base.log import set_up_logging

    path = set_up_logging()
    logging.getLogger("gtview").error("a command failed", exc_info=error)
    where = "" if path is None else f" The details are in {path}."
    click.echo(f"gtview: {sentence_for(error)}{where}", err=True)


truth_option = click.option(
    "--ground-truth", type=PATH, help="Folder or file of the truth; found by itself if beside."
)
sorting_option = click.option("--sorting", help="Which sorting of a dataset that holds several.")
journal_option = click.option(
    "--journal", "use_journal", is_flag=True, help="With what was curated and not yet saved."
)
select_option = click.option("--select", callback=_ids, help="Clusters to select, such as 3,5.")


@click.group(cls=_DefaultToOpen)
@click.version_option(__version__, prog_name="gtview")
def main() -> None:
    """Look at a spike sorter's output, and see how far it is from the truth.

    PATH is a Kilosort or phy export (the folder or its params.py), a generated dataset, or a
    sorting of SpikeInterface.
    """


@main.command("open")
@click.argument("path", type=PATH, required=False)
@truth_option
@sorting_option
@click.option("--recording", type=PATH, help="Of a SpikeInterface sorting: its recording.")
@select_option
@_plain_errors
def open_command(
    path: Path | None,
    ground_truth: Path | None,
    sorting: str | None,
    recording: Path | None,
    select: tuple[int, ...],
) -> None:
    """Open a dataset in the window."""
    opening = None
    if path is not None:
        _refuse_at_once(path, sorting)
        opening = _start_opening(path, ground_truth, sorting, select, recording)
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
@click.argument("sorting", type=PATH)
@click.argument("recording", type=PATH)
@click.argument("out", type=PATH)
@click.option("--replace", is_flag=True, help="Replace an export that is there already.")
@click.option("--copy", type=click.Choice(["auto", "always", "never"]), default="auto",
              help="Copy the recording; auto: only if it is no flat file.")  # fmt: skip
@_plain_errors
def export(sorting: Path, recording: Path, out: Path, replace: bool, copy: str) -> None:
    """Write a SpikeInterface sorting and its recording in phy's format, into the folder OUT."""
    from .app.export_command import run_export

    run_export(sorting, recording, out, replace=replace, copy_recording=copy)


@main.command()
@click.argument("recipe")
@click.argument("out", type=PATH)
@click.option("--set", "settings", multiple=True, help="Another value, such as duration_s=60.")
@click.option("--workers", type=click.IntRange(1, 256), help="Default: one for each core.")
@_plain_errors
def generate(recipe: str, out: Path, settings: tuple[str, ...], workers: int | None) -> None:
    """Make a recording with known truth in the folder OUT.

    RECIPE is a file of JSON (see `gtview recipe`), the name of a preset, or a generated dataset,
    which is then made again.
    """
    from .app.generate_command import run_generate

    run_generate(recipe, out, settings, workers)


@main.command()
@click.option("--preset", default="quick", show_default=True, help="The recipe to begin with.")
@click.option("--set", "settings", multiple=True, help="Another value, such as duration_s=60.")
@click.option("--list", "is_list", is_flag=True, help="List the presets.")
@_plain_errors
def recipe(preset: str, settings: tuple[str, ...], is_list: bool) -> None:
    """Print a recipe for `gtview generate`, to keep and to change."""
    from .app.generate_command import list_presets, print_recipe

    click.echo(list_presets() if is_list else print_recipe(preset, settings))


@main.group()
def library() -> None:
    """Keep real templates, to put them into other recordings."""


@library.command("build")
@click.argument("export", type=PATH)
@click.argument("folder", type=PATH)
@click.option("--name", default="", help="Of the dataset; default: the name of its folder.")
@click.option("--brain-area", default="", help="Written into the table.")
@_plain_errors
def library_build(export: Path, folder: Path, name: str, brain_area: str) -> None:
    """Add the templates of the sorted dataset EXPORT to the library in FOLDER."""
    from .generation.library import add_to_library

    n = add_to_library(export, folder, name, brain_area)
    click.echo(f"{n} templates were added to {folder}")


@main.command()
@click.argument("path", type=PATH)
@truth_option
@sorting_option
@journal_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_plain_errors
def describe(
    path: Path, ground_truth: Path | None, sorting: str | None, use_journal: bool, as_json: bool
) -> None:
    """Say what a dataset holds, and what was noticed while reading it."""
    from .api import describe_dataset, describe_in_words

    description = describe_dataset(path, ground_truth, sorting, use_journal=use_journal)
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
@journal_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "csv_path", type=PATH, help="Write one row a unit.")
@_plain_errors
def score(
    path: Path,
    ground_truth: Path | None,
    sorting: str | None,
    delta_ms: float,
    use_journal: bool,
    as_json: bool,
    csv_path: Path | None,
) -> None:
    """Score a sorting against the ground truth."""
    if as_json and csv_path is not None:
        raise click.UsageError("choose --json or --csv")
    from .api import score_dataset, score_in_words, write_score_csv

    scores = score_dataset(path, ground_truth, sorting, delta_ms, use_journal=use_journal)
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
@click.option(
    "--wait-background", "waits", is_flag=True, help="Let the copy of the features be made first."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_plain_errors
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
    from .app.bench_command import run_bench

    result = run_bench(path, ground_truth, sorting, selections, cold=cold, waits=waits)
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        for name, value in result.items():
            click.echo(f"{name:16} {value}")


@main.command("bench-generation")
@click.option("--seconds", type=click.FloatRange(1, 600), default=10, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--folder", type=PATH, help="Where to write for a moment; default: temporary files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_plain_errors
def bench_generation(seconds: float, workers: int, folder: Path | None, as_json: bool) -> None:
    """Measure how fast recordings are made, beside SpikeInterface."""
    from .base.threads import limit_algebra_threads

    limit_algebra_threads()
    from .generation.bench import run_bench

    result = run_bench(seconds, workers, folder=folder)
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        for name, value in result.items():
            click.echo(f"{name:22} {value}")


@main.command()
@click.argument("journal", type=PATH)
@click.argument("export", type=PATH)
@click.option("-o", "--out", type=PATH, required=True, help="New folder for the result.")
@_plain_errors
def replay(journal: Path, export: Path, out: Path) -> None:
    """Do again on EXPORT what the JOURNAL of its curation says, and write the result."""
    from .session.open import replay_journal

    replay_journal(journal, export, out)
    click.echo(f"{out} was written")


def _refuse_at_once(path: Path, sorting: str | None) -> None:
    """Say in the terminal what would otherwise be said in a window that just appeared."""
    from .app.exporting import refuse_early

    refuse_early(path, sorting)


def _start_opening(
    path: Path,
    ground_truth: Path | None,
    sorting: str | None,
    select: tuple[int, ...],
    recording: Path | None = None,
) -> Any:
    from .app.opening import Opening, OpenRequest

    request = OpenRequest(path, ground_truth, sorting, select, recording=recording)
    return Opening(request).start()
