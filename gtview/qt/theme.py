"""The two themes: one set of colours for widgets and plots alike."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from string import Template
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication

from ..base.resources import resource
from .colors import colorfulness, contrast, difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

THEMES = ("dark", "light")
LEAST_CONTRAST = 2.4
LEAST_COLORFULNESS = 60
LEAST_DIFFERENCE = 90.0


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb; the names are those of `resources/themes`."""

    name: str
    window: str
    panel: str
    plot: str
    line: str
    grid: str
    text: str
    quiet: str
    accent: str
    selection: str
    good: str
    mua: str
    noise: str
    unsorted: str
    warning: str
    error: str
    truth: str

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than the background."""
        return QColor(self.window).lightness() < 128

    def color(self, name: str, alpha: int = 255) -> QColor:
        """Return a named colour with an opacity of 0 to 255."""
        # A copy: whoever gets a colour may change it. To read one takes longer than to copy it.
        return QColor(_read_color(getattr(self, name), alpha))


@cache
def _read_color(text: str, alpha: int) -> QColor:
    color = QColor(text)
    color.setAlpha(alpha)
    return color


@cache
def load_theme(name: str) -> Theme:
    """Read one of `THEMES`."""
    values = json.loads(resource("themes", f"{name}.json").read_text(encoding="utf-8"))
    return Theme(name=name, **{f.name: values[f.name] for f in fields(Theme) if f.name != "name"})


@cache
def _first_cluster_colors() -> tuple[tuple[int, int, int], ...]:
    texts = json.loads(resource("themes", "clusters.json").read_text(encoding="utf-8"))
    return tuple(QColor(text).getRgb()[:3] for text in texts)  # type: ignore[misc]


@cache
def _more_cluster_colors() -> tuple[tuple[int, int, int], ...]:
    from cmap import Colormap

    table = np.asarray(Colormap("glasbey:glasbey").lut(256) * 255 + 0.5, dtype=np.uint8)
    backgrounds = [load_theme(name).color("plot").getRgb()[:3] for name in THEMES]
    usable: list[tuple[int, int, int]] = []
    for r, g, b in table[:, :3].tolist():
        rgb = (r, g, b)
        is_seen = all(contrast(rgb, behind) >= LEAST_CONTRAST for behind in backgrounds)
        # What is nearly grey is taken for the spikes of other clusters, or for the truth.
        is_colorful = colorfulness(rgb) >= LEAST_COLORFULNESS
        others = (*_first_cluster_colors(), *usable)
        if is_seen and is_colorful and all(difference(rgb, o) >= LEAST_DIFFERENCE for o in others):
            usable.append(rgb)
    return tuple(usable)


def cluster_rgb(color_id: int) -> tuple[int, int, int]:
    """Return the colour of the n-th selected cluster; the same in both themes."""
    first = _first_cluster_colors()
    if color_id < len(first):
        return first[color_id]
    more = _more_cluster_colors()
    return more[(color_id - len(first)) % len(more)]


def cluster_color(color_id: int, alpha: int = 255) -> QColor:
    """Return the colour of the n-th selected cluster as a QColor."""
    return QColor(*cluster_rgb(color_id), alpha)


@cache
def score_table() -> NDArray[np.uint8]:
    """Return the colour map of scores from 0 to 1: uint8, (256, 4) RGBA."""
    from cmap import Colormap

    return np.asarray(Colormap("viridis").lut(256) * 255 + 0.5, dtype=np.uint8)


class ThemeKeeper(QObject):
    """Holds the theme in use and tells when it is another one."""

    changed = pyqtSignal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = load_theme(name if name in THEMES else THEMES[0])

    def use(self, name: str) -> None:
        """Switch the whole application to a theme."""
        self.theme = load_theme(name)
        self.apply()
        self.changed.emit(self.theme)

    def apply(self) -> None:
        """Set palette and style sheet; the system's own dark mode has no effect off-screen."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setStyle("Fusion")
            app.setPalette(make_palette(self.theme))
            app.setStyleSheet(make_style_sheet(self.theme))


def make_palette(theme: Theme) -> QPalette:
    """Return the palette of a theme."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, color in (
        (roles.Window, theme.window),
        (roles.WindowText, theme.text),
        (roles.Base, theme.panel),
        (roles.AlternateBase, theme.window),
        (roles.Text, theme.text),
        (roles.Button, theme.panel),
        (roles.ButtonText, theme.text),
        (roles.BrightText, theme.error),
        (roles.Highlight, theme.selection),
        (roles.HighlightedText, theme.text),
        (roles.ToolTipBase, theme.panel),
        (roles.ToolTipText, theme.text),
        (roles.PlaceholderText, theme.quiet),
        (roles.Link, theme.accent),
        (roles.Mid, theme.line),
        (roles.Dark, theme.line),
        (roles.Light, theme.panel),
    ):
        palette.setColor(role, QColor(color))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.quiet))
    return palette


def make_style_sheet(theme: Theme) -> str:
    """Return the style sheet of a theme: `resources/themes/style.qss` with the colours put in."""
    text = resource("themes", "style.qss").read_text(encoding="utf-8")
    icons = resource("icons", "up.svg").parent.as_posix()
    values = {f.name: getattr(theme, f.name) for f in fields(Theme)}
    return Template(text).substitute(values, icons=icons)
