"""Reads the files of an export; imports nothing that computes, so that it can begin first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..base.progress import Reporter, ignore_progress
from ..data.dataset import Dataset, Gain
from ..data.discovery import FoundDataset, find_dataset
from ..data.phy_reader import read_export
from ..data.user_choices import remembered_gain, remembered_raw

SET_BY_USER = "set by you"


@dataclass(frozen=True, slots=True, eq=False)
class ReadFiles:
    """An export, and where it was found."""

    found: FoundDataset
    dataset: Dataset


def read_files(
    path: Path,
    sorting: str | None = None,
    *,
    report: Reporter = ignore_progress,
    gain: Gain | None = None,
    raw_path: Path | None = None,
) -> ReadFiles:
    """Find an export and read its files; the parameters are those of `open_dataset`.

    Raises
    ------
    DatasetError
        There is none, or it cannot be read.
    CancelledError
        `report` says so.
    """
    report(0.0, "Looking for the export")
    found = find_dataset(path, sorting)
    report(0.05, "Reading the export")
    return ReadFiles(found, read_with_choices(found.export_folder, gain, raw_path))


def read_with_choices(folder: Path, gain: Gain | None, raw_path: Path | None) -> Dataset:
    """Read an export with the gain and the raw file that are given, or that the user once set.

    Raises
    ------
    DatasetError
        It cannot be read.
    """
    if gain is None:
        uv_per_bit = remembered_gain(folder)
        gain = None if uv_per_bit is None else Gain(uv_per_bit, SET_BY_USER)
    if raw_path is None:
        raw_path = remembered_raw(folder)
        if raw_path is not None and not raw_path.is_file():
            raw_path = None  # moved again: look where params.py says
    return read_export(folder, gain=gain, raw_path=raw_path)
