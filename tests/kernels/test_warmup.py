from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import gtview.kernels
from gtview.analysis.template_counts import count_templates
from gtview.curation.clustering import Clustering
from gtview.kernels import correlograms, density, filters, generation_warmup, lines, warmup
from gtview.kernels.inputs import as_input


def _all_kernels():
    """Every compiled function of the package, by the module that defines it and its name."""
    kernels = {}
    for info in pkgutil.iter_modules(gtview.kernels.__path__):
        module = importlib.import_module(f"gtview.kernels.{info.name}")
        for name, value in vars(module).items():
            if hasattr(value, "nopython_signatures") and value.__module__ == module.__name__:
                kernels[module.__name__, name] = value
    return kernels


def _count_compiled():
    return {key: len(kernel.nopython_signatures) for key, kernel in _all_kernels().items()}


def _called_by_kernels():
    return {n for kernel in _all_kernels().values() for n in kernel.py_func.__code__.co_names}


def test_that_every_kernel_is_ready_afterwards_and_use_compiles_nothing_more(tmp_path):
    warmup.warm_up()
    generation_warmup.warm_up_generation()
    ready = _count_compiled()
    # A kernel that only kernels call is a part of those, and not always compiled by itself.
    assert {name for (_, name), n in ready.items() if n == 0} <= _called_by_kernels()
    np.save(tmp_path / "train.npy", np.arange(5))
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")
    for train in (np.arange(5), mapped, np.arange(5, dtype=np.uint32)):
        correlograms.autocorrelogram(train, 3, 2)
        correlograms.crosscorrelogram(train, train, 3, 2)
    filters.high_pass(np.ones((2, 60, 3), np.float64), 300, 30_000)
    image = lines.new_image(20, 20)
    lines.draw_polylines(image, np.arange(5.0), np.ones((2, 5)), (1, 2, 3), 0.5)
    frame = density.Frame((0, 9), (0, 9), 3, 3)
    table = np.zeros((4, 2), np.float32)
    for x in (table[:, 0], np.arange(4), np.arange(4, dtype=np.uint16), np.linspace(0, 1, 4)):
        for y in (table[:, 1], np.arange(4)):
            density.count_points(x, y, frame, x_scale=0.1)
    labels = np.array([0, 1, 0], np.int32)
    Clustering(labels)
    Clustering(as_input(labels, np.int32), np.array([2, 0, 1]))
    count_templates(labels, np.array([0, 3]), labels, 2)
    assert _count_compiled() == ready


@pytest.mark.parametrize("warm_up", [warmup.warm_up, generation_warmup.warm_up_generation])
def test_that_it_tells_how_far_it_is(warm_up):
    told = []
    warm_up(lambda fraction, message="": told.append(fraction))
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1


def test_that_a_window_does_not_wait_for_the_kernels_that_make_recordings():
    script = """
import sys
from gtview.kernels import warmup
loaded = {"gtview.kernels." + name for name in ("random", "mixing", "injection", "octaves")}
assert not loaded & set(sys.modules), loaded & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_that_inputs_become_one_type_without_a_copy_where_possible(tmp_path):
    own = np.arange(6)
    assert np.shares_memory(as_input(own, np.int64), own)
    assert own.flags.writeable
    np.save(tmp_path / "a.npy", own)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    view = as_input(mapped, np.int64)
    assert type(view) is np.ndarray
    assert np.shares_memory(view, mapped)
    for odd in (own[::2], own.astype(">i8"), own.reshape(2, 3).T):
        made = as_input(odd, np.int64)
        assert made.flags.c_contiguous
        assert not made.flags.writeable
        assert made.dtype == np.dtype(np.int64)
        np.testing.assert_array_equal(made, odd)


def test_that_a_constant_in_a_call_makes_no_second_variant():
    warmup.warm_up()
    for (module, name), compiled in _all_kernels().items():
        for signature in compiled.nopython_signatures:
            assert "Literal" not in str(signature.args), f"{module}.{name}"


def test_that_points_of_any_type_are_counted_by_one_variant():
    warmup.warm_up()
    for name in ("_load", "_place", "_count", "_count_and_add", "_find"):
        # One that only kernels call may be a part of those.
        assert len(getattr(density, name).nopython_signatures) <= 1


def test_that_kernels_do_not_load_linear_algebra():
    script = """
import sys
from gtview.kernels import means
import numpy as np
means.mean_by_label(np.zeros((2, 2), np.float32), np.zeros(2, np.int32), 1)
assert "scipy.linalg" not in sys.modules
import numba
product = numba.njit(lambda a: a @ a)(np.eye(2))
assert (product == np.eye(2)).all()
"""
    subprocess.run([sys.executable, "-c", script], check=True)
