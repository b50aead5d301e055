"""What is selected, as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..data.ground_truth import UnitId

if TYPE_CHECKING:
    from ..base.events import EventBus
    from .highlighting import Highlight


@dataclass(frozen=True, slots=True)
class SelectionState:
    """Ids of the selected things.

    Attributes
    ----------
    cluster_ids
        Chosen in the cluster table, in the order of choosing.
    similar_ids
        Chosen in the similarity table.
    unit_id
        The ground-truth unit looked at.
    channel_ids
        Channels chosen by the user; empty: chosen automatically.
    feature
        Channel and component (0 is the first) looked at over time; None: the best channel's first.
    time_window_s
        Every view is restricted to it; None: the whole recording.
    trace_s
        From when to when the trace view shows the recording; None: it was not asked yet.
    color_ids
        Place in the colour list of each of `shown_ids`; a cluster keeps its colour while it stays
        selected.
    highlight
        Spikes that every view shows above all others, until other clusters or another unit are
        selected; compared by identity. None: none.
    """

    cluster_ids: tuple[int, ...] = ()
    similar_ids: tuple[int, ...] = ()
    unit_id: UnitId | None = None
    channel_ids: tuple[int, ...] = ()
    time_window_s: tuple[float, float] | None = None
    color_ids: tuple[int, ...] = ()
    feature: tuple[int, int] | None = None
    trace_s: tuple[float, float] | None = None
    highlight: Highlight | None = None

    @property
    def shown_ids(self) -> tuple[int, ...]:
        """Clusters that views show: those of the table, then the similar ones."""
        return self.cluster_ids + self.similar_ids

    def color_of(self, cluster_id: int) -> int | None:
        """Return the place in the colour list of a selected cluster; None when not selected."""
        shown = self.shown_ids
        return self.color_ids[shown.index(cluster_id)] if cluster_id in shown else None


def _without_repeats(ids: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(ids))


def _color(before: SelectionState, shown: tuple[int, ...]) -> tuple[int, ...]:
    """Give each cluster its colour of before, and each new one the first free colour."""
    had = dict(zip(before.shown_ids, before.color_ids, strict=True))
    kept = {had[i] for i in shown if i in had}
    free = (color for color in range(len(shown) + len(kept)) if color not in kept)
    return tuple(had[i] if i in had else next(free) for i in shown)


def with_channel(
    chosen: tuple[int, ...], channel_id: int, place: int, first: int | None = None
) -> tuple[int, ...]:
    """Return the chosen channels with one more; one that is already there goes back to automatic.

    Parameters
    ----------
    chosen
        Channels of before; () when they are chosen automatically.
    channel_id
        The channel to choose.
    place
        0: as the first; 1: as the second.
    first
        The first channel when it is chosen automatically and a second one is asked for.
    """
    if chosen[place : place + 1] == (channel_id,):
        return chosen[:place] + chosen[place + 1 : 2]
    if place == 0:
        return (channel_id, *(c for c in chosen[1:2] if c != channel_id))
    before = chosen[:1] or (() if first is None else (first,))
    return (*(c for c in before if c != channel_id), channel_id)


_HIGHLIGHTED_OF = ("cluster_ids", "similar_ids", "unit_id")


class Selection:
    """The only place where the selection is held and changed."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self.state = SelectionState()

    def restore(self, state: SelectionState, *, source: object = None) -> None:
        """Take over a whole selection with its colours, as it was before a reload."""
        from .events import SelectionChanged

        before = self.state
        if state != before:
            self.state = state
            self._bus.publish(SelectionChanged(before, state, source))

    def update(self, *, source: object = None, **changes: Any) -> None:
        """Replace some fields, and tell it once, if anything really changes.

        A cluster given both as chosen and as similar counts as chosen. Spikes stay highlighted
        while the clusters and the unit stay.
        """
        from .events import SelectionChanged

        before = self.state
        after = replace(before, **changes)
        chosen = _without_repeats(tuple(after.cluster_ids))
        similar = tuple(i for i in _without_repeats(tuple(after.similar_ids)) if i not in chosen)
        after = replace(
            after,
            cluster_ids=chosen,
            similar_ids=similar,
            color_ids=_color(before, chosen + similar),
        )
        is_other = any(getattr(after, f) != getattr(before, f) for f in _HIGHLIGHTED_OF)
        if is_other and "highlight" not in changes:
            after = replace(after, highlight=None)
        if after != before:
            self.state = after
            self._bus.publish(SelectionChanged(before, after, source))
