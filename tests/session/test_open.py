"""Opening a dataset with its truth, and again with what the user adds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.base.errors import CancelledError, DatasetError, UsageError
from gtview.data.dataset import Gain
from gtview.session.open import open_dataset, open_files, reopen_with
from gtview.session.reading import read_files
from gtview.session.scoring import score, scoring_query


@pytest.fixture
def made(tmp_path):
    return make_phy_folder(tmp_path / "data" / "export", n_spikes=600, n_clusters=5, with_raw=True)


def write_truth(folder, made) -> None:
    folder.mkdir(parents=True)
    np.save(folder / "spike_times.npy", made.spike_samples)
    np.save(folder / "spike_units.npy", made.spike_clusters)


def test_that_progress_grows_to_the_end_with_words(made):
    told = []
    opened = open_dataset(made.path, report=lambda f, m="": told.append((f, m)))
    assert [f for f, _ in told] == sorted(f for f, _ in told)
    assert told[0][0] == 0.0
    assert told[-1][0] == 1.0
    assert all(message for _, message in told)
    assert opened.truth is None
    assert opened.stats.cluster_ids.tolist() == opened.clustering.cluster_ids


def test_that_files_are_read_without_what_computes_and_opened_the_same(made):
    code = "import sys, gtview.session.reading; assert not {'numba', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    told = []
    read = read_files(made.path, report=lambda f, m="": told.append(f))
    opened = open_files(read, report=lambda f, m="": told.append(f))
    assert told == sorted(told)
    whole = open_dataset(made.path)
    assert opened.dataset.folder == whole.dataset.folder
    np.testing.assert_array_equal(opened.stats.n_spikes, whole.stats.n_spikes)
    np.testing.assert_array_equal(opened.stats.best_channels, whole.stats.best_channels)


def test_that_opening_can_be_cancelled(made):
    def stop(fraction: float, message: str = "") -> None:
        if fraction > 0.5:
            raise CancelledError("stop")

    with pytest.raises(CancelledError):
        open_dataset(made.path, report=stop)


def test_that_a_truth_beside_the_export_is_found_and_scores(made):
    write_truth(made.path.parent / "ground_truth", made)
    opened = open_dataset(made.path)
    scores = score(opened)
    assert scores.mean_accuracy == pytest.approx(1.0, abs=0.02)
    assert [u.best_cluster_id for u in scores.units] == [0, 1, 2, 3, 4]
    again = score(scoring_query(opened), delta_ms=0.0)
    assert again.delta_samples == 0


def test_that_a_found_truth_that_cannot_be_read_is_told(made):
    truth = made.path.parent / "ground_truth"
    truth.mkdir()
    opened = open_dataset(made.path)
    assert opened.truth is None
    told = [d for d in opened.dataset.diagnostics if d.file == "ground_truth"]
    assert [d.level for d in told] == ["warning"]
    assert tuple(told) == opened.truth_diagnostics


def test_that_a_given_truth_that_cannot_be_read_is_an_error(made, tmp_path):
    with pytest.raises(DatasetError):
        open_dataset(made.path, ground_truth=tmp_path / "nothing")


def test_that_scoring_needs_a_truth(made):
    opened = open_dataset(made.path)
    with pytest.raises(UsageError, match="no ground truth"):
        score(opened)
    write_truth(made.path.parent / "ground_truth", made)
    with pytest.raises(UsageError, match="negative"):
        score(open_dataset(made.path), -1)


def test_that_a_given_gain_is_taken_and_remembered(made):
    first = open_dataset(made.path)
    assert first.stats.amplitude_unit == "arb."
    better = reopen_with(first, gain=Gain(0.5, "set by you"))
    assert better.stats.amplitude_unit == "\N{MICRO SIGN}V"
    assert better.stats.amplitudes == pytest.approx(0.5 * first.stats.amplitudes)
    assert better.clustering is first.clustering
    assert better.dataset.spike_samples is first.dataset.spike_samples
    assert better.dataset.templates is first.dataset.templates
    assert open_dataset(made.path).dataset.gain == Gain(0.5, "set by you")


def test_that_a_bad_gain_is_refused(made):
    with pytest.raises(UsageError):
        reopen_with(open_dataset(made.path), gain=Gain(-1.0, "set by you"))
    assert open_dataset(made.path).dataset.gain is None


def test_that_a_located_raw_file_is_taken_and_remembered(made, tmp_path):
    moved = tmp_path / "elsewhere" / "moved.bin"
    moved.parent.mkdir()
    made.raw_path.rename(moved)
    first = open_dataset(made.path)
    assert first.dataset.raw is None
    better = reopen_with(first, raw_path=moved)
    assert better.dataset.raw is not None
    assert not [d for d in better.dataset.diagnostics if "not found" in d.message]
    assert open_dataset(made.path).dataset.raw is not None
    moved.rename(moved.with_suffix(".gone"))
    assert open_dataset(made.path).dataset.raw is None


def test_that_a_wrong_raw_file_is_refused_and_forgotten(made, tmp_path):
    first = open_dataset(made.path)
    with pytest.raises(DatasetError):
        reopen_with(first, raw_path=tmp_path / "nothing.bin")
    empty = tmp_path / "empty.bin"
    empty.touch()
    with pytest.raises(DatasetError, match=r"empty\.bin"):
        reopen_with(first, raw_path=empty)
    assert open_dataset(made.path).dataset.raw is not None


def test_that_what_is_known_of_the_truth_outlives_reopening(made):
    (made.path.parent / "ground_truth").mkdir()
    opened = open_dataset(made.path)
    better = reopen_with(opened, gain=Gain(0.2, "set by you"))
    assert set(opened.truth_diagnostics) <= set(better.dataset.diagnostics)


def test_that_opening_writes_nothing_beside_the_export(made):
    before = {p: p.stat().st_mtime_ns for p in made.path.rglob("*")}
    reopen_with(open_dataset(made.path), gain=Gain(0.2, "set by you"))
    assert {p: p.stat().st_mtime_ns for p in made.path.rglob("*")} == before


REAL = Path(__file__).resolve().parents[2] / "../shared/data"


@pytest.mark.skipif(not REAL.is_dir(), reason="the real exports are not on this machine")
@pytest.mark.parametrize(
    ("name", "n_clusters", "n_units"), [("phy_template", 62, None), ("ks4_32ch/kilosort4", 21, 24)]
)
def test_that_real_exports_open(name, n_clusters, n_units):
    opened = open_dataset(REAL / name)
    assert opened.clustering.n_clusters == n_clusters
    assert (opened.truth and opened.truth.n_units) == n_units
    assert np.array_equal(opened.stats.n_spikes.sum(), opened.dataset.n_spikes)
    assert not [d for d in opened.dataset.diagnostics if d.level == "error"]
    if opened.truth is not None:
        assert score(opened).mean_accuracy == pytest.approx(0.65, abs=0.01)
