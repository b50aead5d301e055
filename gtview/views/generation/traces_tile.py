"""Real traces of a preview, with its true spikes ringed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base.types import Float32Array
from ...generation.preview import LENGTH_S, Preview
from ...qt.compute import ComputePool
from ...qt.theme import Theme, cluster_color
from .curves import Curves, CurvesItem, MarksItem, ScaleBarItem
from .tiles import UV, PlotTile, rgb_of

_BARS_UV = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class TracesTile(PlotTile):
    """Real traces of 200 ms, the true spikes of large units ringed."""

    def __init__(self, title: str, pool: ComputePool, *, is_drifting: bool) -> None:
        super().__init__(title, "time (ms)", "channel")
        self._is_drifting = is_drifting
        self.curves, self.rings, self.bar = (
            CurvesItem(pool),
            MarksItem("ring", 8.0),
            ScaleBarItem(),
        )
        for item in (self.curves, self.rings, self.bar):
            self.panel.add(item)

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        traces = preview.traces
        values = traces.drifting_uv if self._is_drifting else traces.static_uv
        n, n_channels = values.shape
        per_uv = rows_per_uv(preview)
        rows = np.arange(n_channels, dtype=np.float32)
        y: Float32Array = np.ascontiguousarray((values * per_uv + rows).T, np.float32)
        times = np.arange(n) / traces.sample_rate_hz * 1000
        self.curves.set_curves((Curves(times, y, rgb_of(theme, "text"), 0.75, 0.8),))
        self.panel.y_axis.set_names(rows.tolist(), [str(c) for c in traces.channels.tolist()])
        self.panel.set_home((0.0, LENGTH_S * 1000), (-1.4, n_channels + 0.4))
        self._show_rings(preview, theme)
        length = next((b for b in _BARS_UV if b * per_uv > 0.8), _BARS_UV[-1])
        self.bar.set_bar(
            length * per_uv, f"{length} {UV}", theme.color("text"), theme.color("plot", 210)
        )
        start = f"at {traces.start_s:.1f} s"
        self.note.set_full_text(start if traces.is_exact else f"{start}, spikes as examples")

    def _show_rings(self, preview: Preview, theme: Theme) -> None:
        places, colors = spike_places(preview, is_drifting=self._is_drifting)
        special = {row: cluster_color(color) for row, color in colors.items()}
        self.rings.set_marks(places, theme.color("truth", 220), special)


def rows_per_uv(preview: Preview) -> float:
    """Return the height of a microvolt in channels: the same for both recordings."""
    both = np.concatenate([preview.traces.static_uv, preview.traces.drifting_uv])
    largest = float(np.abs(both).max(initial=0.0))
    noise = float(np.median(preview.noise_uv)) or largest
    # Noise is seen, and the largest spike crosses few channels.
    return min(0.1 / max(noise, 1e-9), 4.0 / max(largest, 1e-9))


def spike_places(preview: Preview, *, is_drifting: bool) -> tuple[Any, dict[int, int]]:
    """Return where to ring the spikes of units that stand out of the noise.

    Returns
    -------
    places : float64 array, (n, 2)
        Milliseconds, and row of the channel that is nearest to where the unit is.
    colors
        Colour of the rings of sample units, by row.
    """
    traces, motion = preview.traces, preview.motion
    shown = preview.positions_um[traces.channels]
    moved = np.zeros(2)
    if is_drifting:
        row = int(np.searchsorted(motion.times_s, traces.start_s, "right")) - 1
        moved[1] = float(motion.total_um[max(row, 0)]) * _towards(preview)
    color_of = {sample.unit: i for i, sample in enumerate(preview.samples)}
    places: list[tuple[float, float]] = []
    colors: dict[int, int] = {}
    samples, units = traces.spike_samples.tolist(), traces.spike_units.tolist()
    for sample, unit in zip(samples, units, strict=True):
        distances = np.hypot(*(shown - preview.locations_um[unit, :2] - moved).T)
        nearest = int(distances.argmin())
        level = float(preview.noise_uv[traces.channels[nearest]])
        if preview.peaks_uv[unit] < 4 * level or distances[nearest] > 25:
            continue
        if unit in color_of:
            colors[len(places)] = color_of[unit]
        places.append((sample / traces.sample_rate_hz * 1000, nearest))
    return np.array(places, np.float64).reshape(-1, 2), colors


def _towards(preview: Preview) -> float:
    x, depth = preview.recipe.motion.direction
    return depth / max(float(np.hypot(x, depth)), 1e-9)
