"""What the drift view shows of the truth: missed spikes, and recall along trajectories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QLineF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from ..qt.plot import PlotPanel
from ..qt.plot_items import PixelItem
from ..qt.points import PointLayer
from ..qt.theme import Theme
from ..scoring.states import SpikeState
from ..session.tables import unit_depths
from ..session.truth_curves import compute_recall_over_time
from .spike_marks import state_rgb

if TYPE_CHECKING:
    from ..base.types import Float64Array
    from ..session.spike_truth import SpikeTruth
    from .state_colors import StateColors

# Pieces of all bands together: more would take too long to paint.
MOST_PIECES = 4000
_BINS = (12, 60)
_WIDTH_PX, _QUIET_PX = 9.0, 4.0
_ALPHA, _QUIET_ALPHA = 200, 90


@dataclass(frozen=True, slots=True, eq=False)
class RecallBand:
    """Recall of a unit along its way.

    Attributes
    ----------
    edges_s, depths_um : float64 arrays, (n_bins + 1,)
        Where the unit is at the edges of the bins.
    recall : float64 array, (n_bins,)
        NaN where it has no spikes.
    is_chosen
        Whether it is the unit that is looked at.
    """

    edges_s: Float64Array
    depths_um: Float64Array
    recall: Float64Array
    is_chosen: bool


def find_bands(truth: SpikeTruth, chosen: tuple[int, ...]) -> tuple[RecallBand, ...]:
    """Return the band of each unit of which the place is known, those that are chosen last.

    Of more units than can be painted, the largest; those that are chosen always.

    Parameters
    ----------
    truth
        What became of the spikes.
    chosen
        Positions of units.
    """
    facts = truth.facts
    depths = unit_depths(facts.truth)
    known = np.flatnonzero(np.isfinite(depths))
    most = MOST_PIECES // _BINS[0]
    by_size = known[np.argsort(-facts.truth.unit_sizes[known], kind="stable")][:most]
    units = [u for u in by_size.tolist() if u not in chosen]
    units += [u for u in chosen if np.isfinite(depths[u])]
    if not units:
        return ()
    n_bins = int(np.clip(MOST_PIECES // len(units), *_BINS))
    found = compute_recall_over_time(truth, n_bins)
    return tuple(
        RecallBand(
            found.edges_s,
            depths[unit] + facts.displacement_at(unit, found.edges_s),
            found.of(unit),
            unit in chosen,
        )
        for unit in units
    )


def missed_layers(states: StateColors, dot_size: float) -> tuple[PointLayer, ...]:
    """Return the missed spikes at the depth where their unit is; none where that is not known."""
    facts = states.truth.facts
    depths = unit_depths(facts.truth)
    layers = []
    for unit, at in states.missed():
        if len(at) and np.isfinite(depths[unit]):
            samples = facts.truth.spike_samples[at]
            moved = facts.displacement_at(unit, samples / facts.sample_rate_hz)
            layers.append(
                PointLayer(
                    samples,
                    (depths[unit] + moved).astype(np.float32),
                    state_rgb(SpikeState.MISSED),
                    size=dot_size,
                    x_scale=1 / facts.sample_rate_hz,
                    is_sorted=True,
                )
            )
    return tuple(layers)


def recall_color(recall: float, alpha: int = 255) -> QColor:
    """Return the colour of a recall: from that of missed spikes to that of found ones."""
    low, high = (np.array(state_rgb(s), float) for s in (SpikeState.MISSED, SpikeState.FOUND))
    red, green, blue = np.round(low + (high - low) * recall).astype(int).tolist()
    return QColor(red, green, blue, alpha)


class RecallItem(PixelItem):
    """Bands along the ways of units, below the dots: wide where they are chosen."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.bands: tuple[RecallBand, ...] = ()
        self.setZValue(-10)

    def set_bands(self, bands: tuple[RecallBand, ...]) -> None:
        """Show these."""
        self.bands = bands
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if not self.bands:
            return
        painter.save()
        painter.setClipRect(panel.box.rect())
        for band in self.bands:
            self._paint(painter, panel, band)
        painter.restore()

    def _paint(self, painter: QPainter, panel: PlotPanel, band: RecallBand) -> None:
        corners = [panel.to_pixels(panel.x_range[k], panel.y_range[k]) for k in (0, 1)]
        (x0, x1), (y0, y1) = panel.x_range, panel.y_range
        across = (corners[1].x() - corners[0].x()) / (x1 - x0)
        up = (corners[1].y() - corners[0].y()) / (y1 - y0)
        x = (corners[0].x() + across * (band.edges_s - x0)).tolist()
        y = (corners[0].y() + up * (band.depths_um - y0)).tolist()
        width = _WIDTH_PX if band.is_chosen else _QUIET_PX
        alpha = _ALPHA if band.is_chosen else _QUIET_ALPHA
        for k, recall in enumerate(band.recall.tolist()):
            if np.isnan(recall) or band.edges_s[k + 1] < x0 or band.edges_s[k] > x1:
                continue
            pen = QPen(recall_color(recall, alpha), width)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(QLineF(x[k], y[k], x[k + 1], y[k + 1]))
