"""Sizes of true spikes, measured in the raw recording where the truth does not tell them."""

from __future__ import annotations

import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.analysis.true_sizes import SizeMeter
from gtview.data.ground_truth import GroundTruth, Motion, TrueTemplates
from gtview.data.phy_reader import read_export
from gtview.data.size_store import SizeStore, sizes_key
from gtview.kernels.filters import high_pass
from gtview.scoring.causes import Cause
from gtview.scoring.rescoring import order_truth
from gtview.session.open import open_dataset
from gtview.session.scoring import TruthIndex, score, scoring_query
from gtview.session.spike_truth import SpikeTruth, TruthFacts
from gtview.session.true_sizes import (
    ALONE_MS,
    can_measure,
    find_alone,
    is_automatic,
    measure_sizes,
)

RATE = 30_000.0


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sizes") / "export"
    return make_phy_folder(
        folder, n_spikes=1500, n_clusters=4, n_channels=8, dialect="kilosort4", duration_s=10.0,
        with_raw=True, with_features=False, noise_raw=4.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def dataset(made):
    return read_export(made.path)


def truth_of(made, **others):
    order = np.lexsort((made.spike_samples, made.spike_templates))
    units = made.spike_templates[order]
    offsets = np.searchsorted(units, np.arange(5)).astype(np.int64)
    templates = TrueTemplates(made.templates_raw, made.n_before, made.positions_um)
    fields = {"templates": templates} | others
    samples = made.spike_samples[order].astype(np.int64)
    truth = GroundTruth(made.path, (0, 1, 2, 3), RATE, samples, offsets, **fields)
    return truth, made.spike_factors[order]


def measure(dataset, truth):
    facts = TruthFacts(dataset, truth)
    done = list(measure_sizes(facts, dataset, TruthIndex(truth)))
    assert done == sorted(done)
    assert done[-1] == 1.0
    return facts.sizes


def in_place(truth, values):
    """Values beside the median of their unit, as sizes are without a gain."""
    values = values.astype(np.float64)
    for start, stop in zip(truth.offsets[:-1], truth.offsets[1:], strict=True):
        values[start:stop] /= np.nanmedian(values[start:stop])
    return values


@pytest.mark.parametrize("has_templates", [True, False])
def test_that_measured_sizes_are_those_that_were_made(made, dataset, has_templates):
    truth, factors = truth_of(made, **({} if has_templates else {"templates": None}))
    sizes = measure(dataset, truth)
    # Farther than 1 ms, another template may still reach into the window a little.
    gap = np.abs(truth.spike_samples[:, None] - truth.spike_samples[None])
    np.fill_diagonal(gap, 1000)
    known = np.isfinite(sizes) & (gap.min(axis=1) > made.templates_raw.shape[1])
    assert known.mean() > 0.5
    expected = in_place(truth, np.where(known, factors, np.nan))
    assert np.abs(sizes - expected)[known].max() < 0.1
    for unit in range(4):
        own = slice(*truth.offsets[unit : unit + 2].tolist())
        both = known[own]
        assert np.corrcoef(sizes[own][both], factors[own][both])[0, 1] > 0.85


def test_that_sizes_are_a_projection_on_the_filtered_recording(made, dataset):
    truth, _ = truth_of(made)
    meter = SizeMeter(dataset, truth, np.ones(len(truth.spike_samples), bool))
    while not meter.is_done:
        meter.advance()
    raw = made.raw[:, made.raw_channels].astype(np.float32)
    filtered = high_pass(raw[None], 300.0, RATE)[0]
    length = made.templates_raw.shape[1]
    for unit in range(4):
        whole = made.templates_raw[unit]
        channels = np.sort(np.argsort(-np.ptp(whole, axis=0))[:6])
        padded = np.pad(whole[:, channels], ((400, 400), (0, 0))).astype(np.float32)
        template = high_pass(padded[None], 300.0, RATE)[0, 400 : 400 + length].ravel()
        for k in range(int(truth.offsets[unit]) + 3, int(truth.offsets[unit]) + 9):
            first = int(truth.spike_samples[k]) - made.n_before
            window = filtered[first : first + length, channels].ravel()
            fitted = np.linalg.lstsq(template[:, None], window, rcond=None)[0][0]
            assert meter.sizes[k] == pytest.approx(fitted, abs=0.01)


def test_that_spikes_in_others_and_at_the_ends_are_not_measured(made, dataset):
    truth, _ = truth_of(made)
    sizes = measure(dataset, truth)
    alone = find_alone(truth, order_truth(truth.spike_samples, truth.offsets), RATE)
    gap = np.abs(truth.spike_samples[:, None] - truth.spike_samples[None])
    np.fill_diagonal(gap, 1000)
    near = gap <= ALONE_MS / 1000 * RATE
    # All of them share channels on this small probe.
    np.testing.assert_array_equal(alone, ~near.any(axis=1))
    first = truth.spike_samples - made.n_before
    whole = (first >= 0) & (first + made.templates_raw.shape[1] <= len(made.raw))
    np.testing.assert_array_equal(np.isfinite(sizes), alone & whole)


def test_that_what_goes_with_motion_is_not_size(made, dataset):
    motion = Motion(np.array([0.0, 10.0]), np.zeros(1), np.array([[-8.0], [8.0]], np.float32))
    places = np.c_[np.zeros(4), np.arange(4) * 20.0].astype(np.float32)
    # Nothing really moved: the templates that are moved do not fit any more.
    truth, _ = truth_of(made, motion=motion, locations_um=places)
    facts = TruthFacts(dataset, truth)
    for _ in measure_sizes(facts, dataset, TruthIndex(truth)):
        pass
    for unit in range(4):
        own = facts.sizes[truth.offsets[unit] : truth.offsets[unit + 1]]
        known = np.isfinite(own)
        moved = facts.spike_displacement(unit)[known]
        for part in (moved < -4, np.abs(moved) < 4, moved > 4):
            assert np.median(own[known][part]) == pytest.approx(1, abs=0.03)


def test_that_spikes_lost_for_their_size_are_named_though_the_truth_does_not_tell_it(
    made, dataset
):
    truth, factors = truth_of(made)
    unit = slice(*truth.offsets[1:3].tolist())
    small = np.zeros(len(factors), bool)
    small[unit] = factors[unit] < 0.93
    lost = truth.spike_samples[small]
    is_gone = np.isin(dataset.spike_samples, lost) & (made.spike_templates == 1)
    opened = open_dataset(made.path, use_journal=False)
    clusters = np.where(is_gone, -1, made.spike_templates)
    query = replace(
        scoring_query(SimpleNamespace(dataset=dataset, truth=truth, clustering=opened.clustering)),
        cluster_ids=(0, 1, 2, 3),
        spikes=tuple(np.flatnonzero(clusters == k).astype(np.int32) for k in range(4)),
    )
    facts = TruthFacts(dataset, truth)
    found = SpikeTruth(query, score(query), facts)
    before = found.causes()
    assert "not measured" in before.unknown[Cause.LOW_AMPLITUDE]
    assert before.counts[1, Cause.LOW_AMPLITUDE] == 0
    for _ in measure_sizes(facts, dataset, TruthIndex(truth)):
        pass
    causes = found.causes()
    assert Cause.LOW_AMPLITUDE not in causes.unknown
    alone = np.isfinite(facts.sizes) & small
    named = causes.causes == Cause.LOW_AMPLITUDE
    assert named[alone].mean() > 0.9
    assert not named[~small].any()
    assert causes.main_cause(1) is Cause.LOW_AMPLITUDE
    assert found.causes() is causes


def test_that_without_a_recording_the_reason_is_told(made, dataset):
    without = replace(dataset, raw=None)
    truth, factors = truth_of(made)
    assert not can_measure(without, truth)
    assert "no raw recording" in TruthFacts(without, truth).no_sizes
    assert can_measure(dataset, truth)
    assert is_automatic(dataset)
    # What the truth tells is not measured again.
    assert not can_measure(dataset, replace(truth, amplitude_factors=factors))


def test_that_whoever_stops_leaves_nothing_behind(made, dataset):
    truth, _ = truth_of(made)
    facts = TruthFacts(dataset, truth)
    steps = measure_sizes(facts, dataset, TruthIndex(truth))
    assert 0 < next(steps) < 1
    steps.close()
    assert facts.sizes is None
    assert facts.sized_truth is truth


def test_that_what_was_measured_is_kept_for_the_next_time(made, dataset, tmp_path, monkeypatch):
    truth, _ = truth_of(made)
    store = SizeStore(tmp_path / "sizes")
    first, second = TruthFacts(dataset, truth), TruthFacts(dataset, truth)
    assert len(list(measure_sizes(first, dataset, TruthIndex(truth), store))) > 10
    assert list(measure_sizes(second, dataset, TruthIndex(truth), store)) == [1.0]
    np.testing.assert_array_equal(first.sizes, second.sizes)
    assert not second.sizes.flags.writeable
    # Another truth of the same recording is measured anew, and so is a file that is damaged.
    later = replace(truth, spike_samples=truth.spike_samples + 1)
    assert sizes_key(dataset, later) != sizes_key(dataset, truth)
    (kept,) = store.folder.iterdir()
    kept.write_bytes(b"damaged")
    third = TruthFacts(dataset, truth)
    assert len(list(measure_sizes(third, dataset, TruthIndex(truth), store))) > 10
    np.testing.assert_array_equal(third.sizes, first.sizes)


def test_that_kept_sizes_are_bounded_and_the_oldest_go_first(tmp_path):
    store = SizeStore(tmp_path / "sizes", max_bytes=3000)
    for k, name in enumerate(("a", "b", "c")):
        store.write(name, np.full(250, k, np.float32))
        os.utime(store.folder / f"{name}.npy", (k, k))
    store.write("d", np.full(250, 3, np.float32))
    assert sorted(path.stem for path in store.folder.iterdir()) == ["c", "d"]
    assert store.read("d", 250).tolist() == [3] * 250
    assert store.read("d", 10) is None
    assert store.read("a", 250) is None
    store.clear()
    assert store.read("d", 250) is None
