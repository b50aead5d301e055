"""Measures the sizes of true spikes where the ground truth does not tell them; for a thread."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.true_sizes import SizeMeter, average_templates, with_templates
from ..base.types import frozen
from ..data.size_store import SizeStore, sizes_key
from ..kernels.collisions import find_nearest
from ..kernels.state_counts import find_places
from ..scoring.neighbours import find_neighbours

if TYPE_CHECKING:
    from ..base.types import BoolArray, Float32Array
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth
    from ..scoring.rescoring import TruthInTime
    from .scoring import TruthIndex
    from .spike_truth import TruthFacts

# Raw files up to this are read without being asked.
AUTOMATIC_BYTES = 4 << 30
# A spike of a unit on the same channels that is so near is part of what would be measured.
ALONE_MS = 1.0
# Fewer spikes do not tell how the size of a unit goes with its place.
LEAST_FITTED = 50
# Of the whole work, for averaging templates that the truth does not tell.
_AVERAGING = 0.2


def can_measure(dataset: Dataset, truth: GroundTruth) -> bool:
    """Whether there is something to measure: no sizes are told, and a raw file is there."""
    has_spikes = len(truth.spike_samples) > 0
    return truth.amplitude_factors is None and dataset.raw is not None and has_spikes


def is_automatic(dataset: Dataset) -> bool:
    """Whether the raw file is small enough to be read without being asked."""
    raw = dataset.raw
    return raw is not None and raw.n_samples * raw.n_channels * raw.dtype.itemsize <= (
        AUTOMATIC_BYTES
    )


def measure_sizes(
    facts: TruthFacts, dataset: Dataset, index: TruthIndex, store: SizeStore | None = None
) -> Iterator[float]:
    """Measure the size of every true spike that is alone, and give it to `facts` at the end.

    Takes about as long as high-passing the recording, and memory that does not grow with it. Who
    stops to ask for more stops it.

    Parameters
    ----------
    facts
        Of the truth; see `can_measure`.
    dataset
        With a raw file.
    index
        Gives the truth in one sequence.
    store
        Where they are looked for first, and kept; None: nowhere.

    Yields
    ------
    How much is done, 0 to 1, every 10 to 50 ms.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    """
    key = None if store is None else _key(dataset, facts.truth)
    known = (
        None if store is None or key is None else store.read(key, len(facts.truth.spike_samples))
    )
    if known is not None:
        facts.sizes = known
        yield 1.0
        return
    sizes = yield from _measure(facts, dataset, index)
    if np.isfinite(sizes).any():
        facts.sizes = _without_motion(facts, sizes)
        if store is not None and key is not None:
            store.write(key, facts.sizes)


def _key(dataset: Dataset, truth: GroundTruth) -> str | None:
    try:
        return sizes_key(dataset, truth)
    except OSError:
        return None


def _measure(
    facts: TruthFacts, dataset: Dataset, index: TruthIndex
) -> Generator[float, None, Float32Array]:
    truth = facts.truth
    is_averaged = truth.templates is None
    if is_averaged:
        parts = []
        for unit in range(truth.n_units):
            parts.append(average_templates(dataset, truth, unit))
            yield _AVERAGING * (unit + 1) / truth.n_units
        truth = with_templates(dataset, truth, np.stack(parts))
    is_alone = find_alone(truth, index.get(), facts.sample_rate_hz)
    meter = SizeMeter(dataset, truth, is_alone, is_filtered=is_averaged)
    done = _AVERAGING if is_averaged else 0.0
    while not meter.is_done:
        meter.advance()
        yield done + (1 - done) * meter.fraction
    return meter.relative()


def _without_motion(facts: TruthFacts, sizes: Float32Array) -> Float32Array:
    """Return the sizes divided by what goes with displacement: a parabola for each unit.

    Moved templates are interpolated between channels, and that is never exact. What is left of it
    would look as if spikes were small where only the tissue was elsewhere.
    """
    truth = facts.truth
    if truth.motion is None:
        return sizes
    flat = sizes.copy()
    for unit, (start, stop) in enumerate(pairwise(truth.offsets.tolist())):
        own, moved = flat[start:stop], facts.spike_displacement(unit)
        known = np.isfinite(own)
        if np.count_nonzero(known) < LEAST_FITTED or np.ptp(moved[known]) < 1:
            continue
        # Scaled, for the sake of the condition of the fit.
        at = (moved - moved[known].mean()) / np.ptp(moved[known])
        middle = np.polyval(np.polyfit(at[known], own[known], 2), at)
        level = float(np.median(middle[known]))
        if level > 0 and (middle > level / 4).all():
            own *= (level / middle).astype(np.float32)
    return frozen(flat)


def find_alone(truth: GroundTruth, in_time: TruthInTime, sample_rate_hz: float) -> BoolArray:
    """Tell which true spikes have no other within 1 ms: of their unit, or on its channels.

    Parameters
    ----------
    truth
        With templates.
    in_time
        The same spikes in one sequence.
    sample_rate_hz
        Samples a second.

    Returns
    -------
    bool array, (n_spikes,)
        In the order of the truth.
    """
    window = int(ALONE_MS / 1000 * sample_rate_hz)
    is_near = np.diff(truth.spike_samples) <= window
    is_near[truth.offsets[1:-1][truth.offsets[1:-1] > 0] - 1] = False
    is_alone = np.ones(len(truth.spike_samples), np.bool_)
    is_alone[1:] &= ~is_near
    is_alone[:-1] &= ~is_near
    near = find_neighbours(truth).is_near
    if near is not None:
        places = find_places(in_time.units, in_time.trains.offsets)
        others, _ = find_nearest(in_time.samples, in_time.units, places, near, window)
        is_alone &= others < 0
    return is_alone
