"""From one missed or false spike to the next, in the trace view."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np

from ..scoring.states import SpikeState
from ..session.selected_units import units_of_selection
from .trace_navigation import TraceNavigation

if TYPE_CHECKING:
    from ..base.types import Int64Array
    from ..scoring.states import SpikeStates
    from ..session.session import Session
    from .trace_layout import TimeWindow

SELECT_FIRST = "select a unit or a cluster first"


class TraceErrors(TraceNavigation):
    """Goes to the spikes of the selection that are missed or false, one after another."""

    # The place of the spike that was gone to, and what is told there.
    _told: tuple[float, str] | None = None

    @property
    def can_show_errors(self) -> bool:
        """Whether there is a ground truth that may be seen."""
        return self.session.truth is not None

    def go_to_next_missed(self) -> None:
        """Go to the next spike of the selected unit that nobody found."""
        self._ask_error(SpikeState.MISSED, 1)

    def go_to_previous_missed(self) -> None:
        """Go to the spike before that nobody found."""
        self._ask_error(SpikeState.MISSED, -1)

    def go_to_next_false(self) -> None:
        """Go to the next spike of the selected clusters that is none of the truth."""
        self._ask_error(SpikeState.FALSE, 1)

    def go_to_previous_false(self) -> None:
        """Go to the spike before that is none of the truth."""
        self._ask_error(SpikeState.FALSE, -1)

    def change(self, **values: Any) -> None:
        self.set_note("")
        super().change(**values)

    def show_window(self, window: TimeWindow) -> None:
        # What was told of another place is no news here.
        self.set_note("")
        super().show_window(window)

    def error_text(self) -> str:
        """Say which of how many errors is in the middle; "" when it is none that was gone to."""
        if self._told is None or abs(self._now().middle_s - self._told[0]) > 1e-6:
            return ""
        return self._told[1]

    # Behind it -----------------------------------------------------------------------------

    def _ask_error(self, state: SpikeState, step: int) -> None:
        truth = self.session.truth_access.current
        if truth is None:
            self.set_note("the spikes are not compared with the truth yet")
            return
        if truth.known_states is not None:
            self._go_to_error(truth.known_states, state, step)
            return
        # The first time after a change: every spike is matched first.
        self.context.pool.run(
            truth.states, lambda states: self._go_to_error(states, state, step), self._on_failed
        )

    def _go_to_error(self, states: SpikeStates, state: SpikeState, step: int) -> None:
        if not self._unsubscribe:
            return  # closed while the spikes were matched
        found = find_errors(self.session, states, state)
        if found is None or not len(found):
            self.set_note(SELECT_FIRST if found is None else _nothing(self.session, states, state))
            return
        self.set_note("")
        rate = self.session.dataset.sample_rate_hz
        now = round(self._now().middle_s * rate)
        k = bisect_right(found, now) if step > 0 else bisect_left(found, now) - 1
        # Around the ends: what was looked at last is soon found again.
        k %= len(found)
        at_s = int(found[k]) / rate
        name = "missed" if state == SpikeState.MISSED else "false"
        self._told = at_s, f"{name} spike {k + 1:,} of {len(found):,}"
        self._show_exactly(at_s)


def find_errors(session: Session, states: SpikeStates, state: SpikeState) -> Int64Array | None:
    """Return when the missed or false spikes of the selection are, in samples, increasing.

    Missed ones are those of the units that are selected or found best by the selected clusters.
    None: nothing is selected that could have some.
    """
    if state != SpikeState.FALSE:
        return _true_spikes(session, states, state)
    clusters = session.shown_clusters()
    if not clusters:
        return None
    ids = np.concatenate([c.spike_ids for c in clusters])
    ids = ids[states.sorted_states[ids] == state]
    return np.sort(session.dataset.spike_samples[ids].astype(np.int64))


def _true_spikes(session: Session, states: SpikeStates, state: SpikeState) -> Int64Array | None:
    truth, units = session.truth, units_of_selection(session)
    if truth is None or units is None:
        return None
    ranges = [(int(truth.offsets[u]), int(truth.offsets[u + 1])) for u in units]
    found = [
        truth.spike_samples[first:stop][states.true_states[first:stop] == state]
        for first, stop in ranges
    ]
    return np.sort(np.concatenate(found).astype(np.int64))


def _nothing(session: Session, states: SpikeStates, state: SpikeState) -> str:
    """Say that there is no such spike; and where spikes of the unit are instead."""
    if state == SpikeState.FALSE:
        return "no spike of the selected clusters is false"
    away = _true_spikes(session, states, SpikeState.ELSEWHERE)
    more = f"; {len(away):,} are in other clusters" if away is not None and len(away) else ""
    return f"no spike of this unit is missed{more}"
