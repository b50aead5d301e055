"""What curation changes, as one thing: which spike is where, and what each cluster is called."""

from __future__ import annotations

from dataclasses import dataclass

from .changes import Change
from .clustering import Clustering
from .labels import Labels


@dataclass(slots=True, eq=False)
class CurationState:
    """The clustering and the labels, as they are now."""

    clustering: Clustering
    labels: Labels

    def apply(self, change: Change) -> None:
        """Do what a change says; O(spikes that change), or nothing when it does not fit.

        Raises
        ------
        ValueError
            It was made for another state.
        """
        if change.spikes is not None:
            self.clustering.apply(change.spikes)
        self.labels.apply(change.labels)
