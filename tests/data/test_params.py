from __future__ import annotations

import ast
import string
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.base.errors import DatasetError
from gtview.data.diagnostics import DiagnosticLog
from gtview.data.params import MAX_BYTES, read_params


def read(tmp_path, text):
    path = tmp_path / "params.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    log = DiagnosticLog()
    return read_params(path, log), log.items


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x = 1", 1),
        ("X = -2.5", -2.5),
        ("x = +3", 3),
        ("x = 30*1000", 30_000),
        ("x = 30 * 1e3 + 0.5", 30_000.5),
        ("x = 1 / 4", 0.25),
        ("x = True", True),
        ("x = None", None),
        (r"x = r'C:\data\raw.bin'", r"C:\data\raw.bin"),
        (r"x = 'D:\data'", r"D:\data"),
        ("x = 'a' 'b'", "ab"),
        ("x = 'a' + 'b'", "ab"),
        ("x = ['a', 'b']", ["a", "b"]),
        ("x = ('a',)", ["a"]),
        ("x = [-1, [2, 'c']]", [-1, [2, "c"]]),
        ("x = []", []),
        ("x: int = 5", 5),
        ("y = x = 5", 5),
        ("n = 7\nx = n", 7),
        ("x = 1\nx = 2", 2),
        ("'a comment'\nx = 4  # and another\npass", 4),
        ("\ufeffx = 'µ'", "µ"),
    ],
)
def test_that_plain_values_are_read_without_a_word(tmp_path, text, value):
    params, told = read(tmp_path, text)
    assert params["x"] == value
    assert type(params["x"]) is type(value)
    assert told == []


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "x = open('f')",
        "x = os.path.join('a', 'b')",
        "x = [i for i in range(3)]",
        "x = f'{1}'",
        "x = {'a': 1}",
        "x = 2 ** 10",
        "x = 'a' * 1000000000",
        "x = 1 / 0",
        "x = 1e308 * 1e308",
        "x = unknown",
        "x = -'a'",
        "x = (lambda: 1)()",
        "x += 1",
        "x, y = 1, 2",
        "x[0] = 1",
        "if True:\n    x = 1",
        "def f(): pass",
        "x = b'raw'",
        "x = " + "[" * 60 + "]" * 60,
    ],
)
def test_that_other_statements_are_skipped_with_a_warning(tmp_path, line):
    params, told = read(tmp_path, f"before = 1\n{line}\nafter = 2")
    assert params == {"before": 1, "after": 2}
    assert [(d.level, d.file) for d in told] == [("warning", "params.py")]
    assert "Line 2" in told[0].message


def test_that_nothing_is_executed(tmp_path):
    mark = tmp_path / "executed"
    text = (
        f"open({str(mark)!r}, 'w').close()\n"
        "import gtview_module_that_does_not_exist\n"
        f"dat_path = open({str(mark)!r}, 'w').name\n"
        f"[open({str(mark)!r}, 'w') for _ in range(1)]\n"
        "sample_rate = 25000.\n"
    )
    params, told = read(tmp_path, text)
    assert params == {"sample_rate": 25_000.0}
    assert len(told) == 4
    assert not mark.exists()
    assert "gtview_module_that_does_not_exist" not in sys.modules


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = = 1", "line 1"),
        ("x = 1\n  y = 2", "line 2"),
        (r"x = 'C:\Users\me'", r"as r'\.\.\.'"),
        ("x = '", "not valid Python"),
        (b"x = 1\x00", "params.py"),
        ("x = " + "(" * 5000 + ")" * 5000, "params.py"),
        ("x = " + "-" * 100_000 + "1", "params.py"),
        (b"#" * (MAX_BYTES + 1), "too large"),
    ],
)
def test_that_what_is_no_params_file_is_refused_in_one_sentence(tmp_path, text, words):
    with pytest.raises(DatasetError, match=words) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_that_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(DatasetError, match=r"params\.py"):
        read_params(tmp_path / "params.py", DiagnosticLog())


def test_that_latin_1_is_understood_and_told(tmp_path):
    params, told = read(tmp_path, "dat_path = 'Müller.bin'".encode("latin-1"))
    assert params == {"dat_path": "Müller.bin"}
    assert [d.level for d in told] == ["warning"]


_literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=10,
)
_names = st.text(string.ascii_letters + "_", min_size=1, max_size=12).map(lambda s: "p_" + s)


@given(values=st.dictionaries(_names, _literals, max_size=5))
@settings(deadline=None)  # other work may share the machine
def test_that_any_literal_comes_back_as_it_was_written(tmp_path_factory, values):
    text = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    params, told = read(tmp_path_factory.mktemp("p"), text)
    oracle = {k.lower(): ast.literal_eval(repr(v)) for k, v in values.items()}
    assert params == oracle
    assert told == []


@given(data=st.binary(max_size=200))
@settings(deadline=None)  # other work may share the machine
def test_that_any_bytes_give_values_or_one_sentence(tmp_path_factory, data):
    try:
        params, _ = read(tmp_path_factory.mktemp("p"), data)
    except DatasetError:
        return
    assert all(name == name.lower() for name in params)
