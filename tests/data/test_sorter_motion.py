"""The sorter's motion: the numbers of a Kilosort 4 file, and nothing that a pickle could run."""

from __future__ import annotations

import os
import pickle
import pickletools

import numpy as np
import pytest

from gtview.data import sorter_motion
from gtview.data.sorter_motion import read_sorter_motion

RATE = 30_000.0


def make_ops(**others):
    """Return what Kilosort 4 keeps, as far as it matters here, with other things beside it."""
    shifts = np.arange(12, dtype=np.float64).reshape(4, 3)
    return {
        "dshift": shifts,
        "yblk": np.array([100.0, 300.0, 500.0]),
        "settings": {"batch_size": 60_000, "fs": RATE, "data_file_path": None},
        "tmin": 0.0,
        "Wrot": np.eye(4, dtype=np.float32),
        "chanMap": np.arange(4),
        "names": ["a", ("b", 2.5)],
    } | others


def save(folder, ops):
    np.save(folder / "ops.npy", np.array(ops, dtype=object), allow_pickle=True)
    return folder


def save_pickle(folder, data: bytes):
    """Write a file that says it is an array of objects, with this pickle in it."""
    save(folder, {})
    head = (folder / "ops.npy").read_bytes()
    start = head.index(b"\n") + 1
    (folder / "ops.npy").write_bytes(head[:start] + data)
    return folder


def test_that_the_motion_is_the_opposite_of_the_correction_at_the_middle_of_each_batch(tmp_path):
    read = read_sorter_motion(save(tmp_path, make_ops()), RATE)
    assert read.reason == ""
    np.testing.assert_array_equal(read.motion.displacement_um, -np.arange(12).reshape(4, 3))
    np.testing.assert_array_equal(read.motion.depths_um, [100, 300, 500])
    np.testing.assert_allclose(read.motion.times_s, [1, 3, 5, 7])
    assert not read.motion.displacement_um.flags.writeable


@pytest.mark.parametrize(
    "shifts",
    [
        np.asfortranarray(np.arange(12.0).reshape(4, 3)),
        np.arange(12, dtype=np.float32).reshape(4, 3),
        np.arange(12, dtype=">f8").reshape(4, 3),
        np.arange(12, dtype=np.int16).reshape(4, 3),
    ],
)
def test_that_any_order_and_type_of_the_numbers_is_read(tmp_path, shifts):
    motion = read_sorter_motion(save(tmp_path, make_ops(dshift=shifts)), RATE).motion
    np.testing.assert_array_equal(motion.displacement_um, -np.arange(12).reshape(4, 3))


def test_that_blocks_come_in_order_of_depth(tmp_path):
    ops = make_ops(yblk=np.array([500.0, 100.0, 300.0]))
    motion = read_sorter_motion(save(tmp_path, ops), RATE).motion
    assert motion.depths_um.tolist() == [100, 300, 500]
    assert motion.displacement_um[0].tolist() == [-1, -2, 0]


def test_that_a_rigid_motion_and_other_places_of_the_settings_are_read(tmp_path):
    ops = {
        "dshift": np.array([1.0, 2.0]),
        "yblk": np.array([40.0]),
        "fs": np.float32(10_000),
        "NT": np.int64(5_000),
        "tmin": 2.0,
    }
    motion = read_sorter_motion(save(tmp_path, ops), RATE).motion
    assert motion.displacement_um.tolist() == [[-1], [-2]]
    np.testing.assert_allclose(motion.times_s, [2.25, 2.75])


@pytest.mark.parametrize("protocol", range(5))
def test_that_every_protocol_of_numpy_is_read(tmp_path, protocol):
    data = pickle.dumps(np.array(make_ops(), dtype=object), protocol=protocol)
    read = read_sorter_motion(save_pickle(tmp_path, data), RATE)
    if protocol > 2:
        assert read.motion is not None
    # Older ones need functions that are not admitted: nothing is read rather than something run.
    assert (read.motion is None) == bool(read.reason)


