"""The ways to measure how large spikes are: each tells clusters first, and then what is behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from ..base.types import Float32Array, Int32Array
from ..data.dataset import Dataset
from .amplitude_query import AmplitudeQuery
from .features import FeatureQuery, compute_features
from .peak_to_peak import measure_trains, read_peak_to_peak
from .sampling import sample_evenly
from .spike_features import SpikeFeatures, read_spike_features
from .spike_values import SpikeValues, keep_finite
from .template_features import ClusterProjections, ProjectionQuery, compute_projections
from .template_projections import Projections

# Of the background, where it has to come from disk.
FEATURE_BACKGROUND = 10_000
RAW_BACKGROUND = 1000
_RAW_STEP = 125
MICROVOLT = "\N{MICRO SIGN}V"


class Measure(Protocol):
    """One way to measure.

    Attributes
    ----------
    name, unit
        What the values are; the unit is "" where the sorter does not tell one.
    is_at_hand
        Whether all of it is in memory.
    """

    name: str
    unit: str
    is_at_hand: bool

    def clusters(self) -> Iterator[tuple[SpikeValues, ...]]:
        """Yield better and better answers; the same one again is only a chance to stop."""

    def background(self) -> Iterator[SpikeValues | None]:
        """Yield None as a chance to stop, and at the end the answer."""


# Template amplitude --------------------------------------------------------------------------


class TemplateAmplitude:
    """The sorter's amplitude; see `template_amplitudes`."""

    is_at_hand = True

    def __init__(self, query: AmplitudeQuery) -> None:
        self._query = query
        self.name = "template amplitude"
        is_uv = query.is_in_uv and can_be_in_uv(query.dataset)
        self.unit = MICROVOLT if is_uv else ""

    def clusters(self) -> Iterator[tuple[SpikeValues, ...]]:
        """Yield all."""
        yield tuple(self._of(spike_ids) for spike_ids in self._query.spike_ids)

    def background(self) -> Iterator[SpikeValues | None]:
        """Yield all."""
        yield self._of(self._query.background_ids)

    def _of(self, spike_ids: Int32Array) -> SpikeValues:
        is_in_uv = self._query.is_in_uv
        return keep_finite(
            spike_ids, template_amplitudes(self._query.dataset, spike_ids, is_in_uv=is_in_uv)
        )


def can_be_in_uv(dataset: Dataset) -> bool:
    """Whether the sorter's amplitudes can be told in microvolts."""
    if dataset.kind == "gtview":
        return dataset.gain is not None
    is_factor = dataset.kind == "kilosort" and dataset.templates is not None
    return is_factor and dataset.gain is not None


def template_amplitudes(
    dataset: Dataset, spike_ids: Int32Array, *, is_in_uv: bool = True
) -> Float32Array:
    """Return the sorter's amplitude of some spikes, in microvolts or in the sorter's own unit.

    Kilosort 1 to 3 find a spike as template x amplitude, so where the gain is known, it is also
    told in microvolts: the amplitude times the peak-to-peak size of the unwhitened template on
    its best channel. gtview's own exports hold that product, in microvolts where the gain was
    known. What Kilosort 4 and SpikeInterface write is something else (a norm in whitened units,
    and a peak), so there the numbers stay as they are.

    Parameters
    ----------
    dataset
        With amplitudes.
    spike_ids : int32 array, (n,)
    is_in_uv
        In microvolts if `can_be_in_uv`.

    Returns
    -------
    float32 array, (n,)

    Raises
    ------
    ValueError
        The dataset has no amplitudes.
    """
    if dataset.amplitudes is None:
        raise ValueError("the dataset has no amplitudes")
    amplitudes: Float32Array = dataset.amplitudes[spike_ids]
    if not (is_in_uv and can_be_in_uv(dataset)):
        return amplitudes
    if dataset.templates is None or dataset.kind == "gtview":
        is_uv_in_file = "gain_to_uv" in dataset.params
        return amplitudes if is_uv_in_file else amplitudes * np.float32(dataset.uv_per_bit)
    sizes = dataset.templates.peak_to_peak().max(axis=1) * np.float32(dataset.uv_per_bit)
    scaled: Float32Array = amplitudes * sizes[dataset.spike_templates[spike_ids]]
    return scaled


# Feature -------------------------------------------------------------------------------------


