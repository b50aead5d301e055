from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gtview.base.errors import DatasetError
from gtview.data.arrays import (
    CHUNK,
    ArrayError,
    measure,
    open_array,
    read_floats,
    read_integers,
    read_vector,
)
from gtview.data.diagnostics import DiagnosticLog


@pytest.fixture
def log():
    return DiagnosticLog()


def save(tmp_path, array, name="a.npy"):
    np.save(tmp_path / name, array)
    return tmp_path / name


def is_mapped(array):
    while array.base is not None:
        if isinstance(array, np.memmap):
            return True
        array = array.base
    return False


@pytest.mark.parametrize("shape", [(6,), (6, 1), (1, 6), (1, 6, 1)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_that_vectors_of_every_shape_are_one(tmp_path, shape, order):
    values = np.array([5, 3, 9, 1, 0, 7])
    path = save(tmp_path, np.array(values.reshape(shape), order=order))
    assert read_vector(path).tolist() == values.tolist()


@pytest.mark.parametrize(
    "dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", ">i4", ">u8", ">f8"]
)
@pytest.mark.parametrize("wanted", [np.int32, np.int64])
def test_that_whole_numbers_of_every_type_are_read(tmp_path, log, dtype, wanted):
    values = np.array([0, 1, 100, 7])
    found = read_integers(save(tmp_path, values.astype(dtype)), wanted, log)
    assert found.dtype == wanted
    assert found.dtype.isnative
    assert found.tolist() == values.tolist()
    assert not found.flags.writeable
    assert log.items == []


@pytest.mark.parametrize(
    ("dtype", "wanted"), [("i4", np.int32), ("u4", np.int32), ("i8", np.int64), ("u8", np.int64)]
)
def test_that_a_vector_that_needs_no_conversion_stays_on_disk(tmp_path, log, dtype, wanted):
    path = save(tmp_path, np.arange(10).astype(dtype).reshape(-1, 1))
    assert is_mapped(read_integers(path, wanted, log))


@pytest.mark.parametrize(
    ("values", "wanted", "expected"),
    [
        (np.array([1, 2**40], np.int64), np.int32, [1, 2**31 - 1]),
        (np.array([1, 2**32 - 1], np.uint32), np.int32, [1, 2**31 - 1]),
        (np.array([1, -(2**40)], np.int64), np.int32, [1, -(2**31)]),
        (np.array([1, 2**64 - 1], np.uint64), np.int64, [1, 2**63 - 1]),
        (np.array([1, 1e30]), np.int64, [1, 2**63 - 1]),
    ],
)
def test_that_values_that_do_not_fit_are_clipped_and_told(tmp_path, log, values, wanted, expected):
    assert read_integers(save(tmp_path, values), wanted, log).tolist() == expected
    assert [d.level for d in log.items] == ["warning"]
    assert "1 of its values" in log.items[0].message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.array([1.0, 2.5]), "fractions"),
        (np.array([1.0, np.nan]), "NaN"),
        (np.array([1.0, np.inf]), "NaN"),
        (np.ones((3, 2)), "shape"),
        (np.array(["a", "b"]), "not numbers"),
        (np.array([1j]), "not numbers"),
        (np.array([(1, 2)], dtype=[("a", int), ("b", int)]), "not numbers"),
    ],
)
def test_that_what_is_no_vector_of_whole_numbers_is_refused(tmp_path, log, values, words):
    with pytest.raises(ArrayError, match=words) as caught:
        read_integers(save(tmp_path, values), np.int64, log)
    assert "a.npy" in str(caught.value)


@pytest.mark.parametrize("shape", [(0,), (0, 1), (1, 0)])
def test_that_a_vector_of_no_values_is_one(tmp_path, log, shape):
    assert read_integers(save(tmp_path, np.empty(shape, np.uint32)), np.int32, log).shape == (0,)
    assert read_floats(save(tmp_path, np.empty(shape)), log).shape == (0,)


class _Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def test_that_no_pickle_is_loaded(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([_Evil()], object), allow_pickle=True)
    (tmp_path / "pickle.npy").write_bytes(pickle.dumps(_Evil()))
    for name, words in [("objects.npy", "Python objects"), ("pickle.npy", "not a NumPy file")]:
        with pytest.raises(ArrayError, match=words):
            open_array(tmp_path / name)


def test_that_damaged_files_say_what_is_wrong(tmp_path):
    path = save(tmp_path, np.arange(100))
    data = path.read_bytes()
    for content, words in [
        (b"", "empty"),
        (data[:-1], "shorter"),
        (data[:60], "not a NumPy file|damaged"),
        (data[:5], "not a NumPy file|damaged"),
        (b"<html>not found</html>" * 20, "not a NumPy file"),
    ]:
        path.write_bytes(content)
        with pytest.raises(ArrayError, match=words):
            open_array(path)
    path.unlink()
    with pytest.raises(ArrayError, match="missing"):
        open_array(path)
    path.mkdir()
    with pytest.raises(ArrayError):
        open_array(path)


def test_that_an_archive_under_the_wrong_name_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npy", "w") as archive:
        archive.writestr("x.npy", b"")
    with pytest.raises(ArrayError):
        open_array(tmp_path / "a.npy")


def test_that_values_that_are_not_finite_count_as_zero(tmp_path, log):
    path = save(tmp_path, np.array([1.5, np.nan, np.inf, -2.0, 1e300]))
    assert read_floats(path, log).tolist() == [1.5, 0, 0, -2.0, 0]
    assert "3 of its values" in log.items[0].message


@given(
    values=hnp.arrays(np.int64, st.integers(0, 40), elements=st.integers(-(2**62), 2**62)),
    at=st.integers(0, 3 * CHUNK),
)
@settings(max_examples=60, deadline=None)
def test_that_the_extent_is_that_of_the_whole_vector(values, at):
    # The values lie anywhere relative to the pieces that the pass goes by.
    vector = np.zeros(3 * CHUNK + 40, np.int64)
    vector[at : at + len(values)] = values
    for candidate in (values, vector, np.sort(vector)):
        extent = measure(candidate)
        assert extent.is_sorted == bool((np.diff(candidate) >= 0).all())
        if len(candidate):
            assert (extent.low, extent.high) == (candidate.min(), candidate.max())


@given(data=st.data())
@settings(deadline=None)  # other work may share the machine
def test_that_a_damaged_header_never_gives_anything_but_a_sentence(tmp_path_factory, data):
    buffer = io.BytesIO()
    np.save(buffer, np.arange(20, dtype=np.int32))
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, 127))
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("a") / "a.npy"
    path.write_bytes(content)
    try:
        array = open_array(path)
    except DatasetError:
        return
    assert array.dtype.kind in "biuf"
