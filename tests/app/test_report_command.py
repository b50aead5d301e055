"""The page on a sorting and its truth: whole, self-contained, and right."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.api import explain_dataset
from gtview.base.errors import DatasetError
from gtview.session.score_report import cluster_table, score_page, summary_sentence, unit_table


@pytest.fixture
def export(tmp_path):
    folder = tmp_path / "phy"
    make_phy_folder(folder, n_spikes=600, n_clusters=5, n_channels=8)
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    times = np.load(folder / "spike_times.npy").ravel()
    units = np.load(folder / "spike_clusters.npy").ravel().copy()
    # Unit 7 is nowhere in the sorting; one unit has no cluster of its own.
    extra = np.arange(50, dtype=times.dtype) * 200 + 13
    order = np.argsort(np.concatenate([times, extra]), kind="stable")
    np.save(truth / "spike_times.npy", np.concatenate([times, extra])[order])
    np.save(truth / "spike_units.npy", np.concatenate([units, np.full(50, 7)])[order])
    return folder


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.sources, self.open, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.sources += [values["src"]] if "src" in values else []
        self.links += [values["href"]] if "href" in values else []
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(page):
    reader = Reader()
    reader.feed(page)
    assert not reader.open
    return reader


def test_that_a_page_names_every_unit_and_cluster_and_needs_no_other_file(export):
    truth = explain_dataset(export)
    page = score_page(truth, "<b>phy</b>", [(b"\x89PNG", "a & b")], {"probe": "<x>"})
    reader = read(page)
    assert all(source.startswith("data:") for source in reader.sources)
    assert not reader.links
    assert "<b>phy" not in page
    assert "&lt;x&gt;" in page
    units = unit_table(truth)
    assert {str(v) for v in units.column("unit").values} == {
        str(unit.unit_id) for unit in truth.scores.units
    }
    assert cluster_table(truth).row_ids == truth.scores.cluster_ids


def test_that_the_worst_unit_is_first_and_its_lost_spikes_have_causes(export):
    truth = explain_dataset(export)
    table = unit_table(truth)
    accuracy = table.column("accuracy").values
    assert (np.diff(accuracy) >= 0).all()
    row = [str(v) for v in table.column("unit").values].index("7")
    assert table.column("category").text(row) == "missed"
    lost = sum(truth.causes().counts[table.row_ids[row], 1:])
    assert lost == 50
    number = re.search(r"(\d+) of 650 true spikes", summary_sentence(truth.scores, truth.causes()))
    assert int(number[1]) == truth.causes().counts[:, 1:].sum()


def test_that_the_command_writes_one_page_with_pictures(export, tmp_path, qapp):
    from gtview.app.report_command import run_report

    out = run_report(export, tmp_path / "new" / "report.html")
    reader = read(out.read_text(encoding="utf-8"))
    assert len(reader.sources) >= 2
    assert all(len(source) > 1000 for source in reader.sources)


def test_that_a_page_without_a_truth_is_refused(tmp_path):
    from gtview.app.report_command import run_report

    make_phy_folder(tmp_path / "phy", n_spikes=100, n_clusters=2, n_channels=4)
    with pytest.raises(DatasetError, match="ground truth"):
        run_report(tmp_path / "phy", tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()
