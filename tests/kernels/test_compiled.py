from __future__ import annotations

import subprocess
import sys

import pytest

from gtview.kernels import compiled


@pytest.fixture
def counted(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    monkeypatch.setattr(compiled, "warm_up", lambda report, parts: calls.append(parts))
    return calls


def test_that_kernels_are_compiled_once_for_the_same_code(counted):
    assert compiled.compile_once("window")
    assert not compiled.compile_once("window")
    assert len(counted) == 1


def test_that_other_code_is_compiled_again(counted, monkeypatch):
    compiled.compile_once("window")
    monkeypatch.setattr("importlib.metadata.version", lambda _package: "999")
    assert compiled.compile_once("window")


def test_that_a_compilation_that_stopped_is_tried_again(counted, monkeypatch):
    def stop(_report, _parts):
        raise KeyboardInterrupt

    monkeypatch.setattr(compiled, "warm_up", stop)
    with pytest.raises(KeyboardInterrupt):
        compiled.compile_once("window")
    monkeypatch.setattr(compiled, "warm_up", lambda report, parts: counted.append(parts))
    assert compiled.compile_once("window")


def test_that_a_folder_that_cannot_be_written_is_no_error(counted, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "numba"))
    assert compiled.compile_once("window")
    assert compiled.compile_once("window")


def test_that_asking_does_not_load_numba():
    code = "import sys; from gtview.kernels.stamp import is_compiled; is_compiled('window'); "
    code += "assert not {'numba', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_that_the_parts_are_compiled_apart(counted):
    assert compiled.compile_once("window")
    assert compiled.compile_once("truth")
    assert not compiled.compile_once("truth")
    assert counted == [("window",), ("truth",)]
