"""Spikes coloured by what became of them: which are found, false, elsewhere, and which missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..scoring.states import SpikeState
from .spike_marks import STATE_NAMES, state_rgb

if TYPE_CHECKING:
    from ..base.types import Int32Array, Int64Array
    from ..session.spike_truth import SpikeTruth

Color = tuple[int, int, int]
NO_PLACE = "not drawn: no sorted spike has their place"
# Those of sorted spikes.
SORTED_STATES = (SpikeState.FOUND, SpikeState.ELSEWHERE, SpikeState.FALSE, SpikeState.UNKNOWN)
# In a legend.
LEGEND_STATES = (*SORTED_STATES[:3], SpikeState.MISSED, SpikeState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class StateCounts:
    """How many spikes of each state there are.

    `missed` says what is drawn of missed ones; `n_away` true spikes of the units are in clusters
    that are not theirs.
    """

    counts: tuple[tuple[int, int], ...]
    missed: str = ""
    n_away: int = 0

    def text(self) -> str:
        """Return "812 found, 20 elsewhere, 3 missed (no place here)"."""
        parts = [f"{n:,} {STATE_NAMES[state]}" for state, n in self.counts if n]
        is_missing = self.missed and any(s == SpikeState.MISSED and n for s, n in self.counts)
        text = ", ".join(parts) + (f" ({self.missed})" if is_missing else "")
        return f"{text}, {self.n_away:,} of the unit in other clusters" if self.n_away else text


@dataclass(frozen=True, slots=True, eq=False)
class StateColors:
    """Tells the spikes of a state from others; for a thread, which may have to match them first.

    Attributes
    ----------
    truth
        What became of the spikes.
    units
        Positions of the units whose missed spikes belong to what is shown.
    window_s
        The part of time that is shown; None: all.
    """

    truth: SpikeTruth
    units: tuple[int, ...] = ()
    window_s: tuple[float, float] | None = None

    def divide(self, spike_ids: Int32Array) -> Iterator[tuple[Int64Array, Color]]:
        """Yield where the spikes of each state are, and its colour."""
        states = self.truth.states().sorted_states[spike_ids]
        for state in SORTED_STATES:
            where = np.flatnonzero(states == state)
            if len(where):
                yield where, state_rgb(state)

    def missed(self) -> Iterator[tuple[int, Int64Array]]:
        """Yield each unit, and positions of its missed spikes in the samples of the truth."""
        yield from self._lost(SpikeState.MISSED)

    def _lost(self, state: SpikeState) -> Iterator[tuple[int, Int64Array]]:
        facts, states = self.truth.facts, self.truth.states().true_states
        offsets = facts.truth.offsets
        for unit in self.units:
            first, stop = int(offsets[unit]), int(offsets[unit + 1])
            at = first + np.flatnonzero(states[first:stop] == state)
            if self.window_s is not None:
                low, high = (t * facts.sample_rate_hz for t in self.window_s)
                samples = facts.truth.spike_samples[at]
                at = at[(samples >= low) & (samples < high)]
            yield unit, at

    def count(self, spikes: Iterable[Int32Array], missed: str = "") -> StateCounts:
        """Count the states of the spikes that are shown, and the missed ones."""
        states = self.truth.states().sorted_states
        n = np.zeros(len(SpikeState), np.int64)
        for spike_ids in spikes:
            n += np.bincount(states[spike_ids], minlength=len(SpikeState))
        n[SpikeState.MISSED] = sum(len(at) for _, at in self.missed())
        n_away = sum(len(at) for _, at in self._lost(SpikeState.ELSEWHERE))
        return StateCounts(tuple((int(s), int(n[s])) for s in LEGEND_STATES), missed, n_away)
