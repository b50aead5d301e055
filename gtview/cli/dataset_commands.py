"""Commands that read or write a dataset, without a window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .errors import plain_errors
from .group import main
from .options import PATH, journal_option, json_option, sorting_option, truth_option


@main.command()
@click.argument("path", type=PATH)
@truth_option
@sorting_option
@journal_option
@json_option
@plain_errors
def describe(
    path: Path, ground_truth: Path | None, sorting: str | None, use_journal: bool, as_json: bool
) -> None:
    """Say what a dataset holds, and what was noticed while reading it."""
    from ..api import describe_dataset, describe_in_words

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
@click.option(
    "--compensate-lags", is_flag=True, help="Shift each cluster by its constant lag first."
)
@click.option(
    "--measure-sizes",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Measure true spikes in the raw recording where the truth does not tell their sizes; "
    "auto: in at most 4 GB.",
)
@journal_option
@json_option
@click.option("--csv", "csv_path", type=PATH, help="Write one row a unit.")
@plain_errors
def score(
    path: Path,
    ground_truth: Path | None,
    sorting: str | None,
    delta_ms: float,
    as_json: bool,
    csv_path: Path | None,
    **how: Any,
) -> None:
    """Score a sorting against the ground truth, and say why spikes are lost."""
    if as_json and csv_path is not None:
        raise click.UsageError("choose --json or --csv")
    from ..api import explain_dataset, score_in_words, scores_as_json, write_score_csv

    truth = explain_dataset(path, ground_truth, sorting, delta_ms, **how)
    if csv_path is not None:
        write_score_csv(truth.scores, csv_path, truth.causes())
    elif as_json:
        click.echo(json.dumps(scores_as_json(truth), indent=1))
    else:
        click.echo(score_in_words(truth.scores, truth.causes()))
        click.echo(f"by chance alone units would agree up to {truth.chance().max(initial=0):.3f}")


@main.command()
@click.argument("sorting", type=PATH)
@click.argument("recording", type=PATH)
@click.argument("out", type=PATH)
@click.option("--replace", is_flag=True, help="Replace an export that is there already.")
@click.option("--copy", type=click.Choice(["auto", "always", "never"]), default="auto",
              help="Copy the recording; auto: only if it is no flat file.")  # fmt: skip
@plain_errors
def export(sorting: Path, recording: Path, out: Path, replace: bool, copy: str) -> None:
    """Write a SpikeInterface sorting and its recording in phy's format, into the folder OUT."""
    from ..app.export_command import run_export

    run_export(sorting, recording, out, replace=replace, copy_recording=copy)


@main.command()
@click.argument("journal", type=PATH)
@click.argument("export", type=PATH)
@click.option("-o", "--out", type=PATH, required=True, help="New folder for the result.")
@plain_errors
def replay(journal: Path, export: Path, out: Path) -> None:
    """Do again on EXPORT what the JOURNAL of its curation says, and write the result."""
    from ..session.open import replay_journal

    replay_journal(journal, export, out)
    click.echo(f"{out} was written")


@main.command("curation-report")
@click.argument("path", type=PATH)
@click.option("-o", "--out", type=PATH, required=True, help="A file .html, or .csv.")
@truth_option
@sorting_option
@journal_option
@plain_errors
def curation_report(
    path: Path, out: Path, ground_truth: Path | None, sorting: str | None, use_journal: bool
) -> None:
    """Write what each action of curation did to the scores, and which were wrong."""
    from ..session.report_files import report_export

    written = report_export(
        path, out, ground_truth=ground_truth, sorting=sorting, use_journal=use_journal
    )
    click.echo(f"written: {', '.join(map(str, written))}")
