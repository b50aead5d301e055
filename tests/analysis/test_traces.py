"""Traces: filter, order, spikes in sight, prediction and residual, true signal, read-ahead."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from made_datasets import RATE, make_recorded_dataset
from scipy.signal import butter, sosfiltfilt

from gtview.analysis.channels import ChannelFinder
from gtview.analysis.moved_templates import ChannelMover
from gtview.analysis.prediction import Predictor
from gtview.analysis.trace_blocks import BLOCK_SAMPLES, TraceBlocks
from gtview.analysis.trace_spikes import (
    Footprints,
    channels_around,
    find_spikes,
    find_true_spikes,
    order_channels,
)
from gtview.analysis.traces import TraceQuery, compute_traces
from gtview.analysis.true_signal import TrueSignal
from gtview.base.errors import DatasetError
from gtview.data.dataset import Channels
from gtview.data.ground_truth import GroundTruth, Motion, TrueTemplates
from gtview.data.recording import RawRecording
from gtview.data.templates import TemplateStore

TROUGH = 20


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_recorded_dataset(tmp_path_factory.mktemp("made"), trough=TROUGH)


def whole_file(dataset):
    """All samples on the channels of the map, in microvolts."""
    raw = np.fromfile(dataset.raw.paths[0], np.int16).reshape(-1, dataset.n_raw_channels)
    return raw[:, dataset.channels.raw_channels] * dataset.uv_per_bit


def high_passed(values):
    # Odd padding of the same length as ours, so that the ends of the file agree too.
    sos = butter(3, 150, "highpass", fs=RATE, output="sos")
    return sosfiltfilt(sos, values, axis=0, padlen=637)


def all_of(dataset):
    return np.arange(dataset.channels.n_channels, dtype=np.int32)


def last(query):
    *_, result = compute_traces(query)
    return result


# Reading and filtering ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 900), (4000, 4200), (BLOCK_SAMPLES, 2 * BLOCK_SAMPLES), (30_000, 60_000),
     (119_000, 120_000), (-500, 300), (119_500, 130_000)],
)  # fmt: skip
def test_that_a_window_is_filtered_as_if_the_whole_file_were(dataset, start, stop):
    expected = high_passed(whole_file(dataset))[max(start, 0) : stop]
    values = TraceBlocks(dataset).read(start, stop, all_of(dataset), 150.0)
    assert values.shape == expected.shape
    # A slow wave of 400 units on an offset of 900: anything wrong at an edge would be large.
    assert np.abs(values - expected).max() < 0.02


def test_that_windows_of_any_place_agree_where_they_overlap(dataset):
    one = TraceBlocks(dataset).read(0, 20_000, all_of(dataset), 150.0)
    for start in (0, 3000, 4095, 4096, 9000):
        other = TraceBlocks(dataset).read(start, start + 5000, all_of(dataset), 150.0)
        assert np.abs(other - one[start : start + 5000]).max() < 0.02


def test_that_unfiltered_traces_are_those_of_the_file_in_the_order_asked(dataset):
    channel_ids = np.array([5, 0, 3], np.int32)
    values = TraceBlocks(dataset).read(4000, 9000, channel_ids, None)
    np.testing.assert_allclose(values, whole_file(dataset)[4000:9000, channel_ids], rtol=1e-6)


def test_that_raw_traces_are_freed_of_their_offset(dataset):
    query = TraceQuery(dataset, TraceBlocks(dataset), 0, 5000, all_of(dataset), None)
    assert np.abs(np.median(last(query).values, axis=0)).max() < 10


def test_that_a_recording_that_is_filtered_is_not_filtered_again(dataset):
    dataset = replace(dataset, is_high_passed=True)
    query = TraceQuery(dataset, TraceBlocks(dataset), 0, 5000, all_of(dataset), 150.0)
    result = last(query)
    assert result.filter_note == "filtered by the recording"
    raw = whole_file(dataset)[:5000]
    assert np.abs(np.ptp(result.values, axis=0) - np.ptp(raw, axis=0)).max() < 0.01


def test_that_blocks_beyond_the_bound_are_forgotten(dataset):
    one_block = 4 * BLOCK_SAMPLES * dataset.channels.n_channels
    blocks = TraceBlocks(dataset, max_bytes=3 * one_block)
    for start in range(0, 110_000, 3000):
        blocks.read(start, start + 6000, all_of(dataset), 150.0)
        assert blocks.n_bytes <= 3 * one_block
    assert blocks.n_bytes > one_block
    # More than fits at once is read, and not kept.
    values = blocks.read(0, 100_000, all_of(dataset), 150.0)
    assert len(values) == 100_000
    assert blocks.n_bytes <= 3 * one_block


class CountingRaw:
    """Counts what is read of a recording; may fail."""

    def __init__(self, raw):
        self.raw, self.n_samples, self.reads, self.error = raw, raw.n_samples, [], None

    def read(self, start, stop, raw_channels=None):
        self.reads.append((start, stop))
        if self.error is not None:
            raise self.error
        return self.raw.read(start, stop, raw_channels)


def counted(dataset):
    raw = CountingRaw(dataset.raw)
    return raw, TraceBlocks(replace(dataset, raw=raw))


def test_that_what_was_read_ahead_is_not_read_again(dataset):
    raw, blocks = counted(dataset)
    blocks.read_ahead(8000, 16_000, 150.0, lambda: True)
    n = len(raw.reads)
    assert n > 0
    blocks.read(8000, 16_000, all_of(dataset), 150.0)
    assert len(raw.reads) == n
    blocks.read(8000, 16_000, all_of(dataset), None)
    assert len(raw.reads) == n + 1


def test_that_reading_ahead_stops_when_it_is_not_wanted_any_more(dataset):
    raw, blocks = counted(dataset)
    blocks.read_ahead(0, 60_000, 150.0, lambda: len(raw.reads) < 2)
    assert len(raw.reads) == 2


def test_that_a_block_that_failed_is_read_again(dataset):
    raw, blocks = counted(dataset)
    raw.error = DatasetError("the disk is gone")
    for _ in range(2):
        with pytest.raises(DatasetError, match="disk"):
            blocks.read(0, 1000, all_of(dataset), 150.0)
    raw.error = None
    assert len(blocks.read(0, 1000, all_of(dataset), 150.0)) == 1000


def test_that_threads_share_blocks_and_get_the_same(dataset):
    raw, blocks = counted(dataset)
    got = []

    def read():
        got.append(blocks.read(0, 30_000, all_of(dataset), 150.0))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(raw.reads) == 1
    assert all(np.array_equal(got[0], other) for other in got)


# Channels and spikes --------------------------------------------------------------------------


def test_that_channels_are_ordered_by_shank_then_downwards_then_from_the_left():
    positions = np.array([[0, 0], [30, 40], [0, 40], [200, 80], [0, 20]], np.float32)
    channels = Channels(np.arange(5, dtype=np.int32), positions, np.array([0, 0, 0, 1, 0]))
    assert order_channels(channels).tolist() == [2, 1, 4, 0, 3]
    assert order_channels(channels, np.array([3, 0, 1], np.int32)).tolist() == [1, 0, 3]


def test_that_channels_around_a_cluster_are_the_nearest_of_its_shank():
    positions = np.array([[0, 20.0 * i] for i in range(6)] + [[5, 60]], np.float32)
    channels = Channels(np.arange(7), positions, np.array([0] * 6 + [1], np.int32))
    assert channels_around(channels, (3,), 3).tolist() == [4, 3, 2]
    assert channels_around(channels, (3, 0), 3).tolist() == [4, 3, 2, 1, 0]
    assert channels_around(channels, (6,), 3).tolist() == [6]


@pytest.mark.parametrize("is_sorted", [True, False])
def test_that_the_spikes_of_a_window_are_found(dataset, is_sorted):
    rng = np.random.default_rng(1)
    samples = np.sort(rng.integers(0, 1000, 300))
    if not is_sorted:
        samples = rng.permutation(samples)
    order = None if is_sorted else np.argsort(samples, kind="stable")
    made = replace(dataset, spike_samples=samples, time_order=order)
    for start, stop in [(0, 1000), (100, 101), (250, 400), (-5, 3), (990, 5000), (400, 300)]:
        found = find_spikes(made, start, stop)
        expected = np.flatnonzero((samples >= start) & (samples < stop))
        assert sorted(found.tolist()) == expected.tolist()
        assert np.all(np.diff(samples[found]) >= 0)


def test_that_the_true_spikes_of_a_window_are_found(dataset):
    trains = [[5, 100, 300], [], [100, 250]]
    truth = truth_of(dataset, trains)
    found = find_true_spikes(truth, 100, 300)
    assert found.samples.tolist() == [100, 100, 250]
    assert found.units.tolist() == [0, 2, 2]
    assert truth.spike_samples[found.positions].tolist() == [100, 100, 250]


def test_that_a_spike_is_large_where_its_template_is(dataset):
    footprints = Footprints(dataset, ChannelFinder(dataset))
    sizes = dataset.templates.peak_to_peak()[1]
    channels = footprints.of_template(1)
    assert channels[0] == sizes.argmax()
    assert np.all(sizes[channels] >= 0.35 * sizes.max())


def test_that_without_templates_the_raw_file_tells_where_a_cluster_is_large(dataset):
    sizes = dataset.templates.peak_to_peak()[1]
    spikes = np.flatnonzero(dataset.spike_clusters == 1).astype(np.int32)
    bare = replace(dataset, templates=None)
    found = Footprints(bare, ChannelFinder(bare)).of_cluster(1, spikes)
    assert found[0] == sizes.argmax()


# Prediction and truth -------------------------------------------------------------------------


def truth_of(dataset, trains, templates=None):
    offsets = np.r_[0, np.cumsum([len(t) for t in trains])].astype(np.int64)
    samples = np.concatenate([np.asarray(t, np.int64) for t in trains])
    units = tuple(range(len(trains)))
    return GroundTruth(dataset.folder, units, None, samples, offsets, templates=templates)


def made_signal(dataset, factors, waveforms, n_total, trough=TROUGH):
    """Sum of the templates of all spikes on all channels, slowly, in raw units."""
    signal = np.zeros((n_total, dataset.channels.n_channels))
    n = waveforms.shape[1]
    for sample, unit, factor in zip(
        dataset.spike_samples.tolist(), dataset.spike_templates.tolist(), factors, strict=True
    ):
        for k in range(n):
            if 0 <= sample - trough + k < n_total:
                signal[sample - trough + k] += factor * waveforms[unit, k]
    return signal


def dataset_of_signal(dataset, folder, kind, factors, stored_scale, *, noise=0.0, **others):
    """A dataset whose raw file is its templates times factors; amplitudes in the kind's unit."""
    waveforms = np.stack([dataset.templates.waveform(i) for i in range(3)])
    signal = made_signal(dataset, factors, waveforms, 120_000)
    rng = np.random.default_rng(2)
    raw = np.zeros((120_000, dataset.n_raw_channels), np.float32)
    raw[:, dataset.channels.raw_channels] = signal + noise * rng.standard_normal(signal.shape)
    path = folder / "raw.bin"
    raw.tofile(path)
    store = TemplateStore((waveforms * stored_scale).astype(np.float32), None, None, 8)
    return signal, replace(
        dataset,
        kind=kind,
        templates=store,
        raw=RawRecording.open([path], "float32", dataset.n_raw_channels, 0, RATE),
        **others,
    )


