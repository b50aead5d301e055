"""What a study says of its sorters: a measure against a setting of the recipes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .results import StudyResults

# Columns of the cells that can be looked at, and what they are called.
MEASURES: dict[str, str] = {
    "mean_accuracy": "mean accuracy",
    "mean_recall": "mean recall",
    "mean_precision": "mean precision",
    "n_well_detected": "units well detected",
    "n_missed": "units missed",
    "n_merged": "units merged",
    "n_split": "units split",
    "n_false_clusters": "false clusters",
    "n_clusters": "clusters",
    "took_s": "time of sorting (s)",
}
# These are between 0 and 1.
SHARES = ("mean_accuracy", "mean_recall", "mean_precision")
SORTER, RECIPE = "sorter", "recipe"


@dataclass(frozen=True, slots=True)
class StudyPoint:
    """A finished cell: its place, its name, and which of the sorters it is of."""

    x: float
    y: float
    cell: str
    sorter: int


@dataclass(frozen=True, slots=True, eq=False)
class StudyCurves:
    """One measure against one setting.

    Attributes
    ----------
    x_name, y_name
        Columns of the cells.
    sorters
        Names, in order.
    ticks
        Words of the horizontal axis at 0, 1, 2...; () where it is an axis of numbers.
    points
        One a finished cell.
    means
        For each sorter its means, as pairs of x and y by increasing x.
    n_without
        Cells that have the measure, but no value of the setting.
    """

    x_name: str
    y_name: str
    sorters: tuple[str, ...]
    ticks: tuple[str, ...]
    points: tuple[StudyPoint, ...]
    means: tuple[tuple[tuple[float, float], ...], ...]
    n_without: int = 0


def settings_of(results: StudyResults) -> tuple[str, ...]:
    """Return the columns that are worth an axis: what varies, then recipes and sorters.

    Settings that only some of the recipes have come last: the others have no place there.
    """
    varied = [name for name in results.varied if name.startswith("recipe.")]
    whole = [n for n in varied if all(row.get(n) is not None for row in results.cells)]
    names = list(whole)
    if len({row.get(RECIPE) for row in results.cells}) > 1:
        names.append(RECIPE)
    if "seed" in results.varied:
        names.append("seed")
    return (*names, SORTER, *(name for name in varied if name not in whole))


def setting_title(name: str) -> str:
    """Return what a column is called: "recipe.units.n_units" is "units.n_units"."""
    return name.removeprefix("recipe.")


def compute_study_curves(results: StudyResults, x_name: str, y_name: str) -> StudyCurves:
    """Return the points of the finished cells, and the mean of each sorter at each value.

    Parameters
    ----------
    results
        Cells that are not finished, or lack the measure or the setting, are left out.
    x_name
        Column of the setting; words get places in the order of the cells.
    y_name
        Column of the measure, one of `MEASURES`.
    """
    measured = [row for row in results.cells if row.get(y_name) is not None]
    rows = [row for row in measured if row.get(x_name) is not None]
    sorters = tuple(dict.fromkeys(str(row[SORTER]) for row in results.cells))
    values = [row[x_name] for row in rows]
    ticks = () if all(_is_number(v) for v in values) else tuple(dict.fromkeys(map(str, values)))
    points = tuple(
        StudyPoint(
            float(ticks.index(str(row[x_name])) if ticks else row[x_name]),
            float(row[y_name]),
            str(row["cell"]),
            sorters.index(str(row[SORTER])),
        )
        for row in rows
    )
    means = tuple(_means([p for p in points if p.sorter == k]) for k in range(len(sorters)))
    return StudyCurves(x_name, y_name, sorters, ticks, points, means, len(measured) - len(rows))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _means(points: list[StudyPoint]) -> tuple[tuple[float, float], ...]:
    places = sorted({p.x for p in points})
    return tuple((x, float(np.mean([p.y for p in points if p.x == x]))) for x in places)
