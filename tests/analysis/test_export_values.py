"""What an export is made of, beside the obvious slow way to compute it."""

from __future__ import annotations

import numpy as np
import pytest
from made_recordings import GAIN_UV, RATE_HZ, filtered_uv, make_recording, windows_of

from gtview.analysis import export_chunks
from gtview.analysis.export import iterate_spike_values
from gtview.analysis.export_chunks import ExportSource, Window, iterate_chunks
from gtview.analysis.export_templates import (
    compute_export_templates,
    find_local_channels,
    sparse_templates,
)
from gtview.base.errors import CancelledError
from gtview.data.dataset import Channels


class ArrayTraces:
    def __init__(self, traces_uv):
        self.traces = traces_uv.astype(np.float32)
        self.n_samples, self.n_channels = traces_uv.shape

    def read(self, start, stop):
        assert 0 <= start <= stop <= self.n_samples
        return self.traces[start:stop].copy()


def source_of(made, **changes):
    channels = Channels(
        np.arange(len(made.positions_um), dtype=np.int32),
        made.positions_um,
        made.shanks.astype(np.int32),
    )
    values = {
        "traces": ArrayTraces(made.traces * GAIN_UV),
        "sample_rate_hz": RATE_HZ,
        "spike_samples": made.samples,
        "spike_templates": made.units,
        "n_templates": int(made.units.max()) + 1,
        "channels": channels,
        "is_filtered": False,
    }
    return ExportSource(**{**values, **changes})


def compute(source):
    templates = compute_export_templates(source)
    blocks = list(iterate_spike_values(source, templates))
    names = ("pc_features", "template_features", "amplitudes_uv", "positions_um")
    joined = {name: np.concatenate([getattr(b, name) for b in blocks]) for name in names}
    return templates, joined


@pytest.fixture(scope="module")
def made():
    return make_recording(n_channels=8, n_shanks=2)


@pytest.fixture(scope="module", params=[1 << 13, 1 << 16, 1 << 22])
def computed(made, request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_chunks, "_CHUNK_VALUES", request.param)
        return compute(source_of(made))


@pytest.fixture(scope="module")
def windows(made):
    """Every spike's window of the recording that was filtered in one piece."""
    return windows_of(filtered_uv(made), made.samples, 41)


def far_from_ends(made):
    """Filters differ in what they make of an end of the recording."""
    return (made.samples > 1000) & (made.samples < len(made.traces) - 1000)


def test_that_templates_are_the_means_of_whole_filtered_windows(made, computed, windows):
    templates, _ = computed
    is_whole = (made.samples >= 41) & (made.samples + 41 <= len(made.traces))
    assert np.count_nonzero(~is_whole) == 2
    for unit in range(4):
        mean = windows[is_whole & (made.units == unit)].mean(axis=0)
        tolerance = 1e-3 * np.ptp(mean)
        np.testing.assert_allclose(templates.waveforms_uv[unit], mean, atol=tolerance)
        assert templates.best_channels[unit] == made.best[unit]
        assert templates.sizes_uv[unit] == pytest.approx(np.ptp(mean, axis=0).max(), rel=1e-3)


def test_that_features_are_projections_of_each_window(made, computed, windows):
    templates, values = computed
    components = templates.components.astype(np.float64)
    np.testing.assert_allclose(components @ components.T, np.eye(3), atol=1e-5)
    expected = np.einsum("ps,isc->ipc", components, windows)
    local = templates.local_channels[made.units]
    expected = np.take_along_axis(expected, local[:, None, :], axis=2)
    inner = far_from_ends(made)
    np.testing.assert_allclose(values["pc_features"][inner], expected[inner], atol=0.1)


def test_that_the_first_component_holds_most_and_points_at_the_spike(made, computed, windows):
    templates, values = computed
    best = values["pc_features"][:, :, 0]
    assert (best[:, 0] > 0).mean() > 0.99
    of_best = windows[np.arange(len(windows)), :, templates.best_channels[made.units]]
    # No three waveforms hold more of these windows than the principal ones of all of them.
    power = np.square(of_best).sum()
    limit = np.square(np.linalg.svd(of_best, compute_uv=False)[:3]).sum()
    assert np.square(best).sum() / power > 0.97 * limit / power


def test_that_template_features_project_on_the_template_itself(made, computed, windows):
    templates, values = computed
    near = templates.near_templates
    assert near[:, 0].tolist() == [0, 1, 2, 3]
    for column in range(near.shape[1]):
        onto = templates.waveforms_uv[near[made.units, column]].astype(np.float64)
        # All eight channels are seen: the projection is the whole one.
        expected = (windows * onto).sum(axis=(1, 2)) / np.sqrt(np.square(onto).sum(axis=(1, 2)))
        inner = far_from_ends(made)
        found = values["template_features"][inner, column]
        np.testing.assert_allclose(found, expected[inner], atol=0.1)


def test_that_amplitudes_are_sizes_in_microvolts(made, computed):
    templates, values = computed
    for unit in range(4):
        own = values["amplitudes_uv"][made.units == unit][1:-1]
        assert own.mean() == pytest.approx(templates.sizes_uv[unit], rel=0.02)
        assert 0.02 < own.std() / own.mean() < 0.12


