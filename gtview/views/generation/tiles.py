"""The pictures of a preview: each takes a preview and shows one side of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...generation.preview import LENGTH_S, Preview
from ...qt.compute import ComputePool
from ...qt.dock_titles import ElidedLabel
from ...qt.plot import PlotPanel, PlotWidget
from ...qt.theme import Theme, cluster_color, cluster_rgb
from .curves import BarsItem, Curves, CurvesItem, MarksItem, Rgb, SpanItem
from .labels import choice_text
from .template_cells import TemplateCells

UM, UV = "\N{MICRO SIGN}m", "\N{MICRO SIGN}V"
_N_BINS = 24
# Colours of motions that stay apart from each other and from the white or black sum.
_MOTION_COLORS = (7, 1, 5, 3, 4, 2, 6, 0)


class Tile(QWidget):
    """A title, a quiet note, and a picture."""

    def __init__(self, title: str, picture: QWidget) -> None:
        super().__init__()
        self.setObjectName("tile")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.picture: Any = picture
        self.title = QLabel(title)
        self.title.setObjectName("tileTitle")
        self.note = ElidedLabel()
        self.note.setObjectName("dockStatus")
        self.head = head = QHBoxLayout()
        head.setContentsMargins(8, 2, 4, 0)
        head.addWidget(self.title)
        head.addWidget(self.note, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(picture, 1)

    @property
    def is_busy(self) -> bool:
        """Whether a newer picture is still to come."""
        return bool(self.picture.is_busy)

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme."""
        if isinstance(self.picture, PlotWidget):
            self.picture.apply_theme(theme)

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        """Show one side of a preview."""
        raise NotImplementedError


class PlotTile(Tile):
    """A tile with one pair of axes."""

    def __init__(self, title: str, x_title: str, y_title: str) -> None:
        self.plot = PlotWidget()
        self.panel: PlotPanel = self.plot.add_panel(0, 0, x_title, y_title)
        super().__init__(title, self.plot)


class ProbeTile(PlotTile):
    """Contacts and units; sample units have the colours of their templates."""

    def __init__(self) -> None:
        super().__init__("Probe", f"x ({UM})", f"depth ({UM})")
        self.contacts, self.units = MarksItem("square", 4.0), MarksItem("ring", 6.0)
        self.panel.add(self.contacts)
        self.panel.add(self.units)

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        self.contacts.set_marks(preview.positions_um, theme.color("quiet", 150))
        self.units.size_px = 6.0 if preview.n_units <= 100 else 4.0
        colors = {sample.unit: cluster_color(i) for i, sample in enumerate(preview.samples)}
        self.units.set_marks(preview.locations_um[:, :2], theme.color("truth", 190), colors)
        both = np.concatenate([preview.positions_um, preview.locations_um[:, :2]])
        self.panel.set_home(_padded(both[:, 0], 0.06, 8.0), _padded(both[:, 1], 0.06, 8.0))
        n_shanks = int(preview.shanks.max()) + 1
        shanks = f", {n_shanks} shanks" if n_shanks > 1 else ""
        self.note.set_full_text(f"{len(preview.positions_um)} ch{shanks}, {preview.n_units} units")


class TemplatesTile(Tile):
    """Templates of some units, from the largest to the smallest."""

    def __init__(self) -> None:
        self.cells = TemplateCells()
        super().__init__("Templates", self.cells)

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        self.cells.show_preview(preview, theme)
        is_moving = bool(preview.motion.total_um.any())
        self.note.set_full_text("grey: while drifting" if is_moving else "")


class CountsTile(PlotTile):
    """How many units have which value."""

    def __init__(self, title: str, x_title: str) -> None:
        super().__init__(title, x_title, "units")
        self.bars = BarsItem()
        self.panel.add(self.bars)

    def show_values(self, values: Any, theme: Theme, unit: str) -> None:
        """Show the histogram of some values, from 0 on."""
        top = max(float(np.max(values, initial=0.0)), 1e-6)
        counts, edges = np.histogram(values, _N_BINS, (0.0, top))
        self.bars.set_bars(edges, counts.astype(np.float64), theme.color("accent", 200))
        self.panel.set_home((0.0, top * 1.02), (0.0, max(1.0, float(counts.max()) * 1.08)))
        self.note.set_full_text(f"median {np.median(values):.3g} {unit}")


class RatesTile(CountsTile):
    """Firing rates of units."""

    def __init__(self) -> None:
        super().__init__("Rates", "firing rate (Hz)")

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        self.show_values(preview.rates_hz, theme, "Hz")


