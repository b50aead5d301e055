from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("make_export.py")
SIZES = ["--spikes", "6000", "--clusters", "20", "--channels", "48", "--duration-s", "65"]


def make(folder, *options):
    command = [sys.executable, str(SCRIPT), str(folder), *SIZES, *options]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    return make(tmp_path_factory.mktemp("made"))


def test_that_the_export_has_the_sizes_asked(export):
    assert np.load(export / "spike_times.npy").shape == (6000,)
    assert np.load(export / "templates.npy").shape == (20, 82, 48)
    assert np.load(export / "pc_features.npy").shape == (6000, 3, 32)
    assert np.load(export / "template_features.npy").shape == (6000, 20)
    assert set(np.load(export / "spike_clusters.npy").tolist()) == set(range(20))
    assert (export / "raw.dat").stat().st_size == 65 * 30_000 * 48 * 2


def test_that_times_increase_and_respect_the_refractory_period(export):
    times, clusters = np.load(export / "spike_times.npy"), np.load(export / "spike_clusters.npy")
    assert (np.diff(times) >= 0).all()
    assert times[0] >= 41
    assert times[-1] < 65 * 30_000 - 41
    for cluster in range(20):
        assert (np.diff(times[clusters == cluster]) >= 65).all()


def test_that_rates_are_heavy_tailed(export):
    counts = np.sort(np.bincount(np.load(export / "spike_clusters.npy")))
    assert counts[-1] > 3 * np.median(counts)


def test_that_the_raw_file_has_the_spikes_where_the_export_says(export):
    raw = np.memmap(export / "raw.dat", np.int16, "r").reshape(-1, 48)
    times, clusters = np.load(export / "spike_times.npy"), np.load(export / "spike_clusters.npy")
    amplitudes = np.load(export / "amplitudes.npy")
    unwhiten = np.load(export / "whitening_mat_inv.npy")
    templates = np.load(export / "templates.npy") @ unwhiten
    cluster = int(np.bincount(clusters).argmax())
    channel = int(np.ptp(templates[cluster], axis=0).argmax())
    rows = np.flatnonzero((clusters == cluster) & (times < 59 * 30_000))
    cut = raw[times[rows, None] + np.arange(-40, 42), channel].astype(float).mean(axis=0)
    expected = templates[cluster, :, channel] * amplitudes[rows].mean()
    assert np.corrcoef(cut, expected)[0, 1] > 0.99
    assert np.ptp(cut) == pytest.approx(np.ptp(expected), rel=0.1)
    assert not raw[61 * 30_000 :].any()


def test_that_a_seed_makes_the_same_export_in_either_order(export, tmp_path):
    again = make(tmp_path / "again", "--fortran", "--raw-s", "1")
    for name in ("spike_times", "amplitudes", "templates", "pc_features", "template_features"):
        first, second = np.load(export / f"{name}.npy"), np.load(again / f"{name}.npy")
        np.testing.assert_array_equal(first, second)
    assert np.isfortran(np.load(again / "pc_features.npy"))
    other = make(tmp_path / "other", "--seed", "1", "--raw-s", "1", "--no-features")
    assert not (other / "pc_features.npy").exists()
    times = np.load(export / "spike_times.npy")
    assert not np.array_equal(np.load(other / "spike_times.npy"), times)


def test_that_a_truth_beside_it_has_what_a_sorter_gets_wrong(tmp_path):
    export = make(tmp_path / "export", "--truth", str(tmp_path / "truth"), "--no-features")
    times = np.load(tmp_path / "truth" / "spike_times.npy")
    units = np.load(tmp_path / "truth" / "spike_units.npy")
    clusters = np.load(export / "spike_clusters.npy")
    assert len(times) == len(units) == 6000
    assert (np.diff(times) >= 0).all()
    assert 1 not in units, "clusters 0 and 1 are one unit"
    assert {7, 27} <= set(units.tolist()), "cluster 7 is two"
    n_of = np.bincount(clusters)
    assert np.count_nonzero(units == 0) == n_of[0] + n_of[1]