def test_that_spikes_lie_at_their_unit_and_on_its_shank(made, computed):
    _, values = computed
    for unit in range(4):
        place = values["positions_um"][made.units == unit]
        true = made.positions_um[made.best[unit]]
        assert np.abs(place[:, 0] - true[0]).max() < 1
        assert abs(np.median(place[:, 1]) - true[1]) < 10


def test_that_a_unit_with_spikes_at_the_ends_only_has_a_template():
    made = make_recording(n_units=2)
    n = len(made.traces)
    source = source_of(
        made,
        spike_samples=np.array([0, 5000, n - 1]),
        spike_templates=np.array([1, 0, 1], np.int32),
    )
    templates, values = compute(source)
    assert np.isfinite(templates.waveforms_uv).all()
    assert templates.sizes_uv[1] > 0
    assert all(np.isfinite(array).all() for array in values.values())
    assert len(values["amplitudes_uv"]) == 3


def test_that_a_filtered_recording_is_not_filtered_again(made):
    source = source_of(made, is_filtered=True)
    templates, _ = compute(source)
    unit, n_before = 2, Window.of(RATE_HZ).n_before
    cut = windows_of(made.traces * GAIN_UV, made.samples[made.units == unit], n_before)
    np.testing.assert_allclose(templates.waveforms_uv[unit], cut.mean(axis=0), atol=1e-2)


def test_that_a_value_that_is_no_number_stays_where_it_is(made):
    traces = made.traces * GAIN_UV
    traces[1000, 3] = np.nan
    traces[2000, 4] = np.inf
    templates, values = compute(source_of(made, traces=ArrayTraces(traces)))
    assert np.isfinite(templates.waveforms_uv).all()
    assert all(np.isfinite(array).all() for array in values.values())


def test_that_silent_channels_and_one_spike_give_numbers(made):
    silent = ArrayTraces(np.zeros((5000, 8)))
    source = source_of(
        made,
        traces=silent,
        spike_samples=np.array([100]),
        spike_templates=np.zeros(1, np.int32),
        n_templates=1,
    )
    templates, values = compute(source)
    assert not templates.waveforms_uv.any()
    assert values["amplitudes_uv"].tolist() == [0.0]
    assert np.isfinite(values["positions_um"]).all()


def test_that_pieces_hold_every_spike_once_and_as_much_as_asked(made, monkeypatch):
    monkeypatch.setattr(export_chunks, "_CHUNK_VALUES", 1 << 14)
    source, window = source_of(made), Window.of(RATE_HZ)
    chunks = list(iterate_chunks(source, window))
    ids = np.concatenate([chunk.spike_ids for chunk in chunks])
    assert ids.tolist() == list(range(len(made.samples)))
    assert max(len(chunk.traces) for chunk in chunks) <= (1 << 14) // 8 + window.n_samples
    few = list(iterate_chunks(source, window, 5))
    assert len(few) == 5
    assert few[0].spike_ids[0] == 0
    assert few[-1].spike_ids[-1] == len(made.samples) - 1


def test_that_pieces_without_spikes_are_not_read(made, monkeypatch):
    monkeypatch.setattr(export_chunks, "_CHUNK_VALUES", 1 << 14)
    source = source_of(
        made, spike_samples=np.array([60_000]), spike_templates=np.zeros(1, np.int32)
    )
    assert len(list(iterate_chunks(source, Window.of(RATE_HZ)))) == 1


def test_that_neighbours_are_of_the_same_shank_first():
    shanks = np.repeat([0, 1], 12).astype(np.int32)
    positions = np.stack([10.0 * shanks, np.tile(np.arange(12) * 50.0, 2)], axis=1)
    channels = Channels(np.arange(24, dtype=np.int32), positions.astype(np.float32), shanks)
    (row,) = find_local_channels(channels, np.array([14]))
    assert row[0] == 14
    assert sorted(row[:12]) == list(range(12, 24))
    assert row[1:3].tolist() == [13, 15]
    # Nearest of the other shank.
    assert row[12] == 2
    assert len(set(row.tolist())) == 16


def test_that_sparse_templates_keep_what_is_large(made, computed):
    waveforms = computed[0].waveforms_uv
    values, ids = sparse_templates(waveforms, max_n=3)
    assert values.shape == (4, 82, 3)
    for unit in range(4):
        sizes = np.ptp(waveforms[unit], axis=0)
        assert ids[unit].tolist() == np.argsort(-sizes, kind="stable")[:3].tolist()
        np.testing.assert_array_equal(values[unit], waveforms[unit][:, ids[unit]])
    lonely = waveforms.copy()
    lonely[0, :, :] = 0
    lonely[0, 40, 5] = -80
    values, ids = sparse_templates(lonely)
    assert ids[0, 0] == 5
    assert (ids[0, 1:] == -1).all()
    assert not values[0, :, 1:].any()


def test_that_it_stops_when_told(made):
    def stop(fraction, message=""):
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        compute_export_templates(source_of(made), stop)
