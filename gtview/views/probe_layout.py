"""Where contacts, clusters and units lie on the map of the probe; knows no pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..base.types import Float64Array, Int32Array
from ..data.dataset import Channels

# Contacts are drawn no larger than this share of the way to the next one.
_PITCH_SHARE = 0.85
_CHUNK = 512


@dataclass(frozen=True, slots=True, eq=False)
class ProbeMap:
    """Contacts of a probe, its shanks apart.

    Attributes
    ----------
    channels
        Positions as in the export.
    contacts_um : float64 array, (n_channels, 2)
        As drawn: shanks that lie on one another are moved aside.
    shifts_um
        By how much each shank is moved along x.
    contact_um
        Side or diameter of a contact.
    """

    channels: Channels
    contacts_um: Float64Array
    shifts_um: dict[int, float]
    contact_um: float

    @property
    def n_shanks(self) -> int:
        """Number of shanks."""
        return len(self.shifts_um)

    def place(self, positions_um: ArrayLike, shanks: Int32Array) -> Float64Array:
        """Return where positions on some shanks are drawn, float64, (n, 2)."""
        places = np.array(positions_um, np.float64).reshape(-1, 2)
        places[:, 0] += [self.shifts_um.get(int(shank), 0.0) for shank in shanks]
        return places

    def nearest_shanks(self, positions_um: Float64Array) -> Int32Array:
        """Return the shank of the contact nearest to each position, int32, (n,)."""
        contacts = self.channels.positions_um.astype(np.float64)
        shanks = np.zeros(len(positions_um), np.int32)
        for k, position in enumerate(np.nan_to_num(positions_um)):
            distance = np.hypot(*(contacts - position).T)
            shanks[k] = self.channels.shanks[int(distance.argmin())]
        return shanks

    def bounds(self, *others: Float64Array) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the ranges of x and depth that hold all contacts, and other places.

        What lies further away than the probe is long is left out, so that one bad position does
        not make all else a point.
        """
        low, high = self.contacts_um.min(axis=0), self.contacts_um.max(axis=0)
        reach = max(float((high - low).max()), 100.0)
        near = [p[np.isfinite(p).all(axis=1)] for p in others]
        near = [p[((p >= low - reach) & (p <= high + reach)).all(axis=1)] for p in near]
        every = np.concatenate([self.contacts_um, *near])
        margin = np.maximum(self.contact_um, 0.02 * np.ptp(every, axis=0))
        low, high = every.min(axis=0) - margin, every.max(axis=0) + margin
        return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def make_map(channels: Channels, largest_contact_um: float = 12.0) -> ProbeMap:
    """Place the contacts of a probe.

    Parameters
    ----------
    channels
        Positions and shanks.
    largest_contact_um
        Size of a contact where its neighbours leave room.
    """
    contacts = channels.positions_um.astype(np.float64)
    shifts = _separate_shanks(contacts, channels.shanks)
    for shank, shift in shifts.items():
        contacts[channels.shanks == shank, 0] += shift
    pitch = nearest_distance(contacts)
    size = largest_contact_um if pitch is None else min(largest_contact_um, _PITCH_SHARE * pitch)
    return ProbeMap(channels, contacts, shifts, size)


def nearest_distance(positions_um: Float64Array) -> float | None:
    """Return the smallest distance between two contacts; None: there is only one."""
    smallest = np.inf
    for start in range(0, len(positions_um), _CHUNK):
        chunk = positions_um[start : start + _CHUNK]
        dx = chunk[:, None, 0] - positions_um[None, :, 0]
        dy = chunk[:, None, 1] - positions_um[None, :, 1]
        squares = dx**2 + dy**2
        squares[np.arange(len(chunk)), start + np.arange(len(chunk))] = np.inf
        smallest = min(smallest, float(squares.min()))
    return None if not np.isfinite(smallest) else float(np.sqrt(smallest))


def _separate_shanks(positions: Float64Array, shanks: Int32Array) -> dict[int, float]:
    """Return by how much each shank is moved to the right, so that no two lie on one another."""
    ids = np.unique(shanks).tolist()
    lefts = {s: float(positions[shanks == s, 0].min()) for s in ids}
    shifts: dict[int, float] = {}
    right = -np.inf
    width = max(float(np.ptp(positions[shanks == s, 0])) for s in ids) if ids else 0.0
    gap = max(width, 50.0)
    for shank in sorted(ids, key=lambda s: (lefts[s], s)):
        is_on_another = lefts[shank] <= right
        shifts[shank] = right + gap - lefts[shank] if is_on_another else 0.0
        right = float(positions[shanks == shank, 0].max()) + shifts[shank]
    return shifts
