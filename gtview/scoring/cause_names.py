"""The causes for which a true spike is not found, and the numbers by which they are told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Cause(IntEnum):
    """Why a true spike is not found in the cluster of its unit: the first of these that holds.

    - `NONE`: it is found.
    - `SPLIT`: it is in another cluster, of which no other unit is a large share.
    - `MERGED`: it is in a cluster that stands for another unit, or of which another unit is a
      large share.
    - `MISTIMED`: the unit's cluster has a spike that stands for nothing within 1 ms: it was seen,
      but too early or too late.
    - `REFRACTORY`: the unit's cluster has a spike that stands for another one within 1 ms: a
      sorter that forbids two spikes so near in one cluster drops one.
    - `COLLISION`: a spike of another unit that shares a channel comes within 2 ms.
    - `LOW_AMPLITUDE`: it is small at that moment, and lost spikes of the unit are smaller than
      found ones.
    - `MOTION`: the tissue is displaced as it is when the unit loses more spikes than otherwise.
    - `BEYOND_DETECTION`: the unit is too small for this sorter, or nobody holds much of it.
    - `UNEXPLAINED`: none of these.

    `MISTIMED` to `MOTION` count in a unit only where they matter: see `CauseRules.excess`.
    """

    NONE = 0
    SPLIT = 1
    MERGED = 2
    MISTIMED = 3
    REFRACTORY = 4
    COLLISION = 5
    LOW_AMPLITUDE = 6
    MOTION = 7
    BEYOND_DETECTION = 8
    UNEXPLAINED = 9


CAUSE_NAMES: dict[Cause, str] = {
    Cause.NONE: "found",
    Cause.SPLIT: "split off",
    Cause.MERGED: "with another unit",
    Cause.MISTIMED: "mistimed",
    Cause.REFRACTORY: "refractory",
    Cause.COLLISION: "collision",
    Cause.LOW_AMPLITUDE: "low amplitude",
    Cause.MOTION: "motion",
    Cause.BEYOND_DETECTION: "beyond detection",
    Cause.UNEXPLAINED: "unexplained",
}

CAUSE_HELP: dict[Cause, str] = {
    Cause.NONE: "In the cluster that stands for its unit.",
    Cause.SPLIT: "In another cluster, without a large share of any other unit.",
    Cause.MERGED: "In a cluster of another unit, or of several.",
    Cause.MISTIMED: "Its cluster has a spike within 1 ms that stands for nothing.",
    Cause.REFRACTORY: "Its cluster has another spike within 1 ms, which hid it.",
    Cause.COLLISION: "A spike of a neighbour comes within 2 ms.",
    Cause.LOW_AMPLITUDE: "Small at that moment, as the lost spikes of its unit are.",
    Cause.MOTION: "The tissue has moved to where the unit loses spikes.",
    Cause.BEYOND_DETECTION: "The unit is too small for the sorter, or hardly found at all.",
    Cause.UNEXPLAINED: "None of the known causes holds.",
}

# The causes that are conditions of single spikes, in the order of their bits in `conditions`.
CONDITIONS: tuple[Cause, ...] = (
    Cause.MISTIMED,
    Cause.REFRACTORY,
    Cause.COLLISION,
    Cause.LOW_AMPLITUDE,
    Cause.MOTION,
)


@dataclass(frozen=True, slots=True)
class CauseRules:
    """The numbers behind the causes.

    Attributes
    ----------
    collision_ms
        Largest distance of a spike that disturbs another one.
    own_ms
        Largest distance of a spike of the same cluster that hides another one, or that is the
        same one at a wrong time.
    excess
        A condition counts as a cause in a unit only if its spikes under it are lost at least so
        many times as often as its other spikes.
    """

    collision_ms: float = 2.0
    own_ms: float = 1.0
    excess: float = 1.5
