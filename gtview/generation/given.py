"""Spike trains that are given, in place of those that a recipe would draw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Int32Array, Int64Array
from .problems import Problem, RecipeError


@dataclass(frozen=True, slots=True, eq=False)
class GivenSpikes:
    """Spikes of known units.

    Attributes
    ----------
    samples : int64 array, (n_spikes,)
        Not decreasing; those of one sample in the order of units.
    units : int32 array, (n_spikes,)
        Row of each spike's unit.
    unit_ids : int64 array, (n_units,)
    order : int64 array, (n_spikes,)
        Where each spike was in what was given.
    sample_rate_hz
        None: that of the recipe.
    """

    samples: Int64Array
    units: Int32Array
    unit_ids: Int64Array
    order: Int64Array
    sample_rate_hz: float | None = None

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.unit_ids)

    def check(self, n_samples: int, sample_rate_hz: float) -> None:
        """Refuse spikes that are not within the recording.

        Raises
        ------
        RecipeError
            A spike is outside, there is no unit, or the sampling rates differ.
        """
        if not self.n_units:
            raise _refuse("holds no unit")
        if self.sample_rate_hz is not None and self.sample_rate_hz != sample_rate_hz:
            raise _refuse(
                f"has {self.sample_rate_hz:g} samples a second, the recipe {sample_rate_hz:g}"
            )
        if len(self.samples) and (self.samples.min() < 0 or self.samples.max() >= n_samples):
            raise _refuse(
                f"holds spikes outside of the recording, which has {n_samples} samples "
                f"(they are from {self.samples.min()} to {self.samples.max()})"
            )


def _refuse(message: str) -> RecipeError:
    return RecipeError([Problem("spikes.given", message)])


def read_given_spikes(path: Path, sample_rate_hz: float) -> GivenSpikes:
    """Read spike trains: any form of a ground truth that gtview opens.

    Raises
    ------
    RecipeError
        There are none that can be read.
    """
    from ..data.gt_reader import read_ground_truth

    try:
        truth = read_ground_truth(path, sample_rate_hz=sample_rate_hz)
    except DatasetError as error:
        raise _refuse(f"cannot be used: {str(error).rstrip('.')}") from error
    units = np.repeat(np.arange(truth.n_units, dtype=np.int32), truth.unit_sizes)
    return _given(truth.spike_samples, units, truth.unit_ids, truth.sample_rate_hz)


def take_sorting(sorting: Any) -> GivenSpikes:
    """Take the spikes of a SpikeInterface sorting, which is not changed.

    Raises
    ------
    RecipeError
        It has several segments, or is no sorting.
    """
    if not hasattr(sorting, "to_spike_vector"):
        raise RecipeError([Problem("sorting", f"is no sorting but a {type(sorting).__name__}")])
    if sorting.get_num_segments() != 1:
        message = f"must have one segment (it has {sorting.get_num_segments()})"
        raise RecipeError([Problem("sorting", message)])
    spikes = sorting.to_spike_vector()
    samples, units = spikes["sample_index"], spikes["unit_index"]
    return _given(samples, units, sorting.unit_ids, float(sorting.get_sampling_frequency()))


def _given(samples: Any, units: Any, ids: Any, sample_rate_hz: float | None) -> GivenSpikes:
    units = np.asarray(units, dtype=np.int32)
    samples = np.asarray(samples, dtype=np.int64)
    order = np.lexsort((units, samples))
    return GivenSpikes(samples[order], units[order], _whole_ids(ids), order, sample_rate_hz)


def _whole_ids(ids: Any) -> Int64Array:
    """Return ids as whole numbers where they are such, else their places in the list."""
    try:
        numbers = np.array([int(unit) for unit in ids], np.int64)
    except (TypeError, ValueError):
        return np.arange(len(ids))
    is_same = [str(number) for number in numbers] == [str(unit) for unit in ids]
    return numbers if is_same and len(set(numbers.tolist())) == len(ids) else np.arange(len(ids))
