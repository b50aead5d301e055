"""The rows of the table of units: scores, causes of lost spikes, recall over time; in a thread."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..base.table import Column, Table
from ..base.table_fields import text_column
from ..scoring.cause_names import CAUSE_NAMES, Cause
from ..session.tables import TableSource, unit_table
from ..session.truth_curves import compute_recall_over_time
from .cause_colors import cause_legend

if TYPE_CHECKING:
    from ..base.types import Float64Array
    from ..scoring.causes import SpikeCauses
    from ..scoring.recall_over_time import RecallOverTime
    from ..session.spike_truth import SpikeTruth

CAUSE, OVER_TIME = "cause", "recall over time"
# What is looked for first stands first.
_FIRST = ("id", "category", CAUSE, OVER_TIME, "accuracy", "recall", "precision", "best cluster")
# Bins with fewer spikes do not tell the lowest recall.
FEWEST_SPIKES = 10


@dataclass(frozen=True, slots=True, eq=False)
class UnitQuery:
    """A snapshot of what the rows are made from; `truth` is None until there are scores."""

    source: TableSource
    truth: SpikeTruth | None
    known: UnitRows | None


@dataclass(frozen=True, slots=True, eq=False)
class UnitRows:
    """The table, and what its pictures show by unit; without pictures until they are known."""

    table: Table
    truth: SpikeTruth | None = None
    shares: Mapping[Hashable, Float64Array] = field(default_factory=dict)
    words: Mapping[Hashable, str] = field(default_factory=dict)
    cause_tips: Mapping[Hashable, str] = field(default_factory=dict)
    curves: Mapping[Hashable, Float64Array] = field(default_factory=dict)
    curve_tips: Mapping[Hashable, str] = field(default_factory=dict)


def compute_unit_rows(query: UnitQuery) -> Iterator[UnitRows]:
    """Make the rows with what is known, and again when causes and curves are known."""
    truth, known = query.truth, query.known
    table = unit_table(query.source)
    if truth is None or truth.known_causes is None:
        # Until the new ones are there, the old pictures stay.
        yield _with_pictures(table, known)
    if truth is not None:
        yield make_rows(table, truth, truth.causes(), compute_recall_over_time(truth))


def _with_pictures(table: Table, known: UnitRows | None) -> UnitRows:
    n = len(table.row_ids)
    words: list[str | None] = [None] * n
    if known is not None:
        words = [known.words.get(i) for i in table.row_ids]
    joined = _joined(table, words, np.full(n, np.nan))
    if known is None:
        return UnitRows(joined)
    return UnitRows(
        joined, known.truth, known.shares, known.words, known.cause_tips, known.curves,
        known.curve_tips,
    )  # fmt: skip


def make_rows(
    table: Table, truth: SpikeTruth, causes: SpikeCauses, recall: RecallOverTime
) -> UnitRows:
    """Join the numbers of the units with why their spikes are lost, and when."""
    ids = causes.unit_ids
    mains = [causes.main_cause(k) for k in range(len(ids))]
    words = [None if cause is None else CAUSE_NAMES[cause] for cause in mains]
    shares, values, n = causes.shares(), recall.rates.value, recall.rates.n
    lowest = np.where(n >= FEWEST_SPIKES, values, np.nan)
    is_known = np.isfinite(lowest).any(axis=1)
    lows = np.full(len(ids), np.nan)
    lows[is_known] = np.nanmin(lowest[is_known], axis=1)
    tips: dict[Hashable, str] = {i: _cause_tip(causes, k) for k, i in enumerate(ids)}
    return UnitRows(
        _joined(table, words, lows),
        truth,
        {i: shares[k] for k, i in enumerate(ids)},
        {i: word for i, word in zip(ids, words, strict=True) if word},
        tips,
        {i: values[k] for k, i in enumerate(ids)},
        {i: _curve_tip(recall, k) for k, i in enumerate(ids)},
    )


def _joined(table: Table, words: list[str | None], lows: Float64Array) -> Table:
    columns = {column.name: column for column in table.columns}
    columns[CAUSE] = text_column(CAUSE, words, _CAUSE_HELP)
    columns[OVER_TIME] = Column(OVER_TIME, lows, "number", digits=2, help=_OVER_TIME_HELP)
    order = [*_FIRST, *(name for name in columns if name not in _FIRST)]
    return Table(table.row_ids, tuple(columns[name] for name in order if name in columns))


_CAUSE_HELP = (
    "<p>What became of the spikes of the unit, and beside the bar the most frequent cause for "
    f"which spikes are not found.</p>{cause_legend()}"
)
_OVER_TIME_HELP = (
    "Recall in 60 parts of the recording, from 0 (lower line) to 1 (upper line); sorted by the "
    f"lowest of the parts with at least {FEWEST_SPIKES} spikes."
)


def _cause_tip(causes: SpikeCauses, unit: int) -> str:
    counts = causes.counts[unit].tolist()
    unknown = "; ".join(
        f"{CAUSE_NAMES[cause]} is not known: {why}" for cause, why in causes.unknown.items()
    )
    return f"<p>unit {causes.unit_ids[unit]}</p>{cause_legend(counts)}<p>{unknown}</p>"


def _curve_tip(recall: RecallOverTime, unit: int) -> str:
    values = recall.of(unit)
    if not np.isfinite(values).any():
        return ""
    worst = int(np.nanargmin(values))
    start, stop = recall.edges_s[worst : worst + 2]
    return (
        f"recall {np.nanmin(values):.2f} to {np.nanmax(values):.2f}; "
        f"lowest from {start:,.4g} to {stop:,.4g} s"
    )


__all__ = ["CAUSE", "OVER_TIME", "Cause", "UnitQuery", "UnitRows", "compute_unit_rows"]