@pytest.fixture
def factors(dataset):
    factors = np.random.default_rng(3).normal(1, 0.1, dataset.n_spikes)
    for unit in range(3):  # of each template the median is 1
        mine = dataset.spike_templates == unit
        factors[mine] /= np.median(factors[mine])
    return factors


def test_that_for_old_kilosorts_template_times_amplitude_is_the_signal(dataset, tmp_path, factors):
    signal, made = dataset_of_signal(
        dataset, tmp_path, "kilosort", factors, 0.01,
        amplitudes=(100 * factors).astype(np.float32),
        template_gain=np.full(3, 100, np.float32),
    )  # fmt: skip
    predictor = Predictor(made)
    assert not predictor.is_fitted
    got = predictor.predict(-50, 4000, all_of(dataset), None)
    expected = signal[:4000] * made.uv_per_bit
    assert np.abs(got[50:] - expected).max() < 1e-4 * np.abs(expected).max()
    filtered = predictor.predict(6000, 9000, all_of(dataset), 150.0)
    expected = high_passed(signal * made.uv_per_bit)[6000:9000]
    assert np.abs(filtered - expected).max() < 2e-3 * np.abs(expected).max()


@pytest.mark.parametrize("stored_scale", [1.0, 0.05, 20.0])
@pytest.mark.parametrize("cutoff_hz", [150.0, None])
def test_that_for_kilosort_4_the_size_is_measured_in_the_raw_file(
    dataset, tmp_path, factors, stored_scale, cutoff_hz
):
    # Amplitudes in a unit of their own: 30 times the factor.
    signal, made = dataset_of_signal(
        dataset, tmp_path, "kilosort4", factors, stored_scale, noise=1.0,
        amplitudes=(30 * factors).astype(np.float32),
    )  # fmt: skip
    query = TraceQuery(
        made, TraceBlocks(made), 6000, 9000, all_of(dataset), cutoff_hz, Predictor(made)
    )
    results = list(compute_traces(query))
    assert results[0].n_to_fit == 3
    assert results[0].prediction is None
    assert results[-1].n_to_fit == 0
    signal = signal * made.uv_per_bit
    expected = (signal if cutoff_hz is None else high_passed(signal))[6000:9000]
    assert np.abs(results[-1].prediction - expected).max() < 0.04 * np.abs(expected).max()
    # The second time everything is known at once.
    assert [r.n_to_fit for r in compute_traces(query)] == [0]


