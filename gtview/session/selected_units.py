"""Which units of the truth the selection is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .session import Session


def units_of_selection(session: Session) -> frozenset[int] | None:
    """Return the units that the selection is about: the selected one, and those of the clusters.

    Parameters
    ----------
    session
        What is open.

    Returns
    -------
    Positions in the truth; None: it is about no unit, or there is no truth (to be seen).
    """
    truth, state, scores = session.truth, session.selection.state, session.scores
    if truth is None:
        return None
    wanted = {state.unit_id}
    for cluster_id in state.shown_ids if scores is not None else ():
        match = None if scores is None else scores.unit_of_cluster(cluster_id)
        wanted.add(None if match is None else match.unit_id)
    places = frozenset(i for i, unit in enumerate(truth.unit_ids) if unit in wanted)
    return places or None
