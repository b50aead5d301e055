"""From the cluster table and the scores to what the metric explorer shows; runs in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..scoring.metric_truth import MetricCurve, compute_cluster_truth, rank_metrics
from ..session.metric_columns import HIGHER_IS_BETTER, metric_columns

if TYPE_CHECKING:
    from ..base.table import Column
    from ..base.types import Float64Array
    from ..session.tables import TableSource

Truth = Literal["accuracy", "purity"]


@dataclass(frozen=True, slots=True, eq=False)
class MetricQuery:
    """A snapshot; `metric` is the one that is looked at, "": the best."""

    source: TableSource
    truth: Truth
    good_from: float
    metric: str
    is_log: bool


@dataclass(frozen=True, slots=True, eq=False)
class MetricPicture:
    """What is shown.

    Attributes
    ----------
    query
        What was asked.
    cluster_ids
        Rows of what follows.
    curves
        Of all metrics, those that tell most of the truth first.
    column
        The metric that is looked at.
    curve
        Its curve.
    x, y : float64 arrays, (n_clusters,)
        Places: its values, logarithms where these are shown, and the truth; NaN: unknown.
    """

    query: MetricQuery
    cluster_ids: tuple[int, ...]
    curves: tuple[MetricCurve, ...]
    column: Column
    curve: MetricCurve
    x: Float64Array
    y: Float64Array

    @property
    def title(self) -> str:
        """Name and unit of the metric."""
        unit = self.column.unit
        return f"{self.column.name} ({unit})" if unit else self.column.name

    def to_axis(self, value: float) -> float:
        """Return where a value of the metric is on the axis."""
        return float(_on_axis(np.array([value]), self.query.is_log, self.column.values)[0])

    def from_axis(self, place: float) -> float:
        """Return the value of the metric at a place of the axis."""
        return 10.0**place if self.query.is_log else place


def compute_metrics(query: MetricQuery) -> MetricPicture | None:
    """Compare every metric with the truth; None where there is none to compare."""
    scores = query.source.scores
    columns = {column.name: column for column in metric_columns(query.source)}
    if scores is None or not columns:
        return None
    ids = tuple(query.source.stats.cluster_ids.tolist())
    found = compute_cluster_truth(scores)
    truths = dict(zip(found.cluster_ids, found.of(query.truth).tolist(), strict=True))
    # Of clusters that are new since the scores, nothing is known yet.
    y = np.array([truths.get(i, np.nan) for i in ids])
    curves = rank_metrics(
        {name: column.values for name, column in columns.items()},
        y,
        query.good_from,
        higher_is_better=HIGHER_IS_BETTER,
    )
    name = query.metric if query.metric in columns else curves[0].name
    column = columns[name]
    x = _on_axis(np.asarray(column.values, np.float64), query.is_log, column.values)
    curve = next(c for c in curves if c.name == name)
    return MetricPicture(query, ids, curves, column, curve, x, y)


def _on_axis(values: Float64Array, is_log: bool, known: Float64Array) -> Float64Array:
    """Return places on an axis; on a logarithmic one, zero is at half of the smallest value."""
    if not is_log:
        return values
    positive = known[np.isfinite(known) & (known > 0)]
    least = float(positive.min()) / 2 if len(positive) else 1.0
    return np.log10(np.where(np.isnan(values), np.nan, np.maximum(values, least)))
