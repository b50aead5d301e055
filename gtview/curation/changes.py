"""What an action changes: spikes and labels before and after; every change can be reversed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..base.types import Int32Array
from ..data.tables import PropertyValue
from ..kernels.grouping import count_values
from .clustering import ClusterDiff


@dataclass(frozen=True, slots=True)
class LabelDiff:
    """Value of one field of one cluster before and after; None: it has none."""

    field: str
    cluster_id: int
    before: PropertyValue | None
    after: PropertyValue | None

    def reversed(self) -> LabelDiff:
        """Return the change that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class Clash:
    """Parents of a new cluster had different labels: which one it got, and from whom.

    `values` are the labels of the parents by cluster id.
    """

    field: str
    cluster_id: int
    value: PropertyValue
    taken_from: int
    values: tuple[tuple[int, PropertyValue], ...]

    @property
    def sentence(self) -> str:
        """What to tell the user."""
        said = ", ".join(f"{value} for {cluster}" for cluster, value in self.values)
        return (
            f"The {self.field} of cluster {self.cluster_id} is {self.value}, as that of its "
            f"largest labelled part, {self.taken_from} ({said})."
        )


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One action.

    Attributes
    ----------
    operation
        `merge`, `split`, `label`, `discard`, `rename` or `restore`.
    name
        For "Undo ...": "Merge of 12, 15".
    spikes
        Spikes that change cluster; None: none do.
    labels
        Labels that change, those that new clusters inherit included.
    added, removed
        Clusters that begin and cease to exist.
    clashes
        Labels of parents that differed.
    """

    operation: str
    name: str
    spikes: ClusterDiff | None = None
    labels: tuple[LabelDiff, ...] = ()
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    clashes: tuple[Clash, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return self.spikes is None and not self.labels

    @property
    def touched(self) -> tuple[int, ...]:
        """Clusters that it adds, removes or labels, increasing."""
        labelled = (diff.cluster_id for diff in self.labels)
        return tuple(sorted({*self.added, *self.removed, *labelled}))

    def reversed(self) -> Change:
        """Return the change that takes this one back."""
        return replace(
            self,
            spikes=None if self.spikes is None else self.spikes.reversed(),
            labels=tuple(diff.reversed() for diff in reversed(self.labels)),
            added=self.removed,
            removed=self.added,
            clashes=(),
        )


def clusters_in(values: Int32Array) -> tuple[int, ...]:
    """Return the different clusters of an assignment, increasing."""
    return tuple(count_values(values)[0].tolist())
