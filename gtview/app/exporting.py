"""Opens sortings of SpikeInterface: each is exported once, into the user's cache folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import CancelledError, DatasetError, UsageError
from ..base.progress import Reporter, part_of
from ..data.discovery import find_dataset, find_generated_dataset, find_unsorted
from ..jobs.export_cache import ExportCache, is_for_spikeinterface

if TYPE_CHECKING:
    from .opening import OpenRequest


def refuse_early(path: Path, sorting: str | None) -> None:
    """Refuse what can be neither opened nor exported.

    Raises
    ------
    DatasetError
        It cannot.
    """
    _needs_export(path, sorting)


def exported_first(request: OpenRequest, report: Reporter) -> OpenRequest:
    """Return a request for an export: the same, or for the one made of a sorting.

    Parameters
    ----------
    request
        What the user asked for.
    report
        Told how far it is; raises `CancelledError` to stop it.

    Raises
    ------
    DatasetError
        There is nothing to open, or it cannot be exported.
    """
    if not _needs_export(request.path, request.sorting):
        if request.recording is not None:
            raise UsageError(f"{request.path} is an export: its params.py names the recording.")
        return request
    cache = ExportCache.of_user()
    sorting = request.path.expanduser().absolute()
    unsorted = find_unsorted(sorting)
    if unsorted is not None:
        # Better than nothing: the truth as if a perfect sorter had found it.
        request = replace(request, ground_truth=request.ground_truth or unsorted)
        sorting = unsorted / "ground_truth" / "sorting"
    recording = request.recording or _find_recording(sorting) or cache.last_recording(sorting)
    export = cache.path_for(sorting, recording)
    if not (export / "params.py").is_file():
        _export(sorting, recording, export, report)
        cache.remember(export, sorting, recording)
        cache.shrink(export)
    cache.mark_used(export)
    truth = request.ground_truth or _find_truth(sorting)
    return replace(request, path=export, ground_truth=truth, sorting=None, recording=None)


def _needs_export(path: Path, sorting: str | None) -> bool:
    try:
        find_dataset(path, sorting)
    except DatasetError:
        is_unsorted = sorting is None and find_unsorted(path) is not None
        if not (is_unsorted or is_for_spikeinterface(path.expanduser())):
            raise
        return True
    return False


def _find_recording(sorting: Path) -> Path | None:
    dataset = find_generated_dataset(sorting) or find_unsorted(sorting.parent.parent)
    place = None if dataset is None else dataset / "recording"
    return place if place is not None and place.is_dir() else None


def _find_truth(sorting: Path) -> Path | None:
    dataset = find_generated_dataset(sorting)
    beside = sorting.parent / "ground_truth"
    if dataset is not None and (dataset / "ground_truth").is_dir():
        return dataset
    return beside if beside.is_dir() else None


def _export(sorting: Path, recording: Path | None, folder: Path, report: Reporter) -> None:
    from ..jobs.events import JobCancelled, JobFailed, JobProgress
    from ..jobs.export import start_export

    told = part_of(report, 0.0, 0.5)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Leaving the loop, as `report` may, cancels the job.
    for event in start_export(sorting, recording, folder).events():
        if isinstance(event, JobProgress):
            told(event.fraction, f"Exporting: {event.message}")
        elif isinstance(event, JobFailed):
            raise DatasetError(event.error)
        elif isinstance(event, JobCancelled):
            raise CancelledError("opening was cancelled")
