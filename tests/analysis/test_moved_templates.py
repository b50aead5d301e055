from __future__ import annotations

import numpy as np
import pytest

from gtview.analysis.moved_templates import ChannelMover

SHAPE = -np.exp(-((np.arange(-20, 40) / 5.0) ** 2))


def on_probe(positions, place, size_um=40.0):
    """A unit whose size falls off smoothly, seen from its place."""
    distance = np.hypot(*(positions - place).T)
    return (SHAPE[:, None] * 100 * np.exp(-((distance / size_um) ** 2))).astype(np.float32)


def two_columns(n=24, pitch_um=20.0):
    rows = np.arange(n)
    return np.stack([np.where(rows % 2, 59.0, 27.0), pitch_um * rows], axis=1)


@pytest.mark.parametrize("moved_um", [-37.0, -8.0, 5.0, 20.0, 31.0])
@pytest.mark.parametrize("make", [two_columns, lambda: two_columns(40, 12.0)])
def test_that_a_moved_template_is_that_of_a_moved_unit(make, moved_um):
    positions = make()
    middle = float(positions[:, 1].mean())
    rest = on_probe(positions, (40.0, middle))
    expected = on_probe(positions, (40.0, middle + moved_um))
    got = ChannelMover(positions).move(rest, moved_um)
    assert np.abs(got - expected).max() < 0.12 * np.abs(expected).max()
    if abs(moved_um) > 5:
        # Far better than a template that stays where it was.
        assert np.square(got - expected).sum() < 0.15 * np.square(rest - expected).sum()


def test_that_a_whole_step_of_one_column_moves_channel_to_channel():
    positions = np.stack([np.zeros(20), 20.0 * np.arange(20)], axis=1)
    rest = on_probe(positions, (0.0, 200.0))
    got = ChannelMover(positions).move(rest, 40.0)
    np.testing.assert_allclose(got[:, 4:-4], rest[:, 2:-6], atol=0.5)


def test_that_nothing_moves_without_motion():
    positions = two_columns()
    rest = on_probe(positions, (40.0, 200.0))
    assert ChannelMover(positions).move(rest, 0.2) is rest


def test_that_what_leaves_the_probe_fades_out():
    positions = two_columns()
    rest = on_probe(positions, (40.0, 440.0))
    got = ChannelMover(positions).move(rest, 200.0)
    assert np.abs(got).max() < 0.02 * np.abs(rest).max()
