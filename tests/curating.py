"""Sessions over small exports that can be curated, and what must always hold of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from factories import make_phy_folder

from gtview.data.phy_reader import read_export
from gtview.session.open import open_dataset
from gtview.session.session import Session


def make_export(folder: Path, n_spikes: int = 400, **options) -> Path:
    """Write a small export without what curation does not look at."""
    options = {"dialect": "kilosort4", "n_clusters": 6, "n_channels": 4} | options
    make_phy_folder(folder, n_spikes=n_spikes, with_features=False, **options)
    return folder


def open_session(folder: Path, **options) -> Session:
    return Session(open_dataset(folder, **options))


def clusters_of(session: Session) -> np.ndarray:
    """Return the whole assignment, and check that the lists of spikes say the same."""
    clusters = session.clustering.snapshot()
    counted = 0
    for cluster_id in session.clustering.cluster_ids:
        spikes = session.clustering.spikes_of(cluster_id)
        np.testing.assert_array_equal(spikes, np.flatnonzero(clusters == cluster_id))
        counted += len(spikes)
    assert counted == len(clusters), "every spike is in exactly one cluster"
    return clusters


def labels_of(session: Session) -> dict[str, dict[int, object]]:
    """Return the labels of the clusters that exist."""
    exists = set(session.clustering.cluster_ids)
    properties = session.curation.labels.properties
    found = {
        name: {i: v for i, v in properties.values(name).items() if i in exists}
        for name in properties.names
    }
    return {name: values for name, values in found.items() if values}


def labels_on_disk(folder: Path) -> dict[str, dict[int, object]]:
    """Return what the files say of the clusters that exist."""
    dataset = read_export(folder)
    exists = set(np.unique(dataset.spike_clusters).tolist())
    found = {
        name: {i: v for i, v in dataset.properties.values(name).items() if i in exists}
        for name in dataset.properties.names
    }
    return {name: values for name, values in found.items() if values}


def random_action(rng: np.random.Generator, session: Session) -> None:
    """Do one random action of curation; every kind of it."""
    curation, clustering = session.curation, session.clustering
    ids = clustering.cluster_ids
    some = rng.permutation(ids)[: rng.integers(2, 4)].tolist()
    kind = rng.integers(8)
    if kind == 0 and len(ids) > 2:
        curation.merge(some)
    elif kind in (1, 2, 3):
        spikes = np.concatenate([clustering.spikes_of(i) for i in some[: kind - 1 or 1]])
        if len(spikes) > 4:
            part = rng.permutation(spikes)[: len(spikes) // 2].astype(np.int32)
            (curation.discard if kind == 3 else curation.split)(part)
    elif kind == 4:
        curation.label(some, str(rng.choice(["good", "mua", "noise"])))
    elif kind == 5:
        curation.label(some, int(rng.integers(5)), "rating")
    elif kind == 6:
        curation.undo()
    else:
        curation.redo()


def first_spikes(session: Session, cluster_id: int, n: int) -> np.ndarray:
    """Return the first spikes of a cluster."""
    return session.clustering.spikes_of(cluster_id)[:n].copy()


def reopened(session: Session, **options) -> Session:
    """Close a session, and open its export again."""
    session.curation.keeping.close()
    return open_session(session.dataset.folder, **options)
