"""What the waveform view shows, as arrays in pixels; made in a thread, without Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..kernels.bands import draw_bands
from ..kernels.curve_groups import draw_curve_groups
from ..kernels.lines import new_image
from ..kernels.thick_lines import draw_thick_polylines
from .waveform_layout import ZERO_AT, WaveformLayout

if TYPE_CHECKING:
    from ..analysis.waveforms import ClusterWaveforms, Waveforms
    from ..base.types import Float32Array, Float64Array
    from ..qt.canvas import Viewport

Rgb = tuple[int, int, int]
KINDS = ("waveforms", "mean", "templates")
# More vertices than this are drawn as an image: Qt would take longer than a turn of the loop.
MAX_VERTICES = 3000
BAND_OPACITY = 0.22
RIM, RIM_OPACITY = 2.4, 0.75
# A template with fewer of a cluster's spikes than this is not drawn, unless it is the only one.
LEAST_SHARE = 0.02
MAX_TEMPLATES = 6
# The scale is kept while the largest waveform takes between these parts of its box.
SCALE_KEPT = (0.12, 2.5)
# A box has room for the noise of raw waveforms up to so many standard deviations.
NOISE_IN_BOX = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Curves of one cluster (or of the truth: `color_id` None) on every channel.

    `values` is float32, (n_curves, n_samples, n_channels), in the scene's unit.
    """

    color_id: int | None
    slot: int
    values: Float32Array
    opacity: float
    width: float

    @property
    def n_vertices(self) -> int:
        """Number of points of all curves."""
        return self.values.size


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Spread of the waveforms of one cluster; low and high are (n_samples, n_channels)."""

    color_id: int
    slot: int
    low: Float32Array
    high: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that is painted.

    Attributes
    ----------
    layout, times_ms, unit
        Boxes of the channels; time of each sample; unit of all values.
    per_box
        Size, in that unit, that fills the height of a box.
    bands, thin, thick, truth
        What is drawn, from the back to the front.
    labels
        Text of each channel; () when they are off.
    chosen
        Channels chosen for the other views, the first and the second.
    raster
        The parts named in `rastered` as an image, made for `viewport`.
    """

    layout: WaveformLayout
    times_ms: Float64Array
    unit: str
    per_box: float
    bands: tuple[Band, ...] = ()
    thin: tuple[Curves, ...] = ()
    thick: tuple[Curves, ...] = ()
    truth: Curves | None = None
    labels: tuple[str, ...] = ()
    chosen: tuple[int, ...] = ()
    raster: Any = None
    rastered: frozenset[str] = frozenset()
    viewport: Viewport | None = None
    device_pixel_ratio: float = 1.0
    size: tuple[int, int] = field(default=(0, 0))

    @property
    def has_rims(self) -> bool:
        """Whether means lie over waveforms of their colour, and a rim must part them."""
        return bool(self.thin)

    def curve_x(self, viewport: Viewport, slot: int) -> Float64Array:
        """Return the x of each sample in each box, (n_channels, n_samples), pixels."""
        start, stop = self.times_ms[0], self.times_ms[-1]
        share = (self.times_ms - start) / max(stop - start, 1e-9)
        left = self.layout.curve_left(slot)
        return viewport.x(left[:, None] + share * self.layout.curve_width)

    def curve_y(self, viewport: Viewport, values: Float32Array) -> Float64Array:
        """Return the y of values (..., n_samples, n_channels) as (..., n_channels, n_samples)."""
        up = np.moveaxis(values, -1, -2) * (self.layout.box[1] / self.per_box)
        return viewport.y(self.layout.zero_y()[:, None] - up)


def available_kinds(*, has_raw: bool, has_templates: bool) -> tuple[str, ...]:
    """Return which of `KINDS` can be drawn."""
    return KINDS[: 2 if has_raw else 0] + KINDS[2 : 3 if has_templates else 2]


def kind_in_use(data: Waveforms, wanted: str) -> str:
    """Return what is drawn: what is wanted, or what there is of the clusters."""
    has_raw = any(cluster.mean is not None for cluster in data.clusters)
    has_templates = any(cluster.templates for cluster in data.clusters)
    kinds = available_kinds(has_raw=has_raw, has_templates=has_templates)
    return wanted if wanted in kinds or not kinds else kinds[0]


def size_of(data: Waveforms, n_channels: int) -> float:
    """Return the height of the box that the largest waveform would just fill; 0: no waveform.

    Where the noise is larger than the mean, the noise counts.
    """
    sizes = [0.0]
    for cluster in data.clusters:
        reference = cluster.reference
        if reference is not None and reference.size:
            shown = reference[:, :n_channels]
            sizes += [float(-shown.min()) / (1 - ZERO_AT), float(shown.max()) / ZERO_AT]
        if cluster.deviation is not None and cluster.deviation.size:
            spread = float(np.median(cluster.deviation[:, :n_channels]))
            sizes.append(NOISE_IN_BOX * spread / ZERO_AT)
    return max(sizes)


def choose_scale(size: float, kept: float | None) -> float:
    """Return the size that fills a box: the one in use, as long as waveforms can be seen at it."""
    if not np.isfinite(size) or size <= 0:
        return kept or 1.0
    if kept is not None and SCALE_KEPT[0] <= size / kept <= SCALE_KEPT[1]:
        return kept
    return 1.05 * size


