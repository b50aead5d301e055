"""Compiles every kernel once, in the background, so that no view has to wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ..base.progress import Reporter, ignore_progress
from . import (
    bands,
    collisions,
    correlograms,
    curve_groups,
    density,
    filters,
    free_spikes,
    grouping,
    intervals,
    lines,
    log_correlograms,
    mass_centres,
    matching,
    means,
    near_own,
    overlay,
    pair_counts,
    partner_labels,
    polygons,
    projections,
    rest_matching,
    rows,
    shared_counts,
    sparse_matching,
    spike_states,
    spike_windows,
    state_counts,
    thick_lines,
    time_order,
    tones,
    trace_columns,
)
from .inputs import as_input
from .stamp import PARTS, Part


def warm_up(report: Reporter = ignore_progress, parts: Iterable[Part] = PARTS) -> None:
    """Call every kernel of some parts with tiny arrays of the types that the program gives them.

    Takes some seconds after an installation, when everything is compiled, and well under a
    second afterwards, when it is loaded from the user's cache folder.

    Parameters
    ----------
    report
        Told how far it is; may raise `CancelledError`.
    parts
        Which kernels.
    """
    steps = [step for part in parts for step in _STEPS[part]]
    for i, step in enumerate(steps):
        report(i / len(steps), "Preparing fast code")
        step()
    report(1.0, "")


def _group() -> None:
    labels = as_input(np.zeros(2), np.int32)
    offsets = np.array([0, 2], np.int64)
    grouping.count_labels(labels, 1)
    grouping.order_by_label(labels, offsets)
    grouping.order_by_label_in(labels, offsets, as_input(np.arange(2), np.int64))
    grouping.count_pairs(labels, offsets, labels, 1)
    grouping.group_by_value(labels)
    grouping.find_places(labels, labels)
    means.mean_by_label(np.zeros((2, 2), np.float32), labels, 1)


def _correlate() -> None:
    train = np.arange(2, dtype=np.int64)
    correlograms.autocorrelogram(train, 1, 1)
    correlograms.crosscorrelogram(train, train, 1, 1)
    log_correlograms.log_correlogram(train, None, np.arange(1, 3))
    intervals.count_intervals(train, [0.0, 1.0])


def _filter() -> None:
    filters.high_pass(np.zeros((1, 8, 1), np.float32), 300.0, 30_000.0)


def _draw() -> None:
    image, x, y = lines.new_image(2, 2), [[0, 1]], [[0, 1]]
    lines.draw_polylines(image, [0, 1], y, (0, 0, 0), 1.0)
    bands.draw_bands(image, x, y, y, (0, 0, 0), 1.0)
    curve_groups.draw_curve_groups(image, x, [y], (0, 0, 0), 1.0)
    thick_lines.draw_thick_polylines(image, x, y, (0, 0, 0), 1.0, 2.0)
    labels = np.zeros(2, np.int32)
    opacities = rows.count_rows(np.arange(2), labels, [0], 1, (0.0, 1.0), 2).T.astype(np.uint8)
    rows.paint_rows(image, opacities, np.arange(1), [0], [2], np.zeros((1, 3), np.uint8))


def _scatter() -> None:
    frame = density.Frame((0, 1), (0, 1), 2, 2)
    values = np.zeros(2, np.float32)
    for types in ((np.int64, np.float32), (np.float32,) * 2, (np.float64, np.float32)):
        x, y = (np.zeros(2, kind) for kind in types)
        counts, sums = density.sum_points(x, y, values, frame)
        density.find_points(x, y, frame, 2)
        counts = density.count_points(x, y, frame)
    density.sum_points(x, x, values, frame)
    density.find_points(x, x, frame, 2)
    density.count_points(x, x, frame)
    shades = tones.means_to_shades(sums, counts, (0.0, 1.0))
    opacity = tones.counts_to_opacity(counts)
    tones.stamp_dots(opacity, x, x, 1.0, 1.0)
    tones.blend_layers(lines.new_image(2, 2), shades[None], np.zeros((1, 256, 3), np.uint8))
    overlay.lay_over(lines.new_image(2, 2), lines.new_image(2, 2))
    polygons.points_in_polygon(x, x, np.zeros((3, 2)))
    polygons.curves_through_polygon(x, x[None], np.zeros((3, 2)))
    mass_centres.find_centres(np.zeros((2, 1)), np.zeros(2), np.zeros((1, 1)), np.zeros(1))


# Each part is compiled when it is needed for the first time: kernels of the truth take as long as
# all others, and many datasets have none. What the first picture does not need comes first: a
# window that has just started compiles the rest itself, meanwhile.
_STEPS: dict[Part, tuple[Callable[[], None], ...]] = {
    "window": (
        spike_windows.warm_up,
        trace_columns.warm_up,
        _scatter,
        _draw,
        _filter,
        _correlate,
        _group,
    ),
    "truth": (
        matching.warm_up,
        pair_counts.warm_up,
        shared_counts.warm_up,
        spike_states.warm_up,
        free_spikes.warm_up,
        rest_matching.warm_up,
        time_order.warm_up,
        sparse_matching.warm_up,
        state_counts.warm_up,
        collisions.warm_up,
        near_own.warm_up,
        partner_labels.warm_up,
        projections.warm_up,
    ),
}
