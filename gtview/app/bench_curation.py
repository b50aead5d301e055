"""Measures merging, undoing, splitting and saving; nothing is written into the export."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..base.types import Int32Array
    from ..session.saving import SaveJob
    from ..session.session import Session
    from .bench import Drawing
    from .main_window import MainWindow

# Of the largest clusters, as in a recording of two hours.
N_SPLIT = 500_000
N_SPLITS = 3
TIMEOUT_S = 300.0


def measure_curation(window: MainWindow, pairs: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """Merge each pair and undo it, split, save.

    `..._ms` is the time until every visible view drew something, `..._one_ms` until one of them
    did; `save_ms` is how long the thread of a save takes, into a folder of its own.
    """
    from .bench import time_drawing

    session = window.session
    if session is None or session.curation.keeping.read_only_reason:
        return {}
    curation, spikes = session.curation, _spikes_to_split(session)
    drawn: dict[str, list[Drawing]] = {"merge": [], "undo": [], "split": []}
    for pair in pairs:
        drawn["merge"].append(time_drawing(window, partial(curation.merge, pair)))
        drawn["undo"].append(time_drawing(window, curation.undo))
    for _ in range(N_SPLITS if len(spikes) else 0):
        drawn["split"].append(time_drawing(window, partial(curation.split, spikes)))
        time_drawing(window, curation.undo)
    if len(spikes):
        curation.split(spikes)
    with tempfile.TemporaryDirectory(prefix="gtview-bench-") as folder:
        save_ms = _time_save(window, session, Path(folder))
    time_drawing(window, curation.undo)
    found: dict[str, Any] = {}
    for name, times in drawn.items():
        found[f"{name}_ms"] = [round(d.first_ms, 1) for d in times]
        found[f"{name}_one_ms"] = [round(d.one_ms, 1) for d in times]
    return found | {"save_ms": [save_ms]}


def _spikes_to_split(session: Session) -> Int32Array:
    """Return most of the spikes of the largest clusters, so many that something is left."""
    clustering = session.clustering
    ranked = sorted(clustering.cluster_ids, key=lambda i: (-clustering.n_spikes_of(i), i))
    parts: list[Int32Array] = []
    n = 0
    for cluster_id in ranked:
        spikes = clustering.spikes_of(cluster_id)
        parts.append(spikes[: min(max(len(spikes) - 1, 0), N_SPLIT - n)])
        n += len(parts[-1])
        if n >= N_SPLIT:
            break
    return np.concatenate([np.empty(0, np.int32), *parts])


def _time_save(window: MainWindow, session: Session, folder: Path) -> float:
    """Save in the pool, as the window does; return the ms of the thread's work."""
    from ..session.saving import run_save
    from .waiting import wait_until

    job = _into(session.curation.saving.start(), folder)
    taken: list[float] = []
    errors: list[BaseException] = []

    def work() -> float:
        begin = time.perf_counter()
        run_save(job)
        return 1000 * (time.perf_counter() - begin)

    window.pool.run(work, taken.append, errors.append)
    wait_until(window, lambda: bool(taken or errors), TIMEOUT_S)
    session.curation.saving.fail()  # nothing of the export itself was saved
    if errors:
        raise errors[0]
    return round(taken[0], 1) if taken else float("nan")


def _into(job: SaveJob, folder: Path) -> SaveJob:
    """Return the same save, but into a folder that has what a save reads and replaces."""
    from ..data.export_stamp import ExportStamp

    for file in job.folder.iterdir():
        if file.name in ("spike_clusters.npy", "params.py") or file.suffix in (".tsv", ".csv"):
            shutil.copy2(file, folder / file.name)
    stamp = ExportStamp.of(folder, job.request.known.clusters_hash)
    request = replace(job.request, known=stamp)
    return replace(job, folder=folder, store=folder / ".gtview", request=request)