class Evil:
    """Would make a folder if it were ever unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("place", ["beside", "inside", "alone", "key"])
def test_that_nothing_in_the_file_is_ever_run(tmp_path, place):
    trap = tmp_path / "trap"
    evil = Evil(trap)
    if place == "alone":
        save_pickle(tmp_path, pickle.dumps(evil))
    else:
        shifts = np.array([evil, 1.0], dtype=object)
        ops = {
            "beside": make_ops(extra=evil),
            "inside": make_ops(dshift=shifts),
            "key": make_ops() | {("a", evil): 1},
        }[place]
        save(tmp_path, ops)
    # The trap works: NumPy's own reader, told to trust the file, would fall into it.
    if place != "key":
        np.load(tmp_path / "ops.npy", allow_pickle=True)
        trap.rmdir()
    read = read_sorter_motion(tmp_path, RATE)
    assert read.motion is None
    assert "never loaded" in read.reason
    assert "mkdir" in read.reason
    assert not trap.exists()


@pytest.mark.parametrize(
    "name",
    [
        "numpy\nload", "numpy\nfromfile", "numpy.core.multiarray\nfromfile", "builtins\neval",
        "builtins\ngetattr", "numpy\nndarray.tofile", "numpy.core.multiarray\n__builtins__",
        "numpy.testing._private.utils\nrunstring", "copyreg\n_reconstructor", "os\nsystem",
        "gtview.data.sorter_motion\n_KNOWN",
    ],
)  # fmt: skip
def test_that_no_other_name_is_known(tmp_path, name):
    data = b"c" + name.encode() + b"\n."
    pickletools.dis(data, out=open(os.devnull, "w"))  # noqa: SIM115
    read = read_sorter_motion(save_pickle(tmp_path, data), RATE)
    assert read.motion is None
    assert name.replace("\n", ".") in read.reason


def test_that_a_pickle_cannot_change_the_program(tmp_path):
    before = {k: dict(vars(k)) for k in set(sorter_motion._KNOWN.values())}
    for target in ("numpy\nndarray", "numpy\ndtype", "numpy.core.multiarray\nscalar"):
        # "set these attributes of the class", in both ways that a pickle has.
        for state in ({"__init__": 1}, (None, {"__init__": 1})):
            value = pickle.dumps(state, protocol=2)[2:-1]
            data = b"\x80\x02c" + target.encode() + b"\n" + value + b"b."
            assert read_sorter_motion(save_pickle(tmp_path, data), RATE).motion is None
    assert {k: dict(vars(k)) for k in before} == before


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"dshift": None}, "did not correct"),
        ({"dshift": "much"}, "not an array"),
        ({"dshift": np.array(["a", "b"])}, "not made of numbers"),
        ({"dshift": np.array([1.0, None], dtype=object)}, "not made of numbers"),
        ({"dshift": np.full((4, 3), np.nan)}, "not numbers"),
        ({"dshift": np.zeros((0, 3))}, "do not fit"),
        ({"yblk": np.zeros(2)}, "do not fit"),
        ({"settings": {"batch_size": 0}}, "how long"),
    ],
)
def test_that_the_reason_is_told_where_there_is_no_motion(tmp_path, change, word):
    read = read_sorter_motion(save(tmp_path, make_ops(**change)), RATE)
    assert read.motion is None
    assert word in read.reason


def test_that_a_missing_or_another_file_is_no_motion(tmp_path):
    assert "no ops.npy" in read_sorter_motion(tmp_path, RATE).reason
    np.save(tmp_path / "ops.npy", np.zeros(4))
    assert "settings" in read_sorter_motion(tmp_path, RATE).reason
    save(tmp_path, [1, 2])
    assert "settings" in read_sorter_motion(tmp_path, RATE).reason


def test_that_damage_anywhere_is_survived(tmp_path):
    whole = (save(tmp_path, make_ops()) / "ops.npy").read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(300):
        data = bytearray(whole[: rng.integers(1, len(whole) + 1)])
        for place in rng.integers(0, len(data), 3):
            data[place] = rng.integers(0, 256)
        (tmp_path / "ops.npy").write_bytes(bytes(data))
        read = read_sorter_motion(tmp_path, RATE)
        assert (read.motion is None) == bool(read.reason)
