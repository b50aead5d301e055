"""Writes the report of a curation: a page to read, and a table of values beside it."""

from __future__ import annotations

from pathlib import Path

from ..base.errors import DatasetError
from ..base.files import write_text_whole
from .curation_report import ReportQuery, make_report, report_query
from .open import open_dataset
from .report_tables import report_csv, report_page
from .session import Session


def write_report(query: ReportQuery, path: Path) -> tuple[Path, ...]:
    """Make a report and write it; for a thread.

    Parameters
    ----------
    query
        Of `report_query`.
    path
        A file `.html` (written with a file `.csv` of the same name beside it), or `.csv` (alone).

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    DatasetError
        It cannot be written; one sentence says why.
    """
    report = make_report(query)
    texts = {path.with_suffix(".csv"): report_csv(report)}
    if path.suffix.lower() != ".csv":
        texts = {path: report_page(report)} | texts
    try:
        for place, text in texts.items():
            write_text_whole(place, text)
    except OSError as error:
        raise DatasetError(
            f"The report cannot be written into {path.parent}: {error.strerror or error}."
        ) from error
    return tuple(texts)


def report_export(
    export: Path,
    out: Path,
    *,
    ground_truth: Path | None = None,
    sorting: str | None = None,
    use_journal: bool = False,
) -> tuple[Path, ...]:
    """Write the report of what was curated in an export; nothing in the export is written.

    Parameters
    ----------
    export, ground_truth, sorting
        See `open_dataset`.
    out
        See `write_report`.
    use_journal
        With what was done since the last save.

    Raises
    ------
    DatasetError
        It cannot be opened, there is no ground truth, or the report cannot be written.
    UsageError
        What was saved last has been taken back since.
    """
    opened = open_dataset(export, ground_truth=ground_truth, sorting=sorting)
    if opened.truth is None:
        raise DatasetError(f"There is no ground truth beside {export}: name one.")
    session = Session(opened)
    if session.curation.question:
        raise DatasetError(session.curation.question)
    return write_report(report_query(session, saved=not use_journal), out)
