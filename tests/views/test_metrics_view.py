"""The metric explorer: the ranked list, the threshold and what it accepts, clicks, hiding."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder
from mouse import CTRL, click, drag
from showing import session_of
from small_sessions import score

from gtview.data.ground_truth import GroundTruth
from gtview.data.phy_reader import read_export
from gtview.session.metric_columns import NO_METRICS, metric_columns
from gtview.session.tables import TableSource
from gtview.views.metrics import MetricsView

N_GOOD, N_CLUSTERS = 6, 10


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "phy"
    made = make_phy_folder(folder, n_spikes=4000, n_clusters=N_CLUSTERS, n_channels=16)
    # Tells the truth but for one bad cluster (8) that looks as good as the worst good one.
    quality = [9, 8, 7, 6, 5, 4, 3, 2, 4.5, 1]
    rows = "".join(f"{i}\t{q}\n" for i, q in enumerate(quality))
    (folder / "cluster_quality.tsv").write_text("cluster_id\tquality\n" + rows)
    return read_export(made.path)


@pytest.fixture
def session(dataset):
    """Clusters 0 to 5 are units; the others have a third of one each."""
    trains = []
    for i in range(N_CLUSTERS):
        own = dataset.spike_samples[dataset.spike_clusters == i]
        trains.append(own if i < N_GOOD else own[::3])
    offsets = np.r_[0, np.cumsum([len(t) for t in trains])].astype(np.int64)
    truth = GroundTruth(
        dataset.folder, tuple(range(N_CLUSTERS)), dataset.sample_rate_hz,
        np.concatenate(trains).astype(np.int64), offsets,
    )  # fmt: skip
    made = session_of(dataset, truth)
    score(made)
    return made


@pytest.fixture
def view(shower, session):
    return shower(MetricsView, session, (900, 600), metric="quality")


def at(view, x, y):
    place = view.panel.scene_position(x, y)
    return place.x(), place.y()


def test_that_what_comes_from_the_truth_is_no_metric(session):
    names = [column.name for column in metric_columns(TableSource.of(session))]
    assert {"quality", "spikes", "amp"} <= set(names)
    assert not set(names) & set(NO_METRICS)


def test_that_metrics_are_listed_by_what_they_tell(view):
    aucs = [curve.auc for curve in view.picture.curves if np.isfinite(curve.auc)]
    assert aucs == sorted(aucs, reverse=True)
    assert view.list.selected_ids == ["quality"]
    # Of the 24 pairs of a good and a bad one, the one bad cluster is wrong against cluster 5.
    assert view.picture.curve.auc == pytest.approx(23 / 24)
    assert "AUC 0.96" in view.status


def test_that_the_threshold_tells_what_it_accepts(view):
    view.set_threshold(4.2)
    assert view.accepted() == pytest.approx((5 / 6, 1 / 4))
    assert "accepts 83% of the good and 25% of the other clusters" in view.status
    view.set_threshold(100.0)
    assert view.accepted() == (0.0, 0.0)


def test_that_the_line_is_dragged(view):
    view.set_threshold(4.2)
    drag(view.plot.viewport(), at(view, 4.2, 0.5), at(view, 7.5, 0.5))
    assert view.threshold == pytest.approx(7.5, abs=0.1)
    assert view.accepted() == pytest.approx((2 / 6, 0.0))
    view.use_best_threshold()
    assert view.threshold == view.picture.curve.best_threshold


def test_that_what_counts_as_good_is_dragged(shower, view):
    drag(view.plot.viewport(), at(view, 8.5, 0.8), at(view, 8.5, 0.2))
    shower.settle(view)
    assert view.settings.good_from == pytest.approx(0.2, abs=0.02)
    assert view.picture.curve.n_bad == 0
    assert "nothing to tell apart" in view.status


def test_that_a_click_selects_the_cluster(view, session):
    row = view.picture.cluster_ids.index(2)
    click(view.plot.viewport(), at(view, view.picture.x[row], view.picture.y[row]))
    assert session.selection.state.cluster_ids == (2,)
    row = view.picture.cluster_ids.index(9)
    place = at(view, view.picture.x[row], view.picture.y[row])
    click(view.plot.viewport(), place, modifiers=CTRL)
    assert session.selection.state.cluster_ids == (2, 9)


def test_that_a_row_of_the_list_shows_its_metric(shower, view):
    view.list.row_ids_selected.emit(["spikes"])
    shower.settle(view)
    assert view.picture.curve.name == "spikes"
    view.next_metric()
    shower.settle(view)
    names = [curve.name for curve in view.picture.curves]
    assert view.picture.curve.name == names[(names.index("spikes") + 1) % len(names)]


def test_that_purity_is_another_truth(shower, view):
    accuracy = view.picture.y.copy()
    view.toggle_truth()
    shower.settle(view)
    assert view.picture.query.truth == "purity"
    # A cluster that holds three times its unit: a third of it is the unit, either way.
    assert view.picture.y[9] == pytest.approx(accuracy[9], abs=0.01)
    assert "true purity" in view.panel.y_axis.title


def test_that_a_logarithmic_axis_keeps_the_threshold(shower, view):
    view.set_threshold(4.2)
    view.toggle_log()
    shower.settle(view)
    assert view.threshold == pytest.approx(4.2)
    assert view.line.value == pytest.approx(np.log10(4.2))
    assert view.accepted() == pytest.approx((5 / 6, 1 / 4))


def test_that_a_hidden_truth_shows_nothing(shower, session):
    session.set_blind(True)
    view = shower(MetricsView, session)
    assert MetricsView.missing(session)
    assert view.picture is None
    assert view.status == ""


def test_that_small_views_show_the_clusters_alone(shower, session):
    view = shower(MetricsView, session, (300, 200))
    assert not view.roc.isVisible()
    assert not view.list.isVisible()
    assert view.plot.isVisible()
