from __future__ import annotations

import subprocess
import sys

import gtview.views
from gtview.views import TITLES, VIEWS, load_all_views, load_view, view_title


def test_that_every_view_is_imported_ahead_in_a_thread():
    code = """
import sys, threading
from PyQt6.QtCore import QCoreApplication
app = QCoreApplication([])
from gtview.views import VIEWS, load_all_views
thread = threading.Thread(target=load_all_views)
thread.start()
thread.join()
modules = {"gtview.views." + place.partition(":")[0] for place in VIEWS.values()}
assert modules | {"gtview.views.attribute"} <= set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_that_a_view_that_cannot_be_imported_stops_no_other(monkeypatch):
    loaded = []
    monkeypatch.setattr(gtview.views, "VIEWS", {"broken": "of_no_module:None", **VIEWS})
    monkeypatch.setattr(
        gtview.views, "load_view", lambda view_id: loaded.append(view_id) or load_view(view_id)
    )
    load_all_views()
    assert loaded == ["broken", *VIEWS]


def test_that_a_tab_has_the_title_of_its_view_before_the_view_is_imported():
    assert list(TITLES) == list(VIEWS)
    for view_id in (*VIEWS, "attribute:peak_to_peak"):
        assert view_title(view_id) == load_view(view_id).title
