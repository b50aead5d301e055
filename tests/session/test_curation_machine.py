"""A random walk over curation: what must hold whatever somebody does, in whatever order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from curating import clusters_of, labels_of, labels_on_disk, make_export, open_session
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

VALUES = st.sampled_from(["good", "mua", "noise", "unsorted", "3", "a note"])
FIELDS = st.sampled_from(["group", "rating", "note"])


class CurationMachine(RuleBasedStateMachine):
    """Merges, splits, labels, undoes, redoes, saves and opens again; a plain model beside it."""

    @initialize(seed=st.integers(0, 3), has_clusters=st.booleans())
    def begin(self, seed, has_clusters):
        self.folder = Path(tempfile.mkdtemp()) / "export"
        make_export(self.folder, n_spikes=60, seed=seed, with_spike_clusters=has_clusters)
        self.session = open_session(self.folder)
        self.first = clusters_of(self.session).copy(), labels_of(self.session)
        # The model: all states from the first on, and where we are among them.
        self.states = [self.first]
        self.position = 0
        self.sets_of_ids = {}

    def teardown(self):
        if hasattr(self, "session"):
            curation = self.session.curation
            curation.go_to(0)
            np.testing.assert_array_equal(clusters_of(self.session), self.first[0])
            assert labels_of(self.session) == self.first[1]
            assert curation.keeping.close()
            shutil.rmtree(self.folder.parent)

    @property
    def curation(self):
        return self.session.curation

    def _did(self, change):
        if change.is_empty:
            return
        del self.states[self.position + 1 :]
        self.states.append((clusters_of(self.session).copy(), labels_of(self.session)))
        self.position += 1

    def _some(self, data, at_least=1):
        ids = self.session.clustering.cluster_ids
        return data.draw(
            st.lists(st.sampled_from(ids), min_size=at_least, max_size=3, unique=True)
        )

    @precondition(lambda self: self.session.clustering.n_clusters > 1)
    @rule(data=st.data())
    def merge(self, data):
        self._did(self.curation.merge(self._some(data, 2)))

    @rule(data=st.data())
    def split(self, data):
        spikes = np.concatenate([self.session.clustering.spikes_of(i) for i in self._some(data)])
        chosen = data.draw(st.lists(st.sampled_from(spikes.tolist()), min_size=1, unique=True))
        touched = np.unique(self.session.clustering.clusters_of(np.array(chosen)))
        if len(touched) == 1 and len(chosen) == self.session.clustering.n_spikes_of(
            int(touched[0])
        ):
            self._did(self.curation.discard(np.array(chosen, np.int32)))
        else:
            self._did(self.curation.split(np.array(chosen, np.int32)))

    @rule(data=st.data(), field=FIELDS, value=st.none() | VALUES)
    def label(self, data, field, value):
        self._did(self.curation.label(self._some(data), value, field))

    @rule()
    def undo(self):
        self.curation.undo()
        self.position = max(0, self.position - 1)

    @rule()
    def redo(self):
        self.curation.redo()
        self.position = min(len(self.states) - 1, self.position + 1)

    @rule()
    def save(self):
        self.curation.saving.save()
        assert not self.curation.is_dirty
        np.testing.assert_array_equal(
            np.load(self.folder / "spike_clusters.npy").ravel()
            if (self.folder / "spike_clusters.npy").exists()
            else self.first[0],
            clusters_of(self.session),
        )
        assert labels_on_disk(self.folder) == labels_of(self.session)

    @rule()
    def reopen(self):
        was_dirty = self.curation.is_dirty
        names = self.curation.history.undo_name, self.curation.history.redo_name
        next_id = self.session.clustering.next_id
        assert self.curation.keeping.close()
        self.session = open_session(self.folder)
        assert self.curation.question == ""
        assert self.curation.is_dirty == was_dirty
        assert (self.curation.history.undo_name, self.curation.history.redo_name) == names
        assert self.session.clustering.next_id >= next_id

    @invariant()
    def all_is_as_the_model_says(self):
        if not hasattr(self, "session"):
            return
        clusters, labels = self.states[self.position]
        np.testing.assert_array_equal(clusters_of(self.session), clusters)
        assert labels_of(self.session) == labels

    @invariant()
    def no_id_names_two_sets_of_spikes(self):
        if not hasattr(self, "session"):
            return
        for cluster_id in self.session.clustering.cluster_ids:
            spikes = self.session.clustering.spikes_of(cluster_id).tobytes()
            assert self.sets_of_ids.setdefault(cluster_id, spikes) == spikes


TestCuration = CurationMachine.TestCase
TestCuration.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
