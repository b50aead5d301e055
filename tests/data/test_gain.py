from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gtview.base.errors import UsageError
from gtview.data import user_choices
from gtview.data.gain import GAIN_KEYS, find_gain
from gtview.data.spikeglx import read_spikeglx_gains_uv


@pytest.mark.parametrize("key", GAIN_KEYS)
@pytest.mark.parametrize("value", [0.195, 2, [0.195, 0.195]])
def test_that_a_clear_key_of_params_is_taken(key, value):
    gain = find_gain({key: value}, [], None)
    assert gain.uv_per_bit == (value if not isinstance(value, list) else 0.195)
    assert gain.source == "params.py"
    assert find_gain({key.upper(): value}, [], None) == gain


@pytest.mark.parametrize(
    "value", [0, -1.0, float("nan"), float("inf"), True, "0.195", None, [], [0.1, 0.2], {}, ["x"]]
)
def test_that_no_number_is_no_gain(value):
    assert find_gain({"gain_to_uv": value}, [], None) is None
    assert find_gain({"gain": value}, [], None) is None


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [(0.195, True), (2.34, True), (500, False), (80.0, False), (2e-7, False)],
)
def test_that_a_plain_gain_counts_only_where_it_can_be_microvolts(value, is_taken):
    assert (find_gain({"gain": value}, [], None) is not None) == is_taken


def test_that_scales_of_other_things_are_not_gains():
    params = {"template_scaling": 20.0, "scale": 0.2, "sample_rate": 3e4, "offset": 1}
    assert find_gain(params, [], None) is None


def make_meta(folder, name="run_g0_t0.imec0.ap", **changes):
    meta = {
        "fileName": f"D:/data/{name}.bin",
        "typeThis": "imec",
        "imDatPrb_type": "0",
        "imDatPrb_pn": "NP1000",
        "imAiRangeMax": "0.6",
        "imAiRangeMin": "-0.6",
        "imMaxInt": "512",
        "imSampRate": "30000",
        "nSavedChans": "5",
        "snsApLfSy": "4,0,1",
        "fileSizeBytes": "100",
        "~imroTbl": "(0,4)" + "".join(f"({c} 0 0 500 250 1)" for c in range(4)),
        "~snsChanMap": "(4,0,1)" + "".join(f"(AP{c};{c}:{c})" for c in range(5)),
        **changes,
    }
    path = folder / f"{name}.meta"
    path.write_text("".join(f"{k}={v}\n" for k, v in meta.items() if v is not None))
    return path


NP1_LF = {"name": "run_g0_t0.imec0.lf", "snsApLfSy": "0,4,1"}
NP2_TABLE = "(24,4)" + "".join(f"({c} 0 0 0 {c})" for c in range(4))
NP2 = {
    "imDatPrb_type": "24",
    "imDatPrb_pn": "PRB2_4_2_0640_0",
    "imAiRangeMax": "0.5",
    "imMaxInt": "8192",
    "~imroTbl": NP2_TABLE,
}
NP2013 = NP2 | {
    "imDatPrb_type": "2013",
    "imDatPrb_pn": "NP2013",
    "imAiRangeMax": "0.62",
    "imMaxInt": "2048",
    "~imroTbl": NP2_TABLE.replace("(24,", "(2013,"),
}
METAS = {
    "1.0": ({}, 0.6 / 512 / 500 * 1e6),
    "1.0 low band": (NP1_LF, 0.6 / 512 / 250 * 1e6),
    "2.0": (NP2, 0.5 / 8192 / 80 * 1e6),
    "2.0 without imMaxInt": (NP2 | {"imMaxInt": None}, 0.5 / 8192 / 80 * 1e6),
    "2.0 commercial": (NP2013, 0.62 / 2048 / 100 * 1e6),
    "2.0 that says its gain": (NP2013 | {"imChan0apGain": "100"}, 0.62 / 2048 / 100 * 1e6),
}


@pytest.mark.parametrize("name", METAS)
def test_that_imec_gains_are_those_of_neo(tmp_path, name):
    changes, expected_uv = METAS[name]
    path = make_meta(tmp_path, **changes)
    gains = read_spikeglx_gains_uv(path)
    np.testing.assert_allclose(gains, expected_uv)
    neo = pytest.importorskip("neo.rawio.spikeglxrawio")
    info = neo.extract_stream_info(path, neo.read_meta_file(path))
    np.testing.assert_allclose(gains[0], info["channel_gains"][0])
    raw = path.with_suffix(".bin")
    gain = find_gain({}, [raw], None)
    assert gain.uv_per_bit == pytest.approx(expected_uv)
    assert gain.source == path.name


