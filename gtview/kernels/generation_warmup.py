"""Compiles the kernels that make recordings, for programs that make them.

Windows that show recordings never need them, so that `warmup.warm_up` leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..base.progress import Reporter, ignore_progress
from . import injection, mixing, octaves, random, templates_model


def warm_up_generation(report: Reporter = ignore_progress) -> None:
    """Call every kernel that makes recordings with tiny arrays of the types that it gets.

    Parameters
    ----------
    report
        Told how far it is; may raise `CancelledError`.
    """
    for i, step in enumerate(_STEPS):
        report(i / len(_STEPS), "Preparing fast code")
        step()
    report(1.0, "")


def _make_noise() -> None:
    noise = random.normals(np.zeros(2, np.uint64), 2, 0, 8)
    octaves.add_refined(noise, np.zeros((2, 8), np.float32), 0, 1.0)
    octaves.convolve(noise, np.ones(1, np.float32), np.zeros((2, 8), np.float32), 8)
    positions = np.array([[0.0, 0.0], [0.0, 20.0]], np.float32)
    mixing.mix(noise, 8, mixing.compute_mixing(positions, np.ones(2, np.float32), 25.0))


def _add_spikes() -> None:
    traces, zeros = np.zeros((1, 4), np.float32), np.zeros(1, np.int64)
    waveforms, channels = np.zeros((1, 2), np.float32), np.zeros(1, np.int32)
    rows = (np.array([0, 1]), channels, waveforms)
    injection.inject(traces, 4, zeros, zeros, np.ones(1, np.float32), rows)
    injection.add_samples(traces, np.zeros((4, 1), np.float32))
    injection.store_floats(traces, np.zeros((4, 1), np.float32))
    injection.store_integers(traces, 1.0, np.zeros((4, 1), np.int16))


def _make_templates() -> None:
    positions, place, shifts = np.zeros((1, 2)), np.zeros(3), np.zeros((1, 2))
    shape = np.array([1.0, 1.0, 1.0, 0.0, 1.0])
    limits, is_seen = np.array([1e-3, 1e-3]), np.zeros((1, 1), np.bool_)
    templates_model.see_unit(positions, place, shape, False, np.zeros(1), np.zeros(1))
    templates_model.count_seen(positions, place, shifts, shape, False, limits, is_seen)
    table, channels = np.zeros((2, 2), np.float32), np.zeros(1, np.int32)
    values = np.zeros((1, 2), np.float32)
    templates_model.fill_unit(
        positions,
        place,
        shifts,
        shape,
        False,
        0.0,
        table,
        channels,
        np.array([0, 1]),
        values,
    )


_STEPS: tuple[Callable[[], None], ...] = (_make_noise, _add_spikes, _make_templates)
