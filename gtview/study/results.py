"""The results of a study: read cell by cell, as tables, and written as Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ..base.errors import DatasetError, UsageError
from .store import MARK_FILE, is_study

Row: TypeAlias = dict[str, Any]
PARQUET_NEEDED = 'Results are written as Parquet: pip install "gtview[study]" brings pyarrow.'


@dataclass(frozen=True, slots=True)
class StudyResults:
    """What is known of a study.

    Attributes
    ----------
    folder, name
        Where it is, and what stands above it.
    cells
        One row a cell, in the order of their names: `cell`, `recipe`, `seed`, `sorter`, `state`,
        `error`, `took_s`, `mean_accuracy`, `mean_recall`, `mean_precision`, `n_clusters`,
        `n_false_clusters`, the number of units of each category as `n_<category>`, `export`,
        `log`, and each setting of the recipe that is one value as `recipe.<name>`.
    units
        One row a true unit of a finished cell: `cell` and the fields of `gtview score`.
    """

    folder: Path
    name: str
    cells: tuple[Row, ...]
    units: tuple[Row, ...]

    @property
    def varied(self) -> tuple[str, ...]:
        """Columns of the recipe that are not the same in all cells, and the seed if it varies."""
        names = dict.fromkeys(name for row in self.cells for name in row)
        settings = [n for n in names if n.startswith("recipe.") and n != "recipe.seed"]
        return tuple(n for n in (*settings, "seed") if len({row.get(n) for row in self.cells}) > 1)


def read_results(folder: Path) -> StudyResults:
    """Read what is there, also while a study runs; cells with damaged files are left out.

    Raises
    ------
    DatasetError
        The folder is none of a study.
    """
    if not is_study(folder):
        raise DatasetError(f"{folder} is no folder of a study.")
    mark = json.loads((folder / MARK_FILE).read_text(encoding="utf-8"))
    entries = list(_read_cells(folder / "cells"))
    units = [row for entry in entries for row in _unit_rows(entry)]
    cells = tuple(_cell_row(entry) for entry in entries)
    return StudyResults(folder, str(mark.get("name", folder.name)), cells, tuple(units))


def _read_cells(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        try:
            entry = json.loads(path.read_text(encoding="utf-8"))
            entry["cell"], entry["state"], entry["recipe"].items()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        yield entry


def _cell_row(entry: Mapping[str, Any]) -> Row:
    scores = entry.get("scores") or {}
    units = scores.get("units", ())
    row = {
        "cell": entry["cell"],
        "recipe": entry.get("recipe_name", ""),
        "seed": entry.get("seed"),
        "sorter": entry.get("sorter_name", ""),
        "state": entry["state"],
        "error": entry.get("error", ""),
        "took_s": entry.get("took_s"),
        "mean_accuracy": scores.get("mean_accuracy"),
        "mean_recall": _mean(units, "recall"),
        "mean_precision": _mean(units, "precision"),
        "n_units": len(units) if scores else None,
        "n_clusters": scores.get("n_clusters"),
        "n_false_clusters": scores.get("n_false_clusters"),
        **{f"n_{name}": n for name, n in scores.get("categories", {}).items()},
        "export": entry.get("export", ""),
        "log": entry.get("log", ""),
    }
    return {**row, **dict(_flatten(entry["recipe"], "recipe"))}


def _unit_rows(entry: Mapping[str, Any]) -> Iterator[Row]:
    for unit in (entry.get("scores") or {}).get("units", ()):
        causes = {f"n_{name}": n for name, n in unit.get("causes", {}).items()}
        kept = {name: value for name, value in unit.items() if name != "causes"}
        # Ids of units may be numbers or text; a column has one type.
        kept["unit_id"] = str(kept.get("unit_id"))
        yield {"cell": entry["cell"], **kept, **causes}


def _mean(units: Any, name: str) -> float | None:
    values = [unit[name] for unit in units if unit.get(name) is not None]
    return sum(values) / len(values) if values else None


def _flatten(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flatten(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _flatten(inner, f"{name}.{index}")
    elif value is not None:
        yield name, value


def refuse_without_parquet() -> None:
    """Say before anything long is done what is missing.

    Raises
    ------
    UsageError
        Parquet cannot be written here.
    """
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise UsageError(PARQUET_NEEDED)


def write_parquet(results: StudyResults) -> tuple[Path, Path]:
    """Write `cells.parquet` and `units.parquet` into the folder of a study.

    Raises
    ------
    OSError
        They cannot be written.
    """
    paths = results.folder / "cells.parquet", results.folder / "units.parquet"
    for path, rows in zip(paths, (results.cells, results.units), strict=True):
        _write_table(path, rows)
    return paths


def _write_table(path: Path, rows: tuple[Row, ...]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ..base.files import written_whole

    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: _column([row.get(name) for row in rows]) for name in names}
    with written_whole(path) as unfinished:
        pq.write_table(pa.table(columns), unfinished)


def _column(values: list[Any]) -> list[Any]:
    """Return values of one type: where a setting is a number here and text there, text."""
    types = {type(value) for value in values if value is not None}
    if types <= {int, float} or len(types) < 2:
        return [float(v) if v is not None and float in types else v for v in values]
    return [None if value is None else str(value) for value in values]
