"""The properties of a sorting's units as columns of cluster tables."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ...base.types import Int32Array
from ...data.export_writer import UNIT_IDS
from ...data.tables import COLUMNS_OF_PHY, PropertyValue
from .export_source import Units

_GROUPS = ("good", "mua", "noise", "unsorted")
# SpikeInterface calls phy's group `quality` when it reads an export.
_GROUP_PROPERTIES = ("group", "quality")
_TAKEN = COLUMNS_OF_PHY | {"id", "cluster_id", "group", "info", "si_unit_id", UNIT_IDS}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")


def cluster_columns(
    sorting: Any, units: Units, cluster_ids: Int32Array
) -> dict[str, dict[int, PropertyValue]]:
    """Return the values of the clusters by property.

    Always the group; the units' own ids where they are others than the clusters'; and every
    property of the sorting with one number or text for each unit.

    Parameters
    ----------
    sorting
        SpikeInterface's object.
    units
        Its units with spikes.
    cluster_ids : int32 array, (n_units,)
        Cluster of each of them.
    """
    ids = cluster_ids.tolist()
    columns: dict[str, dict[int, PropertyValue]] = {}
    if [_plain(unit) for unit in units.ids] != ids:
        columns[UNIT_IDS] = {k: _plain(unit) for k, unit in zip(ids, units.ids, strict=True)}
    groups = dict.fromkeys(ids, "unsorted")
    for name in sorting.get_property_keys():
        values = np.asarray(sorting.get_property(name))
        if values.ndim != 1 or values.dtype.kind not in "biufUS":
            continue
        of_clusters = {
            k: _plain(value)
            for k, value in zip(ids, values[units.indices].tolist(), strict=True)
            if value == value and value != ""
        }
        if name in _GROUP_PROPERTIES:
            told = {k: str(v).lower() for k, v in of_clusters.items()}
            groups.update({k: group for k, group in told.items() if group in _GROUPS})
        elif name not in _TAKEN and _NAME.fullmatch(name):
            columns[name] = of_clusters
    columns["group"] = dict(groups)
    return columns


def _plain(value: Any) -> PropertyValue:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, int | float | str) else str(value)
