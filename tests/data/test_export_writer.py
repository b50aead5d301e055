from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gtview.data.diagnostics import DiagnosticLog
from gtview.data.export_writer import (
    RawLocation,
    choose_cluster_ids,
    path_from,
    write_params,
    write_tables,
    writing_spike_values,
)
from gtview.data.npy_stream import NpyStream
from gtview.data.params import read_params
from gtview.data.tables import read_cluster_tables


@pytest.mark.parametrize(
    ("folder", "raw", "expected"),
    [
        ("/d/phy", "/d/phy/recording.dat", "recording.dat"),
        ("/d/phy", "/d/raw.bin", "../raw.bin"),
        ("/d/phy", "/d/recording/traces.raw", "../recording/traces.raw"),
        ("/d/sortings/a/phy", "/d/recording/traces.raw", "../../../recording/traces.raw"),
        ("/d/phy", "/elsewhere/raw.bin", "/elsewhere/raw.bin"),
        ("/d/a/phy", "/d/raw.bin", "/d/raw.bin"),
    ],
)
def test_that_a_raw_file_is_named_so_that_a_dataset_can_be_moved(folder, raw, expected):
    assert path_from(Path(folder), Path(raw)) == expected


def test_that_params_are_read_back(tmp_path):
    raw = tmp_path / "it's \\ here.dat"
    location = RawLocation(raw, "int16", 40, 16, 30_000.5, True, (0.195, 0.195))
    write_params(tmp_path, location, "1.0")
    log = DiagnosticLog()
    params = read_params(tmp_path / "params.py", log)
    assert params == {
        "dat_path": raw.name,
        "n_channels_dat": 40,
        "dtype": "int16",
        "offset": 16,
        "sample_rate": 30_000.5,
        "hp_filtered": True,
        "exporter": "gtview 1.0",
        "gain_to_uv": 0.195,
    }
    assert not log.items


def test_that_unequal_gains_are_listed_and_unknown_ones_left_out(tmp_path):
    write_params(tmp_path, RawLocation(None, "int16", 2, 0, 1.0, False, (1.0, 2.0)), "1")
    assert read_params(tmp_path / "params.py", DiagnosticLog())["gain_to_uv"] == [1.0, 2.0]
    write_params(tmp_path, RawLocation(None, "int16", 2, 0, 1.0, False, None), "1")
    assert "gain_to_uv" not in read_params(tmp_path / "params.py", DiagnosticLog())


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([0, 1, 2], [0, 1, 2]),
        ([7, 3, 105], [7, 3, 105]),
        (["7", "3"], [7, 3]),
        (["a", "b"], [0, 1]),
        (["1", "01"], [0, 1]),
        ([1, "1"], [0, 1]),
        ([-1, 4], [0, 1]),
        ([5, 10_000_000], [0, 1]),
        (["\N{SUPERSCRIPT TWO}", "5"], [0, 1]),
        ([], []),
    ],
)
def test_that_small_numbers_stay_the_ids_of_clusters(units, expected):
    assert choose_cluster_ids(units).tolist() == expected


def test_that_tables_are_read_back(tmp_path):
    tables = {"group": {3: "good", 7: "unsorted"}, "si_unit_ids": {3: "a b", 7: "c\td"}}
    write_tables(tmp_path, tables)
    found = read_cluster_tables(tmp_path, DiagnosticLog())
    assert dict(found.values("group")) == tables["group"]
    assert dict(found.values("si_unit_id")) == tables["si_unit_ids"]
    assert found.source("si_unit_id") == "cluster_si_unit_ids.tsv"


def test_that_blocks_make_the_array(tmp_path):
    whole = np.arange(60, dtype=np.float32).reshape(10, 3, 2)
    with writing_spike_values(tmp_path, 10, {"a": (3, 2), "b": ()}) as values:
        for block in (slice(0, 4), slice(4, 4), slice(4, 10)):
            # Also in another order of memory and of another type.
            strided = np.asfortranarray(whole[block].astype(np.float64))
            values.append({"a": strided, "b": whole[block, 0, 0]})
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), whole)
    np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), whole[:, 0, 0])


def test_that_missing_or_too_many_rows_are_told(tmp_path):
    with pytest.raises(ValueError, match="1 of 2"), NpyStream(tmp_path / "a.npy", (2,), "f4") as a:
        a.append(np.zeros(1))
    with NpyStream(tmp_path / "a.npy", (1, 2), "f4") as stream:
        with pytest.raises(ValueError, match="do not fit"):
            stream.append(np.zeros((2, 2)))
        with pytest.raises(ValueError, match="do not fit"):
            stream.append(np.zeros((1, 3)))
        stream.append(np.zeros((1, 2)))
