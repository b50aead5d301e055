"""The report of a curation: what it says must be so, and nothing in it can break its page."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

import numpy as np
import pytest
from curating import make_export, open_session

from gtview.base.errors import DatasetError, UsageError
from gtview.session.curation_report import make_report, report_query
from gtview.session.report_files import report_export
from gtview.session.report_tables import report_csv, report_page
from gtview.session.scoring import score, scoring_query


@pytest.fixture
def session(tmp_path):
    folder = make_export(tmp_path / "export", n_spikes=900)
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    clusters = np.load(folder / "spike_clusters.npy").ravel()
    np.save(truth / "spike_times.npy", np.load(folder / "spike_times.npy").ravel())
    # Clusters 0 and 1 are unit 0, 2 and 3 are unit 1, 4 and 5 unit 2; the larger half is odd.
    is_swapped = np.bincount(clusters)[0::2] > np.bincount(clusters)[1::2]
    clusters = np.where(is_swapped[clusters // 2], clusters ^ 1, clusters).astype(np.int32)
    np.save(folder / "spike_clusters.npy", clusters)
    np.save(truth / "spike_units.npy", clusters // 2)
    (folder / "cluster_group.tsv").write_text("cluster_id\tgroup\n2\tnoise\n4\tgood\n")
    session = open_session(folder)
    yield session
    session.curation.keeping.close()


def report_of(session, **options):
    return make_report(report_query(session, **options))


def curate(session):
    """Merge rightly, then wrongly; take a third merge back."""
    session.curation.merge([0, 1])  # 6: rightly
    session.curation.label([6], "noise")  # wrongly
    session.curation.merge([3, 5])  # 7: wrongly
    session.curation.merge([2, 4])
    session.curation.undo()


def test_that_it_tells_what_was_right_and_wrong(session):
    first = score(session)
    curate(session)
    report = report_of(session)
    assert report.before.units == first.units
    anew = scoring_query(session)
    assert report.after.units == score(anew).units

    names = [action.entry.change.name for action in report.actions]
    assert names == ["Merge of 0, 1", "Label 6 group noise", "Merge of 3, 5"]
    gains = [action.gain.mean_accuracy_change for action in report.actions]
    assert gains[0] > 0
    assert gains[1] == 0
    assert gains[2] < 0
    assert sum(gains) == pytest.approx(report.after.mean_accuracy - report.before.mean_accuracy)
    (wrong,) = report.wrong_merges
    assert wrong.wrong_merge.units == (1, 2)
    # 2 is noise of the sorter's, 6 by the second action; 4 is as good as it says.
    assert {w.cluster_id: report.own_labels.get(w.cluster_id) for w in report.wrong_labels} == {
        2: None,
        6: 2,
    }


def test_that_merges_not_made_are_told(session):
    session.curation.label([2], "unsorted")
    report = report_of(session)
    assert [(m.unit_id, set(m.cluster_ids)) for m in report.missed_merges] == [
        (unit, {2 * unit, 2 * unit + 1})
        for unit in sorted(range(3), key=lambda u: -_gain_of_pair(session, u))
    ]
    for missed in report.missed_merges:
        assert missed.accuracy_if_merged == pytest.approx(1.0)


def _gain_of_pair(session, unit):
    sizes = [session.clustering.n_spikes_of(2 * unit + k) for k in (0, 1)]
    return 1 - max(sizes) / sum(sizes)


def test_that_the_report_of_the_saved_state_leaves_out_what_was_done_since(session):
    session.curation.merge([0, 1])
    session.curation.saving.save()
    saved = score(session)
    session.curation.merge([2, 4])
    session.curation.label([3], "mua")
    report = report_of(session, saved=True)
    assert [a.entry.change.name for a in report.actions] == ["Merge of 0, 1"]
    assert report.after.units == saved.units
    assert report.wrong_merges == ()
    assert len(report_of(session).actions) == 3


def test_that_a_hidden_truth_gives_no_report(session):
    session.set_blind(True)
    with pytest.raises(UsageError, match="hidden"):
        report_query(session)


class Reader(HTMLParser):
    """Notes tags, cells and what a page would load."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.cells, self.loads = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "td":
            self.cells.append(data)


def test_that_the_page_is_whole_and_loads_nothing(session):
    curate(session)
    page = Reader(report_page(report_of(session)))
    assert page.open == []
    assert page.loads == []
    assert "script" not in page.tags
    assert "Merge of 3, 5 → 7" in page.cells
    assert "wrong merge" in page.cells
    assert "3: unit 1, 5: unit 2" in page.cells


def test_that_what_people_wrote_cannot_break_the_page(session):
    session.curation.label([3], "<script>alert(1)</script>", "note")
    session.curation.label([3], '"><img src=x>', "note")
    page = Reader(report_page(report_of(session)))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert any("<script>alert(1)</script>" in cell for cell in page.cells)


def test_that_the_file_of_values_says_the_same(session):
    curate(session)
    report = report_of(session)
    rows = list(csv.DictReader(io.StringIO(report_csv(report))))
    kinds = [row["kind"] for row in rows]
    assert kinds[:2] == ["score before", "score after"]
    assert kinds.count("action") == 2
    assert kinds.count("wrong merge") == len(report.wrong_merges) == 1
    assert kinds.count("missed merge") == len(report.missed_merges)
    assert kinds.count("wrong label") == len(report.wrong_labels) == 2
    before, after = (float(row["accuracy"]) for row in rows[:2])
    changes = sum(float(row["change"]) for row in rows if row["kind"] in ("action", "wrong merge"))
    assert changes == pytest.approx(after - before, abs=1e-9)


def test_that_a_report_without_actions_says_so(session):
    report = report_of(session)
    assert report.actions == ()
    assert report.before is report.after
    assert "Nothing was done." in report_page(report)


def test_that_a_report_is_made_of_files_alone_and_changes_none(session, tmp_path):
    session.curation.merge([0, 1])
    session.curation.saving.save()
    session.curation.merge([2, 4])
    assert session.curation.keeping.close()
    export = session.dataset.folder
    before = {p: p.read_bytes() for p in export.rglob("*") if p.is_file()}

    page, table = report_export(export, tmp_path / "saved.html")
    assert "Merge of 0, 1" in page.read_text()
    assert "Merge of 2, 4" not in page.read_text()
    assert table == tmp_path / "saved.csv"
    (alone,) = report_export(export, tmp_path / "all.csv", use_journal=True)
    assert "Merge of 2, 4" in alone.read_text()
    assert {p: p.read_bytes() for p in export.rglob("*") if p.is_file()} == before


def test_that_a_report_without_a_truth_is_refused(session, tmp_path):
    (tmp_path / "ground_truth").rename(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="no ground truth"):
        report_export(session.dataset.folder, tmp_path / "report.html")
