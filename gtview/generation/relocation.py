"""Moves real templates: what the channels of a probe would see of a unit at another place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array
from .bank import BankEntry, crop_template

# Contacts that are farther from the centre of a unit do not help to find it.
_REACH_UM = 250.0
# A field in tissue changes little over this distance, however far the contacts are apart.
_LEAST_SCALE_UM = 40.0
_RIDGE = 1e-5
# Of microvolts.
_DECIMALS = 4


@dataclass(frozen=True, slots=True, eq=False)
class RealTemplate:
    """One template as it was recorded.

    Attributes
    ----------
    waveforms_uv : float32 array, (n_samples, n_channels)
    positions_um : float32 array, (n_channels, 2)
        Contacts that it was recorded with.
    n_before
        Samples before the sample of the spike.
    sample_rate_hz
        Samples a second.
    name
        Where it comes from.
    """

    waveforms_uv: Float32Array
    positions_um: Float32Array
    n_before: int
    sample_rate_hz: float
    name: str = ""

    @property
    def centre_um(self) -> Float64Array:
        """Place of the unit: the mean of the contacts, by the energy that they see."""
        energy = np.square(self.waveforms_uv.astype(np.float64)).sum(axis=0)
        weighted = energy[:, None] * self.positions_um.astype(np.float64)
        centre: Float64Array = weighted.sum(axis=0) / max(energy.sum(), 1e-12)
        return centre


class Mover:
    """Gives one template at any displacement, on any contacts.

    Between contacts each sample of the waveforms is interpolated as a Gaussian process with a
    Matern kernel (smoothness 5/2): that needs no grid and no hull, so a single column, a tetrode
    or four shanks are alike. At the contacts themselves it gives what was recorded. Within the
    probe the energy is that of the template that was recorded; a unit that leaves it fades.

    Parameters
    ----------
    template
        What was recorded.
    positions_um : float32 array, (n_channels, 2)
        Contacts of the recording that it is put into.
    rest_um : float64 array, (2,)
        Where the unit is at rest, relative to where it was recorded. On a probe of another
        layout, which sees more or less of it, the energy is that of this place.
    """

    def __init__(
        self, template: RealTemplate, positions_um: Float32Array, rest_um: Float64Array
    ) -> None:
        self._positions = np.asarray(positions_um, np.float64)
        centre = template.centre_um
        known = np.asarray(template.positions_um, np.float64)
        near = np.hypot(*(known - centre).T) <= _REACH_UM
        near = near if near.any() else np.ones(len(known), bool)
        self._known = known[near]
        self._scale = max(_LEAST_SCALE_UM, 2 * _pitch(self._known))
        own = template.waveforms_uv.astype(np.float64)[:, near]
        covariance = _matern(self._known, self._known, self._scale)
        covariance += _RIDGE * np.eye(len(covariance))
        self._weights = np.linalg.solve(covariance, own.T)
        self._centre = centre
        self._energy = float(np.square(own).sum())
        if not _is_same_layout(known, self._positions):
            self._energy = float(np.square(self._predict(np.asarray(rest_um))).sum())

    def at(self, displacement_um: Float64Array) -> Float32Array:
        """Return the template moved by x and depth, float32, (n_samples, n_channels)."""
        shift = np.asarray(displacement_um, np.float64)
        moved = self._predict(shift)
        energy = float(np.square(moved).sum())
        if energy <= 0:
            return moved.astype(np.float32)
        moved *= self._correction(shift, energy)
        # Linear algebra differs in its last bits between processors; the templates must not.
        return np.round(moved, _DECIMALS).astype(np.float32)

    def entry(self, displacement_um: Float64Array, step: int) -> BankEntry:
        """Return the channels that see the template at a displacement."""
        return crop_template(self.at(displacement_um), step)

    def _predict(self, shift: Float64Array) -> Float64Array:
        asked = self._positions - shift
        gap = np.hypot(*(asked[:, None] - self._known[None]).transpose(2, 0, 1)).min(axis=1)
        seen = gap <= _REACH_UM
        moved = np.zeros((len(asked), self._weights.shape[1]))
        moved[seen] = _matern(asked[seen], self._known, self._scale) @ self._weights
        return moved.T

    def _correction(self, shift: Float64Array, energy: float) -> float:
        """Return the factor that keeps the energy while the unit is within the probe."""
        low, high = self._positions.min(axis=0), self._positions.max(axis=0)
        place = self._centre + shift
        inside = np.clip(place, low, high)
        if np.array_equal(inside, place):
            return float(np.sqrt(self._energy / energy))
        # Outside it is the factor of the place where it left, so that nothing jumps.
        at_edge = float(np.square(self._predict(inside - self._centre)).sum())
        return float(np.sqrt(self._energy / at_edge)) if at_edge > 0 else 1.0


def _matern(a: Float64Array, b: Float64Array, scale: float) -> Float64Array:
    """Return the Matern covariance of smoothness 5/2 (Rasmussen and Williams 2006, 4.17)."""
    distance = np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)) * (np.sqrt(5) / scale)
    covariance: Float64Array = (1 + distance + distance**2 / 3) * np.exp(-distance)
    return covariance


def _pitch(positions: Float64Array) -> float:
    """Return the usual distance of a contact to the nearest other one."""
    if len(positions) < 2:
        return _LEAST_SCALE_UM
    gaps = np.hypot(*(positions[:, None] - positions[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    return float(np.median(gaps.min(axis=1)))


def _is_same_layout(a: Float64Array, b: Float64Array) -> bool:
    """Tell whether contacts are as far from each other, wherever the probe is."""
    return a.shape == b.shape and bool(np.allclose(a - a.min(axis=0), b - b.min(axis=0)))


def move_along(
    mover: Mover,
    start_um: Float64Array,
    steps: Int32Array,
    step_um: float,
    direction: Float64Array,
) -> list[BankEntry]:
    """Return the entries of a unit that is at `start_um` from where it was recorded, at rest."""
    return [mover.entry(start_um + step * step_um * direction, int(step)) for step in steps]


def resampled(template: RealTemplate, sample_rate_hz: float) -> RealTemplate:
    """Return a template at another sampling rate; the sample of the spike stays exact."""
    ratio = sample_rate_hz / template.sample_rate_hz
    if abs(ratio - 1) < 1e-3:
        return template
    from scipy.interpolate import CubicSpline

    n = len(template.waveforms_uv)
    n_before = int(template.n_before * ratio)
    n_after = int((n - 1 - template.n_before) * ratio)
    times = np.arange(-n_before, n_after + 1) / ratio + template.n_before
    waveforms = CubicSpline(np.arange(n), template.waveforms_uv, axis=0)(times)
    return RealTemplate(
        waveforms.astype(np.float32),
        template.positions_um,
        n_before,
        sample_rate_hz,
        template.name,
    )


def same_window(templates: list[RealTemplate]) -> list[RealTemplate]:
    """Return templates with one window: shorter ones are filled with 0."""
    n_before = max(template.n_before for template in templates)
    n_after = max(len(t.waveforms_uv) - t.n_before for t in templates)
    return [_padded(template, n_before, n_after) for template in templates]


def _padded(template: RealTemplate, n_before: int, n_after: int) -> RealTemplate:
    before = n_before - template.n_before
    after = n_after - (len(template.waveforms_uv) - template.n_before)
    waveforms = np.pad(template.waveforms_uv, ((before, after), (0, 0)))
    return RealTemplate(
        waveforms, template.positions_um, n_before, template.sample_rate_hz, template.name
    )