def test_that_prediction_and_residual_add_up_to_the_traces(dataset):
    made = replace(dataset, amplitudes=np.ones(dataset.n_spikes, np.float32))
    for cutoff_hz in (150.0, None):
        query = TraceQuery(
            made, TraceBlocks(made), 1000, 9000, all_of(made), cutoff_hz, Predictor(made)
        )
        result = last(query)
        np.testing.assert_allclose(
            result.prediction + result.residual, result.values, rtol=1e-6, atol=1e-4
        )
        # And it is a good one: hardly anything but noise is left of the spikes.
        if cutoff_hz:
            assert result.residual.std() < 0.35 * result.values.std()


def test_that_spikes_whose_template_only_reaches_in_count_too(dataset):
    made = replace(dataset, amplitudes=None, kind="phy")
    predictor = Predictor(made)
    sample = int(made.spike_samples[5])
    whole = predictor.predict(sample - 100, sample + 100, all_of(made), None)
    for start, stop in [(sample + 10, sample + 100), (sample - 100, sample - 5)]:
        part = predictor.predict(start, stop, all_of(made), None)
        first = start - sample + 100
        np.testing.assert_allclose(part, whole[first : first + stop - start], rtol=1e-5, atol=1e-5)
        assert np.abs(part).max() > 0


