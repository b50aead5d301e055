"""Features of some spikes on chosen channels and components; what does not exist is absent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..base.types import BoolArray, Float32Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from ..data.features import FeatureFile


@dataclass(frozen=True, slots=True, eq=False)
class SpikeFeatures:
    """Features of some spikes; what does not exist is NaN, never 0.

    Attributes
    ----------
    spike_ids : int32 array, (n,)
        The spikes that have features, in the order asked.
    values : float32 array, (n_channels, n_pcs, n), in the sorter's unit
        NaN: the spike's template lacks the channel, or the file holds no finite number, or
        zeros in all of these components: sorters fill channels with them that they did not use.
    n_asked
        Spikes that were asked for.
    n_without
        Those that have no features at all.
    n_off_channels
        Those with features, but on none of the channels.
    n_not_finite
        Those with a NaN or an infinite number in the file, on these channels and components.
    """

    spike_ids: Int32Array
    values: Float32Array
    n_asked: int
    n_without: int
    n_off_channels: int
    n_not_finite: int


def read_spike_features(
    dataset: Dataset, spike_ids: Int32Array, channel_ids: Sequence[int], n_pcs: int
) -> SpikeFeatures:
    """Read the features of some spikes on some channels.

    Parameters
    ----------
    dataset
        With `pc_features`.
    spike_ids : int32 array, (n_spikes,)
    channel_ids
        Rows of the channel map.
    n_pcs
        The first components.

    Raises
    ------
    ValueError
        The dataset has no features.
    DatasetError
        They cannot be read.
    """
    file = features_of(dataset)
    pcs = range(min(n_pcs, file.n_pcs))
    has = file.rows_of(spike_ids) >= 0
    kept = spike_ids if has.all() else spike_ids[has]
    found = _Collected.empty(len(channel_ids), len(pcs), len(kept))
    templates = dataset.spike_templates[kept]
    for columns, where in group_by_columns(file, templates, channel_ids):
        known = np.flatnonzero(columns >= 0)
        part, _ = file.read(kept[where], local_channels=columns[known].tolist(), pcs=pcs)
        for place, channel in enumerate(known.tolist()):
            found.put(channel, where, part[:, place].T)
    return found.as_features(kept, len(spike_ids))


def sampled_features(
    dataset: Dataset, spike_ids: Int32Array, channel_ids: Sequence[int], n_pcs: int
) -> SpikeFeatures | None:
    """Return what `read_spike_features` reads, from the sample in memory; None: it lacks some.

    Parameters
    ----------
    dataset
        With `pc_features`.
    spike_ids : int32 array, (n_spikes,)
    channel_ids, n_pcs
        As for `read_spike_features`.
    """
    file = features_of(dataset)
    n_pcs = min(n_pcs, file.n_pcs)
    sample = file.sample(n_pcs, dataset.spike_templates)
    if sample is None or file.channel_ids is None or (spike_ids % sample.step).any():
        return None
    rows = spike_ids // sample.step
    templates = sample.templates[rows]
    found = _Collected.empty(len(channel_ids), n_pcs, len(rows))
    for channel, channel_id in enumerate(channel_ids):
        is_same = file.channel_ids == channel_id
        columns = np.where(is_same.any(axis=1), is_same.argmax(axis=1), -1)[templates]
        where = np.flatnonzero(columns >= 0)
        found.put(channel, where, sample.values[columns[where], :n_pcs, rows[where]].T)
    return found.as_features(spike_ids, len(spike_ids))


@dataclass(frozen=True, slots=True, eq=False)
class _Collected:
    """What is known so far: see `SpikeFeatures.values`, and of each spike whether it has any."""

    values: Float32Array
    is_on: BoolArray
    is_broken: BoolArray

    @classmethod
    def empty(cls, n_channels: int, n_pcs: int, n: int) -> _Collected:
        values = np.full((n_channels, n_pcs, n), np.nan, np.float32)
        return cls(values, np.zeros(n, bool), np.zeros(n, bool))

    def put(self, channel: int, where: slice | Int64Array, numbers: Float32Array) -> None:
        """Take, and change, the numbers of some spikes on one channel: float32, (n_pcs, n)."""
        is_finite = np.isfinite(numbers)
        if not is_finite.all():
            numbers[~is_finite] = np.nan
            self.is_broken[where] |= ~is_finite.all(axis=0)
        is_filled = (numbers == 0).all(axis=0)
        if is_filled.any():
            numbers[:, is_filled] = np.nan
        self.is_on[where] |= ~is_filled
        self.values[channel][:, where] = numbers

    def as_features(self, spike_ids: Int32Array, n_asked: int) -> SpikeFeatures:
        """Return the answer for these spikes, of so many that were asked for."""
        return SpikeFeatures(
            spike_ids=spike_ids,
            values=self.values,
            n_asked=n_asked,
            n_without=n_asked - len(spike_ids),
            n_off_channels=len(spike_ids) - int(np.count_nonzero(self.is_on)),
            n_not_finite=int(np.count_nonzero(self.is_broken)),
        )


def group_by_columns(
    file: FeatureFile, template_ids: Int32Array, wanted_ids: Sequence[int]
) -> Iterator[tuple[Int64Array, slice | Int64Array]]:
    """Group spikes by where the file keeps what is wanted of them.

    Parameters
    ----------
    file
        Features on channels, or on templates.
    template_ids : int32 array, (n_spikes,)
        Template of each spike.
    wanted_ids
        Channels, or templates.

    Yields
    ------
    columns : int64 array, (n_wanted,)
        Column of each wanted id in the file; -1: these spikes lack it. Not all are -1.
    where : int64 array or slice
        Places of these spikes in `template_ids`, increasing.
    """
    if not len(template_ids) or not len(wanted_ids):
        return
    wanted = np.asarray(wanted_ids, np.int64)
    if file.channel_ids is None:
        yield np.where(wanted < file.n_local, wanted, -1), slice(None)
        return
    present = np.flatnonzero(np.bincount(template_ids))
    is_same = file.channel_ids[present][:, None, :] == wanted[None, :, None]
    columns = np.where(is_same.any(axis=2), is_same.argmax(axis=2), -1)
    if len(present) == 1:
        if (columns >= 0).any():
            yield columns[0], slice(None)
        return
    kinds, kind_of = np.unique(columns, axis=0, return_inverse=True)
    kind_of_template = np.zeros(int(present[-1]) + 1, np.int64)
    kind_of_template[present] = kind_of.reshape(-1)
    kind_of_spike = kind_of_template[template_ids]
    order = np.argsort(kind_of_spike, kind="stable")
    cuts = np.searchsorted(kind_of_spike[order], np.arange(len(kinds) + 1))
    for k, kind in enumerate(kinds):
        if (kind >= 0).any():
            yield kind, order[cuts[k] : cuts[k + 1]]


def features_of(dataset: Dataset) -> FeatureFile:
    """Return the features of a dataset on channels.

    Raises
    ------
    ValueError
        It has none.
    """
    if dataset.pc_features is None:
        raise ValueError("the dataset has no features")
    return dataset.pc_features
