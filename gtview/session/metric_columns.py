"""The metrics of clusters that are compared with the truth: columns of the cluster table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .quality_columns import COLUMNS, PC_COLUMNS
from .tables import cluster_table

if TYPE_CHECKING:
    from ..base.table import Column
    from .tables import HasTables

# They say who or where a cluster is, or are made from the truth itself.
NO_METRICS = ("id", "ch", "sh", "depth", "unit", "accuracy", "recall", "precision")
# Which way a metric is meant; others go whichever way they tell more.
HIGHER_IS_BETTER: dict[str, bool] = {
    "isi violations": False,
    "presence ratio": True,
    "amplitude cutoff": False,
    "snr": True,
    "drift": False,
    "isolation distance": True,
    "l ratio": False,
    "d prime": True,
    "nn hit rate": True,
    "nn miss rate": False,
    "silhouette": True,
    "ContamPct": False,
}
# What every export has; then what gtview measures.
_FIRST = ("spikes", "rate", "amp", *(name.replace("_", " ") for name in (*COLUMNS, *PC_COLUMNS)))


def metric_columns(source: HasTables) -> list[Column]:
    """Return every column of numbers that could tell which clusters are good, one row a cluster.

    Those of the export's own tables come last; columns without a value are left out.

    Parameters
    ----------
    source
        The session, or a snapshot of it.
    """
    table = cluster_table(source)
    known = [
        column
        for column in table.columns
        if column.kind in ("integer", "number")
        and column.name not in NO_METRICS
        and not column.missing.all()
    ]
    places = {name: place for place, name in enumerate(_FIRST)}
    return sorted(known, key=lambda column: places.get(column.name, len(places)))
