from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.base.errors import DatasetError
from gtview.data.features import FeatureFile
from gtview.data.positional import FileStamp, OpenedFile
from gtview.data.row_reads import MAX_GAP_BYTES, MAX_READ_BYTES, RowSource, plan_reads


def write(folder, values, order="C"):
    path = Path(folder) / "pc_features.npy"
    np.save(path, np.array(values, order=order))
    return path


def reference_read(values, row_spikes, wanted):
    """Look for the row of every spike, one at a time; (n_present, n_local, n_pcs) and a mask."""
    if values.ndim == 2:
        values = values[:, None, :]
    found, has = [], []
    for spike in wanted:
        rows = [row for row, owner in enumerate(row_spikes) if owner == spike]
        has.append(bool(rows))
        if rows:
            found.append(values[rows[0]].T)
    shape = (len(found), values.shape[2], values.shape[1])
    return np.array(found, np.float32).reshape(shape), np.array(has, bool)


@given(data=st.data())
@settings(deadline=None)
def test_that_every_spike_gets_its_own_row(tmp_path_factory, data):
    n_rows = data.draw(st.integers(1, 40))
    shape = data.draw(
        st.sampled_from([(n_rows, 3, 4), (n_rows, 5), (n_rows, 1, 1), (n_rows, 2, 1)])
    )
    dtype = data.draw(st.sampled_from(["<f4", "<f8", ">f4", "<f2"]))
    order = data.draw(st.sampled_from(["C", "F"]))
    is_subset = data.draw(st.booleans())
    n_spikes = 60 if is_subset else n_rows
    row_spikes = np.arange(n_rows)
    if is_subset:
        spikes = st.lists(
            st.integers(0, 59), min_size=n_rows, max_size=n_rows, unique=data.draw(st.booleans())
        )
        row_spikes = np.array(data.draw(spikes))
    wanted = np.array(data.draw(st.lists(st.integers(0, 70), max_size=30)), np.int64)
    values = (np.arange(np.prod(shape)) % 1999).reshape(shape).astype(dtype)
    path = write(tmp_path_factory.mktemp("features"), values, order)

    file = FeatureFile.open(path, None, row_spikes if is_subset else None, n_spikes)
    given_values, has = file.read(wanted)

    expected, expected_has = reference_read(values, row_spikes, wanted)
    assert given_values.dtype == np.float32
    assert given_values.shape[1:] == (file.n_local, file.n_pcs)
    np.testing.assert_array_equal(has, expected_has)
    np.testing.assert_array_equal(given_values, expected)
    rows = file.rows_of(wanted)
    assert rows.dtype == np.int64
    np.testing.assert_array_equal(rows >= 0, expected_has)
    np.testing.assert_array_equal(row_spikes[rows[has]], wanted[has])


@pytest.mark.parametrize("order", ["C", "F"])
def test_that_columns_can_be_chosen(tmp_path, order):
    values = np.random.default_rng(0).normal(size=(50, 3, 6)).astype(np.float32)
    file = FeatureFile.open(write(tmp_path, values, order), None, None, 50)
    wanted = np.array([4, 49, 0, 4])
    given_values, _ = file.read(wanted, local_channels=[5, 0, 2], pcs=[1])
    expected = values[wanted][:, [1]][:, :, [5, 0, 2]].transpose(0, 2, 1)
    np.testing.assert_array_equal(given_values, expected)
    nothing, has = file.read(wanted, local_channels=[])
    assert nothing.shape == (4, 0, 3)
    assert has.all()


@pytest.mark.parametrize("order", ["C", "F"])
def test_that_many_spread_rows_come_in_the_order_asked(tmp_path, order):
    rng = np.random.default_rng(1)
    values = rng.normal(size=(120_000, 3, 10)).astype(np.float32)
    file = FeatureFile.open(write(tmp_path, values, order), None, None, len(values))
    # Single rows, dense stretches, gaps of every size, repetitions, more than one block.
    wanted = np.concatenate(
        [rng.integers(0, 120_000, 30_000), np.arange(60_000, 90_000), [119_999, 0, 0]]
    )
    given_values, has = file.read(wanted)
    assert has.all()
    np.testing.assert_array_equal(given_values, values[wanted].transpose(0, 2, 1))


@given(
    st.lists(st.integers(0, 3000) | st.just(1), min_size=1, max_size=900),
    st.sampled_from([4, 384, 3840, 3_000_000]),
)
def test_that_reads_are_bounded_and_cover_every_row_once(steps, row_bytes):
    rows = np.cumsum(steps)
    plan = plan_reads(rows, row_bytes)
    assert [start for start, _, _ in plan.pieces] == [
        0,
        *(stop for _, stop, _ in plan.pieces[:-1]),
    ]
    assert plan.pieces[-1][1] == len(rows)
    for start, stop, is_dense in plan.pieces:
        piece = rows[start:stop]
        assert (piece[-1] - piece[0] + 1) * row_bytes <= max(MAX_READ_BYTES, row_bytes)
        gaps = (np.diff(piece) - 1) * row_bytes
        assert gaps.max(initial=0) <= MAX_GAP_BYTES
        assert is_dense == (list(piece) == list(range(piece[0], piece[0] + len(piece))))


