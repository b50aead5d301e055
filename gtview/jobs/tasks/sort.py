"""Sorts a recording with a sorter of SpikeInterface, and exports what it found."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...base.errors import CancelledError, GtviewError, UsageError
from ...base.files import write_text_whole
from ...base.progress import Reporter
from ..partial import whole_folder
from .export import export_objects
from .loading import load_recording
from .sorters import describe_sorter

# Below this, starting further processes takes longer than they save.
_ONE_PROCESS_CHANNEL_S = 20_000.0


class SortSpec(BaseModel):
    """What the task is asked.

    `recording` is anything that SpikeInterface opens; `folder` must not exist; `params` are those
    that are not at their defaults; `n_jobs` of None: as many processes as are worth it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recording: Path
    folder: Path
    sorter: str
    params: dict[str, Any] = Field(default_factory=dict)
    n_jobs: int | None = Field(default=None, ge=1, le=256)


def sort_recording(spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Sort a recording; write `spec.json`, `log.json` and the export `phy` into a new folder.

    The export uses the recording's own file where it is flat: nothing is copied then.

    Parameters
    ----------
    spec
        Fields of `SortSpec`.
    report
        Gets what is being done; how long a sorter takes is not known, so that the part done is
        only 0 until it has ended.

    Returns
    -------
    `folder`, `n_clusters`, `n_spikes`, and `notes`, sentences on what is not as it was.

    Raises
    ------
    UsageError
        The sorter does not exist or is not installed, has no such parameter, or the folder exists.
    DatasetError
        The recording cannot be opened.
    GtviewError
        The sorter failed, or found nothing.
    OSError
        The folder cannot be written.
    """
    wish = _read_spec(spec)
    folder = wish.folder.absolute()
    if folder.exists():
        raise UsageError(f"{folder} exists already.")
    report(0.0, "loading SpikeInterface")
    defaults = refuse_unknown(wish.sorter, wish.params)
    recording = load_recording(wish.recording)
    with whole_folder(folder) as unfinished:
        began = time.monotonic()
        sorting = _sort(wish, merge_params(defaults, wish.params), recording, unfinished, report)
        took_s = time.monotonic() - began
        (unfinished / "phy").mkdir()
        told = export_objects(
            recording,
            sorting,
            unfinished / "phy",
            lambda part, text="": report(0.9 + 0.1 * part, f"exporting: {text}" if text else ""),
        )
        _write_description(wish, took_s, unfinished)
        report(1.0, "ready")
    return {"folder": str(folder), **told}


def refuse_unknown(sorter: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default parameters of a sorter.

    Raises
    ------
    UsageError
        There is no such sorter here, or it lacks one of the parameters.
    """
    from spikeinterface.sorters import sorter_dict

    if sorter not in sorter_dict:
        raise UsageError(
            f"SpikeInterface has no sorter {sorter}; it has {', '.join(sorter_dict)}."
        )
    info = describe_sorter(sorter, sorter_dict[sorter])
    if not info["is_installed"]:
        raise UsageError(f"{sorter} cannot be run. {info['how_to_get']}")
    defaults: dict[str, Any] = sorter_dict[sorter].default_params()
    unknown = [name for name in params if name not in defaults]
    if unknown:
        raise UsageError(
            f"{sorter} has no parameter {', '.join(unknown)}; it has {', '.join(defaults)}."
        )
    return defaults


def merge_params(defaults: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to give a sorter: dictionaries are filled up with the defaults in them."""
    merged = {}
    for name, value in params.items():
        default = defaults.get(name)
        if isinstance(value, dict) and isinstance(default, dict):
            merged[name] = {**default, **merge_params(default, value)}
        else:
            merged[name] = value
    return merged


def _read_spec(spec: dict[str, Any]) -> SortSpec:
    try:
        return SortSpec.model_validate(spec)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"Nothing can be sorted: {field}: {first['msg']}.") from error


def _sort(
    wish: SortSpec, params: dict[str, Any], recording: Any, folder: Path, report: Reporter
) -> Any:
    import spikeinterface.core as si
    from spikeinterface.sorters import run_sorter

    si.set_global_job_kwargs(n_jobs=wish.n_jobs or _n_processes(recording), progress_bar=True)
    work = folder / "work"
    report(0.0, f"sorting with {wish.sorter}")
    stopped: list[CancelledError] = []
    try:
        with telling_bars(report, stopped), _same_each_time(wish.sorter, params):
            sorting = run_sorter(wish.sorter, recording, folder=work, verbose=True, **params)
    except Exception as error:
        if stopped:
            raise stopped[0] from error
        raise GtviewError(f"{wish.sorter} failed: {_last_line(work, error)}.") from error
    # A copy in memory: the files of the sorter are removed.
    sorting = si.NumpySorting.from_sorting(sorting, with_metadata=True, copy_spike_vector=True)
    sorting = sorting.remove_empty_units()
    if len(sorting.unit_ids) == 0:
        raise GtviewError(f"{wish.sorter} found no clusters in this recording.")
    (work / "spikeinterface_log.json").replace(folder / "log.json")
    shutil.rmtree(work, ignore_errors=True)
    return sorting


def _n_processes(recording: Any) -> int:
    channel_s = recording.get_num_channels() * recording.get_total_duration()
    return 1 if channel_s < _ONE_PROCESS_CHANNEL_S else os.cpu_count() or 1


def _last_line(work: Path, error: Exception) -> str:
    """Return what a sorter failed with, as one line: it is at the end of SpikeInterface's log."""
    try:
        log = json.loads((work / "spikeinterface_log.json").read_text(encoding="utf-8"))
        lines = [str(line).strip() for line in log["error_trace"]]
    except (OSError, ValueError, KeyError, TypeError):
        lines = [f"{type(error).__name__}: {error}".strip().splitlines()[0]]
    told = [line for line in lines if line] or [type(error).__name__]
    return told[-1][:300].rstrip(".")


@contextmanager
def telling_bars(report: Reporter, stopped: list[CancelledError]) -> Iterator[None]:
    """Tell the progress bars of a library as messages, instead of having them printed.

    Where `report` says that the work should stop, the error that ends the work is also put into
    `stopped`: sorters catch all errors, and turn them into others.
    """
    from tqdm.std import tqdm  # type: ignore[import-untyped]

    usual = tqdm.display
    seen: set[int] = set()

    def display(bar: Any, *_args: Any, **_kwargs: Any) -> bool:
        name = str(bar.desc or "").removesuffix(": ").partition(" (")[0] or "sorting"
        if id(bar) not in seen:
            seen.add(id(bar))
            # A line of the log, which is what the user reads.
            sys.stderr.write(f"{name}\n")
        part = f" {100 * bar.n / bar.total:.0f} %" if bar.total else ""
        try:
            report(0.0, f"{name}{part}")
        except CancelledError as error:
            stopped.append(error)
            raise
        return True

    tqdm.display = display
    try:
        yield
    finally:
        tqdm.display = usual


@contextmanager
def _same_each_time(sorter: str, params: Mapping[str, Any]) -> Iterator[None]:
    """Let a seed that was given reach all of `simple`: it takes its noise from random pieces."""
    seed = params.get("seed")
    if sorter != "simple" or seed is None:
        yield
        return
    from spikeinterface.preprocessing import zscore
    from spikeinterface.sorters.internal import simplesorter

    usual = getattr(simplesorter, "zscore", None)
    if usual is None:
        yield
        return
    simplesorter.zscore = partial(zscore, seed=seed)
    try:
        yield
    finally:
        simplesorter.zscore = usual


def _write_description(wish: SortSpec, took_s: float, folder: Path) -> None:
    """Write what was done; the name of the recording tells a reader whether anything moved."""
    import spikeinterface

    from ... import __version__

    description = {
        "sorter": wish.sorter,
        "params": wish.params,
        "recording": wish.recording.name,
        "recording_path": str(wish.recording),
        "sorting_took_s": round(took_s, 1),
        "versions": {"gtview": __version__, "spikeinterface": spikeinterface.__version__},
    }
    write_text_whole(folder / "spec.json", json.dumps(description, indent=1) + "\n")
