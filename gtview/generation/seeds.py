"""One master seed, and a stream of random numbers of its own for every stage and every motion.

Nothing that is drawn in one stage can be correlated with what is drawn in another, and a stage
that is changed or left out does not change the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The number of a stage is part of every recipe's result: never change or reuse one.
_STAGES = {
    "x": 0,
    "depths": 1,
    "z": 2,
    "replaced": 3,
    "shanks": 4,
    "alpha": 10,
    "depolarization_ms": 11,
    "repolarization_ms": 12,
    "recovery_ms": 13,
    "positive_amplitude": 14,
    "smooth_ms": 15,
    "spatial_decay": 16,
    "propagation_speed": 17,
    "ellipse_shrink": 18,
    "ellipse_angle": 19,
    "spatial_power": 20,
    "motion": 30,
    "rates": 40,
    "trains": 41,
    "synchrony": 42,
    "bursts": 43,
    "modulation": 44,
    "amplitude_std": 50,
    "amplitudes": 51,
    "fading": 52,
    "noise_levels": 60,
    "noise": 61,
    "far_units": 62,
    "hybrid": 70,
    "relocation": 71,
}


class Seeds:
    """The streams of one master seed.

    Parameters
    ----------
    master
        At least 0.
    path
        Of a part that has stages of its own, such as the far units.
    """

    def __init__(self, master: int, path: tuple[int, ...] = ()) -> None:
        self.master = master
        self._path = path

    def child(self, stage: str, *index: int) -> np.random.SeedSequence:
        """Return the seed of a stage, or of one of its parts.

        Raises
        ------
        KeyError
            There is no such stage.
        """
        key = (*self._path, _STAGES[stage], *index)
        return np.random.SeedSequence(self.master, spawn_key=key)

    def rng(self, stage: str, *index: int) -> np.random.Generator:
        """Return the random numbers of a stage, always from their beginning."""
        return np.random.Generator(np.random.PCG64(self.child(stage, *index)))

    def words(self, stage: str) -> NDArray[np.uint64]:
        """Return two words to key a generator of one's own with, uint64, (2,)."""
        return self.child(stage).generate_state(2, np.uint64).astype(np.uint64)

    def part(self, stage: str) -> Seeds:
        """Return the streams of a part that has all stages again."""
        return Seeds(self.master, (*self._path, _STAGES[stage]))
