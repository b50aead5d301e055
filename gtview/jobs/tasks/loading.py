"""Opens recordings and sortings with SpikeInterface; tells in one sentence what cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...base.errors import DatasetError
from ...data.gt_trains import load_array

_PICKLES = (".pkl", ".pickle")


def load_sorting(path: Path) -> tuple[Any, Any]:
    """Open a sorting, or the one of a SortingAnalyzer with its recording where it has one.

    Returns
    -------
    sorting, and a recording or None.

    Raises
    ------
    DatasetError
        It cannot be opened, or is something else.
    """
    loaded = _load(path)
    if hasattr(loaded, "to_spike_vector"):
        return loaded, None
    if hasattr(loaded, "sorting") and hasattr(loaded, "has_recording"):
        return loaded.sorting, loaded.recording if loaded.has_recording() else None
    raise DatasetError(f"{path} holds no sorting: it is a {type(loaded).__name__}.")


def load_recording(path: Path) -> Any:
    """Open a recording, also that of a generated dataset.

    Raises
    ------
    DatasetError
        It cannot be opened, or is something else.
    """
    if (path / "recipe.json").is_file() and (path / "recording").is_dir():
        path = path / "recording"
    loaded = _load(path)
    if hasattr(loaded, "has_recording") and loaded.has_recording():
        loaded = loaded.recording
    if not hasattr(loaded, "get_traces"):
        raise DatasetError(f"{path} holds no recording: it is a {type(loaded).__name__}.")
    return loaded


def _load(path: Path) -> Any:
    if not path.exists():
        raise DatasetError(f"There is no {path}.")
    if path.suffix.lower() in _PICKLES or (path / "cached.pkl").is_file():
        raise DatasetError(f"{path} is a pickle, which can run any program: save it as a folder.")
    # SpikeInterface loads properties with pickles allowed; these are refused.
    for file in (path / "properties").glob("*.npy"):
        load_array(file)
    try:
        from spikeinterface import load

        is_folder = path.is_dir()
        return load(path) if is_folder else load(path, base_folder=True)
    except Exception as error:
        raise DatasetError(f"SpikeInterface cannot open {path}: {error}.") from error
