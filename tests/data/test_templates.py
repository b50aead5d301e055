from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.data.templates import TemplateStore

SHARED_DATA = Path(__file__).resolve().parents[2] / "../shared/data"


def reference_waveform(waveforms, channel_ids, unwhitening, n_channels, template_id):
    """One sample and one channel at a time, in double precision."""
    n_samples, n_local = waveforms.shape[1:]
    dense = np.zeros((n_samples, n_channels))
    for column in range(n_local):
        channel = column if channel_ids is None else channel_ids[template_id, column]
        if channel < 0:
            continue
        for sample in range(n_samples):
            value = float(waveforms[template_id, sample, column])
            dense[sample, channel] = value if np.isfinite(value) else 0.0
    return dense if unwhitening is None else dense @ np.asarray(unwhitening, float)


def make_parts(seed, *, is_sparse, is_whitened, n_templates=7, n_samples=11, n_channels=9):
    rng = np.random.default_rng(seed)
    n_local = 4 if is_sparse else n_channels
    waveforms = rng.normal(size=(n_templates, n_samples, n_local)).astype(np.float32)
    waveforms[:, :, rng.random(n_local) < 0.4] = 0
    channel_ids = None
    if is_sparse:
        channel_ids = np.array([rng.permutation(n_channels)[:4] for _ in range(n_templates)])
        channel_ids[rng.random(channel_ids.shape) < 0.3] = -1
        channel_ids = channel_ids.astype(np.int32)
    matrix = rng.normal(size=(n_channels, n_channels)).astype(np.float32) if is_whitened else None
    return waveforms, channel_ids, matrix, n_channels


@given(st.integers(0, 200), st.booleans(), st.booleans(), st.booleans())
def test_that_waveforms_are_the_dense_form_times_the_whole_matrix(seed, sparse, white, fortran):
    waveforms, ids, matrix, n_channels = make_parts(seed, is_sparse=sparse, is_whitened=white)
    stored = np.asfortranarray(waveforms) if fortran else waveforms
    store = TemplateStore(stored, ids, matrix, n_channels)
    sizes = store.peak_to_peak()
    for template_id in range(store.n_templates):
        expected = reference_waveform(waveforms, ids, matrix, n_channels, template_id)
        given_waveform = store.waveform(template_id)
        assert given_waveform.dtype == np.float32
        np.testing.assert_allclose(given_waveform, expected, atol=1e-4)
        some = np.array([5, 0, 8], np.int32)
        np.testing.assert_allclose(store.waveform(template_id, some), expected[:, some], atol=1e-4)
        np.testing.assert_allclose(sizes[template_id], np.ptp(expected, axis=0), atol=1e-4)


def test_that_a_submatrix_would_not_do():
    waveforms = np.zeros((1, 2, 1), np.float32)
    waveforms[0, 1, 0] = 2.0
    matrix = np.array([[1.0, 0.5], [0.5, 1.0]], np.float32)
    store = TemplateStore(waveforms, np.array([[0]], np.int32), matrix, 2)
    np.testing.assert_array_equal(store.waveform(0), [[0, 0], [2, 1]])
    np.testing.assert_array_equal(store.peak_to_peak(), [[2, 1]])


def test_that_nan_and_infinity_count_as_zero_and_are_reported():
    waveforms, ids, matrix, n_channels = make_parts(3, is_sparse=False, is_whitened=True)
    waveforms[2, 4, 1], waveforms[5, 0, 0], waveforms[5, 1, 3] = np.nan, np.inf, -np.inf
    waveforms[6] = np.nan
    before = waveforms.copy()
    store = TemplateStore(waveforms, ids, matrix, n_channels)
    np.testing.assert_array_equal(store.find_bad_templates(), [2, 5, 6])
    for template_id in range(7):
        expected = reference_waveform(waveforms, ids, matrix, n_channels, template_id)
        np.testing.assert_allclose(store.waveform(template_id), expected, atol=1e-4)
        np.testing.assert_allclose(
            store.peak_to_peak()[template_id], np.ptp(expected, axis=0), atol=1e-4
        )
    assert not store.peak_to_peak()[6].any()
    np.testing.assert_array_equal(waveforms, before)


