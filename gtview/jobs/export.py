"""Starts the job that exports a sorting in phy's format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .logs import log_file

if TYPE_CHECKING:
    from .runner import JobProcess

EXPORT_TASK = "gtview.jobs.tasks.export:export_sorting"


def start_export(
    sorting: Path, recording: Path | None, folder: Path, **options: Any
) -> JobProcess:
    """Start it; what it prints goes to `export.log`.

    Parameters
    ----------
    sorting, recording
        What SpikeInterface opens; no recording for a SortingAnalyzer that has one.
    folder
        Where the export is written.
    options
        Other fields of `gtview.jobs.tasks.export.ExportSpec`.

    Raises
    ------
    OSError
        The process cannot be started.
    """
    from .runner import JobProcess

    spec: dict[str, Any] = {"sorting": str(sorting), "folder": str(folder), **options}
    if recording is not None:
        spec["recording"] = str(recording)
    return JobProcess(EXPORT_TASK, spec, log_file("export"))
