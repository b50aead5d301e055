from __future__ import annotations

import numpy as np
import pytest

from gtview.generation.probes import (
    build_probe,
    neuropixels_part_numbers,
    probe_positions_um,
    probe_shanks,
)
from gtview.generation.problems import RecipeError
from gtview.generation.recipe import read_recipe


def build(**choice):
    return build_probe(read_recipe({"probe": choice}).probe)


@pytest.mark.parametrize("part_number", neuropixels_part_numbers())
def test_that_every_neuropixels_probe_is_built_and_wired(part_number):
    probe = build(kind="neuropixels", part_number=part_number, n_contacts=50)
    assert probe.get_contact_count() == 50
    np.testing.assert_array_equal(probe.device_channel_indices, np.arange(50))


def test_that_there_are_58_part_numbers():
    assert len(neuropixels_part_numbers()) == 58


@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("Neuropixels1-128", 128),
        ("Neuropixels1-384", 384),
        ("Neuropixels2-128", 128),
        ("Neuropixels2-384", 384),
        ("Neuronexus-32", 32),
        ("tetrode", 4),
        ("NP1000", 960),
    ],
)
def test_that_the_names_of_the_documentation_need_no_network(name, n, monkeypatch):
    import socket

    monkeypatch.setattr(socket, "create_connection", _no_network)
    probe = build(kind="named", name=name)
    assert probe.get_contact_count() == n
    np.testing.assert_array_equal(probe.device_channel_indices, np.arange(n))


def _no_network(*_args, **_kwargs):
    raise OSError("no network")


def test_that_the_first_128_contacts_are_the_names_meaning():
    part = probe_positions_um(build(kind="named", name="Neuropixels1-128"))
    whole = probe_positions_um(build(kind="neuropixels", part_number="NP1000"))
    np.testing.assert_array_equal(part, whole[:128])


def test_that_banks_and_contiguous_parts_are_taken_on_each_shank():
    whole = probe_positions_um(build(kind="neuropixels", part_number="NP1000"))
    bank = probe_positions_um(build(kind="neuropixels", part_number="NP1000", bank=1))
    np.testing.assert_array_equal(bank, whole[384:768])
    last = build(kind="neuropixels", part_number="NP1000", bank=2)
    assert last.get_contact_count() == 192
    part = build(kind="neuropixels", part_number="NP1000", first_contact=10, n_contacts=7)
    np.testing.assert_array_equal(probe_positions_um(part), whole[10:17])
    four = build(kind="neuropixels", part_number="NP2014", n_contacts=96, is_per_shank=True)
    np.testing.assert_array_equal(np.bincount(probe_shanks(four)), [96, 96, 96, 96])
    one = build(kind="neuropixels", part_number="NP2014", shanks=[2], bank=0)
    assert one.get_contact_count() == 384
    assert (probe_positions_um(one)[:, 0] >= 500).all()


def test_that_generated_probes_have_their_columns_and_shanks():
    linear = probe_positions_um(build(kind="linear", n_in_column=5, pitch_um=30))
    np.testing.assert_allclose(np.diff(linear[:, 1]), 30)
    columns = build(kind="multi_column", n_columns=2, n_in_column=[3, 4], x_pitch_um=50)
    assert np.unique(probe_positions_um(columns)[:, 0]).tolist() == [0, 50]
    shanks = build(kind="multi_shank", n_shanks=3, shank_pitch_um=200, n_in_column=4)
    np.testing.assert_array_equal(np.bincount(probe_shanks(shanks)), [12, 12, 12])
    tetrode = probe_positions_um(build(kind="tetrode", radius_um=15))
    np.testing.assert_allclose(np.hypot(*tetrode.T), 15)


def test_that_a_probeinterface_file_is_read_and_wired(tmp_path):
    from probeinterface import generate_linear_probe, write_probeinterface

    write_probeinterface(tmp_path / "p.json", generate_linear_probe(6))
    probe = build(kind="file", path=str(tmp_path / "p.json"))
    assert probe.get_contact_count() == 6
    np.testing.assert_array_equal(probe.device_channel_indices, np.arange(6))


PRB = """
# a comment
channel_groups = {
    0: {"channels": [3, 1], "geometry": {1: (0, 20), 3: (0, 0)}},
    1: {"channels": [0], "geometry": {0: [250.0, 0.0]}},
}
"""


def test_that_a_prb_file_is_read_without_running_it(tmp_path):
    path = tmp_path / "p.prb"
    path.write_text(PRB, encoding="utf-8")
    probe = build(kind="file", path=str(path))
    np.testing.assert_array_equal(probe_positions_um(probe), [[0, 0], [0, 20], [250, 0]])
    np.testing.assert_array_equal(probe_shanks(probe), [0, 0, 1])
    mark = tmp_path / "ran"
    path.write_text(f"open({str(mark)!r}, 'w')\nimport os\n" + PRB, encoding="utf-8")
    with pytest.raises(RecipeError, match="program"):
        build(kind="file", path=str(path))
    assert not mark.exists()


def test_that_an_imro_file_is_read(tmp_path):
    table = "(0,384)" + "".join(f"({i} 0 0 500 250 1)" for i in range(384))
    path = tmp_path / "p.imro"
    path.write_text(table, encoding="utf-8")
    assert build(kind="file", path=str(path)).get_contact_count() == 384


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "{"),
        ("b.json", "{}"),
        ("c.json", '{"specification": "probeinterface", "version": "0.2", "probes": []}'),
        ("d.prb", "channel_groups = "),
        ("e.prb", "nothing = 3"),
        ("f.prb", "channel_groups = {0: {'channels': [0]}}"),
        ("g.imro", "nonsense"),
        ("h.meta", ""),
        ("i.json", "\x00\x01"),
    ],
)
def test_that_a_broken_file_is_one_sentence(name, text, tmp_path):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=r"probe.path") as caught:
        build(kind="file", path=str(path))
    assert "\n" not in str(caught.value)


def test_that_the_library_without_network_is_one_sentence(monkeypatch, tmp_path):
    import probeinterface.library as library

    def fail(*_args, **_kwargs):
        raise OSError("no network")

    monkeypatch.setattr(library, "get_from_cache", lambda *_a, **_k: None)
    monkeypatch.setattr(library, "download_probeinterface_file", fail)
    with pytest.raises(RecipeError, match="check the network"):
        build(kind="library", manufacturer="neuronexus", name="A1x32-Poly3")
    with pytest.raises(RecipeError, match="check the network"):
        build(kind="named", name="neuronexus#A1x32-Poly3")
