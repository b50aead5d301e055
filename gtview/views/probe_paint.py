"""Paints the map of the probe: contacts, clusters, true units, labels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from ..base.types import Float64Array, Int64Array
from ..data.ground_truth import UnitId
from ..qt.plot import PlotPanel, small_font
from ..qt.plot_items import PixelItem
from ..qt.primitives import fill_rects
from ..qt.theme import Theme, cluster_color
from .probe_labels import Labels
from .probe_layout import ProbeMap

RING_PX = 11.0
SMALLEST_PX, LARGEST_PX = 4.0, 14.0
# Steps of colour between a contact without and one with the largest amplitude.
_N_SHADES = 24
_QUIETEST, _STRONGEST = 0.0, 0.75
# Round contacts are painted one by one.
_MOST_ROUND = 1500


@dataclass(frozen=True, slots=True, eq=False)
class ProbeScene:
    """What there is to paint.

    Attributes
    ----------
    cluster_ids : int64 array, (n_clusters,)
    clusters_um : float64 array, (n_clusters, 2)
        As drawn; NaN where it is not known.
    sizes_px : float64 array, (n_clusters,)
        Diameters of the marks.
    unit_ids
        Of the ground truth.
    units_um : float64 array, (n_units, 2)
    amplitudes : float64 array, (n_channels,)
        Of the first selected cluster, as shares of the largest.
    colors
        Place in the colour list of each selected cluster.
    unit_id
        The selected unit.
    channel_ids
        First and second channel that the user chose.
    """

    probe: ProbeMap
    cluster_ids: Int64Array
    clusters_um: Float64Array
    sizes_px: Float64Array
    unit_ids: tuple[UnitId, ...]
    units_um: Float64Array
    amplitudes: Float64Array
    colors: dict[int, int] = field(default_factory=dict)
    unit_id: UnitId | None = None
    channel_ids: tuple[int, ...] = ()
    is_round: bool = False
    has_labels: bool = False


def mark_sizes(rates_hz: Float64Array) -> Float64Array:
    """Return diameters in pixels: areas grow with the rates."""
    rates = np.nan_to_num(np.asarray(rates_hz, np.float64))
    largest = max(float(rates.max(initial=0.0)), 1e-12)
    sizes: Float64Array = SMALLEST_PX + (LARGEST_PX - SMALLEST_PX) * np.sqrt(rates / largest)
    return sizes


def to_pixels(panel: PlotPanel, places: Float64Array) -> Float64Array:
    """Return where places are in the panel, float64, (n, 2), pixels."""
    origin, unit = panel.to_pixels(0.0, 0.0), panel.to_pixels(1.0, 1.0)
    scale = np.array([unit.x() - origin.x(), unit.y() - origin.y()])
    pixels: Float64Array = places * scale + [origin.x(), origin.y()]
    return pixels


class ProbeItem(PixelItem):
    """Paints a scene in the colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.shown: ProbeScene | None = None
        self._under: tuple[str, int] | None = None

    def set_scene(self, scene: ProbeScene | None) -> None:
        """Show something else."""
        self.shown = scene
        self.update()

    def set_under(self, under: tuple[str, int] | None) -> None:
        """Mark what is at the pointer: "cluster", "unit" or "channel", and its place."""
        if under != self._under:
            self._under = under
            self.update()

    # What is where -------------------------------------------------------------------------

    def contact_size(self, panel: PlotPanel) -> tuple[float, float]:
        """Return width and height of a contact in pixels."""
        if self.shown is None:
            return 1.0, 1.0
        side = self.shown.probe.contact_um
        corner, origin = panel.to_pixels(side, side), panel.to_pixels(0.0, 0.0)
        return max(corner.x() - origin.x(), 2.0), max(origin.y() - corner.y(), 2.0)

    def find(self, panel: PlotPanel, x: float, y: float) -> tuple[str, int] | None:
        """Return what is at a point in um: a cluster before a unit, a unit before a contact."""
        scene = self.shown
        if scene is None:
            return None
        at = panel.to_pixels(x, y)
        place = np.array([at.x(), at.y()])
        for name, places, reach in (
            ("cluster", scene.clusters_um, scene.sizes_px / 2 + 2.0),
            ("unit", scene.units_um, np.full(len(scene.units_um), RING_PX / 2 + 2.0)),
        ):
            off = np.hypot(*(to_pixels(panel, places) - place).T) - reach
            off = np.where(np.isfinite(off), off, np.inf)
            if len(off) and off.min() <= 0:
                return name, int(off.argmin())
        width, height = self.contact_size(panel)
        steps = np.abs(to_pixels(panel, scene.probe.contacts_um) - place)
        is_on = (steps[:, 0] <= width / 2 + 1) & (steps[:, 1] <= height / 2 + 1)
        found = np.flatnonzero(is_on)
        return ("channel", int(found[0])) if len(found) else None

    # Painting ------------------------------------------------------------------------------

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self.shown is None:
            return
        painter.save()
        painter.setClipRect(panel.box.rect())
        painter.setFont(small_font())
        self._paint_contacts(painter, panel, self.shown)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clusters = to_pixels(panel, self.shown.clusters_um)
        units = to_pixels(panel, self.shown.units_um)
        self._paint_clusters(painter, self.shown, clusters)
        self._paint_units(painter, self.shown, units)
        self._paint_selected(painter, self.shown, clusters)
        self._paint_labels(painter, panel, self.shown, clusters, units)
        painter.restore()

    def _paint_contacts(self, painter: QPainter, panel: PlotPanel, scene: ProbeScene) -> None:
        width, height = self.contact_size(panel)
        centres = to_pixels(panel, scene.probe.contacts_um)
        rects = np.column_stack(
            [centres[:, 0] - width / 2, centres[:, 1] - height / 2,
             np.full(len(centres), width), np.full(len(centres), height)]
        )  # fmt: skip
        is_round = scene.is_round and len(centres) <= _MOST_ROUND
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_round)
        shades = np.rint(np.clip(scene.amplitudes, 0, 1) * (_N_SHADES - 1)).astype(int)
        for shade in np.unique(shades).tolist():
            color = self._shade(scene, shade / (_N_SHADES - 1))
            part = rects[shades == shade]
            if is_round:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                for rect in part.tolist():
                    painter.drawEllipse(QRectF(*rect))
            else:
                fill_rects(painter, part, color)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        marked = [("accent", k) for k in scene.channel_ids if k < len(rects)]
        if self._under is not None and self._under[0] == "channel":
            marked.append(("quiet", self._under[1]))
        for name, k in marked:
            painter.setPen(QPen(self.theme.color(name), 1.5))
            rect = QRectF(*rects[k].tolist()).adjusted(-1, -1, 1, 1)
            (painter.drawEllipse if is_round else painter.drawRect)(rect)

    def _shade(self, scene: ProbeScene, share: float) -> QColor:
        """Return the colour of a contact: the more of the first cluster's, the larger it is."""
        base = self.theme.color("line")
        if not scene.colors or share <= 0:
            return base
        strong = cluster_color(next(iter(scene.colors.values())))
        part = _QUIETEST + (_STRONGEST - _QUIETEST) * share
        pairs = zip(base.getRgb()[:3], strong.getRgb()[:3], strict=True)
        return QColor(*(round((1 - part) * int(a or 0) + part * int(b or 0)) for a, b in pairs))

    def _paint_clusters(self, painter: QPainter, scene: ProbeScene, centres: Float64Array) -> None:
        painter.setPen(QPen(self.theme.color("plot"), 1))
        painter.setBrush(self.theme.color("quiet", 200))
        for k in self._shown(centres):
            if int(scene.cluster_ids[k]) not in scene.colors:
                self._disc(painter, centres[k], scene.sizes_px[k])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._under is not None and self._under[0] == "cluster":
            k = self._under[1]
            painter.setPen(QPen(self.theme.color("text"), 1.5))
            self._disc(painter, centres[k], scene.sizes_px[k] + 4)

    def _paint_selected(self, painter: QPainter, scene: ProbeScene, centres: Float64Array) -> None:
        painter.setPen(QPen(self.theme.color("plot"), 1.5))
        for k in self._shown(centres):
            color = scene.colors.get(int(scene.cluster_ids[k]))
            if color is not None:
                painter.setBrush(cluster_color(color))
                self._disc(painter, centres[k], max(scene.sizes_px[k], 8.0) + 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_units(self, painter: QPainter, scene: ProbeScene, centres: Float64Array) -> None:
        for k in self._shown(centres):
            is_chosen = scene.unit_ids[k] == scene.unit_id
            is_under = self._under == ("unit", k)
            width = 2.5 if is_chosen or is_under else 1.2
            painter.setPen(QPen(self.theme.color("truth", 255 if is_chosen else 190), width))
            self._disc(painter, centres[k], RING_PX + (2 if is_chosen else 0))

    def _paint_labels(
        self,
        painter: QPainter,
        panel: PlotPanel,
        scene: ProbeScene,
        clusters: Float64Array,
        units: Float64Array,
    ) -> None:
        """Write what is selected, and with labels all that has room."""
        area = panel.box.rect()
        labels = Labels(painter, self.theme, area)
        order = self._shown(clusters)
        order.sort(key=lambda k: int(scene.cluster_ids[k]) not in scene.colors)
        for k in order:
            is_chosen = int(scene.cluster_ids[k]) in scene.colors
            if is_chosen or scene.has_labels:
                name = "text" if is_chosen else "quiet"
                labels.write(str(scene.cluster_ids[k]), clusters[k], scene.sizes_px[k] / 2, name)
        for k in self._shown(units):
            if scene.has_labels or scene.unit_ids[k] == scene.unit_id:
                labels.write(str(scene.unit_ids[k]), units[k], -RING_PX / 2, "truth")
        if scene.has_labels:
            raw = scene.probe.channels.raw_channels
            contacts = to_pixels(panel, scene.probe.contacts_um)
            width, height = self.contact_size(panel)
            for k in self._shown(contacts):
                labels.write_inside(str(int(raw[k])), contacts[k], width, height)

    def _shown(self, centres: Float64Array) -> list[int]:
        """Return what is in sight, with a margin for marks that are cut."""
        rect = self.boundingRect()
        is_in = np.isfinite(centres).all(axis=1)
        with np.errstate(invalid="ignore"):
            is_in &= (centres >= -20).all(axis=1)
            is_in &= (centres <= [rect.width() + 20, rect.height() + 20]).all(axis=1)
        return [int(k) for k in np.flatnonzero(is_in)]

    @staticmethod
    def _disc(painter: QPainter, centre: Float64Array, diameter: float) -> None:
        radius = float(diameter) / 2
        painter.drawEllipse(QPointF(float(centre[0]), float(centre[1])), radius, radius)
