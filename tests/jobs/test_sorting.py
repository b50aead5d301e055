from __future__ import annotations

import json

import numpy as np
import pytest

from gtview.base.errors import CancelledError, DatasetError, GtviewError, UsageError
from gtview.base.progress import ignore_progress
from gtview.data.discovery import find_dataset, find_unsorted
from gtview.jobs.durations import remember_duration
from gtview.jobs.generation import generation_steps
from gtview.jobs.sorting import (
    SortChoice,
    find_sorters,
    known_sorters,
    sorting_job,
    sorting_steps,
)
from gtview.jobs.tasks.generate import generate_dataset
from gtview.jobs.tasks.sort import merge_params, sort_recording, telling_bars
from gtview.jobs.tasks.sorters import describe_sorter, how_to_get

RECIPE = {
    "duration_s": 15,
    "n_units": 6,
    "seed": 3,
    "probe": {"kind": "linear", "n_contacts": 12},
    "locations": {"margin_um": 0},
    "templates": {"unit_params": {"alpha": {"range": [200, 500]}}},
    "spikes": {"rates_hz": {"range": [8, 15]}},
    "motion": {"motions": [{"kind": "zigzag", "period_s": 10}]},
    "output": {"has_static": True},
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """A generated dataset that nobody has sorted."""
    folder = tmp_path_factory.mktemp("made") / "dataset"
    generate_dataset({"folder": str(folder), "recipe": RECIPE}, ignore_progress)
    return folder


def sort(recording, folder, report=ignore_progress, sorter="simple", **params):
    params = {"seed": 0, **params}
    spec = {"recording": recording, "folder": folder, "sorter": sorter, "params": params}
    return sort_recording(spec, report)


@pytest.fixture(scope="module")
def sorted_dataset(dataset):
    """The same, sorted with `simple`, once drifting and once static."""
    told = []
    results = {
        name: sort(
            dataset / name,
            dataset / "sortings" / sorting,
            lambda fraction, message="": told.append((fraction, message)),
        )
        for name, sorting in (("recording", "simple"), ("recording_static", "simple_static"))
    }
    return dataset, results, told


@pytest.mark.slow
def test_that_a_sorting_is_exported_with_its_truth(sorted_dataset):
    from gtview.session.open import open_dataset

    dataset, results, _ = sorted_dataset
    opened = open_dataset(dataset, sorting="simple")
    assert opened.truth is not None
    assert opened.truth.n_units == 6
    assert opened.dataset.raw is not None
    assert opened.dataset.gain is not None
    assert opened.dataset.diagnostics == ()
    assert opened.clustering.n_clusters == results["recording"]["n_clusters"] >= 3
    inside = {path.name for path in (dataset / "sortings" / "simple").iterdir()}
    assert inside == {"spec.json", "log.json", "phy"}


@pytest.mark.slow
def test_that_the_static_sorting_has_a_truth_that_does_not_move(sorted_dataset):
    from gtview.session.open import open_dataset

    dataset, _, _ = sorted_dataset
    drifting, static = (open_dataset(dataset, sorting=n) for n in ("simple", "simple_static"))
    assert drifting.truth.motion is not None
    assert np.ptp(drifting.truth.motion.displacement_um) > 1
    assert static.truth.motion is None
    params = (static.dataset.folder / "params.py").read_text(encoding="utf-8")
    assert "recording_static/" in params
    assert static.dataset.raw is not None
    assert find_dataset(dataset, "simple_static").is_static
    assert find_dataset(dataset, "simple_static").recording_folder.name == "recording_static"


@pytest.mark.slow
def test_that_the_same_seed_finds_the_same_spikes(sorted_dataset, tmp_path):
    dataset, _, _ = sorted_dataset
    sort(dataset / "recording", tmp_path / "again")
    for name in ("spike_times.npy", "spike_clusters.npy"):
        first = np.load(dataset / "sortings" / "simple" / "phy" / name)
        assert np.array_equal(first, np.load(tmp_path / "again" / "phy" / name))


@pytest.mark.slow
def test_that_it_tells_what_it_does(sorted_dataset):
    dataset, _, told = sorted_dataset
    messages = [message for _, message in told]
    assert "loading SpikeInterface" in messages
    assert any(message.startswith("detect peaks") for message in messages)
    assert any(message.startswith("exporting") for message in messages)
    spec = json.loads((dataset / "sortings" / "simple_static" / "spec.json").read_text("utf-8"))
    assert spec["sorter"] == "simple"
    assert spec["params"] == {"seed": 0}
    assert spec["recording"] == "recording_static"


@pytest.mark.slow
def test_that_a_dataset_is_unsorted_until_a_sorting_is_whole(dataset, tmp_path):
    place = tmp_path / "copy"
    for part in ("ground_truth", "recording"):
        (place / part).mkdir(parents=True)
    (place / "recipe.json").write_text("{}", encoding="utf-8")
    assert find_unsorted(place) == place
    (place / "sortings" / "x.partial" / "phy").mkdir(parents=True)
    (place / "sortings" / "x.partial" / "phy" / "params.py").touch()
    (place / "sortings" / "y").mkdir()
    assert find_unsorted(place) == place
    with pytest.raises(DatasetError, match="no sorting yet"):
        find_dataset(place)
    (place / "sortings" / "y" / "params.py").touch()
    assert find_unsorted(place) is None
    assert find_unsorted(place / "recording") is None
    assert find_unsorted(tmp_path / "nothing") is None


@pytest.mark.slow
def test_that_a_sorter_that_fails_is_told_in_a_sentence_and_leaves_nothing(dataset, tmp_path):
    with pytest.raises(GtviewError, match=r"^simple failed: \w+Error: ") as caught:
        sort(dataset / "recording", tmp_path / "out", detect_threshold=5000.0)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_that_cancelling_is_no_failure_of_the_sorter(dataset, tmp_path):
    def stop(_fraction, message=""):
        if message.startswith("detect peaks"):
            raise CancelledError("stop")

    with pytest.raises(CancelledError):
        sort(dataset / "recording", tmp_path / "out", stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sorter": "best"}, "no sorter best; it has"),
        ({"sorter": "kilosort2"}, "cannot be run. It is not installed"),
        ({"detect_treshold": 3}, "no parameter detect_treshold; it has .*detect_threshold"),
    ],
)
def test_that_what_cannot_be_run_is_refused_before_any_work(tmp_path, changes, told):
    (tmp_path / "recording").mkdir()
    with pytest.raises(UsageError, match=told):
        sort(tmp_path / "recording", tmp_path / "out", **changes)
    assert not (tmp_path / "out").exists()