def test_that_national_instruments_gains_are_those_of_neo(tmp_path):
    neo = pytest.importorskip("neo.rawio.spikeglxrawio")
    for counts, expected_gain in (("4,0,0,1", 200.0), ("0,4,0,1", 5.0), ("0,0,4,1", 1.0)):
        path = make_meta(
            tmp_path,
            name="run_g0_t0.nidq",
            typeThis="nidq",
            snsMnMaXaDw=counts,
            snsApLfSy=None,
            niMNGain="200",
            niMAGain="5",
            niAiRangeMax="2.5",
            niSampRate="30000",
        )
        gains = read_spikeglx_gains_uv(path)
        np.testing.assert_allclose(gains, 2.5 / 32768 / expected_gain * 1e6)
        info = neo.extract_stream_info(path, neo.read_meta_file(path))
        np.testing.assert_allclose(gains[0], info["channel_gains"][0] * 1e6)


def test_that_onebox_gains_follow_its_range(tmp_path):
    changes = {"typeThis": "obx", "obAiRangeMax": "5", "obMaxInt": "32768", "imAiRangeMax": None}
    path = make_meta(tmp_path, name="run_g0_t0.obx0.obx", **changes)
    np.testing.assert_allclose(read_spikeglx_gains_uv(path), [5 / 32768 * 1e6])


def test_that_channels_of_several_gains_have_no_common_one(tmp_path):
    table = "(0,4)(0 0 0 500 250 1)(1 0 0 1000 250 1)"
    path = make_meta(tmp_path, **{"~imroTbl": table})
    assert len(read_spikeglx_gains_uv(path)) == 2
    assert find_gain({}, [path.with_suffix(".bin")], None) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"imAiRangeMax": None, "typeThis": "imec"},
        {"imAiRangeMax": "wide"},
        {"imMaxInt": "0"},
        {"imDatPrb_type": "3010", "~imroTbl": NP2_TABLE},
        {"imDatPrb_type": "x"},
        {"~imroTbl": "(0,4)(0 0)"},
        {"~imroTbl": "(0,4)(0 0 0 0 0 0)"},
        {"~imroTbl": ""},
        {"typeThis": "camera"},
        {"typeThis": "nidq"},
        {"typeThis": "obx"},
    ],
)
def test_that_a_damaged_or_unknown_meta_file_gives_nothing(tmp_path, changes):
    path = make_meta(tmp_path, **changes)
    assert find_gain({}, [path.with_suffix(".bin")], None) is None


def test_that_files_of_bytes_or_folders_give_nothing(tmp_path):
    (tmp_path / "a.meta").write_bytes(bytes(range(256)))
    (tmp_path / "b.meta").mkdir()
    (tmp_path / "structure.oebin").write_bytes(b"\xff\xfe[[[")
    (tmp_path / "binary.json").write_text("[" * 100_000)
    (tmp_path / "properties").mkdir()
    (tmp_path / "properties" / "gain_to_uV.npy").write_bytes(b"no")
    raw = [tmp_path / name for name in ("a.bin", "b.bin", "continuous.dat", "none.bin")]
    assert find_gain({}, raw, tmp_path) is None


def make_open_ephys(root, streams, stream_folder="Neuropix-PXI-100.0"):
    folder = root / "recording1" / "continuous" / stream_folder
    folder.mkdir(parents=True)
    (root / "recording1" / "structure.oebin").write_text(json.dumps({"continuous": streams}))
    return folder / "continuous.dat"


def oe_channel(name, bit_volts, units="uV"):
    return {"channel_name": name, "bit_volts": bit_volts, "units": units}


def test_that_the_stream_of_an_open_ephys_file_is_found(tmp_path):
    ap = {
        "folder_name": "Neuropix-PXI-100.0/",
        "channels": [
            oe_channel("AP1", 0.195),
            oe_channel("AP2", 0.195, ""),
            oe_channel("ADC1", 0.0003, "V"),
            oe_channel("AUX1", 0.00004, ""),
        ],
    }
    other = {"folder_name": "Other-101.0/", "channels": [oe_channel("CH1", 4.7)]}
    raw = make_open_ephys(tmp_path, [other, ap])
    gain = find_gain({}, [raw], None)
    assert gain.uv_per_bit == 0.195
    assert gain.source == "structure.oebin"
    # What a sorter leaves beside it is scaled otherwise.
    assert find_gain({}, [raw.with_name("temp_wh.dat")], None) is None


