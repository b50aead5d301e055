"""The contract of all views, on a view that shows numbers."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from PyQt6.QtWidgets import QLabel
from small_sessions import make_session

from gtview.base.errors import GtviewError
from gtview.base.settings import SettingsFile
from gtview.qt.compute import ComputePool
from gtview.qt.theme import ThemeKeeper
from gtview.session.events import SelectionChanged
from gtview.views.base import View, ViewContext


@dataclass(frozen=True, slots=True)
class Looks:
    factor: int = 1
    name: str = "plain"


class NumberView(View):
    id = "number"
    title = "Number"
    Settings = Looks
    listens_to = (SelectionChanged,)
    gate: threading.Event | None = None
    lacks: str | None = None

    def build(self):
        self.drawn_values = []
        self.computed = []
        return QLabel()

    @classmethod
    def missing(cls, session):
        return cls.lacks

    def query(self):
        ids = self.session.selection.state.cluster_ids
        return (self, ids, self.settings.factor) if ids else None

    @staticmethod
    def compute(query):
        view, ids, factor = query
        if view.gate is not None:
            view.gate.wait(5)
        view.computed.append(ids)
        if ids == (4,):
            raise GtviewError("cluster 4 cannot be read")
        if ids == (2,):
            raise ZeroDivisionError
        return sum(ids) * factor

    def draw(self, result):
        self.drawn_values.append(result)
        self.content.setText(str(result))


@pytest.fixture
def context(qapp):
    session = make_session({1: [10, 30], 2: [20], 4: [40]})
    pool = ComputePool()
    yield ViewContext(session, pool, ThemeKeeper("dark"), SettingsFile("test"))
    pool.close()


@pytest.fixture
def view(qtbot, context):
    made = NumberView(context)
    qtbot.addWidget(made)
    return made


def settle(qtbot, view):
    qtbot.waitUntil(lambda: view.is_settled)


def shown_text(view):
    return view._stack.currentWidget().text()


def test_that_a_hidden_view_computes_nothing_and_catches_up_when_shown(qtbot, view, context):
    context.session.select_clusters((1,))
    context.session.select_clusters((1, 2))
    qtbot.wait(20)
    assert view.computed == []
    view.show()
    settle(qtbot, view)
    assert view.drawn_values == [3]


def test_that_a_burst_of_selections_draws_the_last_and_computes_few(qtbot, view, context):
    view.show()
    settle(qtbot, view)
    view.gate = threading.Event()
    for k in range(50):
        context.session.select_clusters((1, 2) if k % 2 else (1,))
        qtbot.wait(1)
    view.gate.set()
    settle(qtbot, view)
    assert view.drawn_values[-1] == 3
    assert len(view.computed) <= 3


class ParcelView(NumberView):
    """A view that gets better and better results."""

    id = "parcel"

    @staticmethod
    def compute(query):
        _, ids, _ = query
        yield [sum(ids)]
        result = [*ids]
        yield result
        yield result  # the same again is only a chance to stop


def test_that_each_result_is_drawn_once_and_the_last_is_told_as_full(qtbot, context):
    view = ParcelView(context)
    qtbot.addWidget(view)
    told = []
    view.drawn.connect(told.append)
    view.show()
    context.session.select_clusters((1, 4))
    settle(qtbot, view)
    assert view.drawn_values[-1] == [1, 4]
    assert view.drawn_values.count([1, 4]) == 1
    assert told[-1] is True
    n_drawn = len(view.drawn_values)
    view.invalidate()
    settle(qtbot, view)
    assert len(view.drawn_values) > n_drawn  # another query is drawn anew


def test_that_nothing_selected_is_said(qtbot, view, context):
    view.show()
    settle(qtbot, view)
    assert shown_text(view) == "select a cluster"
    context.session.select_clusters((1,))
    settle(qtbot, view)
    assert shown_text(view) == "1"
    context.session.select_clusters(())
    settle(qtbot, view)
    assert shown_text(view) == "select a cluster"


class SteppingView(NumberView):
    """Finds a first number, and then cannot go on."""

    @staticmethod
    def compute(query):
        view = query[0]
        yield 10
        view.has_failed = True
        raise GtviewError("the rest cannot be read")


def test_that_an_error_after_a_first_result_is_not_drawn_over(qtbot, context):
    view = SteppingView(context)
    qtbot.addWidget(view)
    view.show()
    settle(qtbot, view)
    view.has_failed = False
    context.session.select_clusters((1,))
    view._refresh()
    while not view.has_failed:  # the window is busy until both are there
        threading.Event().wait(0.005)
    threading.Event().wait(0.05)
    settle(qtbot, view)
    assert shown_text(view) == "the rest cannot be read"
    assert isinstance(view.error, GtviewError)


@pytest.mark.parametrize(("cluster", "words"), [(4, "cannot be read"), (2, "ZeroDivisionError")])
def test_that_an_error_is_one_sentence_in_the_view_and_goes_away(
    qtbot, view, context, cluster, words
):
    view.show()
    context.session.select_clusters((cluster,))
    settle(qtbot, view)
    assert words in shown_text(view)
    assert "Traceback" not in shown_text(view)
    assert view.error is not None
    context.session.select_clusters((1,))
    settle(qtbot, view)
    assert shown_text(view) == "1"
    assert view.error is None


def test_that_what_the_dataset_lacks_is_said(qtbot, view, context, monkeypatch):
    monkeypatch.setattr(NumberView, "lacks", "needs numbers.npy")
    context.session.select_clusters((1,))
    view.show()
    settle(qtbot, view)
    assert shown_text(view) == "needs numbers.npy"
    assert view.computed == []


def test_that_a_slow_view_keeps_its_picture_and_shows_a_line(qtbot, view, context):
    view.show()
    context.session.select_clusters((1,))
    settle(qtbot, view)
    view.gate = threading.Event()
    context.session.select_clusters((1, 2))
    qtbot.waitUntil(view._progress.isVisible)
    assert shown_text(view) == "1", "the old picture stays"
    assert not view.is_settled
    view.gate.set()
    settle(qtbot, view)
    assert not view._progress.isVisible()
    assert shown_text(view) == "3"


def test_that_settings_are_remembered_and_a_wrong_type_is_not_believed(qtbot, view, context):
    view.show()
    context.session.select_clusters((1,))
    view.change(factor=5)
    settle(qtbot, view)
    assert view.drawn_values[-1] == 5
    again = NumberView(context)
    qtbot.addWidget(again)
    assert again.settings.factor == 5
    context.settings.set("view.number", {"factor": "many", "name": "x", "unknown": 1})
    third = NumberView(context)
    qtbot.addWidget(third)
    assert third.settings == Looks(1, "x")


def test_that_a_closed_view_hears_nothing_more(qtbot, view, context):
    view.show()
    settle(qtbot, view)
    n = view.n_drawn
    view.close_view()
    context.session.select_clusters((1,))
    qtbot.wait(20)
    assert view.n_drawn == n
    assert view.computed == []
