"""The numbers of clusters after any curation: those that would be counted anew."""

from __future__ import annotations

import numpy as np
import pytest
from curating import make_export, open_session, random_action

from gtview.analysis.clusters import compute_cluster_stats

FIELDS = ("n_spikes", "rate_hz", "main_templates", "best_channels", "depths_um", "amplitudes")


def assert_as_counted_anew(session):
    ids = session.clustering.cluster_ids
    order, offsets = session.clustering.concatenated(ids)
    find = session.channels.find
    anew = compute_cluster_stats(session.dataset, np.array(ids), order, offsets, find)
    stats = session.stats
    assert stats.cluster_ids.tolist() == ids
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(stats, name), getattr(anew, name), err_msg=name)
    for i in range(len(ids)):
        for mine, theirs in zip(stats.templates.of(i), anew.templates.of(i), strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("seed", range(4))
def test_that_numbers_are_those_counted_anew_after_any_action(tmp_path, seed):
    session = open_session(make_export(tmp_path / "export", n_spikes=200))
    rng = np.random.default_rng(seed)
    for _ in range(25):
        random_action(rng, session)
        assert_as_counted_anew(session)
    session.curation.go_to(0)
    assert_as_counted_anew(session)
    session.curation.go_to(len(session.curation.history.entries))
    assert_as_counted_anew(session)
    session.curation.keeping.close()
