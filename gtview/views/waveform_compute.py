"""From what is selected to what the waveform view shows; runs in a thread, without Qt."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillReading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.waveforms import WaveformQuery, Waveforms, compute_waveforms
from .waveform_layout import LayoutOptions, lay_out_legible
from .waveform_scene import (
    Scene,
    Surface,
    choose_scale,
    kind_in_use,
    make_curves,
    size_of,
    truth_curves,
    with_raster,
)

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..analysis.channels import ChannelFinder
    from ..analysis.true_waveforms import TrueUnit
    from ..base.types import Int32Array
    from ..data.dataset import Dataset
    from ..session.session import ClusterSpikes

MAX_CHANNELS = 40
# Raw waveforms that take longer than this to read are awaited behind the templates.
PATIENCE_S = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is to be read: all that, while it stays the same, needs no reading again."""

    dataset: Dataset
    channels: ChannelFinder
    clusters: tuple[ClusterSpikes, ...]
    time_window_s: tuple[float, float] | None
    n_waveforms: int
    cutoff_hz: float | None
    true_unit: TrueUnit | None

    @property
    def key(self) -> Hashable:
        """A value that is the same for the same reading, as long as this object lives."""
        clusters = tuple((c.cluster_id, id(c.spike_ids)) for c in self.clusters)
        unit = None if self.true_unit is None else self.true_unit.unit_id
        rest = self.time_window_s, self.n_waveforms, self.cutoff_hz, unit
        return id(self.dataset), clusters, rest


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What was read last, for a change of scale, of zoom or of settings."""

    asked: Asked
    data: Waveforms
    has_raw: bool


@dataclass(frozen=True, slots=True, eq=False)
class WaveformViewQuery:
    """Everything that the picture depends on; `known` saves reading again.

    `ahead` was read before anybody asked for it: it saves reading, and is new all the same.
    `per_box` is the scale in use; None: fit it.
    """

    asked: Asked
    known: Known | None
    ahead: Known | None
    kind: str
    mean_on_top: bool
    has_truth: bool
    labels: bool
    chosen: tuple[int, ...]
    options: LayoutOptions
    per_box: float | None
    surface: Surface


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A scene, what it was made of, and the kind that is really drawn."""

    scene: Scene
    known: Known
    kind: str
    is_partial: bool


def compute_picture(query: WaveformViewQuery) -> Iterator[Picture | None]:
    """Make the picture; where reading is slow, first one of the templates alone.

    Gives None when no channel of the clusters is known.
    """
    needs_raw = query.kind != "templates" and query.asked.dataset.raw is not None
    known = query.known
    is_new = known is None or known.asked.key != query.asked.key
    if known is not None and not is_new and (known.has_raw or not needs_raw):
        yield make_picture(query, known, is_new=False)
        return
    if query.ahead is not None and query.ahead.has_raw >= needs_raw:
        yield make_picture(query, query.ahead, is_new=is_new)
        return
    wanted = _waveform_query(query.asked)
    if not len(wanted.channel_ids):
        yield None
        return
    if not needs_raw:
        yield make_picture(query, _read(query.asked, wanted, has_raw=False), is_new=is_new)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="gtview-waveforms") as reader:
        reading = reader.submit(_read, query.asked, wanted, has_raw=True)
        try:
            full = reading.result(timeout=PATIENCE_S)
        except StillReading:
            early = _read(query.asked, wanted, has_raw=False)
            picture = make_picture(query, early, is_new=is_new)
            # No jump when the rest is there.
            query = replace(query, per_box=picture.scene.per_box)
            is_new = False
            yield replace(picture, is_partial=True)
            full = reading.result()
    yield make_picture(query, full, is_new=is_new)


def read_all(asked: Asked) -> Known | None:
    """Read what a picture with raw waveforms needs; None: no channel of the clusters is known."""
    wanted = _waveform_query(asked)
    return _read(asked, wanted, has_raw=True) if len(wanted.channel_ids) else None


def _read(asked: Asked, wanted: WaveformQuery, *, has_raw: bool) -> Known:
    wanted = wanted if has_raw else replace(wanted, max_waveforms=0)
    return Known(asked, compute_waveforms(wanted), has_raw)


def _waveform_query(asked: Asked) -> WaveformQuery:
    spikes = tuple(_within(asked, cluster.spike_ids) for cluster in asked.clusters)
    found = [
        asked.channels.find(cluster.spike_ids).shown(asked.dataset.channels)
        for cluster in asked.clusters
    ]
    return WaveformQuery(
        dataset=asked.dataset,
        cluster_ids=tuple(cluster.cluster_id for cluster in asked.clusters),
        spike_ids=spikes,
        channel_ids=join_in_turn(found)[:MAX_CHANNELS],
        max_waveforms=asked.n_waveforms,
        cutoff_hz=asked.cutoff_hz,
        true_unit=asked.true_unit,
    )


def _within(asked: Asked, spike_ids: Int32Array) -> Int32Array:
    """Return the spikes within the time window; they are in order of time."""
    if asked.time_window_s is None:
        return spike_ids
    edges = np.array(asked.time_window_s) * asked.dataset.sample_rate_hz
    first, last = np.searchsorted(asked.dataset.spike_samples[spike_ids], edges)
    return spike_ids[first:last]


def join_in_turn(lists: list[Int32Array]) -> Int32Array:
    """Join lists without repeats: the first of each, then the second of each, and so on."""
    longest = max((len(part) for part in lists), default=0)
    ids = (int(part[i]) for i in range(longest) for part in lists if i < len(part))
    return np.fromiter(dict.fromkeys(ids), np.int32)


def make_picture(query: WaveformViewQuery, known: Known, *, is_new: bool) -> Picture:
    """Lay out, scale and draw what was read."""
    data, dataset = known.data, query.asked.dataset
    positions = dataset.channels.positions_um[data.channel_ids]
    layout = lay_out_legible(data.channel_ids, positions, query.surface.size, query.options)
    channel_ids, n = layout.channel_ids, layout.n_channels
    kind = kind_in_use(data, query.kind)
    per_box = query.per_box
    if is_new or per_box is None:
        per_box = choose_scale(size_of(data, n), per_box)
    color_ids = tuple(cluster.color_id for cluster in query.asked.clusters)
    raw_channels = dataset.channels.raw_channels[channel_ids]
    parts: dict[str, Any] = make_curves(
        data, layout, color_ids, kind, mean_on_top=query.mean_on_top
    )
    scene = Scene(
        layout=layout,
        times_ms=data.times_ms,
        unit=data.unit,
        per_box=per_box,
        truth=truth_curves(data, n) if query.has_truth else None,
        labels=tuple(str(raw) for raw in raw_channels.tolist()) if query.labels else (),
        chosen=query.chosen,
        **parts,
    )
    return Picture(with_raster(scene, query.surface), known, kind, is_partial=False)
