"""The events of a session."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.events import Event
from .selection import SelectionState


@dataclass(frozen=True, slots=True)
class SelectionChanged(Event):
    """Something else is selected. `source` is whoever asked for it."""

    before: SelectionState
    after: SelectionState
    source: object = None

    def touches(self, *fields: str) -> bool:
        """Whether at least one of these fields has another value than before."""
        return any(getattr(self.before, f) != getattr(self.after, f) for f in fields)


@dataclass(frozen=True, slots=True)
class ClusteringChanged(Event):
    """Spikes changed cluster."""

    added: tuple[int, ...]
    removed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DatasetChanged(Event):
    """A part of the dataset that was missing is known now: the raw file, or the gain."""


@dataclass(frozen=True, slots=True)
class ScoresChanged(Event):
    """The scores against the ground truth are there, or are new."""
