from __future__ import annotations

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.data.diagnostics import DiagnosticLog
from gtview.data.tables import ClusterProperties, read_cluster_tables


def read(folder, files):
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    log = DiagnosticLog()
    return read_cluster_tables(folder, log), log.items


def values(properties):
    return {name: dict(properties.values(name)) for name in properties.names}


def test_that_every_column_of_every_file_is_a_property_with_its_source(tmp_path):
    properties, told = read(
        tmp_path,
        {
            "cluster_group.tsv": "cluster_id\tgroup\n3\tgood\n5\tnoise\n",
            "metrics.csv": "cluster_id,snr,isi violations\n3,4.5,0\n4,2,1e-3\n",
        },
    )
    assert values(properties) == {
        "group": {3: "good", 5: "noise"},
        "snr": {3: 4.5, 4: 2},
        "isi violations": {3: 0, 4: 0.001},
    }
    assert properties.source("snr") == "metrics.csv"
    assert properties.source("group") == "cluster_group.tsv"
    assert properties.get("snr", 4) == 2
    assert properties.get("snr", 5) is None
    assert properties.get("nothing", 5, "x") == "x"
    assert told == []


def test_that_kilosort_4s_group_file_names_no_group(tmp_path):
    text = "cluster_id\tKSLabel\n0\tgood\n1\tmua\n"
    properties, told = read(tmp_path, {"cluster_group.tsv": text, "cluster_KSLabel.tsv": text})
    assert properties.names == ("KSLabel",)
    assert properties.source("KSLabel") == "cluster_KSLabel.tsv"
    assert told == []


@pytest.mark.parametrize("other", ["a_metrics.csv", "z.tsv", "cluster_group.csv"])
def test_that_the_file_named_after_the_property_wins(tmp_path, other):
    properties, told = read(
        tmp_path,
        {
            "cluster_group.tsv": "cluster_id\tgroup\n1\tgood\n",
            other: "cluster_id\tgroup\n1\tmua\n2\tmua\n",
        },
    )
    assert values(properties) == {"group": {1: "good"}}
    assert [(d.level, d.file) for d in told] == [("info", other)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("cluster_id,a\n1,2\n", {"a": {1: 2}}),
        ("cluster_id;a\r\n1;2\r\n", {"a": {1: 2}}),
        ("cluster_id\ta\n1\t2", {"a": {1: 2}}),
        ("\ufeffcluster_id\ta\n1\tµ\n", {"a": {1: "µ"}}),
        ("cluster_id,a\n1,µ\n".encode("latin-1"), {"a": {1: "µ"}}),
        ("cluster_id\ta\n1\t2\n".encode("utf-16"), {"a": {1: 2}}),
        ('cluster_id,a,b\n1,"x, y","say ""no"""\n', {"a": {1: "x, y"}, "b": {1: 'say "no"'}}),
        ('"cluster_id","a"\n"1","2"\n', {"a": {1: 2}}),
        (",cluster_id,a\n0,7,x\n1,8,y\n", {"a": {7: "x", 8: "y"}}),
        ("a,Cluster_ID\nx,3\n", {"a": {3: "x"}}),
        ("cluster_id,a,b\n1,,\n2,nan,3\n", {"a": {}, "b": {2: 3}}),
        ("cluster_id,a,b\n1,2\n", {"a": {1: 2}, "b": {}}),
        ("cluster_id,a\n\n1,2\n\n", {"a": {1: 2}}),
        ("cluster_id,a,a\n1,2,3\n", {"a": {1: 2}}),
        ("cluster_id,a\n1,2\n1,3\n", {"a": {1: 3}}),
        ("cluster_id,a\n1.0,2\n", {"a": {1: 2}}),
        ("cluster_id\n1\n", {}),
        ("cluster_id,a\n1,1_000\n2,infinity\n3,٣\n4,1e999\n", None),
    ],
)
def test_that_tables_of_every_form_are_read(tmp_path, content, expected):
    properties, told = read(tmp_path, {"metrics.csv": content})
    if expected is None:
        expected = {"a": {1: "1_000", 2: "infinity", 3: "٣", 4: "1e999"}}
    assert values(properties) == expected
    assert told == []


@pytest.mark.parametrize(
    ("name", "content", "level"),
    [
        ("notes.tsv", "unit\tgroup\n1\tgood\n", "info"),
        ("empty.tsv", "", "info"),
        ("bad.tsv", "cluster_id\tx\none\t2\n3\t4\n", "warning"),
        ("wide.csv", "cluster_id,x\n1," + '"' + "y" * 200_000 + '"\n', "warning"),
    ],
)
def test_that_files_and_rows_that_cannot_be_used_are_told(tmp_path, name, content, level):
    _, told = read(tmp_path, {name: content})
    assert [(d.level, d.file) for d in told] == [(level, name)]


def test_that_phys_own_summary_and_hidden_files_are_ignored(tmp_path):
    properties, told = read(
        tmp_path,
        {
            "cluster_info.tsv": "cluster_id\tgroup\n1\tgood\n",
            "._cluster_group.tsv": b"\x00\x05\x16\x07",
        },
    )
    assert properties.names == ()
    assert told == []


def test_that_properties_cannot_be_changed(tmp_path):
    properties, _ = read(tmp_path, {"a.csv": "cluster_id,a\n1,2\n"})
    with pytest.raises(TypeError):
        properties.values("a")[1] = 3  # type: ignore[index]
    assert properties.renumbered({1: 9}).values("a") == {9: 2}
    assert properties.values("a") == {1: 2}
    assert ClusterProperties().names == ()


_cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@given(
    rows=st.dictionaries(st.integers(0, 10**6), _cells, max_size=8),
    delimiter=st.sampled_from("\t,;"),
)
@settings(deadline=None)  # other work may share the machine
def test_that_any_text_comes_back_as_it_was_written(tmp_path_factory, rows, delimiter):
    folder = tmp_path_factory.mktemp("t")
    with (folder / "metrics.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([["cluster_id", "note"], *([i, f"~{cell}~"] for i, cell in rows.items())])
    properties, told = read(folder, {})
    assert dict(properties.values("note")) == {i: f"~{cell}~" for i, cell in rows.items()}
    assert told == []


@given(data=st.binary(max_size=300))
@settings(deadline=None)  # other work may share the machine
def test_that_any_bytes_give_properties_or_a_diagnostic(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("t")
    properties, told = read(folder, {"metrics.csv": b"cluster_id,a\n" + data, "x.tsv": data})
    assert "a" in properties.names or told
