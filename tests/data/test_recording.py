from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.base.errors import DatasetError
from gtview.data import recording_files
from gtview.data.recording import RawRecording


def make_samples(n_samples, n_channels, dtype="<i2"):
    values = np.random.default_rng(n_samples).integers(-99, 99, (n_samples, n_channels))
    return values.astype(dtype)


def write_parts(folder, samples, cuts, kinds, offset_bytes=0):
    """Cut samples at some places into files of some kinds: flat, npy, or fortran."""
    paths = []
    for k, (piece, kind) in enumerate(zip(np.split(samples, cuts), kinds, strict=True)):
        path = folder / f"part{k}.{'bin' if kind == 'flat' else 'npy'}"
        if kind == "flat":
            path.write_bytes(b"x" * offset_bytes + piece.tobytes())
        else:
            np.save(path, np.array(piece, order="F" if kind == "fortran" else "C"))
        paths.append(path)
    return paths


def reference_snippets(samples, spikes, n_before, n_after, channels):
    """One value at a time."""
    out = np.zeros((len(spikes), n_before + n_after, len(channels)), np.float32)
    complete = np.ones(len(spikes), bool)
    for k, spike in enumerate(spikes):
        for i in range(n_before + n_after):
            sample = spike - n_before + i
            if not 0 <= sample < len(samples):
                complete[k] = False
                continue
            for j, channel in enumerate(channels):
                out[k, i, j] = samples[sample, channel]
    return out, complete


@st.composite
def recordings(draw):
    n_samples, n_channels = draw(st.integers(1, 40)), draw(st.integers(1, 5))
    n_parts = draw(st.integers(1, 3))
    cuts = sorted(
        draw(st.lists(st.integers(0, n_samples), min_size=n_parts - 1, max_size=n_parts - 1))
    )
    kind = st.sampled_from(["flat", "npy", "fortran"])
    kinds = draw(st.lists(kind, min_size=n_parts, max_size=n_parts))
    dtype = draw(st.sampled_from(["<i2", "<u2", ">i2", "<i4", "<f4", "<f8"]))
    return make_samples(n_samples, n_channels, dtype), cuts, kinds


def opened(folder, made, offset_bytes=0):
    samples, cuts, kinds = made
    paths = write_parts(folder, samples, cuts, kinds, offset_bytes)
    return RawRecording.open(paths, samples.dtype, samples.shape[1], offset_bytes, 100.0)


@given(made=recordings(), offset_bytes=st.sampled_from([0, 7]), data=st.data())
@settings(deadline=None)
def test_that_snippets_are_right_across_the_borders_of_files(
    tmp_path_factory, made, offset_bytes, data
):
    samples = made[0]
    raw = opened(tmp_path_factory.mktemp("raw"), made, offset_bytes)
    assert (raw.n_samples, raw.n_channels) == samples.shape
    assert raw.duration_s == len(samples) / 100.0
    assert not raw.is_truncated
    spikes = np.array(data.draw(st.lists(st.integers(-15, 55), max_size=8)), np.int64)
    n_before, n_after = data.draw(st.integers(0, 12)), data.draw(st.integers(0, 12))
    one = st.integers(0, samples.shape[1] - 1)
    channels = data.draw(st.none() | st.lists(one, max_size=6).map(np.array))
    channels = channels if channels is None else channels.astype(np.int32)

    snippets, is_complete = raw.read_snippets(spikes, n_before, n_after, channels)

    every = range(samples.shape[1]) if channels is None else channels
    expected, complete = reference_snippets(samples, spikes, n_before, n_after, every)
    assert snippets.dtype == np.float32
    np.testing.assert_array_equal(snippets, expected)
    if n_before + n_after:
        np.testing.assert_array_equal(is_complete, complete)


@given(made=recordings(), start=st.integers(-9, 50), stop=st.integers(-9, 50))
@settings(deadline=None)
def test_that_an_interval_is_clipped_to_what_exists(tmp_path_factory, made, start, stop):
    samples = made[0]
    raw = opened(tmp_path_factory.mktemp("raw"), made)
    expected = samples[max(start, 0) : max(stop, 0)].astype(np.float32)
    np.testing.assert_array_equal(raw.read(start, stop), expected)
    last = np.array([samples.shape[1] - 1, 0])
    np.testing.assert_array_equal(raw.read(start, stop, last), expected[:, last])


