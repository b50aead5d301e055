"""Spikes of clusters told apart by colour: parts of a split, states, and highlighted ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base.types import Int32Array, Int64Array
from ..qt.theme import cluster_rgb

if TYPE_CHECKING:
    from ..qt.theme import Theme
    from ..session.highlighting import Highlight
    from ..session.proposals import Proposal
    from ..session.session import Session
    from .state_colors import StateColors

Color = tuple[int, int, int]
Where = slice | Int64Array
# Dots of highlighted spikes are so many times as large as the others.
ON_TOP_SIZE = 1.4


class Part(NamedTuple):
    """Where some spikes are among those of a cluster, and their colour."""

    where: Where
    rgb: Color
    is_on_top: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What tells spikes of a cluster apart; a snapshot for threads.

    Attributes
    ----------
    proposal
        A split that is proposed.
    highlight
        Spikes that are shown once more, above all others.
    highlight_rgb
        Their colour.
    states
        Colours by what became of the spikes; None: all of a cluster have its colour.
    """

    proposal: Proposal | None = None
    highlight: Highlight | None = None
    highlight_rgb: Color = (255, 255, 255)
    states: StateColors | None = None

    @classmethod
    def of(cls, session: Session, theme: Theme, states: StateColors | None = None) -> Parts:
        """Take a snapshot of a session."""
        red, green, blue, _ = theme.color("text").getRgb()
        rgb = int(red or 0), int(green or 0), int(blue or 0)
        return cls(session.splitting.proposal, session.selection.state.highlight, rgb, states)

    def divide(self, spike_ids: Int32Array, rgb: Color) -> Iterator[Part]:
        """Yield the spikes of a cluster that stay, those of each proposed part, the highlighted.

        Without a proposal and a highlight that touch them: all of them, in the cluster's colour,
        or those of each state in the colour of the state.
        """
        yield from self._proposed(spike_ids, rgb)
        if self.highlight is not None:
            where = self.highlight.places_in(spike_ids)
            if len(where):
                yield Part(where, self.highlight_rgb, True)

    def _proposed(self, spike_ids: Int32Array, rgb: Color) -> Iterator[Part]:
        owner = None if self.proposal is None else self.proposal.part_of(spike_ids)
        if self.proposal is None or owner is None or not (owner >= 0).any():
            if self.states is None:
                yield Part(slice(None), rgb)
            else:
                yield from (Part(where, color) for where, color in self.states.divide(spike_ids))
            return
        stays = np.flatnonzero(owner < 0)
        if len(stays):
            yield Part(stays, rgb)
        for k, color_id in enumerate(self.proposal.color_ids):
            where = np.flatnonzero(owner == k)
            if len(where):
                yield Part(where, cluster_rgb(color_id))


NO_PARTS = Parts()