def test_that_a_long_run_of_rows_is_cut_into_bounded_reads():
    plan = plan_reads(np.arange(10_000), 384)
    assert len(plan.pieces) == 4
    assert all((stop - start) * 384 <= MAX_READ_BYTES for start, stop, _ in plan.pieces)


def test_that_nearby_rows_come_in_one_read_and_far_ones_do_not():
    rows = np.array([0, 1, 2, 10, 11, 100, 101])
    assert plan_reads(rows, 384).pieces == [(0, 5, False), (5, 7, True)]


def test_that_a_read_within_the_file_needs_no_whole_copy(tmp_path):
    path = tmp_path / "rows.bin"
    np.arange(1000, dtype=np.float32).tofile(path)
    plan = plan_reads(np.array([3, 5, 90]), 40)
    out = np.empty((3, 10), np.float32)
    with OpenedFile(FileStamp.of(path)) as file:
        RowSource(file, np.dtype(np.float32), 10).read(plan, 0, out)
    np.testing.assert_array_equal(out, np.arange(1000).reshape(-1, 10)[[3, 5, 90]])


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux")
@pytest.mark.parametrize("order", ["C", "F"])
def test_that_memory_stays_with_the_result(tmp_path, order):
    n_rows = 400_000
    path = tmp_path / "pc_features.npy"
    shape = (n_rows, 3, 32)
    np.lib.format.open_memmap(path, "w+", np.float32, shape, fortran_order=order == "F").flush()
    file = FeatureFile.open(path, None, None, n_rows)
    wanted = np.random.default_rng(0).integers(0, n_rows, 2000)
    file.read(wanted[:10])
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = status_mb("VmRSS")
    values, _ = file.read(wanted)
    grown = status_mb("VmHWM") - before
    # The file has 154 MB.
    assert grown < values.nbytes / 1e6 + 12


def status_mb(field):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1e3
    raise AssertionError(field)


def test_that_threads_may_read_at_once(tmp_path):
    values = np.random.default_rng(2).normal(size=(20_000, 8)).astype(np.float32)
    file = FeatureFile.open(write(tmp_path, values), None, None, 20_000)
    failures = []

    def read(seed):
        wanted = np.random.default_rng(seed).integers(0, 20_000, 500)
        for _ in range(20):
            given_values, _ = file.read(wanted)
            if not np.array_equal(given_values[:, :, 0], values[wanted]):
                failures.append(seed)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_that_the_names_of_the_columns_are_kept(tmp_path):
    ids = np.array([[0, 1, -1], [2, -1, -1]], np.int32)
    file = FeatureFile.open(write(tmp_path, np.zeros((5, 2, 3), "f4")), ids, None, 5)
    assert file.channel_ids is ids
    assert (file.n_rows, file.n_pcs, file.n_local) == (5, 2, 3)


@pytest.mark.parametrize(
    ("values", "channel_ids", "spike_ids", "n_spikes", "word"),
    [
        (np.zeros((4, 2, 3), "f4"), None, None, 5, "4 rows"),
        (np.zeros((4, 2, 3), "f4"), None, np.arange(3), 9, "3 spikes"),
        (np.zeros((4, 2, 3), "f4"), np.zeros((2, 5), np.int32), None, 4, "5"),
        (np.zeros((4, 2, 3), "i4"), None, None, 4, "int32"),
        (np.zeros(4, "f4"), None, None, 4, "shape"),
        (np.array([{}] * 4), None, None, 4, ""),
    ],
)
def test_that_parts_that_do_not_fit_are_refused_by_name(
    tmp_path, values, channel_ids, spike_ids, n_spikes, word
):
    path = write(tmp_path, values)
    with pytest.raises(DatasetError, match=f"pc_features.npy.*{word}"):
        FeatureFile.open(path, channel_ids, spike_ids, n_spikes)


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"no header at all", "cut", "gone"])
def test_that_a_damaged_file_is_refused_in_one_sentence(tmp_path, damage):
    path = write(tmp_path, np.zeros((100, 3, 4), np.float32))
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-8] if damage == "cut" else damage)
    with pytest.raises(DatasetError) as caught:
        FeatureFile.open(path, None, None, 100)
    assert "pc_features.npy" in str(caught.value)


@pytest.mark.parametrize("change", ["gone", "shorter", "longer"])
def test_that_a_file_that_changes_while_open_is_an_error(tmp_path, change):
    path = write(tmp_path, np.zeros((100, 3, 4), np.float32))
    file = FeatureFile.open(path, None, None, 100)
    content = path.read_bytes()
    path.unlink()
    if change != "gone":
        path.write_bytes(content[:-100] if change == "shorter" else content + b"more")
    with pytest.raises(DatasetError, match=r"pc_features.npy"):
        file.read(np.array([1]))


def test_that_no_spikes_and_no_rows_are_fine(tmp_path):
    file = FeatureFile.open(write(tmp_path, np.zeros((0, 3, 4), "f4")), None, None, 0)
    values, has = file.read(np.array([], np.int64))
    assert values.shape == (0, 4, 3)
    assert has.shape == (0,)
    empty = FeatureFile.open(file.path, None, np.array([], np.int64), 7)
    values, has = empty.read(np.array([0, 6]))
    assert values.shape == (0, 4, 3)
    assert not has.any()
