"""Commands that run many recordings and sorters."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .errors import plain_errors
from .group import main
from .options import PATH


@main.command()
@click.argument("study", type=PATH)
@click.argument("out", type=PATH)
@click.option("--jobs", "n_jobs", type=click.IntRange(1, 256), default=1, show_default=True,
              help="Steps side by side.")  # fmt: skip
@click.option("--dask", help="Address of a Dask scheduler to run on instead.")
@click.option("--retry-failed", is_flag=True, help="Run what failed before again.")
@plain_errors
def study(study: Path, out: Path, n_jobs: int, dask: str | None, retry_failed: bool) -> None:
    """Run the study of the file STUDY.toml, and keep its results in the folder OUT.

    Recipes x values x seeds are generated, sorted by each sorter, and scored. A study that was
    stopped goes on where it was.
    """
    from ..app.study_command import run_study

    sys.exit(run_study(study, out, n_jobs, dask, retry_failed=retry_failed))
