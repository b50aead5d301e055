from __future__ import annotations

import os
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


def test_that_a_compiled_kernel_is_loaded_without_the_compiler_and_without_scipy(tmp_path):
    code = """
import sys
import numpy as np
from gtview.kernels.grouping import count_labels
assert count_labels(np.array([0, 2, 2], np.int32), 3).tolist() == [1, 0, 2]
hits = sum(count_labels.stats.cache_hits.values())
print(hits, "numba.np.npyimpl" in sys.modules, "scipy.linalg" in sys.modules)
from gtview.kernels._jit import kernel
@kernel
def product(a, b):
    return a @ b
assert product(np.eye(2), np.eye(2)).tolist() == [[1, 0], [0, 1]]
"""
    script = tmp_path / "script.py"
    script.write_text(code)
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    for expected in ("0 True", "1 False False"):
        done = subprocess.run(
            [sys.executable, script], env=environment, check=True, capture_output=True, text=True
        )
        assert done.stdout.startswith(expected)
