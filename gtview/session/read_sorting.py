"""The spikes of another sorting of the recording that is open, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass

from .spike_truth import SpikeTruth


@dataclass(frozen=True, slots=True, eq=False)
class ReadSorting:
    """Another export that was read and scored.

    Attributes
    ----------
    name
        What the sorting is called.
    truth
        Its spikes and scores; tells what became of each spike when it is asked.
    """

    name: str
    truth: SpikeTruth

    def takes_states(self, before: ReadSorting | None) -> ReadSorting:
        """Return it with the states that were known before, where they still hold."""
        if before is not None and before.truth.facts is self.truth.facts:
            self.truth.take_states(before.truth)
        return self
