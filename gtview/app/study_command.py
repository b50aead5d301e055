"""`gtview study`: run a study in the terminal."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import CancelledError
from ..study.cells import make_cells
from ..study.definition import read_study
from ..study.results import read_results, refuse_without_parquet, write_parquet
from ..study.run import StudyRun, dask_executor, local_executor, threads_for
from ..study.store import StudyFolder

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ..study.cells import SortCell


def run_study(path: Path, out: Path, n_jobs: int, dask: str | None, *, retry_failed: bool) -> int:
    """Run what is not done yet, write the tables; return the exit code: 1 if any cell failed.

    Raises
    ------
    GtviewError
        The study is impossible, or was stopped.
    """
    study = read_study(path)
    cells = make_cells(study, path.parent)
    refuse_without_parquet()
    folder = StudyFolder.begin(out, path, study.name)
    with click.progressbar(length=len(cells), label=study.name, file=sys.stderr) as bar:

        def on_cell(cell: SortCell, told: dict[str, Any]) -> None:
            bar.update(1)
            if told["error"]:
                click.echo(f"\n{cell.id}: {told['error']}", err=True)

        try:
            with _executor(n_jobs, dask) as executor:
                run = StudyRun(folder, executor, threads_for(n_jobs))
                outcome = run.run(cells, on_cell, retry_failed=retry_failed)
        except KeyboardInterrupt:
            raise CancelledError(
                "the study was stopped; the same command goes on with it"
            ) from None
        finally:
            write_parquet(read_results(folder.path))
    _say(outcome.n_finished, outcome.n_failed, outcome.n_before)
    click.echo(folder.path)
    return int(outcome.n_failed > 0)


def _executor(n_jobs: int, dask: str | None) -> AbstractContextManager[Executor]:
    return dask_executor(dask) if dask else local_executor(n_jobs)


def _say(n_finished: int, n_failed: int, n_before: int) -> None:
    parts = [f"{n_finished} cells finished"]
    if n_before:
        parts.append(f"{n_before} were done before")
    if n_failed:
        parts.append(f"{n_failed} failed (see logs; --retry-failed tries again)")
    click.echo(", ".join(parts), err=True)
