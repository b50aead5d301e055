from __future__ import annotations

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.analysis.template_counts import count_templates


def _grouped(spike_clusters, n_clusters):
    order = np.argsort(spike_clusters, kind="stable").astype(np.int32)
    counts = np.bincount(spike_clusters, minlength=n_clusters)
    return order, np.r_[0, np.cumsum(counts)].astype(np.int64)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=60))
def test_that_the_main_template_has_most_spikes_and_the_lowest_id_of_equals(spikes):
    clusters, templates = np.array(spikes, np.int32).reshape(-1, 2).T
    order, offsets = _grouped(clusters, 5)
    counts = count_templates(order, offsets, np.ascontiguousarray(templates), 6)
    main = counts.main()
    assert main.dtype == np.int32
    assert main.tolist() == reference.main_templates(clusters, templates, list(range(5)))
    for i in range(5):
        ids, n = counts.of(i)
        found = dict(zip(ids.tolist(), n.tolist(), strict=True))
        expected = templates[clusters == i].tolist()
        assert found == {t: expected.count(t) for t in set(expected)}


def test_that_templates_that_do_not_exist_are_refused():
    order, offsets = _grouped(np.array([0, 0]), 1)
    for templates in ([0, 3], [0, -1]):
        with pytest.raises(ValueError, match="template"):
            count_templates(order, offsets, np.array(templates, np.int32), 3)
