"""The line at the bottom of the window: what is selected, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence

from ..base.wording import listed
from ..session.session import Session
from ..views.wording import seconds_text

SEPARATOR = "   |   "


def describe_selection(session: Session) -> str:
    """Return "2 clusters, 1,237 spikes | unit 4: accuracy 0.79"."""
    parts = [_clusters(session)]
    window_s = session.selection.state.time_window_s
    if window_s is not None:
        parts.append(f"only {seconds_text(window_s)}")
    unit = _unit(session)
    if unit:
        parts.append(unit)
    return SEPARATOR.join(parts)


def describe_unknown(cluster_ids: Sequence[int]) -> str:
    """Say which clusters do not exist."""
    which = "is no cluster" if len(cluster_ids) == 1 else "are no clusters"
    return f"There {which} {listed(cluster_ids)} to select."


def _clusters(session: Session) -> str:
    shown = session.selection.state.shown_ids
    if not shown:
        return "nothing selected"
    n_spikes = sum(session.clustering.n_spikes_of(i) for i in shown)
    name = f"cluster {shown[0]}" if len(shown) == 1 else f"{len(shown)} clusters"
    return f"{name}, {n_spikes:,} spikes"


def _unit(session: Session) -> str:
    if session.truth is None:
        return ""
    if session.scores is None:
        return "scoring against the ground truth…"
    unit_id = session.matched_unit()
    for unit in session.scores.units:
        if unit.unit_id == unit_id:
            text = f"unit {unit_id}: {unit.category.replace('_', ' ')}"
            return f"{text}, accuracy {unit.accuracy:.2f}, recall {unit.recall:.2f}"
    return "no unit of the ground truth matches"
