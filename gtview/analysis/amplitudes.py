"""How large each spike of some clusters is, by one of several measures, over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ..base.types import Float32Array, Int32Array
from ..data.dataset import Dataset
from .features import FeatureQuery, compute_features
from .peak_to_peak import PeakToPeakCache, Train, measure_trains, read_peak_to_peak
from .sampling import sample_evenly
from .spike_features import SpikeFeatures, read_spike_features
from .spike_values import SpikeValues, keep_finite

Kind = Literal["template", "feature", "template feature", "raw"]
KINDS: tuple[Kind, ...] = ("template", "feature", "template feature", "raw")

# Of the background, where it has to come from disk.
FEATURE_BACKGROUND = 10_000
RAW_BACKGROUND = 1000
_RAW_STEP = 125
MICROVOLT = "\N{MICRO SIGN}V"


@dataclass(frozen=True, slots=True, eq=False)
class AmplitudeQuery:
    """What is asked.

    Attributes
    ----------
    dataset
        What was opened.
    kind
        One of `available_kinds`.
    trains
        The clusters, each with the channel on which raw spikes are measured.
    background_ids : int32 array, (n,)
        Spikes behind, in any order.
    channel_id
        For `feature`, and for the raw background: row of the channel map.
    pc
        For `feature`: component, 0 is the first.
    raw_limit
        For `raw`: spikes read of each cluster.
    is_in_uv
        For `template`: in microvolts where that is possible; see `template_amplitudes`.
    cache
        For `raw`.
    """

    dataset: Dataset
    kind: Kind
    trains: tuple[Train, ...]
    background_ids: Int32Array
    channel_id: int | None = None
    pc: int = 0
    raw_limit: int = 20_000
    is_in_uv: bool = True
    cache: PeakToPeakCache = field(default_factory=PeakToPeakCache)


@dataclass(frozen=True, slots=True, eq=False)
class Amplitudes:
    """The answer, or a first part of it.

    Attributes
    ----------
    clusters
        One for each train.
    background
        None while it is not known.
    n_background
        Spikes of the background that were asked for.
    name, unit
        What the values are; the unit is "" where the sorter does not tell one.
    is_full
        Whether all is there that was asked.
    """

    clusters: tuple[SpikeValues, ...]
    background: SpikeValues | None
    n_background: int
    name: str
    unit: str
    is_full: bool


def available_kinds(dataset: Dataset) -> tuple[Kind, ...]:
    """Return the measures that a dataset allows."""
    has = {
        "template": dataset.amplitudes is not None,
        "feature": dataset.pc_features is not None,
        "template feature": dataset.template_features is not None,
        "raw": dataset.raw is not None,
    }
    return tuple(kind for kind in KINDS if has[kind])


def compute_amplitudes(query: AmplitudeQuery) -> Iterator[Amplitudes]:
    """Measure the spikes: what is at hand first, then all.

    Yields
    ------
    Amplitudes
        Better and better ones; the same one again is only a chance to stop.

    Raises
    ------
    DatasetError
        Features or raw data cannot be read.
    ValueError
        The dataset does not have what the measure needs.
    """
    measure = {
        "template": _by_template,
        "feature": _by_feature,
        "template feature": _by_template_feature,
        "raw": _by_raw,
    }
    return measure[query.kind](query)


# Template amplitude --------------------------------------------------------------------------


def template_amplitudes(
    dataset: Dataset, spike_ids: Int32Array, *, is_in_uv: bool = True
) -> tuple[Float32Array, str]:
    """Return the sorter's amplitude of some spikes, and its unit.

    Kilosort 1 to 3 find a spike as template x amplitude, so where the gain is known, it is also
    told in microvolts: the amplitude times the peak-to-peak size of the unwhitened template on
    its best channel. What Kilosort 4 and SpikeInterface write is something else (a norm in
    whitened units, and a peak), so there the numbers stay as they are.

    Parameters
    ----------
    dataset
        With amplitudes.
    spike_ids : int32 array, (n,)
    is_in_uv
        False: never in microvolts.

    Returns
    -------
    amplitudes : float32 array, (n,)
    unit
        Microvolts, or "": the sorter's own.
    """
    if dataset.amplitudes is None:
        raise ValueError("the dataset has no amplitudes")
    amplitudes: Float32Array = dataset.amplitudes[spike_ids]
    if not (is_in_uv and can_be_in_uv(dataset)) or dataset.templates is None:
        return amplitudes, ""
    size = dataset.templates.peak_to_peak().max(axis=1) * np.float32(dataset.uv_per_bit)
    return amplitudes * size[dataset.spike_templates[spike_ids]], MICROVOLT


def can_be_in_uv(dataset: Dataset) -> bool:
    """Whether the sorter's amplitudes can be told in microvolts."""
    is_factor = dataset.kind == "kilosort" and dataset.templates is not None
    return is_factor and dataset.gain is not None