def test_that_a_folder_that_exists_and_a_recording_that_does_not_are_refused(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="exists already"):
        sort(tmp_path / "none", tmp_path / "out")
    with pytest.raises(DatasetError, match="There is no"):
        sort(tmp_path / "none", tmp_path / "other")
    with pytest.raises(UsageError, match="n_jobs"):
        sort_recording(
            {"recording": "a", "folder": "b", "sorter": "simple", "n_jobs": 0}, ignore_progress
        )


def test_that_parameters_in_dictionaries_keep_their_neighbours():
    defaults = {"a": {"b": {"c": 1, "d": 2}, "e": 3}, "f": 4, "g": {}}
    params = {"a": {"b": {"c": 9}}, "g": {"h": 1}, "f": 5}
    assert merge_params(defaults, params) == {
        "a": {"b": {"c": 9, "d": 2}, "e": 3},
        "f": 5,
        "g": {"h": 1},
    }
    assert merge_params(defaults, {"a": {}}) == {"a": defaults["a"]}


def test_that_bars_are_told_instead_of_printed(capsys):
    from tqdm.auto import tqdm

    told = []
    with telling_bars(lambda _fraction, message="": told.append(message), []):
        for _ in tqdm(range(3), desc="find things (no parallelization)", mininterval=0):
            pass
    assert told[0] == "find things 0 %"
    assert told[-1] == "find things 100 %"
    assert "|" not in capsys.readouterr().err
    usual = tqdm.display
    stopped = []
    with pytest.raises(CancelledError), telling_bars(raise_cancelled, stopped):
        list(tqdm(range(3)))
    assert len(stopped) >= 1
    assert tqdm.display is usual


def raise_cancelled(_fraction, _message=""):
    raise CancelledError("stop")


# The list of sorters --------------------------------------------------------------------------


def test_that_installed_sorters_come_first_and_the_list_is_kept():
    assert known_sorters() == ()
    found = find_sorters()
    flags = [info.is_installed for info in found]
    assert flags == sorted(flags, reverse=True)
    by_name = {info.name: info for info in found}
    assert by_name["simple"].is_installed
    assert by_name["simple"].parameters["detect_threshold"] == 5.0
    assert not by_name["simple"].how_to_get
    others = [info for info in found if not info.is_installed]
    assert others
    assert all(info.how_to_get and "\n" not in info.how_to_get for info in others)
    assert known_sorters() == found


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (">>> pip install kilosort --upgrade\n More: https://x.y", "pip install kilosort"),
        (">>> git clone https://a.b\n set X_PATH", "clone https://a.b, then set .* X_PATH"),
        ("pip install 'si[x]'\nor\npip install '.[x]'\n", r"To get it: pip install 'si\[x\]'$"),
        ("see https://a.b/c.", r"see https://a.b/c\.$"),
        ("", "x is not installed here."),
    ],
)
def test_that_what_is_not_installed_says_how_to_get_it(message, told):
    import re

    assert re.search(told, how_to_get("x", message))


def test_that_a_sorter_whose_check_fails_counts_as_not_installed():
    class Odd:
        installation_mesg = ""

        @staticmethod
        def is_installed():
            raise ImportError("half of it is missing")

    assert not describe_sorter("odd", Odd)["is_installed"]


# Steps ----------------------------------------------------------------------------------------


def test_that_each_sorting_gets_a_folder_of_its_own(tmp_path):
    (tmp_path / "sortings" / "simple").mkdir(parents=True)
    choice = SortChoice("simple", {"seed": 1}, of_drifting=True, of_static=True)
    drifting, static = sorting_steps(tmp_path, choice)
    assert drifting.spec["folder"] == str(tmp_path / "sortings" / "simple_2")
    assert static.spec["folder"] == str(tmp_path / "sortings" / "simple_static")
    assert drifting.spec["recording"] == str(tmp_path / "recording")
    assert static.spec["recording"] == str(tmp_path / "recording_static")
    assert static.folder == tmp_path / "sortings" / "simple_static" / "phy"
    assert drifting.spec["params"] == {"seed": 1}


def test_that_the_time_of_a_sorter_follows_what_it_took_here(tmp_path):
    def expected():
        return sorting_job(tmp_path, tmp_path / "out", "simple", channel_seconds=1000).expected_s

    before = expected()
    remember_duration("sort simple", before, 4 * before)
    assert expected() == pytest.approx(4 * before)


def test_that_a_recipe_becomes_steps_with_a_plan_of_time(tmp_path):
    from gtview.generation.presets import read_preset

    sorts = [SortChoice("simple", of_static=True)]
    first, *then = generation_steps(read_preset("quick"), tmp_path / "x", sorts)
    assert first.folder == tmp_path / "x"
    assert first.expected_s > 0
    assert [step.title for step in then] == ["Sort with simple", "Sort with simple (static)"]
