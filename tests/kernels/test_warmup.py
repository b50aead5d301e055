from __future__ import annotations

import numpy as np

from gtview.analysis.channels import count_templates
from gtview.curation.clustering import Clustering
from gtview.kernels import correlograms, filters, grouping, lines, matching, warmup
from gtview.kernels.inputs import as_input


def _kernels(module):
    return {k: v for k, v in vars(module).items() if hasattr(v, "nopython_signatures")}


def _signatures():
    modules = (grouping, correlograms, filters, lines, matching)
    return {
        (module.__name__, name): len(kernel.nopython_signatures)
        for module in modules
        for name, kernel in _kernels(module).items()
    }


def test_that_every_kernel_is_ready_afterwards_and_use_compiles_nothing_more(tmp_path):
    warmup.warm_up()
    ready = _signatures()
    # A kernel that only kernels call is a part of those, and not compiled by itself.
    unused = {name for (_, name), n in ready.items() if n == 0}
    assert unused <= {
        "_run",
        "_add_span",
        "_end_of_block",
        "_index_block",
        "_first_not_before",
    }
    np.save(tmp_path / "train.npy", np.arange(5))
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")
    for train in (np.arange(5), mapped, np.arange(5, dtype=np.uint32)):
        correlograms.autocorrelogram(train, 3, 2)
        correlograms.crosscorrelogram(train, train, 3, 2)
    filters.high_pass(np.ones((2, 60, 3), np.float64), 300, 30_000)
    image = lines.new_image(20, 20)
    lines.draw_polylines(image, np.arange(5.0), np.ones((2, 5)), (1, 2, 3), 0.5)
    labels = np.array([0, 1, 0], np.int32)
    Clustering(labels)
    Clustering(as_input(labels, np.int32), np.array([2, 0, 1]))
    count_templates(labels, np.array([0, 3]), labels, 2)
    assert _signatures() == ready


def test_that_it_tells_how_far_it_is():
    told = []
    warmup.warm_up(lambda fraction, message="": told.append(fraction))
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1


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
