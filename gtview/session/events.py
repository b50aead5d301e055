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


@dataclass(frozen=True, slots=True)
class LabelsChanged(Event):
    """Labels of clusters changed; new clusters that inherited theirs are among them."""

    cluster_ids: tuple[int, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryChanged(Event):
    """An action was done, taken back or done again, or is safe on the disk now."""


@dataclass(frozen=True, slots=True)
class SaveChanged(Event):
    """Saving began, ended, or failed; see `session.curation`."""


@dataclass(frozen=True, slots=True)
class QualityChanged(Event):
    """Measurements of clusters are there, or are new."""

    cluster_ids: tuple[int, ...]
