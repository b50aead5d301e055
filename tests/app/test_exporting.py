"""Opening what is no export yet: a sorting of SpikeInterface, or its SortingAnalyzer."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from made_recordings import as_recording, as_sorting, make_recording

from gtview.app import exporting
from gtview.app.exporting import exported_first, refuse_early
from gtview.app.opening import Opening, OpenRequest
from gtview.base.errors import CancelledError, DatasetError, UsageError
from gtview.base.progress import ignore_progress

pytestmark = pytest.mark.filterwarnings("ignore:The extractor is not serializable")


@pytest.fixture(scope="module")
def made():
    return make_recording(borders=False)


@pytest.fixture(scope="module")
def saved(made, tmp_path_factory):
    home = tmp_path_factory.mktemp("saved")
    as_recording(made).save(folder=home / "recording", verbose=False, progress_bar=False)
    as_sorting(made).save(folder=home / "sorting")
    return home


@pytest.fixture
def no_export(monkeypatch):
    def refuse(*_asked):
        raise AssertionError("nothing should be exported")

    return lambda: monkeypatch.setattr(exporting, "_export", refuse)


def test_that_a_sorting_opens_with_its_recording_and_the_second_time_at_once(
    saved, made, own_folders, no_export
):
    told = []
    opening = Opening(OpenRequest(saved / "sorting", recording=saved / "recording"))
    opening.listen(lambda fraction, _message: told.append(fraction))
    opened = opening.start().future.result(timeout=120)
    np.testing.assert_array_equal(opened.dataset.spike_samples, made.samples)
    assert opened.dataset.raw is not None
    assert opened.dataset.folder.is_relative_to(own_folders / "cache" / "exports")
    assert told == sorted(told)
    assert told[-1] == 1.0
    no_export()
    # The recording is the one of the last time.
    again = exported_first(OpenRequest(saved / "sorting"), ignore_progress)
    assert again.path == opened.dataset.folder


def test_that_an_analyzer_brings_its_recording(saved, made, tmp_path):
    import spikeinterface.core as si

    sorting, recording = si.load(saved / "sorting"), si.load(saved / "recording")
    folder = tmp_path / "analyzer"
    si.create_sorting_analyzer(
        sorting, recording, format="binary_folder", folder=folder, sparse=False
    )
    opened = Opening(OpenRequest(folder)).start().future.result(timeout=120)
    np.testing.assert_array_equal(opened.dataset.spike_clusters, made.units)


def test_that_a_generated_dataset_gives_recording_and_truth(saved, tmp_path):
    for name in ("recording", "sorting"):
        place = {"recording": "recording", "sorting": "sortings/mine"}[name]
        shutil.copytree(saved / name, tmp_path / place)
    shutil.copytree(saved / "sorting", tmp_path / "ground_truth" / "sorting")
    opened = Opening(OpenRequest(tmp_path / "sortings/mine")).start().future.result(timeout=120)
    assert opened.truth is not None
    assert opened.truth.n_units == 4
    assert opened.dataset.raw is not None


def test_that_a_missing_recording_is_told_with_what_to_do(saved):
    with pytest.raises(DatasetError, match="--recording"):
        exported_first(OpenRequest(saved / "sorting"), ignore_progress)


def test_that_other_folders_are_refused_as_before(tmp_path):
    with pytest.raises(DatasetError, match=r"params\.py"):
        refuse_early(tmp_path, None)
    with pytest.raises(DatasetError, match="no folder"):
        exported_first(OpenRequest(tmp_path / "nothing"), ignore_progress)


def test_that_an_export_needs_no_recording(tmp_path):
    (tmp_path / "params.py").touch()
    request = OpenRequest(tmp_path)
    assert exported_first(request, ignore_progress) is request
    with pytest.raises(UsageError, match=r"params\.py"):
        exported_first(OpenRequest(tmp_path, recording=tmp_path), ignore_progress)


def test_that_opening_can_be_cancelled_while_it_exports(saved, own_folders):
    def stop(fraction, message=""):
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        exported_first(OpenRequest(saved / "sorting", recording=saved / "recording"), stop)
    assert not list((own_folders / "cache" / "exports").iterdir())