def test_that_a_read_only_map_is_used_and_not_changed(tmp_path):
    waveforms, _, matrix, n_channels = make_parts(4, is_sparse=False, is_whitened=True)
    waveforms[1, 1, 1] = np.nan
    for order in ("C", "F"):
        np.save(tmp_path / "templates.npy", np.array(waveforms, order=order))
        before = (tmp_path / "templates.npy").read_bytes()
        mapped = np.asarray(np.load(tmp_path / "templates.npy", mmap_mode="r"))
        store = TemplateStore(mapped, None, matrix, n_channels)
        in_memory = TemplateStore(waveforms, None, matrix, n_channels)
        np.testing.assert_array_equal(store.peak_to_peak(), in_memory.peak_to_peak())
        np.testing.assert_array_equal(store.waveform(1), in_memory.waveform(1))
        assert (tmp_path / "templates.npy").read_bytes() == before


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<f2"])
def test_that_every_float_type_is_read(dtype):
    waveforms, ids, matrix, n_channels = make_parts(5, is_sparse=True, is_whitened=True)
    waveforms = waveforms.astype(np.float16).astype(np.float32)
    store = TemplateStore(waveforms.astype(dtype), ids, matrix, n_channels)
    expected = TemplateStore(waveforms, ids, matrix, n_channels)
    np.testing.assert_array_equal(store.peak_to_peak(), expected.peak_to_peak())
    np.testing.assert_array_equal(store.waveform(3), expected.waveform(3))


def test_that_channels_beyond_the_map_are_left_out():
    waveforms = np.ones((1, 2, 3), np.float32)
    store = TemplateStore(waveforms, np.array([[0, 7, -1]], np.int32), None, 2)
    np.testing.assert_array_equal(store.waveform(0), [[1, 0], [1, 0]])


def test_that_the_amplitudes_are_computed_once_and_cannot_be_changed():
    store = TemplateStore(*make_parts(6, is_sparse=True, is_whitened=True))
    results = [None] * 4

    def ask(k):
        results[k] = store.peak_to_peak()

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result is results[0] for result in results)
    with pytest.raises(ValueError, match="read-only"):
        results[0][0, 0] = 1


def test_that_a_template_that_does_not_exist_is_refused():
    store = TemplateStore(*make_parts(7, is_sparse=False, is_whitened=False))
    for template_id in (-1, 7):
        with pytest.raises(IndexError):
            store.waveform(template_id)


def spikes_at(troughs, sizes, n_samples=61, n_channels=3):
    waveforms = np.zeros((len(troughs), n_samples, n_channels), np.float32)
    for template_id, (trough, size) in enumerate(zip(troughs, sizes, strict=True)):
        waveforms[template_id, trough, template_id % n_channels] = -size
        waveforms[template_id, (trough + 8) % n_samples, template_id % n_channels] = 0.4 * size
    return TemplateStore(waveforms, None, None, n_channels)


@pytest.mark.parametrize(
    ("troughs", "sizes", "expected"),
    [
        ([20] * 9, [5] * 9, 20),
        ([19, 20, 20, 21, 20, 50, 3], [5] * 7, 20),
        # A few huge units do not decide, nor do many that are nearly noise.
        ([20] * 6 + [33], [5] * 6 + [5000], 20),
        ([20] * 6 + [33] * 5, [5] * 6 + [0.01] * 5, 20),
        ([41], [1], 41),
        ([10, 20, 30], [5, 5, 5], 20),
        ([0, 0, 60], [5, 5, 5], 0),
    ],
)
def test_that_the_trough_sample_is_what_most_templates_agree_on(troughs, sizes, expected):
    assert spikes_at(troughs, sizes).trough_sample == expected


def test_that_positive_spikes_vote_too():
    waveforms = np.zeros((3, 40, 2), np.float32)
    waveforms[:, 15, 1] = 3.0
    waveforms[:, 22, 1] = -1.0
    assert TemplateStore(waveforms, None, None, 2).trough_sample == 15


def test_that_empty_templates_do_not_vote():
    store = spikes_at([25, 25, 3, 3, 3], [1, 1, 0, 0, 0])
    assert store.trough_sample == 25
    assert spikes_at([3], [0]).trough_sample == 30
    empty = TemplateStore(np.zeros((0, 61, 4), np.float32), None, None, 4)
    assert empty.trough_sample == 30
    assert empty.peak_to_peak().shape == (0, 4)


@pytest.mark.parametrize(
    ("export", "expected"), [("phy_template", 40), ("ks4_32ch/kilosort4", 20)]
)
def test_that_real_sorters_align_where_they_say(export, expected):
    folder = SHARED_DATA / export
    if not folder.is_dir():
        pytest.skip("needs the real exports")
    store = TemplateStore(
        np.load(folder / "templates.npy", mmap_mode="r"),
        None,
        np.load(folder / "whitening_mat_inv.npy").astype(np.float32),
        32,
    )
    assert store.trough_sample == expected