class Feature:
    """One principal component on one channel."""

    is_at_hand = False
    unit = ""

    def __init__(self, query: AmplitudeQuery) -> None:
        if query.channel_id is None:
            raise ValueError("no channel is given")
        self._query = query
        self._channel_ids = (query.channel_id,)
        self._n_pcs = query.pc + 1
        # Called as in the raw file, which is how everybody knows them.
        raw_channel = int(query.dataset.channels.raw_channels[query.channel_id])
        self.name = f"PC{query.pc + 1} on channel {raw_channel}"

    def clusters(self) -> Iterator[tuple[SpikeValues, ...]]:
        """Yield a sample where all would take long, then all."""
        query = self._query
        asked = FeatureQuery(query.dataset, query.spike_ids, self._channel_ids, self._n_pcs)
        last: object = None
        shown: tuple[SpikeValues, ...] = ()
        for found in compute_features(asked):
            if found is not last:
                last, shown = found, tuple(
                    _of_feature(part, len(spike_ids))
                    for part, spike_ids in zip(found.clusters, query.spike_ids, strict=True)
                )  # fmt: skip
            yield shown

    def background(self) -> Iterator[SpikeValues | None]:
        """Yield an even sample."""
        query = self._query
        sample = sample_evenly(query.background_ids, FEATURE_BACKGROUND)
        found = read_spike_features(query.dataset, sample, self._channel_ids, self._n_pcs)
        yield _of_feature(found, len(query.background_ids))


def _of_feature(features: SpikeFeatures, n_asked: int) -> SpikeValues:
    values = features.values[0, -1]
    has = np.isfinite(values)
    n_without = features.n_without + features.n_off_channels
    return SpikeValues(
        spike_ids=features.spike_ids[has],
        values=values[has],
        n_asked=n_asked,
        n_read=features.n_asked,
        n_without=n_without,
        n_not_finite=features.n_asked - n_without - int(np.count_nonzero(has)),
    )


# Template feature ----------------------------------------------------------------------------


class TemplateFeature:
    """The projection on the templates of a cluster."""

    is_at_hand = False
    unit = ""

    def __init__(self, query: AmplitudeQuery) -> None:
        if query.axis is None or query.means is None:
            raise ValueError("no cluster is given to project on")
        self._query, self._axis, self._means = query, query.axis, query.means
        self.name = f"template feature of cluster {query.axis.cluster_id}"

    def clusters(self) -> Iterator[tuple[SpikeValues, ...]]:
        """Yield a sample where all would take long, then all."""
        spike_ids = self._query.spike_ids
        last: object = None
        shown: tuple[SpikeValues, ...] = ()
        for found in self._project(spike_ids):
            if found is not last:
                last, shown = found, tuple(
                    _of_projection(part, len(ids))
                    for part, ids in zip(found.clusters, spike_ids, strict=True)
                )  # fmt: skip
            yield shown

    def background(self) -> Iterator[SpikeValues | None]:
        """Yield an even sample."""
        behind = self._query.background_ids
        found = None
        for better in self._project((sample_evenly(behind, FEATURE_BACKGROUND),)):
            found = better
            yield None
        if found is not None:
            yield _of_projection(found.clusters[0], len(behind))

    def _project(self, spike_ids: tuple[Int32Array, ...]) -> Iterator[ClusterProjections]:
        axes = (self._axis.spike_ids,)
        asked = ProjectionQuery(self._query.dataset, spike_ids, axes, self._means)
        return compute_projections(asked)


def _of_projection(found: Projections, n_asked: int) -> SpikeValues:
    """Return the projections that exist; of others the export says nothing."""
    values = found.values[0]
    has = np.isfinite(values)
    n_without = found.n_asked - int(np.count_nonzero(has))
    return SpikeValues(found.spike_ids[has], values[has], n_asked, found.n_asked, n_without)


# Raw peak-to-peak ----------------------------------------------------------------------------


class RawPeakToPeak:
    """The size in the recording, each cluster on its own channel; see `read_peak_to_peak`."""

    is_at_hand = False

    def __init__(self, query: AmplitudeQuery) -> None:
        self._query = query
        self.name = "raw peak-to-peak"
        self.unit = query.dataset.amplitude_unit

    def clusters(self) -> Iterator[tuple[SpikeValues, ...]]:
        """Yield more and more of them."""
        query = self._query
        return measure_trains(query.dataset, query.trains, query.raw_limit, query.cache)

    def background(self) -> Iterator[SpikeValues | None]:
        """Yield an even sample, measured on the channel of the first cluster."""
        query = self._query
        behind, channel_id = query.background_ids, query.channel_id
        sample = np.sort(sample_evenly(behind, RAW_BACKGROUND if channel_id is not None else 0))
        ids, sizes = [sample[:0]], [np.empty(0, np.float32)]
        for start in range(0, len(sample), _RAW_STEP):
            part = sample[start : start + _RAW_STEP]
            found, values = read_peak_to_peak(query.dataset, part, channel_id or 0)
            ids.append(found)
            sizes.append(values)
            yield None
        n_without = len(sample) - sum(map(len, ids))
        yield keep_finite(np.concatenate(ids), np.concatenate(sizes), len(behind), n_without)