def make_curves(
    data: Waveforms,
    layout: WaveformLayout,
    color_ids: tuple[int, ...],
    kind: str,
    *,
    mean_on_top: bool,
) -> dict[str, tuple[Any, ...]]:
    """Return the bands, thin and thick curves of what is to be drawn."""
    n = layout.n_channels
    found: dict[str, list[Any]] = {"bands": [], "thin": [], "thick": []}
    for index, (cluster, color_id) in enumerate(zip(data.clusters, color_ids, strict=True)):
        slot = index % layout.n_slots
        if kind == "templates" or cluster.mean is None or cluster.deviation is None:
            found["thick"] += _template_curves(cluster, color_id, slot, n)
            continue
        mean = cluster.mean[:, :n]
        if kind == "mean":
            spread = cluster.deviation[:, :n]
            found["bands"].append(Band(color_id, slot, mean - spread, mean + spread))
        else:
            opacity = float(np.clip(12 / max(len(cluster.waveforms), 1), 0.12, 0.7))
            raw = cluster.waveforms[:, :, :n]
            found["thin"].append(Curves(color_id, slot, raw, opacity, 1.0))
        if kind == "mean" or mean_on_top:
            found["thick"].append(Curves(color_id, slot, mean[None], 1.0, 2.0))
    return {name: tuple(items) for name, items in found.items()}


def _template_curves(
    cluster: ClusterWaveforms, color_id: int, slot: int, n_channels: int
) -> list[Curves]:
    """Return a curve for each template of a cluster, fainter for those of few spikes."""
    templates = cluster.templates[:MAX_TEMPLATES]
    used = [t for i, t in enumerate(templates) if i == 0 or t.share >= LEAST_SHARE]
    most = max((t.share for t in used), default=1.0) or 1.0
    # The main template is drawn last, over the others.
    return [
        Curves(
            color_id,
            slot,
            t.waveform[None, :, :n_channels],
            0.25 + 0.75 * t.share / most,
            2.0 if t is used[0] else 1.2,
        )
        for t in reversed(used)
    ]


def truth_curves(data: Waveforms, n_channels: int) -> Curves | None:
    """Return the true template; it is laid over the first cluster."""
    if data.true_template is None:
        return None
    return Curves(None, 0, data.true_template.waveform[None, :, :n_channels], 1.0, 1.6)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Where a picture is drawn, and with which colours.

    `size` is in pixels of the widget; `colors` has the red, green and blue of each colour id;
    `background` is that of the theme.
    """

    viewport: Viewport
    size: tuple[int, int]
    device_pixel_ratio: float
    colors: dict[int, Rgb]
    background: Rgb


def with_raster(scene: Scene, surface: Surface) -> Scene:
    """Return the scene with its many curves drawn into an image, for a place and a zoom.

    The parts that make it too large are drawn, and those in front of them that would be slow
    too; the truth never is.
    """
    viewport, size, ratio = surface.viewport, surface.size, surface.device_pixel_ratio
    rastered = parts_to_raster(scene)
    scene = replace(
        scene, viewport=viewport, size=size, device_pixel_ratio=ratio, rastered=rastered
    )
    if not rastered or min(size) < 1:
        return replace(scene, rastered=frozenset())
    image = new_image(round(size[1] * ratio), round(size[0] * ratio))
    for band in scene.bands if "bands" in rastered else ():
        x = scene.curve_x(viewport, band.slot) * ratio
        top = scene.curve_y(viewport, band.high) * ratio
        bottom = scene.curve_y(viewport, band.low) * ratio
        draw_bands(image, x, top, bottom, surface.colors[band.color_id], BAND_OPACITY)
    for curves in scene.thin if "thin" in rastered else ():
        _draw_thin(image, scene, surface, curves)
    for curves in scene.thick if "thick" in rastered else ():
        _draw_thick(image, scene, surface, curves)
    return replace(scene, raster=image)


def _draw_thin(image: Any, scene: Scene, surface: Surface, curves: Curves) -> None:
    ratio = surface.device_pixel_ratio
    x = scene.curve_x(surface.viewport, curves.slot) * ratio
    # Each channel is a group of its own, in its own part of the image.
    y = np.moveaxis(scene.curve_y(surface.viewport, curves.values), 0, 1) * ratio
    color = surface.colors[curves.color_id or 0]
    draw_curve_groups(image, x, y, color, curves.opacity, curves.width * ratio)


def _draw_thick(image: Any, scene: Scene, surface: Surface, curves: Curves) -> None:
    ratio = surface.device_pixel_ratio
    x = scene.curve_x(surface.viewport, curves.slot) * ratio
    y = scene.curve_y(surface.viewport, curves.values).reshape(-1, x.shape[1]) * ratio
    x = np.tile(x, (len(curves.values), 1))
    if scene.has_rims:
        rim = (curves.width + RIM) * ratio
        draw_thick_polylines(image, x, y, surface.background, RIM_OPACITY, rim)
    color = surface.colors[curves.color_id or 0]
    draw_thick_polylines(image, x, y, color, curves.opacity, curves.width * ratio)


def parts_to_raster(scene: Scene) -> frozenset[str]:
    """Return the parts to be drawn as an image, such that the rest is quick to paint."""
    n_thin = sum(curves.n_vertices for curves in scene.thin)
    n_bands = sum(2 * band.low.size for band in scene.bands)
    n_thick = sum(curves.n_vertices for curves in scene.thick)
    if n_thin + n_bands + n_thick <= MAX_VERTICES:
        return frozenset()
    # Wide lines take Qt longest: as soon as there is an image they are in it.
    counts = {"bands": n_bands, "thin": n_thin, "thick": n_thick}
    return frozenset(name for name, n in counts.items() if n)
