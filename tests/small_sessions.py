"""Sessions made in memory from spike trains, and mouse events, for tests of views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gtview.curation.clustering import Clustering
from gtview.data.dataset import Channels, Dataset
from gtview.data.ground_truth import GroundTruth
from gtview.scoring.scores import Scores, compute_scores
from gtview.session.session import Opened, Session

RATE_HZ = 10_000.0


def make_dataset(trains: Mapping[int, Sequence[int]], duration_s: float = 10.0) -> Dataset:
    """Return a dataset that holds spike samples by cluster, and nothing else."""
    samples = np.concatenate([np.asarray(t, np.int64) for t in trains.values()])
    clusters = np.repeat(list(trains), [len(t) for t in trains.values()]).astype(np.int32)
    order = np.argsort(samples, kind="stable")
    absent = (
        "time_order amplitudes spike_positions_um templates similar_templates pc_features "
        "template_features raw gain template_gain properties"
    )
    nothing: dict[str, object] = dict.fromkeys(absent.split())
    return Dataset(
        folder=Path("made"),
        kind="phy",
        sample_rate_hz=RATE_HZ,
        spike_samples=samples[order],
        spike_templates=clusters[order],
        spike_clusters=clusters[order],
        spike_attributes={},
        channels=Channels(
            np.arange(4, dtype=np.int32), np.zeros((4, 2), np.float32), np.zeros(4, np.int32)
        ),
        n_raw_channels=4,
        duration_s=duration_s,
        has_whitening=False,
        is_high_passed=False,
        **nothing,
    )


def make_session(
    trains: Mapping[int, Sequence[int]],
    units: Mapping[int | str, Sequence[int]] | None = None,
    duration_s: float = 10.0,
) -> Session:
    """Return a session of clusters, and of true units when they are given (not scored yet)."""
    dataset = make_dataset(trains, duration_s)
    truth = None
    if units is not None:
        parts = [np.asarray(t, np.int64) for t in units.values()]
        offsets = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
        samples = np.concatenate([*parts, np.empty(0, np.int64)])
        truth = GroundTruth(Path("truth"), tuple(units), RATE_HZ, samples, offsets)
    clustering = Clustering(dataset.spike_clusters)
    return Session(Opened(dataset, truth, clustering, None, None))  # type: ignore[arg-type]


def score(session: Session) -> Scores:
    """Compute the scores of a session and set them."""
    clusters = session.clustering.cluster_ids
    order, offsets = session.clustering.concatenated(clusters)
    truth = session.truth
    assert truth is not None
    scores = compute_scores(
        truth.spike_samples, truth.offsets, truth.unit_ids,
        session.dataset.spike_samples, order, offsets, clusters, RATE_HZ,
    )  # fmt: skip
    session.set_scores(scores)
    return scores