def test_that_odd_amplitudes_do_not_spoil_the_prediction(dataset):
    amplitudes = np.full(dataset.n_spikes, 5, np.float32)
    amplitudes[dataset.spike_templates == 0] = 0
    amplitudes[::7] = np.nan
    made = replace(dataset, amplitudes=amplitudes)
    got = Predictor(made).predict(0, 9000, all_of(made), 150.0)
    assert np.isfinite(got).all()
    assert np.abs(got).max() > 0


def test_that_the_true_signal_is_the_sum_of_the_true_templates(dataset, tmp_path):
    waveforms = np.stack([dataset.templates.waveform(i) for i in range(3)])
    trains = [dataset.spike_samples[dataset.spike_templates == u] for u in range(3)]
    ones = np.ones(dataset.n_spikes)
    expected = made_signal(dataset, ones, waveforms, 120_000) * dataset.uv_per_bit
    # On the probe's channels in another order, one of them unknown to the truth.
    order = np.array([3, 1, 0, 2, 7, 6, 4])
    templates = TrueTemplates(
        (waveforms * dataset.uv_per_bit)[:, :, order], TROUGH,
        dataset.channels.positions_um[order],
    )  # fmt: skip
    signal = TrueSignal(dataset, truth_of(dataset, trains, templates))
    got = signal.sum_up(2000, 5000, all_of(dataset), None)
    known = np.isin(np.arange(8), order)
    np.testing.assert_allclose(got[:, known], expected[2000:5000, known], atol=1e-3)
    assert not got[:, ~known].any()
    assert signal.scale(None) == 1.0
    largest = np.ptp(waveforms[1][:, order], axis=0).argmax()
    assert signal.best_channel(1) == order[largest]


