"""Columns from what an export's own tables say of its clusters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.table import Column
from ..base.types import Float64Array
from ..data.tables import ClusterProperties, PropertyValue

GROUP = "group"
UNSORTED = "unsorted"


def property_columns(
    properties: ClusterProperties, cluster_ids: Sequence[int], taken: Collection[str]
) -> list[Column]:
    """Return the group of each cluster, then every other property.

    A cluster without a group is in the group `unsorted`, so that a filter on groups finds it.
    A property with the name of another column gets its file's name behind its own.

    Parameters
    ----------
    properties
        Columns of the export's tables.
    cluster_ids
        The rows.
    taken
        Names that other columns have already.
    """
    columns = [_group_column(properties, cluster_ids)]
    for name in properties.names:
        if name == GROUP:
            continue
        source = properties.source(name)
        values = [properties.get(name, i) for i in cluster_ids]
        unique_name = f"{name} ({source})" if name in taken else name
        columns.append(_column(unique_name, values, f"{name}, from the file {source}."))
    return columns


def _group_column(properties: ClusterProperties, cluster_ids: Sequence[int]) -> Column:
    groups = [str(properties.get(GROUP, i, UNSORTED)) for i in cluster_ids]
    values = np.empty(len(groups), dtype=object)
    values[:] = groups
    return Column(GROUP, values, "text", help="Label given by hand: good, mua, noise, unsorted.")


def _column(name: str, values: list[PropertyValue | None], text: str) -> Column:
    if all(value is None or isinstance(value, int | float) for value in values):
        numbers = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
        return Column(name, numbers, "number", digits=choose_digits(numbers), help=text)
    words = np.empty(len(values), dtype=object)
    words[:] = [None if value is None else str(value) for value in values]
    return Column(name, words, "text", help=text)


def id_column(name: str, values: Float64Array, text: str) -> Column:
    """Return a column of ids, some of which may be missing (NaN)."""
    return Column(name, values, "id", help=text)


def choose_digits(values: NDArray[Any]) -> int:
    """Return how many decimals show two or three digits of typical values.

    Parameters
    ----------
    values : float array, (n,)
        What is not finite does not count.
    """
    finite = np.abs(values[np.isfinite(values)])
    if np.array_equal(finite, np.round(finite)):
        return 0
    typical = np.median(finite[finite > 0])
    if typical >= 100:
        return 0
    return int(np.clip(1 - np.floor(np.log10(typical)), 1, 5))
