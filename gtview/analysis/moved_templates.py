"""What a template becomes on the channels when the tissue has moved along the probe."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np

from ..base.types import Float32Array, Float64Array, FloatArray

# Displacements are rounded to this; at 20 um between contacts nobody sees the difference.
STEP_UM = 1.0
# How far a channel tells of its neighbourhood.
SIGMA_UM = 30.0
# Added to the diagonal: contacts that lie nearly at one place must not blow up.
_NUGGET = 1e-3
_MAX_KEPT = 256


class ChannelMover:
    """Interpolates between channels by kriging, as for the correction of motion.

    With a Gaussian covariance of `SIGMA_UM` between places (Pachitariu et al., 2024, Nature
    Methods 21: 914, who move the recording back in this way; here a template moves forth). Beyond
    the last contact a template fades out. Safe to use from several threads.

    Parameters
    ----------
    positions_um : float array, (n_channels, 2)
        x and depth of the channels of the templates.
    """

    def __init__(self, positions_um: FloatArray) -> None:
        self._positions = np.asarray(positions_um, np.float64)
        covariance = self._covariance(self._positions)
        self._inverse = np.linalg.inv(covariance + _NUGGET * np.eye(len(covariance)))
        self._lock = threading.Lock()
        self._known: OrderedDict[int, Float32Array] = OrderedDict()

    def move(self, waveform: Float32Array, displacement_um: float) -> Float32Array:
        """Return a template as it is when its unit is so much deeper than at rest.

        Parameters
        ----------
        waveform : float32 array, (n_samples, n_channels)
        displacement_um
            Added to the depth of the unit.

        Returns
        -------
        float32 array, (n_samples, n_channels)
        """
        step = round(displacement_um / STEP_UM)
        moved: Float32Array = waveform @ self._weights(step) if step else waveform
        return moved

    def _weights(self, step: int) -> Float32Array:
        with self._lock:
            found = self._known.get(step)
            if found is None:
                # What a channel sees now is what lies as much higher when the unit is at rest.
                seen = self._positions - (0.0, step * STEP_UM)
                found = (self._inverse @ self._covariance(seen)).astype(np.float32)
                self._known[step] = found
                if len(self._known) > _MAX_KEPT:
                    self._known.popitem(last=False)
            return found

    def _covariance(self, places_um: Float64Array) -> Float64Array:
        """Return the covariance of each channel with each place, (n_channels, n_places)."""
        steps = self._positions[:, None] - places_um[None]
        covariance: Float64Array = np.exp(-np.square(steps).sum(axis=2) / SIGMA_UM**2)
        return covariance
