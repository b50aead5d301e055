"""Where the scatter plots of a grid, their titles and ticks lie; knows pixels, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .ticks import tick_step, tick_texts, ticks_between

# Lower cells have no line of text below them, narrower grids no numbers at the left.
_LOWEST_WITH_TITLE = 40.0
_NARROWEST_WITH_NUMBERS = 110.0
_PIXELS_PER_TICK = 45.0
_GAP = 4.0
# Numbers at the ends of neighbouring plots must not read as one.
_INSET = 2.0

Range = tuple[float, float]
# Pixel of the tick, left edge of the text, text.
Number = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle in pixels; edges are whole device pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Bottom edge."""
        return self.top + self.height

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.left <= x < self.right and self.top <= y < self.bottom


@dataclass(frozen=True, slots=True)
class ScatterLayout:
    """A grid of plots in a widget.

    Attributes
    ----------
    n_rows, n_columns
        Plots along each side.
    width, height
        Of the widget.
    left
        Free for titles and numbers of the rows.
    strip
        Free below each plot for the title and the numbers of its x axis; 0: they are not shown.
    has_numbers
        Whether numbers are written at the left.
    ratio
        Device pixels per pixel.
    """

    n_rows: int
    n_columns: int
    width: float
    height: float
    left: float
    strip: float
    has_numbers: bool
    ratio: float = 1.0

    def place(self, row: int, column: int) -> Place:
        """Return where the points of a plot are drawn."""
        wide = (self.width - self.left - _GAP) / max(self.n_columns, 1)
        tall = (self.height - _GAP) / max(self.n_rows, 1)
        left = self._whole(self.left + column * wide)
        top = self._whole(_GAP + row * tall)
        right = self._whole(self.left + (column + 1) * wide - _GAP)
        bottom = self._whole(_GAP + (row + 1) * tall - _GAP / 2 - self.strip)
        return Place(left, top, max(right - left, 1.0), max(bottom - top, 1.0))

    def device_size(self, row: int, column: int) -> tuple[int, int]:
        """Return width and height of a plot in device pixels."""
        place = self.place(row, column)
        return round(place.width * self.ratio), round(place.height * self.ratio)

    def _whole(self, pixel: float) -> float:
        return round(pixel * self.ratio) / self.ratio


@dataclass(frozen=True, slots=True)
class Surface:
    """What a grid of plots is laid out on; safe to hand to a thread.

    Attributes
    ----------
    width, height
        Of the widget in pixels.
    line
        Height of a line of text.
    number_width
        Width of the widest number at the left.
    ratio
        Device pixels per pixel.
    """

    width: float
    height: float
    line: float
    number_width: float
    ratio: float = 1.0

    def layout(self, shape: tuple[int, int]) -> ScatterLayout:
        """Return where the plots of so many rows and columns lie."""
        n_rows, n_columns = shape
        has_numbers = self.width / max(n_columns, 1) >= _NARROWEST_WITH_NUMBERS
        left = self.line + 4 + (self.number_width + 6 if has_numbers else 0)
        is_high = self.height / max(n_rows, 1) >= _LOWEST_WITH_TITLE
        strip = self.line + 2 if is_high else 0.0
        return ScatterLayout(
            n_rows, n_columns, self.width, self.height, left, strip, has_numbers, self.ratio
        )


# Most axes of a grid are those of several plots.
@lru_cache(maxsize=256)
def axis_ticks(limits: Range, pixels: float) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Return round numbers on an axis of so many pixels, and how they are written."""
    span = limits[1] - limits[0]
    if not (np.isfinite(span) and span > 0) or pixels < _PIXELS_PER_TICK:
        return (), ()
    step = tick_step(span, pixels / _PIXELS_PER_TICK)
    values = ticks_between(*limits, step)
    return tuple(values.tolist()), tuple(tick_texts(values, step))


def texts_beside_title(
    width: float,
    limits: Range,
    title_width: float,
    width_of: Callable[[str], float],
) -> list[Number]:
    """Return the numbers that have room on both sides of the title below a plot.

    Returns
    -------
    list of (pixel of the tick, left edge of the text, text)
        Pixels from the left edge of the plot.
    """
    values, texts = axis_ticks(limits, width)
    taken = [((width - title_width) / 2 - 5, (width + title_width) / 2 + 5)]
    shown = []
    for value, text in _from_the_ends(values, texts):
        pixel = (value - limits[0]) / (limits[1] - limits[0]) * width
        wide = width_of(text)
        left = min(max(pixel - wide / 2, _INSET), width - _INSET - wide)
        # A number that was pushed far from its tick would seem to belong to another place.
        is_near = abs(left + wide / 2 - pixel) <= wide / 2 + _INSET
        if is_near and all(left + wide <= a or left >= b for a, b in taken):
            taken.append((left - 5, left + wide + 5))
            shown.append((pixel, left, text))
    return shown


def _from_the_ends(values: Sequence[float], texts: Sequence[str]) -> list[tuple[float, str]]:
    pairs = list(zip(values, texts, strict=True))
    ordered = []
    while pairs:
        ordered.append(pairs.pop(0))
        if pairs:
            ordered.append(pairs.pop())
    return ordered
