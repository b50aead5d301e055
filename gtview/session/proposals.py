"""A split that is not done yet: its parts, the clusters that it touches, and its sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..base.types import Int32Array

# More clusters than this are counted, not named.
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Spikes that could not be judged, by cluster, and why: "without features"."""

    counts: Mapping[int, int] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """One cluster that would be split.

    Attributes
    ----------
    cluster_id, n_spikes
        The cluster, and all of its spikes.
    counts
        Its spikes in each part.
    n_left_out
        Those that could not be judged, and stay.
    """

    cluster_id: int
    n_spikes: int
    counts: tuple[int, ...]
    n_left_out: int = 0

    @property
    def n_staying(self) -> int:
        """Spikes that are in no part."""
        return self.n_spikes - sum(self.counts)


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A split that is not done yet.

    Attributes
    ----------
    parts : int32 arrays, (n,), read-only
        Spikes of each new cluster, by increasing id; no spike is in two.
    touched
        The clusters that they are of, by id.
    color_ids
        Place of each part in the colour list: colours that no selected cluster has.
    source
        Whoever proposed it.
    source_text
        How it was made: "lasso in Features".
    why_left_out
        Why some spikes could not be judged: "without features".
    time_window_s
        What the views are restricted to, while the proposal is not.
    base
        The suggestion that a line was drawn into; None: there was none.
    """

    parts: tuple[Int32Array, ...]
    touched: tuple[Touched, ...]
    color_ids: tuple[int, ...]
    source: object = None
    source_text: str = ""
    why_left_out: str = ""
    time_window_s: tuple[float, float] | None = None
    base: Proposal | None = None

    @property
    def cluster_ids(self) -> tuple[int, ...]:
        """The clusters that would be split."""
        return tuple(touched.cluster_id for touched in self.touched)

    @property
    def n_spikes(self) -> int:
        """Spikes in the parts."""
        return sum(map(len, self.parts))

    @property
    def n_left_out(self) -> int:
        """Spikes of these clusters that could not be judged, and stay."""
        return sum(touched.n_left_out for touched in self.touched)

    @property
    def sentence(self) -> str:
        """What would happen, such as "1,204 of 5,120 spikes of cluster 12"."""
        return ", ".join(filter(None, (self._counted(), *self._exceptions())))

    def part_of(self, spike_ids: Int32Array) -> Int32Array:
        """Return in which part each of some spikes is, int32, (n,); -1: in none."""
        owner = np.full(len(spike_ids), -1, np.int32)
        for k, part in enumerate(self.parts):
            places = np.searchsorted(part, spike_ids)
            places[places == len(part)] = 0
            owner[part[places] == spike_ids] = k
        return owner

    def _counted(self) -> str:
        if len(self.touched) > _MOST_NAMED:
            n_all = sum(touched.n_spikes for touched in self.touched)
            into = f", in {len(self.parts)} parts" if len(self.parts) > 1 else ""
            return f"{self.n_spikes:,} of {n_all:,} spikes of {len(self.touched)} clusters{into}"
        if len(self.parts) == len(self.touched) == 1 and not self.touched[0].n_staying:
            return f"all {self.n_spikes:,} spikes of cluster {self.touched[0].cluster_id}"
        if len(self.parts) == 1:
            shares = [
                f"{t.counts[0]:,} of {t.n_spikes:,} {'of' if k else 'spikes of'} "
                f"cluster {t.cluster_id}"
                for k, t in enumerate(self.touched)
            ]
            return listed(shares)
        ids = listed([str(i) for i in self.cluster_ids])
        of = "cluster" if len(self.touched) == 1 else "clusters"
        sizes = listed([f"{len(part):,}" for part in self.parts])
        return f"{of} {ids} in {len(self.parts)} parts of {sizes} spikes"

    def _exceptions(self) -> Iterator[str]:
        n_other = sum(touched.n_staying for touched in self.touched) - self.n_left_out
        if len(self.parts) > 1 and n_other:
            yield f"{n_other:,} more stay"
        if self.n_left_out:
            verb = "stays" if self.n_left_out == 1 else "stay"
            yield f"{self.n_left_out:,} {self.why_left_out} {verb}"
        if self.time_window_s is not None:
            start, stop = self.time_window_s
            yield f"also outside of {start:,.4g} to {stop:,.4g} s"


def listed(texts: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
