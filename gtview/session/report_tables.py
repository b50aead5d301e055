"""The parts of the report of a curation as tables, for a page and for a file of values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.html_page import HtmlPage
from ..base.table import Kind, Table
from ..base.table_fields import Field, column_of, table_of, text_column
from ..base.table_text import rows_as_text
from ..scoring.categories import CATEGORIES
from .gains import describe_gain, signed

if TYPE_CHECKING:
    from ..scoring.results import Scores
    from ..scoring.verdicts import MissedMerge, WrongLabel
    from .curation_report import CurationReport, ReportedAction

_WRONG_MERGE = "Clusters that are mainly (at least half of their spikes) different units."
_MISSED = "Clusters that are mainly the same unit, and would raise its accuracy if joined."
_WRONG_LABEL = (
    "Wrong is: good, where less than 0.8 of the cluster is one unit; mua, where it is one well "
    "detected unit; noise, where at least half of it is one unit."
)


def report_page(report: CurationReport) -> str:
    """Return the report as a page of HTML that needs no other file."""
    n = len(report.actions)
    page = HtmlPage(
        f"Curation of {report.name}",
        f"{n} action{'' if n == 1 else 's'} against the ground truth, matched within "
        f"{report.after.delta_ms:g} ms.",
    )
    page.add_text(_in_one_sentence(report))
    page.add_heading("Scores")
    page.add_table(score_table(report))
    page.add_heading("Actions")
    if report.actions:
        page.add_table(action_table(report), ["change"])
    else:
        page.add_text("Nothing was done.", is_quiet=True)
    for title, meaning, table in (
        ("Wrong merges", _WRONG_MERGE, wrong_merge_table(report)),
        ("Missed merges", _MISSED, missed_merge_table(report)),
        ("Wrong labels", _WRONG_LABEL, wrong_label_table(report)),
    ):
        page.add_heading(f"{title}: {len(table.row_ids)}")
        page.add_text(meaning, is_quiet=True)
        if table.row_ids:
            page.add_table(table)
    return page.render()


def report_csv(report: CurationReport) -> str:
    """Return the report as comma-separated values, one row an action or a finding."""
    table = finding_table(report)
    return rows_as_text(table, table.row_ids, range(len(table.columns)), ",")


def _in_one_sentence(report: CurationReport) -> str:
    before, after = report.before.mean_accuracy, report.after.mean_accuracy
    helped = sum(action.gain.mean_accuracy_change > 0 for action in report.actions)
    harmed = sum(action.gain.mean_accuracy_change < 0 for action in report.actions)
    return (
        f"The mean accuracy went from {before:.3f} to {after:.3f}: {helped} of the actions "
        f"raised it, {harmed} lowered it."
    )


def score_table(report: CurationReport) -> Table:
    """Return the scores before and after, one row each."""
    before, after = _summary(report.before), _summary(report.after)
    names = list(before)
    digits = [3 if name.startswith("mean") else 0 for name in names]
    changes = [after[name] - before[name] for name in names]
    shown = (
        ("before", [f"{before[n]:.{d}f}" for n, d in zip(names, digits, strict=True)]),
        ("after", [f"{after[n]:.{d}f}" for n, d in zip(names, digits, strict=True)]),
        ("change", [signed(c, d) for c, d in zip(changes, digits, strict=True)]),
    )
    columns = (text_column(title, values) for title, values in (("score", names), *shown))
    return Table(tuple(names), tuple(columns))


def _summary(scores: Scores) -> dict[str, float]:
    means = {
        f"mean {name}": float(np.mean([getattr(u, name) for u in scores.units] or [0.0]))
        for name in ("accuracy", "recall", "precision")
    }
    units = {f"{c.replace('_', ' ')} units": float(scores.category_counts[c]) for c in CATEGORIES}
    return means | units | {"clusters": float(len(scores.cluster_ids))}


def action_table(report: CurationReport) -> Table:
    """Return what each action did, one row an action in the order of doing."""
    actions = report.actions
    return table_of(
        actions,
        lambda a: a.entry.number,
        Field("number", lambda a: a.entry.number, "integer"),
        Field("time", lambda a: _time(a.entry.time_s), "text"),
        Field("by", lambda a: a.entry.by or None, "text"),
        Field("action", _name, "text"),
        Field("accuracy", lambda a: a.gain.mean_accuracy, digits=3, help="Mean, after it."),
        Field("change", lambda a: a.gain.mean_accuracy_change, digits=4, help=_CHANGE),
        Field("units", lambda a: describe_gain(a.gain, 4) if a.gain.units else None, "text"),
        Field("verdict", lambda a: "wrong merge" if a.wrong_merge else None, "text"),
    )


_CHANGE = "Of the mean accuracy over all units."


def _name(action: ReportedAction) -> str:
    change = action.entry.change
    if change.operation == "merge" and change.added:
        return f"{change.name} \N{RIGHTWARDS ARROW} {change.added[0]}"
    return change.name


def wrong_merge_table(report: CurationReport) -> Table:
    """Return the merges of different units."""
    return table_of(
        report.wrong_merges,
        lambda a: a.entry.number,
        Field("number", lambda a: a.entry.number, "integer"),
        Field("action", _name, "text"),
        Field("what they were", _what_they_were, "text"),
        Field("change", lambda a: a.gain.mean_accuracy_change, digits=4, help=_CHANGE),
    )


def _what_they_were(action: ReportedAction) -> str:
    wrong = action.wrong_merge
    assert wrong is not None
    pairs = zip(wrong.cluster_ids, wrong.units, strict=True)
    return ", ".join(
        f"{cluster}: {'false spikes' if unit is None else f'unit {unit}'}"
        for cluster, unit in pairs
    )


def missed_merge_table(report: CurationReport) -> Table:
    """Return the clusters that should have been joined."""
    return table_of(
        report.missed_merges,
        lambda m: str(m.unit_id),
        Field("unit", lambda m: str(m.unit_id), "text"),
        Field("clusters", lambda m: _listed(m.cluster_ids), "text"),
        Field("accuracy", lambda m: m.accuracy, digits=3, help="Of the first of them."),
        Field("if merged", lambda m: m.accuracy_if_merged, digits=3),
    )


def _listed(ids: Sequence[object]) -> str:
    return ", ".join(map(str, ids))


def wrong_label_table(report: CurationReport) -> Table:
    """Return the groups that the truth contradicts; those set by an action first."""
    labels = sorted(report.wrong_labels, key=lambda item: item.cluster_id not in report.own_labels)
    return table_of(
        labels,
        lambda w: w.cluster_id,
        Field("cluster", lambda w: w.cluster_id, "integer"),
        Field("group", lambda w: w.group, "text"),
        Field("set by", lambda w: _set_by(report, w), "text"),
        Field("unit", lambda w: None if w.unit_id is None else str(w.unit_id), "text"),
        Field("precision", lambda w: w.precision, digits=2, help="Share of it that is the unit."),
        Field("recall", lambda w: w.recall, digits=2, help="Share of the unit that it holds."),
    )


def _set_by(report: CurationReport, label: WrongLabel) -> str:
    number = report.own_labels.get(label.cluster_id)
    return "before, or inherited" if number is None else f"action {number}"


def finding_table(report: CurationReport) -> Table:
    """Return everything in one table; `kind` tells what a row is."""
    rows: list[dict[str, Any]] = [
        {"kind": "score before", "accuracy": report.before.mean_accuracy},
        {"kind": "score after", "accuracy": report.after.mean_accuracy},
        *(_action_row(action) for action in report.actions),
        *(_missed_row(missed) for missed in report.missed_merges),
        *(_label_row(report, label) for label in report.wrong_labels),
    ]
    columns = (
        column_of(Field(name, dict, kind), [row.get(name) for row in rows])
        for name, kind in _CSV_COLUMNS.items()
    )
    return Table(tuple(range(len(rows))), tuple(columns))


_CSV_COLUMNS: dict[str, Kind] = {
    "kind": "text",
    "number": "number",
    "time": "text",
    "by": "text",
    "what": "text",
    "accuracy": "number",
    "change": "number",
    "details": "text",
}


def _action_row(action: ReportedAction) -> dict[str, Any]:
    entry, gain = action.entry, action.gain
    details = describe_gain(gain, 4) if gain.units else ""
    if action.wrong_merge is not None:
        details = f"{_what_they_were(action)}; {details}"
    return {
        "kind": "action" if action.wrong_merge is None else "wrong merge",
        "number": entry.number,
        "time": _time(entry.time_s),
        "by": entry.by,
        "what": _name(action),
        "accuracy": gain.mean_accuracy,
        "change": gain.mean_accuracy_change,
        "details": details,
    }


def _missed_row(missed: MissedMerge) -> dict[str, Any]:
    return {
        "kind": "missed merge",
        "what": f"clusters {_listed(missed.cluster_ids)}",
        "accuracy": missed.accuracy,
        "change": missed.accuracy_if_merged - missed.accuracy,
        "details": f"unit {missed.unit_id}, if merged",
    }


def _label_row(report: CurationReport, label: WrongLabel) -> dict[str, Any]:
    unit = "no unit" if label.unit_id is None else f"unit {label.unit_id}"
    shares = f"precision {label.precision:.2f}, recall {label.recall:.2f}"
    return {
        "kind": "wrong label",
        "number": report.own_labels.get(label.cluster_id),
        "what": f"cluster {label.cluster_id} is labelled {label.group}",
        "details": f"{unit}, {shares}",
    }


def _time(time_s: float) -> str | None:
    if not time_s:
        return None
    moment = dt.datetime.fromtimestamp(time_s, dt.UTC).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S")
