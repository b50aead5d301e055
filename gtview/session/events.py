"""The events of a session."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.events import Event
from ..scoring.thresholds import Thresholds
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
class StatesChanged(Event):
    """It is known what became of every spike under the scores as they are now."""


@dataclass(frozen=True, slots=True)
class SizesMeasured(Event):
    """The sizes of the true spikes are known now: causes can be told anew."""


@dataclass(frozen=True, slots=True)
class ThresholdsChanged(Event):
    """The categories begin elsewhere now; `ScoresChanged` was told before."""

    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class DeltaChanged(Event):
    """Somebody asks for another largest distance of a match; new scores follow."""

    delta_ms: float


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


@dataclass(frozen=True, slots=True)
class SplitProposed(Event):
    """Another split is proposed, or none any more; see `session.splitting`."""


@dataclass(frozen=True, slots=True)
class GainsChanged(Event):
    """It is known what some actions did to the scores; `numbers` are those of the actions."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BlindChanged(Event):
    """The ground truth is hidden now, or shown again; see `Session.blind`."""


@dataclass(frozen=True, slots=True)
class TableOrderChanged(Event):
    """The table of clusters is sorted otherwise; see `Session.table_order`."""


@dataclass(frozen=True, slots=True)
class SortingsChanged(Event):
    """Other sortings stand beside this one; see `session.others`."""


@dataclass(frozen=True, slots=True)
class SortingsRead(Event):
    """Other sortings were read and scored; see `session.others.read`."""


@dataclass(frozen=True, slots=True)
class WizardChanged(Event):
    """The wizard goes another way: another order, or other clusters are skipped."""
