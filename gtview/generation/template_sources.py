"""Finds real templates: in a library folder, in the public database, in a sorter's export."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .problems import Problem, RecipeError
from .recipe_hybrid import ClusterTemplates, LibraryTemplates
from .relocation import RealTemplate
from .values import Range

TABLE_NAME = "templates.csv"
_FIELD = "hybrid.templates"


def find_templates(
    wish: LibraryTemplates | ClusterTemplates, n: int, rng: np.random.Generator
) -> list[RealTemplate]:
    """Return `n` different templates, drawn from those that suit.

    Raises
    ------
    RecipeError
        There are too few, or the source cannot be read.
    """
    if isinstance(wish, ClusterTemplates):
        return _from_export(wish, n, rng)
    if wish.folder is None:
        return _from_database(wish, n, rng)
    return _from_folder(wish, Path(wish.folder).expanduser(), n, rng)


def read_table(folder: Path) -> list[dict[str, str]]:
    """Read `templates.csv` of a library folder.

    Its columns are `dataset` and `template_index`, and as far as they are known `amplitude_uv`,
    `noise_level_uv`, `signal_to_noise_ratio`, `depth_along_probe`, `brain_area`, `probe`.

    Raises
    ------
    RecipeError
        It is missing, or lacks the first two.
    """
    try:
        with (folder / TABLE_NAME).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refuse("folder", f"holds no {TABLE_NAME} that can be read ({folder})") from error
    if not rows or not {"dataset", "template_index"} <= rows[0].keys():
        raise _refuse("folder", f"holds a {TABLE_NAME} without templates ({folder})")
    return rows


def filter_rows(rows: list[Mapping[str, Any]], wish: LibraryTemplates) -> list[Mapping[str, Any]]:
    """Return the rows of a table that suit; a filter on a column that is missing finds none."""
    names = (("brain_area", wish.brain_areas), ("probe", wish.probes), ("dataset", wish.datasets))
    for column, wanted in names:
        if wanted:
            rows = [row for row in rows if str(row.get(column)) in wanted]
    ranges = (
        ("amplitude_uv", wish.amplitude_uv),
        ("depth_along_probe", wish.depth_um),
        ("signal_to_noise_ratio", None if wish.min_snr is None else Range(wish.min_snr, np.inf)),
    )
    for column, limits in ranges:
        if limits is not None:
            rows = [row for row in rows if limits.low <= _number(row, column) <= limits.high]
    return rows


def _number(row: Mapping[str, Any], column: str) -> float:
    try:
        return float(row[column])
    except (KeyError, TypeError, ValueError):
        return float("nan")


def _from_folder(
    wish: LibraryTemplates, folder: Path, n: int, rng: np.random.Generator
) -> list[RealTemplate]:
    rows = filter_rows(list(read_table(folder)), wish)

    def load(dataset: str) -> Any:
        if Path(dataset).is_absolute() or ".." in Path(dataset).parts:
            raise _refuse("folder", f"names a dataset outside of it ({dataset})")
        return _read_zarr(folder / dataset)

    return _drawn(rows, n, rng, load)


def _read_zarr(path: Path) -> Any:
    from spikeinterface.core import Templates

    path = path if path.exists() else path.with_name(path.name + ".zarr")
    try:
        return Templates.from_zarr(str(path))
    except Exception as error:
        # A damaged archive raises nearly anything.
        raise _refuse("folder", f"holds no templates that can be read in {path.name}") from error


def _from_database(wish: LibraryTemplates, n: int, rng: np.random.Generator) -> list[RealTemplate]:
    rows = filter_rows(_read_database(), wish)
    from spikeinterface.generation import fetch_template_object_from_database

    return _drawn(rows, n, rng, fetch_template_object_from_database)


def read_rows(folder: str | None) -> list[Mapping[str, Any]]:
    """Return the table of a library folder, or of the public database (None; needs network).

    Raises
    ------
    RecipeError
        It cannot be read.
    """
    return _read_database() if folder is None else list(read_table(Path(folder).expanduser()))


def _read_database() -> list[Mapping[str, Any]]:
    try:
        from spikeinterface.generation import fetch_templates_database_info

        rows: list[Mapping[str, Any]] = fetch_templates_database_info().to_dict("records")
    except ImportError as error:
        message = "needs the Python packages s3fs and pandas for the public database"
        raise _refuse("folder", f"{message}; or name a local library folder") from error
    except Exception as error:
        # The clients of the cloud raise nearly anything.
        message = "cannot reach the public database: check the network, or name a local folder"
        raise _refuse("folder", message) from error
    return rows


def _drawn(
    rows: list[Mapping[str, Any]], n: int, rng: np.random.Generator, load: Callable[[str], Any]
) -> list[RealTemplate]:
    if len(rows) < n:
        message = f"has {len(rows)} templates that suit, but {n} units are asked"
        raise RecipeError([Problem(_FIELD, message)])
    chosen = [rows[i] for i in rng.permutation(len(rows))[:n]]
    # Each dataset is read once, however many of its templates are taken.
    loaded = {name: load(name) for name in dict.fromkeys(str(row["dataset"]) for row in chosen)}
    return [
        _take(loaded[str(row["dataset"])], int(float(row["template_index"])), str(row["dataset"]))
        for row in chosen
    ]


def _take(templates: Any, index: int, name: str) -> RealTemplate:
    if not 0 <= index < len(templates.unit_ids):
        raise _refuse("folder", f"lists template {index} of {name}, which has fewer")
    if templates.probe is None:
        raise _refuse("folder", f"holds templates without places of their channels ({name})")
    one = templates.select_units([templates.unit_ids[index]])
    waveforms = np.asarray(one.get_dense_templates()[0], np.float32)
    _refuse_empty(waveforms, f"{name} {index}")
    return RealTemplate(
        waveforms,
        np.asarray(templates.get_channel_locations(), np.float32),
        int(templates.nbefore),
        float(templates.sampling_frequency),
        f"{name}:{index}",
    )


def _from_export(wish: ClusterTemplates, n: int, rng: np.random.Generator) -> list[RealTemplate]:
    from ..base.errors import DatasetError
    from ..data.phy_reader import read_export

    try:
        dataset = read_export(Path(wish.path).expanduser())
    except DatasetError as error:
        raise _refuse("path", f"cannot be used: {str(error).rstrip('.')}") from error
    store = dataset.templates
    if store is None:
        raise _refuse("path", f"has no templates ({wish.path})")
    known = np.unique(dataset.spike_templates)
    if wish.clusters:
        unknown = sorted(set(wish.clusters) - set(known.tolist()))
        if unknown:
            raise _refuse("clusters", f"names {unknown[0]}, which is no template with spikes")
        known = np.array(wish.clusters)
    if len(known) < n:
        raise _refuse("clusters", f"gives {len(known)} templates, but {n} units are asked")
    scale = 1.0 if dataset.gain is None else dataset.gain.uv_per_bit
    made = []
    for template in rng.permutation(known)[:n]:
        gain = 1.0 if dataset.template_gain is None else float(dataset.template_gain[template])
        waveforms = (store.waveform(int(template)) * gain * scale).astype(np.float32)
        _refuse_empty(waveforms, f"template {template}")
        made.append(
            RealTemplate(
                waveforms,
                np.asarray(dataset.channels.positions_um, np.float32),
                store.trough_sample,
                float(dataset.sample_rate_hz),
                f"template {template}",
            )
        )
    return made


def _refuse_empty(waveforms: Any, name: str) -> None:
    if not np.isfinite(waveforms).all() or not waveforms.any():
        raise RecipeError(
            [Problem(_FIELD, f"holds nothing, or values that are no numbers: {name}")]
        )


def _refuse(field: str, message: str) -> RecipeError:
    return RecipeError([Problem(f"{_FIELD}.{field}", message)])
