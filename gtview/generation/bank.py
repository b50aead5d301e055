"""The waveform of each unit at each place that it visits, on the channels that see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.types import Float32Array, Int32Array, Int64Array

# A channel that sees less than this part of a unit's largest value is left out.
SEEN_FRACTION = 1e-3


def steps_of(displacement_um: ArrayLike, step_um: float) -> Int32Array:
    """Return the nearest step of each displacement, int32, the shape of `displacement_um`."""
    steps: Int32Array = np.rint(np.asarray(displacement_um, np.float64) / step_um).astype(np.int32)
    return steps


@dataclass(frozen=True, slots=True, eq=False)
class DriftingBank:
    """Templates of units that move, only where and when they are seen.

    An entry is one unit at one step of displacement. The entries of unit u are
    `unit_starts[u]` up to `unit_starts[u + 1]`, their steps increasing; the rows of entry e are
    `row_starts[e]` up to `row_starts[e + 1]`, their channels increasing.

    Attributes
    ----------
    n_channels
        Of the probe.
    n_before
        Samples before the sample of the spike.
    step_um
        Distance of two steps.
    unit_starts : int64 array, (n_units + 1,)
    steps : int32 array, (n_entries,)
        Displacement of each entry, in units of `step_um`; 0 is rest, which every unit has.
    row_starts : int64 array, (n_entries + 1,)
    channels : int32 array, (n_rows,)
    waveforms : float32 array, (n_rows, n_samples)
        In microvolts.
    """

    n_channels: int
    n_before: int
    step_um: float
    unit_starts: Int64Array
    steps: Int32Array
    row_starts: Int64Array
    channels: Int32Array
    waveforms: Float32Array

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.unit_starts) - 1

    @property
    def n_samples(self) -> int:
        """Samples of a waveform."""
        return int(self.waveforms.shape[1])

    @property
    def n_bytes(self) -> int:
        """Memory of all arrays."""
        arrays = (self.unit_starts, self.steps, self.row_starts, self.channels, self.waveforms)
        return sum(array.nbytes for array in arrays)

    def find_entries(self, units: ArrayLike, steps: ArrayLike) -> Int64Array:
        """Return the entry of each unit at the step nearest to each of `steps`.

        Parameters
        ----------
        units : integer array, (n,)
        steps : integer array, (n,)
            Steps that a unit lacks are replaced by the nearest one that it has, the lower of two.

        Returns
        -------
        int64 array, (n,)
        """
        of, asked = np.asarray(units, np.int64), np.asarray(steps, np.int64)
        own = np.repeat(np.arange(self.n_units), np.diff(self.unit_starts))
        # One increasing number for each entry; the steps of two units are far apart.
        far = int(np.abs(self.steps).max(initial=0)) + 1
        span = 2 * far + 1
        asked = np.clip(asked, -far, far)
        keys = own * span + self.steps
        after = np.searchsorted(keys, of * span + asked)
        first, last = self.unit_starts[of], self.unit_starts[of + 1] - 1
        after = np.clip(after, first, last)
        before = np.maximum(after - 1, first)
        is_before_nearer = np.abs(asked - self.steps[before]) <= np.abs(self.steps[after] - asked)
        entries: Int64Array = np.where(is_before_nearer, before, after).astype(np.int64)
        return entries

    def dense(self, unit: int, step: int = 0) -> Float32Array:
        """Return one unit's template on all channels, float32, (n_samples, n_channels)."""
        return self.dense_entry(int(self.find_entries([unit], [step])[0]))

    def dense_entry(self, entry: int) -> Float32Array:
        """Return the template of one entry on all channels, float32, (n_samples, n_channels)."""
        rows = slice(self.row_starts[entry], self.row_starts[entry + 1])
        template = np.zeros((self.n_samples, self.n_channels), np.float32)
        template[:, self.channels[rows]] = self.waveforms[rows].T
        return template

    def dense_at_rest(self) -> Float32Array:
        """Return all units at rest, float32, (n_units, n_samples, n_channels)."""
        shape = (self.n_units, self.n_samples, self.n_channels)
        templates = np.empty(shape, np.float32)
        for unit in range(self.n_units):
            templates[unit] = self.dense(unit)
        return templates


