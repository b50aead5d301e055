"""Runs the cells of a study that are not done yet, on threads or on a cluster of computers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from ..base.errors import GtviewError, UsageError
from .steps import allow_steps, cancel_steps, make_dataset, sort_and_score

if TYPE_CHECKING:
    from .cells import DatasetCell, SortCell
    from .store import StudyFolder

Told: TypeAlias = dict[str, Any]
OnCell: TypeAlias = "Callable[[SortCell, Told], None]"


@dataclass(slots=True)
class Outcome:
    """How many cells are in which state after a run."""

    n_finished: int = 0
    n_failed: int = 0
    n_cancelled: int = 0
    n_before: int = 0

    def count(self, state: str) -> None:
        """Count a cell of this run."""
        name = f"n_{state}" if state in ("finished", "failed") else "n_cancelled"
        setattr(self, name, getattr(self, name) + 1)


class StudyRun:
    """One run of a study: what is finished is left alone, what failed can be tried again.

    A dataset is made once, and its sortings begin when it is there. Whatever ends a step, even
    the death of its process, fails the cells that need it and no others.

    Parameters
    ----------
    folder
        Where results are kept; every worker must see it under the same path.
    executor
        Runs the steps.
    n_threads
        Threads of a step that makes a dataset.
    """

    def __init__(self, folder: StudyFolder, executor: Executor, n_threads: int = 1) -> None:
        self._folder = folder
        self._executor = executor
        self._n_threads = n_threads
        self._waiting: dict[Future[Told], list[SortCell]] = {}
        self.outcome = Outcome()

    def run(
        self, cells: Iterable[SortCell], on_cell: OnCell, *, retry_failed: bool = False
    ) -> Outcome:
        """Run cells until all are done; `on_cell` is called for each that ended.

        Raises
        ------
        OSError
            Results cannot be written.
        """
        todo = [cell for cell in cells if self._is_needed(cell, retry_failed)]
        for dataset, group in groupby(todo, lambda cell: cell.dataset):
            self._make(dataset, list(group))
        while self._waiting:
            done, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
            for future in done:
                self._go_on(self._waiting.pop(future), _result_of(future), on_cell)
        return self.outcome

    def _is_needed(self, cell: SortCell, retry_failed: bool) -> bool:
        known = self._folder.read(cell.id)
        is_done = known is not None and (
            known["state"] == "finished" or (known["state"] == "failed" and not retry_failed)
        )
        self.outcome.n_before += is_done
        return not is_done

    def _make(self, dataset: DatasetCell, cells: list[SortCell]) -> None:
        task = {
            "folder": str(self._folder.dataset(dataset)),
            "recipe": dict(dataset.recipe),
            "n_workers": self._n_threads,
            "log": str(self._folder.log(dataset.id)),
        }
        self._waiting[self._executor.submit(make_dataset, task)] = cells

    def _sort(self, cell: SortCell) -> None:
        task = {
            "dataset": str(self._folder.dataset(cell.dataset)),
            "folder": str(self._folder.sorting(cell)),
            "recording": cell.recording,
            "sorter": cell.sorter,
            "params": dict(cell.params),
            "delta_ms": cell.delta_ms,
            "log": str(self._folder.log(cell.id)),
        }
        self._waiting[self._executor.submit(sort_and_score, task)] = [cell]

    def _go_on(self, cells: list[SortCell], told: Told, on_cell: OnCell) -> None:
        is_dataset = told["state"] == "finished" and "scores" not in told
        for cell in cells:
            if is_dataset:
                self._sort(cell)
                continue
            if told["state"] != "cancelled":
                self._folder.write(cell, told)
            self.outcome.count(told["state"])
            on_cell(cell, told)


def _result_of(future: Future[Told]) -> Told:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001  (a worker that died fails its cell only)
        return {"state": "failed", "error": f"The worker was lost: {error}", "took_s": 0.0}


@contextmanager
def local_executor(n_jobs: int) -> Iterator[Executor]:
    """Run steps side by side on this computer; leaving it early ends them.

    Yields
    ------
    Executor
    """
    from concurrent.futures import ThreadPoolExecutor

    allow_steps()
    executor = ThreadPoolExecutor(n_jobs, thread_name_prefix="study")
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        cancel_steps()
        raise
    finally:
        executor.shutdown(wait=True)


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Run steps on a Dask cluster, whose workers must see the folder of the study.

    Yields
    ------
    Executor

    Raises
    ------
    UsageError
        Dask is not installed.
    GtviewError
        Nobody answers there.
    """
    try:
        import distributed
    except ImportError:
        raise UsageError('Dask is not installed: pip install "gtview[study]" brings it.') from None
    try:
        client: Any = distributed.Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise GtviewError(f"No Dask scheduler answers at {address}.") from error
    with client, client.get_executor(pure=False, retries=0) as executor:
        yield executor


def threads_for(n_jobs: int) -> int:
    """Return how many threads each of `n_jobs` steps has."""
    return max(1, (os.cpu_count() or 1) // n_jobs)
