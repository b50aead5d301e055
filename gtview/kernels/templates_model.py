"""Fills templates of model neurons: one waveform a unit, weaker and later on far channels."""

from __future__ import annotations

import math

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
from ._jit import kernel


@kernel
def see_unit(
    positions_um: Float64Array,
    place_um: Float64Array,
    shape: Float64Array,
    is_power: bool,
    factors: Float64Array,
    distances_um: Float64Array,
) -> None:
    """Compute how large a unit is on every channel, and how far it is.

    The distance is that of SpikeInterface's `get_ellipse` with a rotation about z: along the
    angle as it is, across it divided by `shrink`.

    Parameters
    ----------
    positions_um : float64 array, (n_channels, 2)
    place_um : float64 array, (3,)
        Of the unit.
    shape : float64 array, (5,)
        alpha, spatial decay in um, shrink, angle in radians, exponent of the power profile.
    is_power
        alpha / (1 + (d / decay) ** exponent), else alpha * exp(-d / decay).
    factors, distances_um : float64 array, (n_channels,)
        Written.
    """
    alpha, decay, shrink, angle, power = shape[0], shape[1], shape[2], shape[3], shape[4]
    cos, sin = math.cos(angle), math.sin(angle)
    for c in range(len(positions_um)):
        x = positions_um[c, 0] - place_um[0]
        y = positions_um[c, 1] - place_um[1]
        along = cos * x + sin * y
        across = (cos * y - sin * x) / shrink
        distance = math.sqrt(along * along + across * across + place_um[2] * place_um[2])
        distances_um[c] = distance
        if is_power:
            factors[c] = alpha / (1.0 + (distance / decay) ** power)
        else:
            factors[c] = alpha * math.exp(-distance / decay)


@kernel
def count_seen(
    positions_um: Float64Array,
    place_um: Float64Array,
    shifts_um: Float64Array,
    shape: Float64Array,
    is_power: bool,
    limits: Float64Array,
    is_seen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> None:
    """Mark the channels that see enough of a unit, at each of its places.

    Parameters
    ----------
    positions_um : float64 array, (n_channels, 2)
    place_um : float64 array, (3,)
        Of the unit at rest.
    shifts_um : float64 array, (n_steps, 2)
        Its displacements.
    shape, is_power
        As for `see_unit`.
    limits : float64 array, (2,)
        Least part of the largest channel, and least value in microvolts.
    is_seen : bool array, (n_steps, n_channels)
        Written.
    """
    n = len(positions_um)
    factors, distances, place = np.empty(n), np.empty(n), np.empty(3)
    place[2] = place_um[2]
    for step in range(len(shifts_um)):
        place[0] = place_um[0] + shifts_um[step, 0]
        place[1] = place_um[1] + shifts_um[step, 1]
        see_unit(positions_um, place, shape, is_power, factors, distances)
        least = max(limits[0] * factors.max(), limits[1])
        for c in range(n):
            is_seen[step, c] = factors[c] >= least


@kernel
def fill_step(
    positions_um: Float64Array,
    place_um: Float64Array,
    shape: Float64Array,
    is_power: bool,
    samples_per_um: float,
    table: Float32Array,
    channels: Int32Array,
    values: Float32Array,
) -> None:
    """Write the waveforms of one unit at one place.

    Parameters
    ----------
    positions_um : float64 array, (n_channels, 2)
    place_um : float64 array, (3,)
        Where the unit is now.
    shape, is_power
        As for `see_unit`.
    samples_per_um
        How much later a channel sees the spike for each um that it is farther than the nearest
        one; 0: at once.
    table : float32 array, (n_fractions + 1, n_samples)
        The waveform, later by 0 to 1 sample.
    channels : int32 array, (n_seen,)
        Channels that are written.
    values : float32 array, (n_seen, n_samples)
        Written; what a delay moves out of the window comes in again at its beginning.
    """
    n_fractions, n_samples = len(table) - 1, table.shape[1]
    n = len(positions_um)
    factors, distances = np.empty(n), np.empty(n)
    see_unit(positions_um, place_um, shape, is_power, factors, distances)
    nearest = distances.min()
    for i in range(len(channels)):
        c = channels[i]
        delay = (distances[c] - nearest) * samples_per_um
        whole = int(math.floor(delay) % n_samples)
        exact = (delay - math.floor(delay)) * n_fractions
        row = min(int(exact), n_fractions - 1)
        later = np.float32(factors[c] * (exact - row))
        sooner = np.float32(factors[c] * (1.0 - (exact - row)))
        # Two loops without a condition inside: the compiler makes vector instructions of them.
        for t in range(whole):
            at = t - whole + n_samples
            values[i, t] = sooner * table[row, at] + later * table[row + 1, at]
        for t in range(whole, n_samples):
            values[i, t] = sooner * table[row, t - whole] + later * table[row + 1, t - whole]


@kernel
def fill_unit(  # noqa: PLR0913  (a kernel takes no objects)
    positions_um: Float64Array,
    place_um: Float64Array,
    shifts_um: Float64Array,
    shape: Float64Array,
    is_power: bool,
    samples_per_um: float,
    table: Float32Array,
    channels: Int32Array,
    offsets: Int64Array,
    values: Float32Array,
) -> None:
    """Write the waveforms of one unit at all its places.

    Parameters
    ----------
    positions_um, place_um, shifts_um, shape, is_power, samples_per_um, table
        As for `count_seen` and `fill_step`.
    channels : int32 array, (n_rows,)
        Channels of all places, one after the other.
    offsets : int64 array, (n_steps + 1,)
        Where the channels of each place begin.
    values : float32 array, (n_rows, n_samples)
        Written.
    """
    place = np.empty(3)
    place[2] = place_um[2]
    for step in range(len(shifts_um)):
        place[0] = place_um[0] + shifts_um[step, 0]
        place[1] = place_um[1] + shifts_um[step, 1]
        first, last = offsets[step], offsets[step + 1]
        fill_step(
            positions_um,
            place,
            shape,
            is_power,
            samples_per_um,
            table,
            channels[first:last],
            values[first:last],
        )
