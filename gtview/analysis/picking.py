"""Which spikes of some clusters lie on one side of a line that was drawn: all of them, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..base.types import BoolArray, Float64Array, Int32Array
from ..kernels.polygons import points_in_polygon


class Region(Protocol):
    """A part of a plane."""

    def contains(self, x: NDArray[Any], y: NDArray[Any]) -> BoolArray:
        """Return which points, (n,) each, lie in it; never those that are not numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """The inside of a closed line, by the even-odd rule; `corners` are float64, (n, 2)."""

    corners: Float64Array

    def contains(self, x: NDArray[Any], y: NDArray[Any]) -> BoolArray:
        """Return which points lie in it."""
        return points_in_polygon(x, y, self.corners)


@dataclass(frozen=True, slots=True)
class HalfPlane:
    """What lies above a horizontal line, or below it; the line itself lies above."""

    limit: float
    is_above: bool

    def contains(self, x: NDArray[Any], y: NDArray[Any]) -> BoolArray:
        """Return which points lie in it."""
        is_beyond = y >= self.limit if self.is_above else y < self.limit
        inside: BoolArray = is_beyond & np.isfinite(x)
        return inside


class Judge(Protocol):
    """Tells which spikes belong to what was drawn."""

    @property
    def why_left_out(self) -> str:
        """Why a spike cannot be judged: "without features"."""

    @property
    def chunk(self) -> int:
        """Spikes that are judged between two chances to stop."""

    def judge(self, spike_ids: Int32Array, cluster: int) -> tuple[Int32Array, BoolArray]:
        """Return the spikes that could be judged, int32 (n,), and which of them belong to it.

        `cluster` is the place of their cluster among those that are asked about.
        """


class Plane(Protocol):
    """Two numbers of each spike."""

    @property
    def why_left_out(self) -> str:
        """Why a spike has no place: "without features"."""

    @property
    def chunk(self) -> int:
        """Spikes that are read between two chances to stop."""

    def points(
        self, spike_ids: Int32Array, cluster: int
    ) -> tuple[Int32Array, NDArray[Any], NDArray[Any]]:
        """Return spikes, x and y, (n,) each; a spike with a NaN has no place."""


class PlaneJudge:
    """Judges spikes by where they lie in a plane."""

    def __init__(self, plane: Plane, region: Region) -> None:
        self._plane, self._region = plane, region
        self.why_left_out, self.chunk = plane.why_left_out, plane.chunk

    def judge(self, spike_ids: Int32Array, cluster: int) -> tuple[Int32Array, BoolArray]:
        """Return the spikes that have a place, and which of them lie in the region."""
        found, x, y = self._plane.points(spike_ids, cluster)
        is_in = self._region.contains(x, y)
        has = np.isfinite(x) & np.isfinite(y)
        return (found, is_in) if has.all() else (found[has], is_in[has])


@dataclass(frozen=True, slots=True, eq=False)
class PickQuery:
    """What is asked: the judge, and all spikes of each cluster, int32 (n_spikes,), by id."""

    judge: Judge
    cluster_ids: tuple[int, ...]
    spike_ids: tuple[Int32Array, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """The answer, or how far it is.

    Attributes
    ----------
    spike_ids : int32 array, (n,)
        Those that belong to it; empty before the end.
    left_out
        Spikes that could not be judged, by cluster.
    why_left_out
        Why not.
    n_inside, n_read, n_all
        Found so far, looked at so far, and asked for.
    is_full
        Whether all were looked at.
    """

    spike_ids: Int32Array
    left_out: dict[int, int]
    why_left_out: str
    n_inside: int
    n_read: int
    n_all: int
    is_full: bool


def pick_spikes(query: PickQuery) -> Iterator[Picked]:
    """Judge every spike of some clusters.

    Yields
    ------
    Picked
        How far it is, and the answer at the end.

    Raises
    ------
    DatasetError
        What is needed cannot be read.
    """
    n_all = sum(map(len, query.spike_ids))
    left_out = dict.fromkeys(query.cluster_ids, 0)
    parts = [np.empty(0, np.int32)]
    n_read = n_inside = 0
    for place, (cluster_id, spikes) in enumerate(
        zip(query.cluster_ids, query.spike_ids, strict=True)
    ):
        for start in range(0, len(spikes), query.judge.chunk):
            asked = spikes[start : start + query.judge.chunk]
            judged, is_in = query.judge.judge(asked, place)
            parts.append(judged[is_in])
            left_out[cluster_id] += len(asked) - len(judged)
            n_read += len(asked)
            n_inside += len(parts[-1])
            why = query.judge.why_left_out
            if n_read < n_all:
                yield Picked(parts[0], left_out, why, n_inside, n_read, n_all, False)
    spike_ids = np.concatenate(parts)
    yield Picked(spike_ids, left_out, query.judge.why_left_out, n_inside, n_read, n_all, True)
