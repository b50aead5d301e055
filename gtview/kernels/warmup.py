"""Compiles every kernel once, in the background, so that no view has to wait for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..base.progress import Reporter, ignore_progress
from . import bands, correlograms, curve_groups, filters, grouping, lines, matching, thick_lines
from .inputs import as_input


def warm_up(report: Reporter = ignore_progress) -> None:
    """Call every kernel with tiny arrays of the very types that the program gives them.

    Takes some seconds after an installation, when everything is compiled, and well under a
    second afterwards, when it is loaded from the user's cache folder.

    Parameters
    ----------
    report
        Told how far it is; may raise `CancelledError`.
    """
    for i, step in enumerate(_STEPS):
        report(i / len(_STEPS), "Preparing fast code")
        step()
    report(1.0, "")


def _group() -> None:
    labels = as_input(np.zeros(2), np.int32)
    offsets = np.array([0, 2], np.int64)
    grouping.count_labels(labels, 1)
    grouping.order_by_label(labels, offsets)
    grouping.order_by_label_in(labels, offsets, as_input(np.arange(2), np.int64))
    grouping.count_pairs(labels, offsets, labels, 1)


def _correlate() -> None:
    train = np.arange(2, dtype=np.int64)
    correlograms.autocorrelogram(train, 1, 1)
    correlograms.crosscorrelogram(train, train, 1, 1)


def _filter() -> None:
    filters.high_pass(np.zeros((1, 8, 1), np.float32), 300.0, 30_000.0)


def _draw() -> None:
    image, x, y = lines.new_image(2, 2), [[0, 1]], [[0, 1]]
    lines.draw_polylines(image, [0, 1], y, (0, 0, 0), 1.0)
    bands.draw_bands(image, x, y, y, (0, 0, 0), 1.0)
    curve_groups.draw_curve_groups(image, x, [y], (0, 0, 0), 1.0)
    thick_lines.draw_thick_polylines(image, x, y, (0, 0, 0), 1.0, 2.0)


_STEPS: tuple[Callable[[], None], ...] = (
    _group,
    _correlate,
    _filter,
    _draw,
    matching.warm_up,
)
