from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import spikeinterface.core as si
from small_plans import make_plan

from gtview.generation.recordings import GeneratedRecording
from gtview.generation.signal import make_chunk

PLAN = make_plan(2)
WHOLE = {d: make_chunk(PLAN, 0, PLAN.n_samples, drifting=d) for d in (False, True)}


@pytest.mark.parametrize("drifting", [False, True])
def test_that_it_is_a_recording_of_spikeinterface(drifting):
    recording = GeneratedRecording(PLAN, drifting)
    assert isinstance(recording, si.BaseRecording)
    assert recording.get_num_samples() == PLAN.n_samples
    assert recording.sampling_frequency == PLAN.sample_rate_hz
    assert recording.dtype == np.int16
    assert list(recording.channel_ids) == list("012345")
    np.testing.assert_allclose(recording.get_channel_locations(), PLAN.channel_positions_um)
    np.testing.assert_array_equal(recording.get_traces(), WHOLE[drifting])
    in_uv = recording.get_traces(return_in_uV=True)
    np.testing.assert_allclose(in_uv, WHOLE[drifting] * PLAN.gain_uv, rtol=1e-5)


def test_that_channels_and_times_can_be_chosen():
    recording = GeneratedRecording(PLAN, True)
    some = recording.get_traces(start_frame=500, end_frame=700, channel_ids=["4", "1"])
    np.testing.assert_array_equal(some, WHOLE[True][500:700, [4, 1]])
    part = recording.frame_slice(100, 900).select_channels(["0", "5"])
    np.testing.assert_array_equal(part.get_traces(), WHOLE[True][100:900, [0, 5]])


def test_that_microvolts_need_no_gain():
    recording = GeneratedRecording(make_plan(2, dtype="float32"), True)
    traces = recording.get_traces()
    assert traces.dtype == np.float32
    np.testing.assert_array_equal(recording.get_traces(return_in_uV=True), traces)


def test_that_functions_of_spikeinterface_take_it():
    from spikeinterface.preprocessing import bandpass_filter

    recording = GeneratedRecording(PLAN, True)
    filtered = bandpass_filter(recording, 300, 6000).get_traces(start_frame=100, end_frame=300)
    assert filtered.shape == (200, 6)
    levels = si.get_noise_levels(
        recording, random_slices_kwargs={"num_chunks_per_segment": 2, "chunk_size": 3000}
    )
    assert levels.shape == (6,)


def test_that_processes_of_spikeinterface_save_it(tmp_path):
    recording = GeneratedRecording(PLAN, True)
    saved = recording.save(
        folder=tmp_path / "saved", n_jobs=2, chunk_size=1000, progress_bar=False, verbose=False
    )
    np.testing.assert_array_equal(saved.get_traces(), WHOLE[True])


def test_that_it_can_be_pickled(tmp_path):
    recording = GeneratedRecording(PLAN, True)
    recording.get_traces(end_frame=10)
    copy = pickle.loads(pickle.dumps(recording))
    np.testing.assert_array_equal(copy.get_traces(), WHOLE[True])
    recording.dump_to_pickle(tmp_path / "recording.pkl")
    loaded = si.load(tmp_path / "recording.pkl")
    np.testing.assert_array_equal(loaded.get_traces(), WHOLE[True])


def test_that_a_recording_of_a_recipe_is_kept_as_json(tmp_path):
    from gtview.generation import generate, read_recipe

    recipe = read_recipe(
        {"seed": 3, "duration_s": 2, "n_units": 3, "probe": {"kind": "tetrode"}}
    ).changed({"motion.motions": [{"kind": "zigzag", "period_s": 1}]})
    plan = generate(recipe).plan
    recording = GeneratedRecording(plan, False, recipe=recipe.to_json())
    recording.dump_to_json(tmp_path / "recording.json")
    loaded = si.load(tmp_path / "recording.json")
    assert type(loaded) is GeneratedRecording
    np.testing.assert_array_equal(loaded.get_traces(), recording.get_traces())
    anew = GeneratedRecording(recipe=recipe.to_json() | {"name": "other"}, drifting=False)
    np.testing.assert_array_equal(anew.get_traces(), recording.get_traces())


def test_that_one_of_a_plan_alone_says_that_json_cannot_hold_it():
    assert not GeneratedRecording(PLAN, True).check_serializability("json")
    with pytest.raises(ValueError, match="needs a plan or a recipe"):
        GeneratedRecording()


def test_that_threads_may_read_it():
    recording = GeneratedRecording(PLAN, True)

    def read(start):
        return recording.get_traces(start_frame=start, end_frame=start + 500)

    with ThreadPoolExecutor(8) as pool:
        chunks = list(pool.map(read, range(0, 9000, 500)))
    np.testing.assert_array_equal(np.concatenate(chunks), WHOLE[True])


def test_that_a_plan_without_a_probe_has_places_all_the_same():
    recording = GeneratedRecording(make_plan(2, probe=None), True)
    np.testing.assert_allclose(recording.get_channel_locations(), PLAN.channel_positions_um)