def test_that_the_true_signal_knows_the_size_of_each_spike(dataset):
    waveforms = np.stack([dataset.templates.waveform(i) for i in range(3)])
    trains = [dataset.spike_samples[dataset.spike_templates == u] for u in range(3)]
    sizes = np.random.default_rng(1).uniform(0.5, 1.5, dataset.n_spikes)
    expected = made_signal(dataset, sizes, waveforms, 120_000)
    truth = truth_of(dataset, trains, TrueTemplates(waveforms, TROUGH, None))
    factors = np.concatenate([sizes[dataset.spike_templates == u] for u in range(3)])
    truth = replace(truth, amplitude_factors=factors.astype(np.float32))
    got = TrueSignal(dataset, truth).sum_up(2000, 9000, all_of(dataset), None)
    np.testing.assert_allclose(got, expected[2000:9000], atol=1e-2)


def test_that_the_true_signal_moves_with_the_tissue(dataset):
    waveforms = np.stack([dataset.templates.waveform(i) for i in range(3)])
    trains = [dataset.spike_samples[dataset.spike_templates == u] for u in range(3)]
    positions = dataset.channels.positions_um
    truth = truth_of(dataset, trains, TrueTemplates(waveforms, TROUGH, positions))
    moved_um = 10.0
    motion = Motion(np.array([0.0]), np.array([0.0]), np.array([[moved_um]], np.float32))
    moving = replace(truth, motion=motion, locations_um=np.zeros((3, 2), np.float32))
    mover = ChannelMover(positions)
    moved = np.stack([mover.move(one, moved_um) for one in waveforms])
    still = replace(truth, templates=TrueTemplates(moved, TROUGH, positions))
    at = 2000, 9000, all_of(dataset), None
    expected = TrueSignal(dataset, still).sum_up(*at)
    np.testing.assert_allclose(TrueSignal(dataset, moving).sum_up(*at), expected, atol=1e-3)
    assert np.abs(expected - TrueSignal(dataset, truth).sum_up(*at)).max() > 1


def test_that_without_a_gain_the_truth_is_brought_to_the_raw_unit(dataset):
    waveforms = np.stack([dataset.templates.waveform(i) for i in range(3)])
    trains = [dataset.spike_samples[dataset.spike_templates == u] for u in range(3)]
    templates = TrueTemplates(waveforms * 4.0, TROUGH, None)
    made = replace(dataset, gain=None)
    signal = TrueSignal(made, truth_of(made, trains, templates))
    assert signal.scale(150.0) == pytest.approx(0.25, rel=0.03)
    query = TraceQuery(made, TraceBlocks(made), 1000, 9000, all_of(made), 150.0, None, signal)
    result = last(query)
    assert "gain is not known" in result.truth_note
    assert np.std(result.values - result.truth) < 0.35 * np.std(result.values)


def test_that_beyond_the_recording_there_is_nothing(dataset):
    made = replace(dataset, amplitudes=None)
    query = TraceQuery(
        made, TraceBlocks(made), 500_000, 510_000, all_of(made), 150.0, Predictor(made)
    )
    result = last(query)
    assert result.values.shape == (0, 8)
    assert result.prediction is None
