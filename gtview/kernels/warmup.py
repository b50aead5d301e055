"""Compiles every kernel once, in the background, so that no view has to wait for it."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable

import numpy as np

from ..base.progress import Reporter, ignore_progress
from . import correlograms, filters, grouping, lines
from .inputs import as_input

_log = logging.getLogger(__name__)


def warm_up(report: Reporter = ignore_progress) -> None:
    """Call every kernel with tiny arrays of the very types that the program gives them.

    Takes some seconds after an installation, when everything is compiled, and well under a
    second afterwards, when it is loaded from the user's cache folder.

    Parameters
    ----------
    report
        Told how far it is; may raise `CancelledError`.
    """
    steps = [*_STEPS, *_steps_elsewhere()]
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
    grouping.count_pairs(labels, as_input(offsets, np.int64), labels, 1)


def _correlate() -> None:
    train = np.arange(2, dtype=np.int64)
    correlograms.autocorrelogram(train, 1, 1)
    correlograms.crosscorrelogram(train, train, 1, 1)


def _filter() -> None:
    filters.high_pass(np.zeros((1, 8, 1), np.float32), 300.0, 30_000.0)


def _draw() -> None:
    lines.draw_polylines(lines.new_image(2, 2), [0, 1], [[0, 1]], (0, 0, 0), 1.0)


_STEPS: tuple[Callable[[], None], ...] = (_group, _correlate, _filter, _draw)

# Modules of this package that bring a `warm_up` of their own.
_OTHERS = ("matching",)


def _steps_elsewhere() -> list[Callable[[], None]]:
    steps = []
    for name in _OTHERS:
        try:
            module = importlib.import_module(f".{name}", __package__)
        except ModuleNotFoundError:
            _log.debug("no kernels.%s", name)
            continue
        step = getattr(module, "warm_up", None)
        if step is not None:
            steps.append(step)
    return steps