class AmplitudesTile(CountsTile):
    """Largest amplitudes of units on any channel."""

    def __init__(self) -> None:
        super().__init__("Amplitudes", f"peak on the probe ({UV})")

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        self.show_values(preview.peaks_uv, theme, UV)


class MotionTile(PlotTile):
    """Every motion, and their sum; a click chooses when the traces are shown.

    Signals
    -------
    time_chosen(float)
        In seconds.
    """

    time_chosen = pyqtSignal(float)

    def __init__(self, pool: ComputePool) -> None:
        super().__init__("Motion", "time (s)", f"moved ({UM})")
        self.curves, self.span = CurvesItem(pool), SpanItem()
        self.panel.add(self.curves)
        self.panel.add(self.span)
        self.panel.show_grid(x=False)
        self.panel.clicked.connect(self._on_click)
        self.plot.setToolTip("Click: show the traces of that time")
        self.legend = QLabel()
        self.legend.setObjectName("dockStatus")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.head.addWidget(self.legend)

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        motion = preview.motion
        layers = [
            Curves(motion.times_s, motion.vectors_um[:, [m]].T, motion_rgb(m), 0.9, 1.0)
            for m in range(motion.vectors_um.shape[1])
        ]
        layers.append(
            Curves(motion.times_s, motion.total_um[None], rgb_of(theme, "text"), 1.0, 1.6)
        )
        self.curves.set_curves(tuple(layers))
        everything = np.concatenate([motion.vectors_um.ravel(), motion.total_um, [0.0]])
        end = max(preview.recipe.duration_s, 1e-3)
        self.panel.set_home((0.0, end), _padded(everything, 0.08, 1.0))
        start = preview.traces.start_s
        self.span.set_span(start, start + LENGTH_S, theme.color("warning", 200))
        self.legend.setText(_legend(preview, theme))

    def _on_click(self, x: float, _y: float, modifiers: Any, button: Any) -> None:
        if button == Qt.MouseButton.LeftButton and not modifiers:
            self.time_chosen.emit(max(0.0, x))


def _padded(values: Any, share: float, least: float) -> tuple[float, float]:
    low, high = float(np.min(values)), float(np.max(values))
    pad = max(least, share * (high - low))
    return low - pad, high + pad


def motion_rgb(index: int) -> Rgb:
    """Return the colour of a motion."""
    return cluster_rgb(_MOTION_COLORS[index % len(_MOTION_COLORS)])


def rgb_of(theme: Theme, name: str) -> Rgb:
    """Return a named colour of a theme, 0 to 255 each."""
    red, green, blue, _ = theme.color(name).getRgb()
    return int(red or 0), int(green or 0), int(blue or 0)


def _legend(preview: Preview, theme: Theme) -> str:
    motions = preview.recipe.motion.motions if preview.recipe.hybrid is None else ()
    if not motions:
        moves = bool(preview.motion.total_um.any())
        return "of the file that is named" if moves else "nothing moves"
    names = [choice_text("motions", part.kind).lower() for part in motions]
    if len(names) == 1:
        return names[0]
    parts = [
        '<span style="color:rgb({},{},{})">{}</span>'.format(*motion_rgb(i), name)
        for i, name in enumerate(names)
    ]
    return ", ".join(parts) + f', <span style="color:{theme.text}">sum</span>'


class TrajectoriesTile(PlotTile):
    """The depth of units over time."""

    def __init__(self, pool: ComputePool) -> None:
        super().__init__("Units", "time (s)", f"depth ({UM})")
        self.curves, self.span = CurvesItem(pool), SpanItem()
        self.panel.add(self.curves)
        self.panel.add(self.span)

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        motion = preview.motion
        layers = [Curves(motion.times_s, motion.depths_um.T, rgb_of(theme, "truth"), 0.55, 1.0)]
        column = {int(unit): k for k, unit in enumerate(motion.units)}
        for i, sample in enumerate(preview.samples):
            if sample.unit in column:
                own = motion.depths_um[:, [column[sample.unit]]].T
                layers.append(Curves(motion.times_s, own, cluster_rgb(i), 1.0, 1.6))
        self.curves.set_curves(tuple(layers))
        end = max(preview.recipe.duration_s, 1e-3)
        self.panel.set_home((0.0, end), _padded(motion.depths_um, 0.05, 5.0))
        start = preview.traces.start_s
        self.span.set_span(start, start + LENGTH_S, theme.color("warning", 200))
        n = len(motion.units)
        self.note.set_full_text(f"{n} of {preview.n_units}" if n < preview.n_units else "")
