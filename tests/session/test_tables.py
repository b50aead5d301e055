"""The tables of a session, compared with values worked out slowly from the files."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from factories import make_phy_folder, write_table

from gtview.data.ground_truth import GroundTruth, TrueTemplates
from gtview.session.open import open_dataset
from gtview.session.property_columns import choose_digits
from gtview.session.scoring import score
from gtview.session.session import Session
from gtview.session.similarity import SimilarTemplates
from gtview.session.tables import TableSource, cluster_table, similarity_table, unit_table

RATE_HZ = 30_000.0


def make_truth(made, unit_ids=(4, 7, 9)) -> GroundTruth:
    """Units that are the spikes of clusters 0, 1, and half of those of cluster 2."""
    trains = [made.spike_samples[made.spike_clusters == c] for c in range(3)]
    trains[2] = trains[2][::2]
    offsets = np.cumsum([0, *(len(t) for t in trains)])
    locations = np.array([[0, 10], [0, 20.5], [0, 30]], dtype=np.float32)
    return GroundTruth(
        made.path, unit_ids, RATE_HZ, np.concatenate(trains).astype(np.int64), offsets, locations
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "export"
    made = make_phy_folder(folder, n_spikes=1500, n_clusters=6, n_channels=16, n_shanks=2)
    write_table(
        folder / "cluster_info2.tsv",
        {
            "quality": {0: 0.5, 2: 3},
            "note": {1: "check", 3: 12},
            "depth": {0: 7},
        },
    )
    write_table(folder / "cluster_group.tsv", {"group": {0: "good", 3: "noise"}})
    return made


@pytest.fixture
def session(made):
    opened = replace(open_dataset(made.path), truth=make_truth(made))
    session = Session(opened)
    session.set_scores(score(opened))
    return session


def column(table, name: str) -> list[str]:
    found = table.column(name)
    return [found.text(row) for row in range(len(table.row_ids))]


def test_that_the_numbers_of_clusters_are_those_of_the_files(made, session):
    table = cluster_table(session)
    assert table.row_ids == tuple(range(6))
    for row, cluster in enumerate(table.row_ids):
        n = np.count_nonzero(made.spike_clusters == cluster)
        sizes = np.ptp(made.templates_raw[cluster], axis=0)  # one template a cluster here
        best = int(np.argmax(sizes))
        assert table.column("spikes").values[row] == n
        assert table.column("rate").values[row] == pytest.approx(n / session.dataset.duration_s)
        assert table.column("ch").values[row] == best
        assert table.column("sh").values[row] == made.shanks[best]
        assert table.column("depth").values[row] == made.positions_um[best, 1]
        assert table.column("amp").values[row] == pytest.approx(sizes[best], rel=0.05)


def test_that_every_property_is_a_column(session):
    table = cluster_table(session)
    dash = "\N{EN DASH}"
    assert column(table, "group") == ["good", *["unsorted"] * 2, "noise", *["unsorted"] * 2]
    assert table.column("quality").kind == "number"
    assert column(table, "quality") == ["0.5", dash, "3.0", dash, dash, dash]
    assert column(table, "note") == [dash, "check", dash, "12", dash, dash]
    assert table.column("ContamPct").kind == "number"
    assert column(table, "depth (cluster_info2.tsv)")[0] == "7"
    assert len(set(table.names)) == len(table.names)
    assert all(c.help for c in table.columns)


def test_that_clusters_tell_their_best_unit(session):
    table = cluster_table(session)
    for row, cluster in enumerate(table.row_ids):
        match = session.scores.unit_of_cluster(cluster)
        shown = [table.column(n).values[row] for n in ("unit", "accuracy", "recall", "precision")]
        if match is None:
            assert all(math.isnan(value) for value in shown)
        else:
            assert shown == [match.unit_id, match.accuracy, match.recall, match.precision]
    assert column(table, "unit")[:3] == ["4", "7", "9"]
    assert column(table, "accuracy")[0] == "1.00"


def test_that_columns_do_not_come_and_go_with_the_scores(session):
    before = replace_scores(session, None)
    assert list(cluster_table(before).names) == list(cluster_table(session).names)
    assert list(unit_table(before).names) == list(unit_table(session).names)
    assert np.isnan(cluster_table(before).column("accuracy").values).all()


def replace_scores(session, scores) -> TableSource:
    return replace(TableSource.of(session), scores=scores)


def test_that_without_a_truth_nothing_is_said_of_units(session):
    source = replace(TableSource.of(session), truth=None, scores=None)
    assert not {"unit", "accuracy"} & set(cluster_table(source).names)
    assert unit_table(source).row_ids == ()


def test_that_units_tell_what_became_of_them(session):
    table = unit_table(session)
    assert table.row_ids == (4, 7, 9)
    for row, unit in enumerate(session.scores.units):
        assert table.column("spikes").values[row] == unit.n_spikes
        assert table.column("best cluster").values[row] == unit.best_cluster_id
        assert table.column("accuracy").values[row] == unit.accuracy
        assert table.column("category").values[row] == unit.category.replace("_", " ")
    assert column(table, "category")[0] == "well detected"
    assert table.column("depth").values.tolist() == [10, 20.5, 30]
    n = session.truth.unit_sizes[1]
    assert table.column("rate").values[1] == pytest.approx(n / session.dataset.duration_s)


def test_that_units_may_have_names(made, session):
    truth = make_truth(made, ("b", "a10", "a9"))
    opened = replace(open_dataset(made.path), truth=truth)
    source = replace(TableSource.of(session), truth=truth, scores=score(opened))
    assert unit_table(source).row_ids == ("b", "a10", "a9")
    assert column(cluster_table(source), "unit")[:2] == ["b", "a10"]


def test_that_the_depth_of_a_unit_may_come_from_its_template(session):
    positions = np.array([[0, 5], [0, 15]], dtype=np.float32)
    waveforms = np.zeros((3, 4, 2), dtype=np.float32)
    waveforms[0, 1, 1] = waveforms[1, 2, 0] = waveforms[2, 0, 1] = -3
    templates = TrueTemplates(waveforms, 1, positions)
    truth = replace(session.truth, locations_um=None, templates=templates)
    source = replace(TableSource.of(session), truth=truth)
    assert unit_table(source).column("depth").values.tolist() == [15, 5, 15]


def test_that_similar_clusters_come_in_order(made, session):
    similar = np.load(made.path / "similar_templates.npy")
    for cluster in range(6):
        table = similarity_table(session, cluster, session.similar_templates.values())
        others = sorted((i for i in range(6) if i != cluster), key=lambda i: -similar[cluster, i])
        assert table.row_ids == tuple(others)
        expected = [similar[cluster, i] for i in others]
        assert table.column("similarity").values == pytest.approx(expected, abs=1e-6)
        assert table.names[:2] == ["id", "similarity"]
        spikes = [np.count_nonzero(made.spike_clusters == i) for i in others]
        assert table.column("spikes").values.tolist() == spikes


def test_that_the_list_of_similar_clusters_is_bounded(session):
    stats, n = session.stats, 450
    repeated = replace(
        stats,
        cluster_ids=np.arange(n, dtype=np.int32),
        **{
            name: np.resize(getattr(stats, name), n)
            for name in (
                "n_spikes",
                "rate_hz",
                "main_templates",
                "best_channels",
                "shanks",
                "depths_um",
                "amplitudes",
            )
        },
        templates=replace(
            stats.templates,
            offsets=np.arange(n + 1),
            template_ids=np.resize(np.arange(6, dtype=np.int32), n),
            counts=np.ones(n, np.int64),
        ),
    )
    source = replace(TableSource.of(session), stats=repeated)
    values = session.similar_templates.values()
    table = similarity_table(source, 7, values)
    everything = values[1, np.resize(np.arange(6), n)]
    assert len(table.row_ids) == 100
    assert 7 not in table.row_ids
    assert table.column("similarity").values.min() >= np.sort(everything)[::-1][100]


def test_that_an_unknown_cluster_is_like_none(session):
    table = similarity_table(session, 99, session.similar_templates.values())
    assert table.row_ids == ()
    assert "similarity" in table.names


def test_that_similarity_is_computed_where_the_file_is_missing(tmp_path):
    made = make_phy_folder(tmp_path / "export", n_spikes=300, n_clusters=4)
    (made.path / "similar_templates.npy").unlink()
    session = Session(open_dataset(made.path))
    assert session.similar_templates.exists
    values = session.similar_templates.values()
    assert np.diagonal(values) == pytest.approx(1)
    assert session.similar_templates.values() is values
    assert np.isfinite(similarity_table(session, 0, values).column("similarity").values).all()


def test_that_without_templates_no_similarity_is_known(tmp_path):
    made = make_phy_folder(tmp_path / "export", n_spikes=300, n_clusters=4, with_templates=False)
    opened = open_dataset(made.path)
    similar = SimilarTemplates(opened.dataset)
    assert not similar.exists
    assert similar.values() is None
    table = similarity_table(Session(opened), 0, None)
    assert len(table.row_ids) == 3
    assert np.isnan(table.column("similarity").values).all()


@pytest.mark.parametrize(
    ("values", "digits"),
    [([1, 2, math.nan], 0), ([0.5, 0.25], 2), ([13.46, 20.1], 1), ([1320.5], 0), ([], 0)],
)
def test_that_numbers_have_sensible_digits(values, digits):
    assert choose_digits(np.array(values, dtype=float)) == digits
