"""Colours of clusters: told apart by colour-blind eyes, and seen on both backgrounds."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from gtview.qt.colors import contrast
from gtview.qt.theme import THEMES, cluster_rgb, load_theme

# Machado, Oliveira, Fernandes (2009): full severity, on linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
# CIEDE2000: 1 is just seen between large areas side by side, 2 to 3 at a glance.
LEAST = 12.0


def lab_of(rgb, vision):
    values = np.asarray(rgb) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(first, second):
    """Sharma, Wu, Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(c**7 / (c**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    dh = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    l_mean, c_mean = (l1 + l2) / 2, (c1 + c2) / 2
    if not c1 * c2:
        h = h1 + h2
    elif abs(h1 - h2) <= 180:
        h = (h1 + h2) / 2
    else:
        h = (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(h - 30))
        + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6))
        - 0.20 * np.cos(np.radians(4 * h - 63))
    )
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / np.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * t
    turn = np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    r = -2 * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7)) * turn
    dl, dc, dh = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    return np.sqrt(dl**2 + dc**2 + dh**2 + r * dc * dh)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [  # from the test data of that paper
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (50.0, 3.1736, 0.5854), 1.0),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_that_the_distance_is_that_of_the_standard(first, second, expected):
    assert ciede2000(first, second) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("vision", VISION)
def test_that_any_two_of_the_first_six_colors_stay_apart(vision):
    labs = [lab_of(cluster_rgb(i), vision) for i in range(6)]
    pairs = {(i, j): ciede2000(labs[i], labs[j]) for i, j in combinations(range(len(labs)), 2)}
    closest = min(pairs, key=pairs.get)
    assert pairs[closest] >= LEAST, f"{closest} look alike: {pairs[closest]:.1f}"


@pytest.mark.parametrize("theme", THEMES)
def test_that_every_color_is_seen_on_the_background_of_plots(theme):
    background = load_theme(theme).color("plot").getRgb()[:3]
    for i in range(60):
        assert contrast(cluster_rgb(i), background) >= (2.4 if i >= 8 else 1.5), i


def test_that_the_next_thirty_colors_are_all_different_and_none_is_grey():
    colors = [cluster_rgb(i) for i in range(38)]
    for (i, first), (j, second) in combinations(enumerate(colors), 2):
        distance = ciede2000(lab_of(first, "usual"), lab_of(second, "usual"))
        assert distance > 4, (i, j)
    for rgb in colors:
        assert max(rgb) - min(rgb) >= 60


def test_that_contrast_is_that_of_the_standard():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