def _by_template(query: AmplitudeQuery) -> Iterator[Amplitudes]:
    unit = ""

    def measure(spike_ids: Int32Array) -> SpikeValues:
        nonlocal unit
        values, unit = template_amplitudes(query.dataset, spike_ids, is_in_uv=query.is_in_uv)
        return keep_finite(spike_ids, values)

    clusters = tuple(measure(train.spike_ids) for train in query.trains)
    background = measure(query.background_ids)
    yield _answer(query, clusters, background, "template amplitude", unit)


# Feature -------------------------------------------------------------------------------------


def _by_feature(query: AmplitudeQuery) -> Iterator[Amplitudes]:
    if query.channel_id is None:
        raise ValueError("no channel is given")
    asked = FeatureQuery(
        query.dataset,
        tuple(train.spike_ids for train in query.trains),
        (query.channel_id,),
        query.pc + 1,
    )
    name = feature_name(query.dataset, query.channel_id, query.pc)
    totals = [len(train.spike_ids) for train in query.trains]
    last, answer = None, None
    for found in compute_features(asked):
        if found is not last or answer is None:
            clusters = tuple(
                _of_feature(part, n) for part, n in zip(found.clusters, totals, strict=True)
            )
            answer, last = _answer(query, clusters, None, name, ""), found
        yield answer
    assert answer is not None
    sample = sample_evenly(query.background_ids, FEATURE_BACKGROUND)
    behind = read_spike_features(query.dataset, sample, (query.channel_id,), query.pc + 1)
    yield _answer(query, answer.clusters, _of_feature(behind), name, "")


def feature_name(dataset: Dataset, channel_id: int, pc: int) -> str:
    """Return the name of a feature; the channel is called as in the raw file."""
    return f"PC{pc + 1} on channel {int(dataset.channels.raw_channels[channel_id])}"


def _of_feature(features: SpikeFeatures, n_asked: int | None = None) -> SpikeValues:
    values = features.values[0, -1]
    has = ~np.isnan(values)
    n_absent = features.n_without + int(np.count_nonzero(~has)) - features.n_not_finite
    n_absent = max(n_absent, 0)
    return SpikeValues(
        features.spike_ids[has],
        values[has],
        features.n_asked if n_asked is None else n_asked,
        features.n_asked,
        n_absent,
        features.n_asked - n_absent - int(np.count_nonzero(has)),
    )


# Template feature ----------------------------------------------------------------------------


def _by_template_feature(query: AmplitudeQuery) -> Iterator[Amplitudes]:
    raise ValueError("the dataset has no template features")
    yield


# Raw peak-to-peak ----------------------------------------------------------------------------


def _by_raw(query: AmplitudeQuery) -> Iterator[Amplitudes]:
    name, unit = "raw peak-to-peak", query.dataset.amplitude_unit
    last, answer = None, None
    for found in measure_trains(query.dataset, query.trains, query.raw_limit, query.cache):
        if found is not last or answer is None:
            answer, last = _answer(query, found, None, name, unit), found
        yield answer
    assert answer is not None
    if query.channel_id is None or not len(query.background_ids):
        yield _answer(
            query, answer.clusters, keep_finite(query.background_ids[:0], ()), name, unit
        )
        return
    yield from _raw_background(query, answer)


def _raw_background(query: AmplitudeQuery, answer: Amplitudes) -> Iterator[Amplitudes]:
    assert query.channel_id is not None
    sample = np.sort(sample_evenly(query.background_ids, RAW_BACKGROUND))
    ids, sizes = [], []
    for start in range(0, len(sample), _RAW_STEP):
        part = sample[start : start + _RAW_STEP]
        found, values = read_peak_to_peak(query.dataset, part, query.channel_id)
        ids.append(found)
        sizes.append(values)
        yield answer
    n_without = len(sample) - sum(map(len, ids))
    behind = keep_finite(
        np.concatenate(ids), np.concatenate(sizes), len(query.background_ids), n_without
    )
    yield _answer(query, answer.clusters, behind, answer.name, answer.unit)


def _answer(
    query: AmplitudeQuery,
    clusters: tuple[SpikeValues, ...],
    background: SpikeValues | None,
    name: str,
    unit: str,
) -> Amplitudes:
    n_background = len(query.background_ids)
    is_full = background is not None
    return Amplitudes(clusters, background, n_background, name, unit, is_full)