def test_that_open_ephys_gains_are_those_of_neo(tmp_path):
    neo = pytest.importorskip("neo.rawio.openephysbinaryrawio")
    channels = [oe_channel(f"CH{k}", 0.195) for k in range(3)]
    stream = {
        "folder_name": "Neuropix-PXI-100.0/",
        "sample_rate": 30000.0,
        "num_channels": 3,
        "source_processor_name": "PXI",
        "recorded_processor_id": 1,
        "channels": channels,
    }
    raw = make_open_ephys(tmp_path / "Record Node 1" / "experiment1", [stream])
    raw.write_bytes(np.zeros((10, 3), "<i2").tobytes())
    np.save(raw.with_name("sample_numbers.npy"), np.arange(10))
    reader = neo.OpenEphysBinaryRawIO(str(tmp_path))
    reader.parse_header()
    gain = find_gain({}, [raw], None)
    assert gain.uv_per_bit == pytest.approx(reader.header["signal_channels"]["gain"][0])


def test_that_an_unclear_open_ephys_stream_is_not_guessed(tmp_path):
    streams = [{"folder_name": f"S{k}/", "channels": [oe_channel("C", 0.1)]} for k in range(2)]
    raw = make_open_ephys(tmp_path, streams, stream_folder="elsewhere")
    assert find_gain({}, [raw], None) is None


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"continuous": 3},
        {"continuous": [3]},
        {"continuous": [{"channels": [4]}]},
        {"continuous": [{"channels": [{"bit_volts": "a"}]}]},
    ],
)
def test_that_a_strange_structure_file_gives_nothing(tmp_path, content):
    raw = make_open_ephys(tmp_path, [])
    (tmp_path / "recording1" / "structure.oebin").write_text(json.dumps(content))
    assert find_gain({}, [raw], None) is None


def test_that_a_spikeinterface_folder_gives_the_gain_it_was_saved_with(tmp_path):
    core = pytest.importorskip("spikeinterface.core")
    recording = core.generate_recording(num_channels=3, durations=[0.1])
    recording.set_channel_gains(0.25)
    recording.set_channel_offsets(0)
    folder = tmp_path / "recording"
    recording.save(folder=folder, dtype="int16", verbose=False)
    assert find_gain({}, [], folder).uv_per_bit == 0.25
    assert find_gain({}, [folder / "traces_cached_seg0.raw"], None).uv_per_bit == 0.25
    assert find_gain({}, [folder / "other.raw"], None) is None
    for name in ("binary.json", "si_folder.json"):
        (folder / name).write_text("{")
    assert find_gain({}, [], folder).uv_per_bit == 0.25  # from properties/gain_to_uV.npy
    assert find_gain({}, [], folder / "nothing") is None


def test_that_params_come_before_what_lies_beside_the_raw_file(tmp_path):
    raw = make_meta(tmp_path).with_suffix(".bin")
    assert find_gain({"uv_per_bit": 0.5}, [raw], None).source == "params.py"


def test_that_what_the_user_said_is_remembered_outside_of_the_export(tmp_path, own_folders):
    export, other = tmp_path / "export", tmp_path / "other"
    export.mkdir()
    assert user_choices.remembered_gain(export) is None
    assert user_choices.remembered_raw(export) is None
    user_choices.remember_gain(export, 0.195)
    user_choices.remember_raw(export, tmp_path / "moved" / "raw.bin")
    user_choices.remember_gain(other, 2.0)
    assert user_choices.remembered_gain(export) == 0.195
    assert user_choices.remembered_gain(tmp_path / "x" / ".." / "export") == 0.195
    assert user_choices.remembered_raw(export) == tmp_path / "moved" / "raw.bin"
    assert user_choices.remembered_gain(other) == 2.0
    assert user_choices.remembered_raw(other) is None
    assert list(export.iterdir()) == []
    assert any(own_folders.rglob("*.json"))
    user_choices.remember_gain(export, None)
    assert user_choices.remembered_gain(export) is None
    assert user_choices.remembered_raw(export) is not None


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_that_an_impossible_gain_is_not_remembered(tmp_path, value):
    with pytest.raises(UsageError):
        user_choices.remember_gain(tmp_path, value)
    assert user_choices.remembered_gain(tmp_path) is None


@pytest.mark.parametrize("damage", ["{", "[]", '{"KEY": 3}', '{"KEY": {"uv_per_bit": "x"}}'])
def test_that_a_damaged_memory_counts_as_empty(tmp_path, own_folders, damage):
    user_choices.remember_gain(tmp_path, 1.0)
    (path,) = own_folders.rglob("*.json")
    path.write_text(damage.replace("KEY", str(Path(tmp_path).resolve())))
    assert user_choices.remembered_gain(tmp_path) is None
    assert user_choices.remembered_raw(tmp_path) is None
    user_choices.remember_gain(tmp_path, 2.0)
    assert user_choices.remembered_gain(tmp_path) == 2.0
