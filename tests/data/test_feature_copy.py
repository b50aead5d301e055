from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.base.errors import CancelledError, DatasetError
from gtview.base.progress import ignore_progress
from gtview.data import feature_copy_writer
from gtview.data.feature_copy import FeatureCopy
from gtview.data.feature_copy_layout import DamagedCopyError
from gtview.data.feature_copy_writer import lay_out_copy, write_feature_copy
from gtview.data.features import FeatureFile


def make_file(folder, values, order="C", rows=None, n_spikes=None):
    path = Path(folder) / "pc_features.npy"
    np.save(path, np.array(values, order=order))
    return FeatureFile.open(path, None, rows, n_spikes or len(values))


def make_copy(file, templates, folder):
    layout = lay_out_copy(file, templates, "key")
    path = Path(folder) / "copy"
    write_feature_copy(file, layout, templates, path, ignore_progress)
    return FeatureCopy.open(path, "key", templates)


def always_copy(copy):
    """Let the copy be read however little is asked."""
    copy.cost_bytes = lambda plan, n_columns: 0
    return copy


def same_bits(a, b):
    return a.shape == b.shape and a.tobytes() == b.tobytes()


@given(data=st.data())
@settings(deadline=None, max_examples=80)
def test_that_a_copy_gives_the_same_bits_as_the_file(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("copy")
    n_rows = data.draw(st.integers(1, 60))
    shape = data.draw(st.sampled_from([(n_rows, 3, 4), (n_rows, 5), (n_rows, 1, 1)]))
    dtype = data.draw(st.sampled_from(["<f4", "<f8", ">f4", "<f2"]))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = rng.normal(size=shape).astype(dtype)
    values.reshape(-1)[::7] = np.nan
    values.reshape(-1)[3::11] = -0.0
    n_spikes = n_rows + data.draw(st.sampled_from([0, 20]))
    rows = None
    if n_spikes > n_rows:
        rows = np.sort(rng.permutation(n_spikes)[:n_rows])
    templates = rng.integers(0, data.draw(st.integers(1, 9)), n_spikes).astype(np.int32)
    file = make_file(folder, values, data.draw(st.sampled_from("CF")), rows, n_spikes)
    limit = data.draw(st.sampled_from([1, 3, 1 << 17]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feature_copy_writer, "MAX_SEGMENT_ROWS", limit)
        patch.setattr(
            feature_copy_writer, "BLOCK_BYTES", data.draw(st.sampled_from([1, 200, 1 << 20]))
        )
        copy = always_copy(make_copy(file, templates, folder))
    wanted = np.array(data.draw(st.lists(st.integers(-3, n_spikes + 3), max_size=40)), np.int64)
    local = data.draw(st.one_of(st.none(), st.lists(st.integers(0, file.n_local - 1), max_size=3)))

    expected, expected_has = file.read(wanted, local_channels=local)
    file.attach(copy)
    given_values, has = file.read(wanted, local_channels=local)

    assert file.copy is copy  # it was not given up
    assert same_bits(given_values, expected)
    np.testing.assert_array_equal(has, expected_has)


@pytest.fixture
def copied(tmp_path):
    rng = np.random.default_rng(1)
    values = rng.normal(size=(500, 3, 4)).astype(np.float32)
    templates = rng.integers(0, 6, 500).astype(np.int32)
    file = make_file(tmp_path, values)
    return file, templates, always_copy(make_copy(file, templates, tmp_path)), values


def test_that_the_copy_is_read_and_not_the_file(copied):
    file, templates, copy, values = copied
    file.attach(copy)
    wanted = np.flatnonzero(templates == 2)
    file.path.write_bytes(b"\0" * file.path.stat().st_size)
    given_values, _ = file.read(wanted, local_channels=[3], pcs=[0, 2])
    np.testing.assert_array_equal(given_values[:, 0], values[wanted][:, [0, 2], 3])


def test_that_few_scattered_spikes_are_read_from_the_file(copied, monkeypatch):
    file, templates, _, values = copied
    copy = FeatureCopy.open(copied[2].path, "key", templates)
    file.attach(copy)
    monkeypatch.setattr(copy, "read", lambda *_: pytest.fail("the whole segment was read"))
    monkeypatch.setattr(copy, "cost_bytes", lambda plan, n: 10**9)
    np.testing.assert_array_equal(file.read([7])[0][0], values[7].T)


@pytest.mark.parametrize("place", [0.02, 0.5, 0.97])
def test_that_a_damaged_copy_is_given_up_and_the_file_read(copied, place):
    file, _, copy, values = copied
    raw = bytearray(copy.path.read_bytes())
    start = copy._offsets[0]
    raw[start + int(place * (len(raw) - start))] ^= 0x10
    copy.path.write_bytes(raw)
    file.attach(copy)
    given_values, has = file.read(np.arange(500))
    assert has.all()
    assert file.copy is None
    np.testing.assert_array_equal(given_values, values.transpose(0, 2, 1))


def test_that_a_deleted_copy_is_given_up_and_the_file_read(copied):
    file, _, copy, values = copied
    copy.path.unlink()
    file.attach(copy)
    np.testing.assert_array_equal(file.read(np.arange(500))[0], values.transpose(0, 2, 1))
    assert file.copy is None


@pytest.mark.parametrize("place", [0, 9, 13, 30, 80, 200])
def test_that_a_damaged_header_is_refused(copied, place):
    _, templates, copy, _ = copied
    raw = bytearray(copy.path.read_bytes())
    raw[place] ^= 0x01
    copy.path.write_bytes(raw)
    with pytest.raises(DatasetError):
        FeatureCopy.open(copy.path, "key", templates)


def test_that_a_copy_of_something_else_is_refused(copied):
    _, templates, copy, _ = copied
    with pytest.raises(DamagedCopyError):
        FeatureCopy.open(copy.path, "another key", templates)


@pytest.mark.parametrize("n_bytes", [0, 10, 5000, -1])
def test_that_a_copy_that_is_cut_off_is_refused(copied, n_bytes):
    _, templates, copy, _ = copied
    copy.path.write_bytes(copy.path.read_bytes()[:n_bytes])
    with pytest.raises(DatasetError):
        FeatureCopy.open(copy.path, "key", templates)


def test_that_a_copy_for_other_templates_is_noticed(copied):
    file, templates, copy, values = copied
    other = always_copy(FeatureCopy.open(copy.path, "key", (templates + 1) % 6))
    file.attach(other)
    np.testing.assert_array_equal(file.read(np.arange(500))[0], values.transpose(0, 2, 1))
    assert file.copy is None


def test_that_writing_can_be_stopped(tmp_path):
    templates = np.arange(40, dtype=np.int32) % 3
    file = make_file(tmp_path, np.ones((40, 2, 2), np.float32))
    layout = lay_out_copy(file, templates, "key")

    def stop(fraction, message=""):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        write_feature_copy(file, layout, templates, tmp_path / "copy", stop)


def test_that_progress_goes_from_start_to_end(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_copy_writer, "BLOCK_BYTES", 400)
    templates = np.arange(200, dtype=np.int32) % 3
    file = make_file(tmp_path, np.ones((200, 2, 2), np.float32))
    told = []
    layout = lay_out_copy(file, templates, "key")
    write_feature_copy(
        file, layout, templates, tmp_path / "copy", lambda f, message="": told.append(f)
    )
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.8 < told[-1] <= 1
    assert len(told) > 10


def test_that_no_segment_is_larger_than_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_copy_writer, "BLOCK_BYTES", 1000)
    file = make_file(tmp_path, np.ones((300, 3, 4), np.float32))
    layout = lay_out_copy(file, np.zeros(300, np.int32), "key")
    assert layout.segments.n_rows.sum() == 300
    assert (layout.segments.n_rows * layout.n_runs * 4).max() <= 1000
