"""Finds the export, its ground truth and its recording from the path that a person gives."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import DatasetError

_PARAMS = "params.py"
_SORTINGS = "sortings"
_TRUTH = "ground_truth"
_RECORDING = "recording"
_STATIC = "recording_static"
_RECIPE = "recipe.json"
# What a sorting of a generated dataset says of itself.
_SORTING_SPEC = "spec.json"
# Where an export lies inside of the folder that a sorter or SpikeInterface makes.
_INSIDE = ("phy", "sorter_output", "output", "")


@dataclass(frozen=True, slots=True)
class FoundDataset:
    """Where the parts of a dataset are.

    Attributes
    ----------
    export_folder
        Folder with params.py.
    ground_truth_path
        What `read_ground_truth` should be given; None when there is no truth beside it.
    recording_folder
        SpikeInterface folder of the recording of a generated dataset.
    is_static
        Whether it is the recording in which nothing moved; the motion of the truth is not its.
    """

    export_folder: Path
    ground_truth_path: Path | None
    recording_folder: Path | None
    is_static: bool = False


def find_dataset(path: Path, sorting: str | None = None) -> FoundDataset:
    """Find an export from its folder, its params.py, or a generated dataset's folder.

    Parameters
    ----------
    path
        What the user gave.
    sorting
        Name of one of several sortings of a generated dataset.

    Raises
    ------
    DatasetError
        There is no export; several and none is named; or none of that name.
    """
    path = Path(os.path.abspath(path.expanduser()))
    if path.is_file():
        if path.name != _PARAMS:
            raise DatasetError(
                f"{path} is a file: open the folder of an export, or its params.py."
            )
        return _describe(path.parent)
    if not path.is_dir():
        raise DatasetError(f"There is no folder {path}.")
    if (path / _SORTINGS).is_dir() and not (path / _PARAMS).is_file():
        return _describe(_choose(path, sorting))
    export = _find_inside(path)
    if export is None:
        raise DatasetError(_explain(path))
    if sorting is not None and sorting not in (export.name, path.name):
        raise DatasetError(f"{path} is one export; it holds no sorting named {sorting!r}.")
    return _describe(export)


def find_recording_folder(export: Path) -> Path | None:
    """Return the recording of the generated dataset that an export is in, or None."""
    dataset = find_generated_dataset(export)
    if dataset is None:
        return None
    name = _STATIC if _is_of_static(export) else _RECORDING
    return _existing(dataset / name)


def find_unsorted(path: Path) -> Path | None:
    """Return the folder of a generated dataset that was not sorted yet; None: it is none."""
    folder = Path(os.path.abspath(path.expanduser()))
    has_parts = all((folder / part).exists() for part in (_RECIPE, _TRUTH, _RECORDING))
    if not has_parts or (folder / _PARAMS).is_file() or _find_sortings(folder):
        return None
    return folder


def list_sortings(path: Path) -> tuple[str, ...]:
    """Return the names of the sortings of a generated dataset; () for anything else."""
    folder = Path(os.path.abspath(path.expanduser()))
    if (folder / _PARAMS).is_file():
        return ()
    return tuple(_find_sortings(folder))


def _is_of_static(export: Path) -> bool:
    for folder in (export, export.parent):
        try:
            spec = json.loads((folder / _SORTING_SPEC).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return isinstance(spec, dict) and spec.get("recording") == _STATIC
    return False


def _describe(export: Path) -> FoundDataset:
    dataset = find_generated_dataset(export)
    if dataset is not None and (dataset / _TRUTH).is_dir():
        truth: Path | None = dataset
    else:
        truth = _existing(export.parent / _TRUTH)
    is_static = dataset is not None and _is_of_static(export)
    return FoundDataset(export, truth, find_recording_folder(export), is_static)


def _existing(folder: Path) -> Path | None:
    return folder if folder.is_dir() else None


def find_generated_dataset(export: Path) -> Path | None:
    """Return the dataset above `sortings/<name>/phy` or `sortings/<name>`; None: there is none."""
    for place in (export.parent, export.parent.parent):
        if place.name == _SORTINGS:
            return place.parent
    return None


def _find_inside(folder: Path) -> Path | None:
    if (folder / _PARAMS).is_file():
        return folder
    # A folder of one sorting: `sortings/<name>`, or what SpikeInterface makes for a sorter.
    return next((folder / n for n in _INSIDE if (folder / n / _PARAMS).is_file()), None)


def _choose(dataset: Path, sorting: str | None) -> Path:
    found = _find_sortings(dataset)
    names = ", ".join(found)
    if not found:
        raise DatasetError(_say_unsorted(dataset))
    if sorting is not None and sorting not in found:
        raise DatasetError(f"{dataset} holds no sorting named {sorting!r}; it holds: {names}.")
    if sorting is None and len(found) > 1:
        raise DatasetError(f"{dataset} holds several sortings; name one of them: {names}.")
    return found[sorting] if sorting is not None else next(iter(found.values()))


def _find_sortings(dataset: Path) -> dict[str, Path]:
    """Return the exports of a generated dataset by the names of their sortings."""
    found: dict[str, Path] = {}
    if not (dataset / _SORTINGS).is_dir():
        return found
    for folder in sorted((dataset / _SORTINGS).iterdir()):
        export = _find_inside(folder) if folder.is_dir() else None
        if export is not None and not folder.name.endswith(".partial"):
            found[folder.name] = export
    return found


def _say_unsorted(dataset: Path) -> str:
    return (
        f"{dataset} holds no sorting yet: `gtview sort` makes one, or Generate > Sort this "
        "dataset in the window."
    )


def _explain(folder: Path) -> str:
    if find_unsorted(folder) is not None:
        return _say_unsorted(folder)
    try:
        inside = [f.name for f in sorted(folder.iterdir()) if (f / _PARAMS).is_file()]
    except OSError as error:
        return f"{folder} cannot be read: {error.strerror or error}."
    if inside:
        return f"{folder} is no sorter's export, but holds one: open its folder {inside[0]}."
    if (folder / "spike_times.npy").is_file():
        return (
            f"{folder} holds spike_times.npy but no params.py, which gives the sampling rate and "
            "the raw file."
        )
    return (
        f"{folder} is no sorter's export: it holds neither a params.py (Kilosort, phy, "
        "SpikeInterface) nor a folder of sortings (a generated dataset)."
    )