@dataclass(frozen=True, slots=True, eq=False)
class BankEntry:
    """One unit at one step, on the channels that see it.

    Attributes
    ----------
    step
        Displacement in steps.
    channels : int32 array, (n,)
        Increasing.
    waveforms : float32 array, (n, n_samples)
        In microvolts.
    """

    step: int
    channels: Int32Array
    waveforms: Float32Array


def join_entries(
    units: Sequence[Sequence[BankEntry]], *, n_channels: int, n_before: int, step_um: float
) -> DriftingBank:
    """Return the bank of units whose entries are given.

    Parameters
    ----------
    units
        For each unit at least one entry, of increasing steps, step 0 among them.
    n_channels, n_before, step_um
        See `DriftingBank`.

    Raises
    ------
    ValueError
        A unit's steps do not increase or lack 0, or there is no unit.
    """
    for i, unit in enumerate(units):
        steps = [entry.step for entry in unit]
        if 0 not in steps or steps != sorted(set(steps)):
            raise ValueError(f"the steps of unit {i} must increase and hold 0, not {steps}")
    entries = [entry for unit in units for entry in unit]
    if not entries:
        raise ValueError("a bank needs a unit")
    return DriftingBank(
        n_channels=n_channels,
        n_before=n_before,
        step_um=step_um,
        unit_starts=_starts([len(unit) for unit in units]),
        steps=np.array([entry.step for entry in entries], np.int32),
        row_starts=_starts([len(entry.channels) for entry in entries]),
        channels=np.concatenate([entry.channels for entry in entries]).astype(np.int32),
        waveforms=np.concatenate([entry.waveforms for entry in entries]).astype(np.float32),
    )


def bank_from_dense(
    templates: NDArray[np.floating],
    *,
    n_before: int,
    steps: ArrayLike = (0,),
    step_um: float = 1.0,
    seen_fraction: float = SEEN_FRACTION,
) -> DriftingBank:
    """Return the bank of templates that are known on all channels.

    Parameters
    ----------
    templates : float array, (n_steps, n_units, n_samples, n_channels), or without steps
        In microvolts.
    n_before, step_um
        See `DriftingBank`.
    steps : integer array, (n_steps,)
        Increasing, with 0.
    seen_fraction
        Channels that see less than this part of the largest value of the template are left out.

    Raises
    ------
    ValueError
        The steps do not increase or lack 0.
    """
    stack = templates[None] if templates.ndim == 3 else templates
    numbers = [int(step) for step in np.atleast_1d(np.asarray(steps))]
    units = [
        [
            crop_template(template, step, seen_fraction)
            for step, template in zip(numbers, unit, strict=True)
        ]
        for unit in stack.swapaxes(0, 1)
    ]
    return join_entries(units, n_channels=stack.shape[3], n_before=n_before, step_um=step_um)


def crop_template(
    template: NDArray[np.floating], step: int, seen_fraction: float = SEEN_FRACTION
) -> BankEntry:
    """Return the channels of a template that see it; none where it is zero everywhere.

    Parameters
    ----------
    template : float array, (n_samples, n_channels)
        In microvolts.
    step
        Displacement in steps.
    seen_fraction
        Least part of the largest absolute value.
    """
    heights = np.abs(template).max(axis=0)
    least = max(seen_fraction * float(heights.max(initial=0.0)), np.finfo(np.float32).tiny)
    channels = np.flatnonzero(heights >= least).astype(np.int32)
    return BankEntry(step, channels, np.ascontiguousarray(template[:, channels].T, np.float32))


def _starts(lengths: Sequence[int]) -> Int64Array:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
