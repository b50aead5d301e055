"""Other sortings in the trace view: which of them have a lane, and the spikes that are in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .trace_layout import LANE_PX

if TYPE_CHECKING:
    from PyQt6.QtGui import QFontMetricsF

    from ..base.types import Int32Array, Int64Array
    from ..kernels.lines import UInt8Array
    from ..session.read_sorting import ReadSorting
    from .trace import TraceView

MOST_LANES = 3
# Of a small view they take no more than this share; of a lane's room a name no more than this.
_SHARE = 0.25
_NAME_PX = 90.0


@dataclass(frozen=True, slots=True, eq=False)
class OtherLane:
    """Spikes of another sorting in sight.

    Attributes
    ----------
    name
        Of the sorting.
    samples : int64 array, (n,)
        Increasing.
    states : uint8 array, (n,), or None
        By its own clusters; None: all its spikes are shown, or the states are not known (yet).
    """

    name: str
    samples: Int64Array
    states: UInt8Array | None


def shown_others(view: TraceView) -> tuple[ReadSorting, ...]:
    """Return the sortings that have a lane: those compared with the truth that may be seen."""
    session = view.session
    now = session.truth_access.current
    if now is None or not view.settings.has_lanes:
        return ()
    # Of another truth, or another distance of a match, until they are compared anew: none.
    fitting = [
        other
        for other in session.others.read
        if other.truth.facts is now.facts
        and other.truth.scores.delta_samples == now.scores.delta_samples
    ]
    most = int(_SHARE * view.canvas.height() / LANE_PX)
    return tuple(fitting[: min(most, MOST_LANES)])


def name_px(name: str, metrics: QFontMetricsF) -> float:
    """Return how wide the name of a lane may be; a longer one is cut."""
    return min(metrics.horizontalAdvance(name), _NAME_PX)


def find_lane(
    other: ReadSorting, units: frozenset[int] | None, samples: tuple[int, int], most: int
) -> OtherLane:
    """Return the spikes of a sorting from one sample up to another, which is not included.

    Parameters
    ----------
    other
        The sorting.
    units
        Positions of the units whose clusters are shown; None: all spikes, without states.
    samples
        First sample, and the one after the last.
    most
        So many marks of all spikes are enough: more could not be told apart.
    """
    of_spikes = other.truth.query.spike_samples
    if units is None:
        inside = (of_spikes >= samples[0]) & (of_spikes < samples[1])
        found = np.sort(of_spikes[inside].astype(np.int64))
        if len(found) > most:
            places = (found - samples[0]) * most // (samples[1] - samples[0])
            found = found[np.unique(places, return_index=True)[1]]
        return OtherLane(other.name, found, None)
    spike_ids = _spikes_of_units(other, units)
    times = of_spikes[spike_ids].astype(np.int64)
    inside = (times >= samples[0]) & (times < samples[1])
    spike_ids, times = spike_ids[inside], times[inside]
    order = np.argsort(times, kind="stable")
    known = other.truth.known_states
    states = None if known is None else known.sorted_states[spike_ids[order]]
    return OtherLane(other.name, times[order], states)


def _spikes_of_units(other: ReadSorting, units: frozenset[int]) -> Int32Array:
    """Return the spikes of the clusters that stand for some units."""
    query = other.truth.query
    wanted = {other.truth.scores.units[u].cluster_id for u in units}
    pairs = zip(query.cluster_ids, query.spikes, strict=True)
    parts = [spikes for cluster_id, spikes in pairs if cluster_id in wanted]
    return np.concatenate([np.empty(0, np.int32), *parts])
