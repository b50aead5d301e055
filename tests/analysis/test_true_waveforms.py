from __future__ import annotations

import numpy as np
import pytest
from made_datasets import make_recorded_dataset

from gtview.analysis.true_waveforms import TrueUnit, join_channels
from gtview.analysis.waveforms import WaveformQuery, compute_waveforms
from gtview.data.ground_truth import TrueTemplates

TROUGH_OF_TRUTH = 60


def _truth(dataset, *, lag=0, with_positions=True, order=None):
    """True templates of 130 samples in microvolts; `lag`: their trough is later than they say."""
    n_units, n_channels = dataset.templates.n_templates, dataset.channels.n_channels
    waveforms = np.zeros((n_units, 130, n_channels), np.float32)
    n_before = dataset.templates.trough_sample
    start = TROUGH_OF_TRUTH + lag - n_before
    for i in range(n_units):
        template = dataset.templates.waveform(i)
        waveforms[i, start : start + len(template)] = template * 0.5
    order = np.arange(n_channels) if order is None else order
    positions = dataset.channels.positions_um[order] + np.float32(0.4)
    return TrueTemplates(
        waveforms[:, :, order], TROUGH_OF_TRUTH, positions if with_positions else None
    )


def _overlay(dataset, truth, unit=1, max_waveforms=100, channels=None, cutoff_hz=300.0):
    spikes = np.flatnonzero(dataset.spike_clusters == unit).astype(np.int32)
    channels = np.arange(dataset.channels.n_channels) if channels is None else channels
    query = WaveformQuery(
        dataset,
        (unit,),
        (spikes,),
        np.asarray(channels, np.int32),
        max_waveforms,
        cutoff_hz,
        true_unit=TrueUnit("u", unit, truth),
    )
    return compute_waveforms(query)


@pytest.mark.parametrize(("n_samples", "trough"), [(61, 20), (82, 41)])
@pytest.mark.parametrize("lag", [0, 7, -4])
def test_that_the_truth_lies_on_the_waveforms(tmp_path, n_samples, trough, lag):
    dataset = make_recorded_dataset(tmp_path, n_samples=n_samples, trough=trough)
    result = _overlay(dataset, _truth(dataset, lag=lag), cutoff_hz=None)
    true, template = result.true_template, result.clusters[0].templates[0].waveform
    assert (true.unit_id, true.scale, true.scale_note) == ("u", 1.0, "")
    assert true.lag_samples == -lag
    known = ~np.isnan(true.waveform)
    np.testing.assert_allclose(true.waveform[known], template[known], atol=1e-4)
    assert known[trough - 15 : trough + 20].all()


def test_that_without_a_gain_the_truth_is_scaled_and_says_so(tmp_path):
    dataset = make_recorded_dataset(tmp_path, gain=None)
    for max_waveforms, cutoff_hz in ((0, None), (100, 300.0)):
        result = _overlay(
            dataset, _truth(dataset), max_waveforms=max_waveforms, cutoff_hz=cutoff_hz
        )
        true = result.true_template
        assert result.unit == "arb."
        assert true.scale == pytest.approx(2.0, rel=0.03)
        assert "scaled" in true.scale_note
        reference = result.clusters[0].reference
        assert np.nanmax(np.abs(true.waveform - reference)) < 0.05 * np.ptp(reference)


def test_that_the_truth_passes_the_filter_of_the_waveforms(tmp_path):
    dataset = make_recorded_dataset(tmp_path, noise=0.5)
    for unit in range(3):
        result = _overlay(dataset, _truth(dataset), unit=unit)
        mean, true = result.clusters[0].mean, result.true_template.waveform
        assert np.nanmax(np.abs(true - mean)) < 0.03 * np.ptp(mean)


def test_that_channels_are_joined_by_position_and_not_by_order(tmp_path):
    dataset = make_recorded_dataset(tmp_path)
    order = np.random.default_rng(0).permutation(8)[:6]
    truth = _truth(dataset, order=order)
    joined = join_channels(dataset, truth)
    present = np.flatnonzero(joined >= 0)
    assert sorted(present) == sorted(order)
    assert order[joined[present]].tolist() == present.tolist()
    true = _overlay(dataset, truth).true_template.waveform
    missing = np.setdiff1d(np.arange(8), order)
    assert np.isnan(true[:, missing]).all()
    assert not np.isnan(true[25][order]).any()


def test_that_channels_without_positions_are_joined_by_order(tmp_path):
    dataset = make_recorded_dataset(tmp_path)
    truth = _truth(dataset, with_positions=False)
    assert join_channels(dataset, truth).tolist() == list(range(8))
    raw = TrueTemplates(np.zeros((1, 5, 10), np.float32), 2, None)
    assert join_channels(dataset, raw).tolist() == dataset.channels.raw_channels.tolist()
    other = TrueTemplates(np.zeros((1, 5, 3), np.float32), 2, None)
    assert join_channels(dataset, other).tolist() == [-1] * 8


def test_that_a_truth_elsewhere_on_the_probe_is_not_laid_over(tmp_path):
    dataset = make_recorded_dataset(tmp_path)
    truth = _truth(dataset, order=np.array([0, 1]))
    assert _overlay(dataset, truth, channels=[5, 6]).true_template is None
    assert _overlay(dataset, truth, channels=[5, 1]).true_template is not None


def test_that_another_unit_is_not_turned_upside_down(tmp_path):
    dataset = make_recorded_dataset(tmp_path, gain=None)
    truth = _truth(dataset)
    inverted = TrueTemplates(-truth.waveforms_uv, truth.n_before, truth.channel_positions_um)
    true = _overlay(dataset, inverted).true_template
    assert true.scale == 1.0
    assert "unknown" in true.scale_note
