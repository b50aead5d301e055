"""What the cluster scatter says about its axes, its markers, and the one under the pointer."""

from __future__ import annotations

import numpy as np

from ..base.table import Table
from .cluster_markers import NOTHING, Markers

_MARGIN = 0.06
DOT = " \N{MIDDLE DOT} "


def column_title(table: Table, name: str) -> str:
    """Return the name of a property with its unit, as on an axis."""
    column = table.column(name)
    return f"{name} ({column.unit})" if column.unit else name


def limits_of(values: np.ndarray) -> tuple[float, float]:
    """Return limits that hold every marker, with a margin: a stray cluster is of interest."""
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or max(abs(low) * _MARGIN, 0.5)
    return low - margin, high + margin


def describe(markers: Markers) -> str:
    """Return the status: how many clusters are shown, and what their sizes and colours are."""
    n, n_all = len(markers.rows), len(markers.table.row_ids)
    axes = markers.axes
    parts = [f"{n:,} of {n_all:,} clusters"]
    if n < n_all:
        parts.append(f"{n_all - n:,} without a value")
    if axes.size != NOTHING:
        parts.append(f"size {axes.size}")
    if axes.color != NOTHING:
        parts.append(f"color {axes.color}{_color_range(markers)}")
    return ", ".join(parts)


def _color_range(markers: Markers) -> str:
    if markers.shares is None:
        return ""
    column = markers.table.column(markers.axes.color)
    finite = np.flatnonzero(~column.missing)
    if not len(finite):
        return ""
    low, high = (finite[f(column.values[finite])] for f in (np.argmin, np.argmax))
    return f" from {column.text(int(low))} (dark) to {column.text(int(high))} (bright)"


def describe_marker(markers: Markers, place: int) -> str:
    """Return what one marker stands for."""
    axes, row = markers.axes, int(markers.rows[place])
    names = dict.fromkeys(
        name for name in (axes.x, axes.y, axes.size, axes.color) if name != NOTHING
    )
    values = []
    for name in names:
        column = markers.table.column(name)
        values.append(f"{name} {column.text(row)} {column.unit}".rstrip())
    return DOT.join([f"cluster {markers.cluster_ids[place]}", *values])