@pytest.mark.parametrize("kind", ["flat", "npy", "fortran"])
def test_that_a_long_interval_is_read_in_pieces(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(recording_files, "CHUNK_BYTES", 100)
    samples = make_samples(500, 4)
    raw = opened(tmp_path, (samples, [211], [kind, kind]))
    np.testing.assert_array_equal(raw.read(3, 470), samples[3:470])
    snippets, is_complete = raw.read_snippets(np.array([210]), 150, 150)
    assert is_complete.all()
    np.testing.assert_array_equal(snippets[0], samples[60:360])


def test_that_values_of_the_file_are_given_as_they_are(tmp_path):
    samples = np.array([[-32768, 32767]], "<i2")
    raw = opened(tmp_path, (samples, [], ["flat"]))
    np.testing.assert_array_equal(raw.read(0, 1), [[-32768.0, 32767.0]])


@pytest.mark.parametrize(("extra", "is_truncated"), [(0, False), (1, True), (5, True)])
def test_that_a_file_that_ends_within_a_sample_is_noticed(tmp_path, extra, is_truncated):
    path = tmp_path / "raw.dat"
    path.write_bytes(make_samples(10, 3).tobytes() + b"x" * extra)
    raw = RawRecording.open([path], "int16", 3, 0, 30000.0)
    assert raw.n_samples == 10
    assert raw.is_truncated == is_truncated


def test_that_an_offset_beyond_the_end_leaves_no_samples(tmp_path):
    path = tmp_path / "raw.dat"
    path.write_bytes(b"short")
    raw = RawRecording.open([path], "int16", 3, 1000, 30000.0)
    assert raw.n_samples == 0
    snippets, is_complete = raw.read_snippets(np.array([0]), 1, 1)
    assert not snippets.any()
    assert not is_complete.any()


@pytest.mark.parametrize("kind", ["flat", "npy"])
@pytest.mark.parametrize("change", ["gone", "cut"])
def test_that_a_file_lost_while_reading_is_one_plain_sentence(tmp_path, kind, change):
    raw = opened(tmp_path, (make_samples(50, 3), [20], [kind, kind]))
    raw.read(0, 50)
    lost = raw.paths[1]
    content = lost.read_bytes()
    lost.unlink()
    if change == "cut":
        lost.write_bytes(content[:-30])
    np.testing.assert_array_equal(raw.read(0, 20), make_samples(50, 3)[:20])
    for read in (lambda: raw.read(10, 40), lambda: raw.read_snippets(np.array([25]), 2, 2)):
        with pytest.raises(DatasetError) as caught:
            read()
        message = str(caught.value)
        assert lost.name in message
        assert message.endswith(".")
        assert "\n" not in message


def test_that_channels_that_do_not_exist_are_refused(tmp_path):
    raw = opened(tmp_path, (make_samples(5, 3), [], ["flat"]))
    for channel in (-1, 3):
        with pytest.raises(DatasetError, match=f"3 channels; channel {channel} "):
            raw.read(0, 1, np.array([0, channel]))


@pytest.mark.parametrize(
    ("names", "dtype", "n_channels", "rate", "word"),
    [
        (["none.bin"], "int16", 3, 1.0, "none.bin does not exist"),
        ([], "int16", 3, 1.0, "no file"),
        (["raw.bin"], "int17", 3, 1.0, "int17"),
        (["raw.bin"], "str", 3, 1.0, "not a number"),
        (["raw.bin"], "int16", 0, 1.0, "makes no sense"),
        (["raw.bin"], "int16", 3, 0.0, "makes no sense"),
        (["raw.cbin"], "int16", 3, 1.0, "compressed"),
        (["raw.npy"], "int16", 5, 1.0, "5 channels"),
        (["raw.npy", "float.npy"], "int16", 3, 1.0, "different types"),
        (["bad.npy"], "int16", 3, 1.0, "bad.npy"),
    ],
)
def test_that_impossible_recordings_are_refused_by_name(
    tmp_path, names, dtype, n_channels, rate, word
):
    (tmp_path / "raw.bin").write_bytes(b"0" * 60)
    (tmp_path / "bad.npy").write_bytes(b"0" * 60)
    np.save(tmp_path / "raw.npy", make_samples(5, 3))
    np.save(tmp_path / "float.npy", make_samples(5, 3, "<f4"))
    with pytest.raises(DatasetError, match=word):
        RawRecording.open([tmp_path / name for name in names], dtype, n_channels, 0, rate)


def test_that_the_type_of_an_npy_file_counts_more_than_what_was_asked(tmp_path):
    np.save(tmp_path / "raw.npy", make_samples(5, 3, "<f4"))
    raw = RawRecording.open([tmp_path / "raw.npy"], "int16", 3, 12, 1.0)
    assert raw.dtype == np.float32
    np.testing.assert_array_equal(raw.read(0, 5), make_samples(5, 3))


def test_that_threads_may_read_at_once(tmp_path):
    samples = make_samples(3000, 16)
    raw = opened(tmp_path, (samples, [1000], ["flat", "flat"]))
    failures = []

    def read(seed):
        spikes = np.random.default_rng(seed).integers(10, 2990, 30)
        for _ in range(20):
            snippets, _ = raw.read_snippets(spikes, 5, 5)
            expected = samples[spikes[:, None] + np.arange(-5, 5)]
            if not np.array_equal(snippets, expected):
                failures.append(seed)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
