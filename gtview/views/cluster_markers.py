"""One marker for each cluster: where it is, how large, and in which colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.table import Column, Table
from ..base.types import BoolArray, Float64Array

NOTHING = "none"
GROUPS = ("good", "mua", "noise", "unsorted")
SMALLEST_PX, LARGEST_PX, USUAL_PX = 2.5, 11.0, 4.5


@dataclass(frozen=True, slots=True)
class MarkerAxes:
    """Which property is what, by name of its column; "none": all the same."""

    x: str
    y: str
    size: str
    color: str
    is_x_log: bool = False
    is_y_log: bool = False
    is_size_log: bool = True

    @property
    def plane(self) -> tuple[object, ...]:
        """What is equal as long as places mean the same."""
        return self.x, self.y, self.is_x_log, self.is_y_log


@dataclass(frozen=True, slots=True, eq=False)
class Markers:
    """The clusters that have a place.

    Attributes
    ----------
    table
        All clusters.
    rows : int array, (n,)
        Their rows in the table.
    x, y : float64 arrays, (n,)
        Logarithms to the base of ten on logarithmic axes.
    radii_px : float64 array, (n,)
    shares : float64 array, (n,), or None
        Place of the value that is shown as colour between the least and the largest, NaN where
        it does not exist; None: there is none.
    groups
        The group of each, where colours are those of groups; else empty.
    axes
        What was asked, with columns that exist.
    """

    table: Table
    rows: Any
    x: Float64Array
    y: Float64Array
    radii_px: Float64Array
    shares: Float64Array | None
    groups: tuple[str, ...]
    axes: MarkerAxes

    @property
    def cluster_ids(self) -> list[int]:
        """Their ids, in the order of the arrays."""
        ids = self.table.row_ids
        return [int(ids[row]) for row in self.rows]  # type: ignore[call-overload]


def numeric_columns(table: Table) -> list[str]:
    """Return the properties that can be an axis."""
    return [c.name for c in table.columns if not c.is_text and c.name != "id"]


def color_columns(table: Table) -> list[str]:
    """Return the properties that can be a colour: numbers, and labels that are groups."""
    labels = [c.name for c in table.columns if c.is_text and _is_group(c)]
    return [*labels, *numeric_columns(table)]


def columns_for(part: str, table: Table) -> list[str]:
    """Return what a part of the markers can show, such as "size"; "none" where it need not."""
    if part == "color":
        return [NOTHING, *color_columns(table)]
    names = numeric_columns(table)
    return [NOTHING, *names] if part == "size" else names


def _is_group(column: Column) -> bool:
    return all(value is None or value in GROUPS for value in column.values)


def make_markers(table: Table, asked: MarkerAxes) -> Markers:
    """Place the clusters; those without a finite value on both axes have no place."""
    axes = existing_axes(table, asked)
    x = scaled(table.column(axes.x), is_log=axes.is_x_log)
    y = scaled(table.column(axes.y), is_log=axes.is_y_log)
    rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    shares: Float64Array | None = None
    groups: tuple[str, ...] = ()
    if axes.color != NOTHING:
        column = table.column(axes.color)
        if column.is_text:
            groups = tuple(str(column.values[row] or GROUPS[-1]) for row in rows)
        else:
            shares = _shares(column.values.astype(np.float64))[rows]
    radii = _radii(table, axes)[rows]
    return Markers(table, rows, x[rows], y[rows], radii, shares, groups, axes)


def existing_axes(table: Table, asked: MarkerAxes) -> MarkerAxes:
    """Return the properties asked, with others in place of those that the table lacks."""
    names, colors = numeric_columns(table), color_columns(table)
    fallback = names[0] if names else NOTHING
    return MarkerAxes(
        asked.x if asked.x in names else fallback,
        asked.y if asked.y in names else fallback,
        asked.size if asked.size in names else NOTHING,
        asked.color if asked.color in colors else NOTHING,
        asked.is_x_log,
        asked.is_y_log,
        asked.is_size_log,
    )


def scaled(column: Column, *, is_log: bool) -> Float64Array:
    """Return the values of a column, or their logarithms; NaN where there is none."""
    values = column.values.astype(np.float64)
    if is_log:
        values = np.log10(np.where(values > 0, values, np.nan))
    return np.where(np.isfinite(values), values, np.nan)


def _shares(values: Float64Array) -> Float64Array:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.full(len(values), np.nan)
    low, high = finite.min(), finite.max()
    shares = (values - low) / (high - low) if high > low else np.where(np.isfinite(values), 0.5, 0)
    return np.where(np.isfinite(values), shares, np.nan)


def _radii(table: Table, axes: MarkerAxes) -> Float64Array:
    """Return radii such that areas grow with the values; unknown ones are smallest."""
    if axes.size == NOTHING:
        return np.full(len(table.row_ids), USUAL_PX)
    shares = _shares(scaled(table.column(axes.size), is_log=axes.is_size_log))
    areas = SMALLEST_PX**2 + np.nan_to_num(shares) * (LARGEST_PX**2 - SMALLEST_PX**2)
    return np.asarray(np.sqrt(areas))


def inside(markers: Markers, is_inside: BoolArray) -> tuple[int, ...]:
    """Return the ids of some of the markers."""
    ids = markers.cluster_ids
    return tuple(ids[k] for k in np.flatnonzero(is_inside).tolist())
