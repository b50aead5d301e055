"""How well colours are told from one another and from what is behind them."""

from __future__ import annotations

Rgb = tuple[int, int, int]


def relative_luminance(rgb: Rgb) -> float:
    """Return how light a colour is, 0 to 1, as WCAG 2 defines it."""
    red, green, blue = (_linear(channel / 255) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Rgb, second: Rgb) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((relative_luminance(first), relative_luminance(second)))
    return (high + 0.05) / (low + 0.05)


def colorfulness(rgb: Rgb) -> int:
    """Return how far a colour is from grey, 0 to 255."""
    return max(rgb) - min(rgb)


def difference(first: Rgb, second: Rgb) -> float:
    """Return roughly how different two colours look, 0 to about 765.

    Channels are weighted by how much red there is, as eyes do ("redmean", T. Riemersma).
    """
    red, green, blue = (a - b for a, b in zip(first, second, strict=True))
    mean = (first[0] + second[0]) / 2
    weighted = (2 + mean / 256) * red**2 + 4 * green**2 + (2 + (255 - mean) / 256) * blue**2
    return float(weighted**0.5)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
