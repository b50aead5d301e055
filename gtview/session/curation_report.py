"""What a curation did to the scores, action by action, and which of its decisions were wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int64Array
from ..curation.labels import GROUP, NOISE
from ..scoring.rescoring import ScoreDelta, compare_scores
from ..scoring.verdicts import (
    MissedMerge,
    WrongLabel,
    WrongMerge,
    find_missed_merges,
    find_wrong_labels,
    judge_merge,
)
from .gains import Step, Walk

if TYPE_CHECKING:
    from ..curation.history import Entry
    from ..scoring.results import Scores
    from .scoring import ScoringQuery
    from .session import Session


@dataclass(frozen=True, slots=True, eq=False)
class ReportQuery:
    """A snapshot of what a report is made from; safe to hand to a thread.

    Attributes
    ----------
    name
        The export.
    walk
        The actions, and the clusters as they are now.
    position
        How many of the actions the report is about, from the first; at most those done now.
    groups
        Group of each cluster behind the last of these actions.
    own_labels
        Clusters whose group one of these actions set, by number of the action.
    """

    name: str
    walk: Walk
    position: int
    groups: dict[int, str]
    own_labels: dict[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class ReportedAction:
    """One action, what it did to the scores, and whether it was a wrong merge."""

    entry: Entry
    gain: ScoreDelta
    wrong_merge: WrongMerge | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CurationReport:
    """What a curation did.

    Attributes
    ----------
    name
        The export.
    before, after
        Scores of the sorter's clusters, and of those behind the last action.
    actions
        All that were done and not taken back, the first first.
    missed_merges
        See `find_missed_merges`; clusters labelled as noise are left out.
    wrong_labels
        See `find_wrong_labels`.
    own_labels
        Clusters whose group was set by an action, by its number; others had it from the sorter,
        or from the clusters that they were made of.
    """

    name: str
    before: Scores
    after: Scores
    actions: tuple[ReportedAction, ...]
    missed_merges: tuple[MissedMerge, ...]
    wrong_labels: tuple[WrongLabel, ...]
    own_labels: dict[int, int]

    @property
    def wrong_merges(self) -> tuple[ReportedAction, ...]:
        """The actions that joined different units; see `judge_merge`."""
        return tuple(action for action in self.actions if action.wrong_merge is not None)


def report_query(session: Session, *, saved: bool = False) -> ReportQuery:
    """Take a snapshot, in the thread of the session.

    Parameters
    ----------
    session
        With a ground truth that is not hidden.
    saved
        Report the state of the last save, and not what was done since.

    Raises
    ------
    UsageError
        There is no ground truth, it is hidden, or the saved state is not in the history.
    """
    if session.blind:
        raise UsageError("The ground truth is hidden: show it first.")
    history = session.curation.history
    position = history.saved_position if saved else history.position
    if position is None or position > history.position:
        raise UsageError(
            "What was saved last has been taken back since: ask for the state that is not saved."
        )
    done = history.entries[:position]
    return ReportQuery(
        session.dataset.folder.name,
        session.gains.walk(),
        position,
        _groups_at(session, position),
        {d.cluster_id: e.number for e in done for d in _own_labels(e)},
    )


def _own_labels(entry: Entry) -> Iterator:  # type: ignore[type-arg]
    """Give the groups that an action set on purpose, not those that new clusters inherited."""
    for diff in entry.change.labels:
        is_own = entry.change.operation == "label" or diff.after == NOISE
        if diff.field == GROUP and diff.after is not None and is_own:
            yield diff


def _groups_at(session: Session, position: int) -> dict[int, str]:
    history = session.curation.history
    groups = dict(session.curation.labels.properties.values(GROUP))
    for entry in reversed(history.entries[position : history.position]):
        for diff in reversed(entry.change.labels):
            if diff.field != GROUP:
                continue
            if diff.before is None:
                groups.pop(diff.cluster_id, None)
            else:
                groups[diff.cluster_id] = diff.before
    return {i: str(value) for i, value in groups.items()}


def make_report(query: ReportQuery) -> CurationReport:
    """Score every action again, and judge it; for a thread: a fraction of a second an action."""
    from .scoring import up_to_date

    steps = query.walk.backward()
    end = up_to_date(query.walk.query)
    for _ in range(query.walk.position - query.position):
        end = next(steps).before
    start, actions = end, []
    for step in steps:
        actions.append(_judge(step))
        start = step.before
    assert start.known is not None
    assert end.known is not None
    noise = {i for i, group in query.groups.items() if group.lower() == NOISE}
    trains = _Trains(end)
    return CurationReport(
        query.name,
        start.known,
        end.known,
        tuple(reversed(actions)),
        find_missed_merges(end.known, end.truth.train, trains.of, noise),
        find_wrong_labels(end.known, query.groups, is_partial=end.truth.is_partial),
        query.own_labels,
    )


def _judge(step: Step) -> ReportedAction:
    before, after = step.scores
    change = step.entry.change
    wrong = judge_merge(before, change.removed) if change.operation == "merge" else None
    return ReportedAction(step.entry, compare_scores(before, after), wrong)


class _Trains:
    """Gives the samples of the clusters of a snapshot."""

    def __init__(self, query: ScoringQuery) -> None:
        self._samples = query.spike_samples
        self._spikes = dict(zip(query.cluster_ids, query.spikes, strict=True))

    def of(self, cluster_id: int) -> Int64Array:
        return np.asarray(self._samples[self._spikes[cluster_id]], np.int64)
