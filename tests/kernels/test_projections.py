"""Sizes of templates in traces: the least-squares factor, window by window."""

from __future__ import annotations

import numpy as np
import pytest

from gtview.kernels.projections import fit_sizes


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_that_sizes_are_those_of_least_squares(seed):
    rng = np.random.default_rng(seed)
    traces = rng.normal(size=(200, 9)).astype(np.float32)
    templates = rng.normal(size=(3, 20, 4)).astype(np.float32)
    channels = np.stack([rng.permutation(9)[:4] for _ in range(3)]).astype(np.int32)
    starts = np.r_[0, 180, rng.integers(0, 181, 40)]
    labels = rng.integers(0, 3, len(starts)).astype(np.int32)
    found = fit_sizes(traces, starts, labels, channels, templates)
    for start, label, size in zip(starts, labels, found, strict=True):
        window = traces[start : start + 20, channels[label]].ravel().astype(np.float64)
        template = templates[label].ravel().astype(np.float64)
        expected = np.linalg.lstsq(template[:, None], window, rcond=None)[0][0]
        assert size == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_that_a_template_that_was_added_has_its_factor():
    template = np.arange(1, 7, dtype=np.float32).reshape(1, 3, 2)
    traces = np.zeros((10, 2), np.float32)
    traces[4:7] += 1.5 * template[0]
    own = np.array([[0, 1]], np.int32)
    assert fit_sizes(traces, [4], [0], own, template).tolist() == [1.5]


def test_that_an_empty_template_has_no_size():
    nothing = np.zeros((1, 3, 1), np.float32)
    own = np.zeros((1, 1), np.int32)
    assert np.isnan(fit_sizes(np.ones((5, 1), np.float32), [1], [0], own, nothing)).all()
    assert len(fit_sizes(np.ones((5, 1), np.float32), [], [], own, nothing)) == 0
