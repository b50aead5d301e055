"""What views share in which spikes are split off: the line, its keys, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from ..analysis.picking import Judge, Picked, PickQuery, PlaneJudge, Polygon, pick_spikes
from ..analysis.picking import Plane as Plane
from ..base.types import Float64Array
from ..qt.compute import LatestTask
from ..qt.lasso import SHIFT, Frame, Lasso
from ..qt.theme import Theme
from ..session.events import ClusteringChanged, SelectionChanged, SplitProposed
from ..session.proposals import LeftOut
from .base import View
from .declared import ViewAction

NOTHING_INSIDE = "no spike of the selected clusters is inside"
LASSO_GESTURES: tuple[tuple[str, str], ...] = (
    ("Shift+drag", "propose to split off what is inside a line drawn by hand"),
    ("Shift+click", "add a corner of such a line"),
)
CTRL_GESTURES: tuple[tuple[str, str], ...] = (
    LASSO_GESTURES[0],
    ("Shift+click, Ctrl+click", "add a corner of such a line"),
)


def forget_action(view_id: str) -> ViewAction:
    """Return what forgets a proposed split in a view."""
    return ViewAction(
        f"{view_id}.split_clear", "Forget the proposed split", ("Esc",), "clear_split",
        "Takes what is drawn away.", enabled="has_proposal",
    )  # fmt: skip


def lasso_actions(view_id: str) -> tuple[ViewAction, ...]:
    """Return what keys do to a line in a view."""
    return (
        ViewAction(
            f"{view_id}.lasso_undo", "Take the last corner back", ("Backspace",), "undo_corner",
            "Of a line drawn by hand: all of it.", enabled="has_line",
        ),
        forget_action(view_id),
    )  # fmt: skip


class SplitTask(QObject):
    """Finds all spikes that belong to what a view drew, in the pool, and proposes to split them.

    Parameters
    ----------
    view
        Its status tells how far it is, and what would happen.
    name
        What is drawn: "lasso".
    forget
        Takes away what is drawn: something else is proposed, or selected.
    """

    def __init__(self, view: View, name: str, forget: Callable[[], None]) -> None:
        super().__init__(view)
        self._view, self._name, self._forget = view, name, forget
        self._is_own = False
        self._where = ""
        self._task = LatestTask(view.context.pool, self)
        self._task.arrived.connect(self._on_arrived)
        self._task.failed.connect(lambda error: view.set_note(str(error)))
        bus = view.session.bus
        self._unsubscribe = [
            bus.subscribe(SplitProposed, self._on_proposed),
            bus.subscribe(ClusteringChanged, self._on_other),
            bus.subscribe(SelectionChanged, self._on_selection),
        ]

    @property
    def is_busy(self) -> bool:
        """Whether spikes are still being looked at."""
        return self._task.is_busy

    def ask(self, judge: Judge, cluster_ids: tuple[int, ...], where: str = "") -> None:
        """Judge all spikes of some clusters, and propose those that belong to it.

        `where` is told with it: "channel 8".
        """
        self._where = where
        clustering = self._view.session.clustering
        ids = tuple(i for i in cluster_ids if i in clustering)
        query = PickQuery(judge, ids, tuple(clustering.spikes_of(i) for i in ids))
        self._task.submit(lambda: pick_spikes(query))

    def stop(self, note: str = "") -> None:
        """Look no further, and propose nothing of it any more."""
        self._task.drop()
        self._guarded(lambda: self._view.session.splitting.clear(self._view))
        self._view.set_note(note)

    def forget(self) -> None:
        """Take away what is drawn, and what is proposed of it."""
        self._forget()
        self.stop()

    def close(self) -> None:
        """Leave the bus; what the view proposed is forgotten."""
        self.stop()
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _on_arrived(self, picked: Picked, is_full: bool) -> None:
        if not picked.is_full:
            self._view.set_note(
                f"{picked.n_read:,} of {picked.n_all:,} spikes read, "
                f"{picked.n_inside:,} inside, Esc stops"
            )
        elif is_full:
            self._propose(picked)

    def _propose(self, picked: Picked) -> None:
        splitting = self._view.session.splitting
        left_out = LeftOut(picked.left_out, picked.why_left_out)
        text = f"{self._name} in {self._view.title}"
        self._guarded(
            lambda: splitting.cut_out(picked.spike_ids, text, left_out=left_out, source=self._view)
        )
        told = splitting.sentence or NOTHING_INSIDE
        self._view.set_note(f"{self._where}: {told}" if self._where else told)

    def _guarded(self, function: Callable[[], Any]) -> None:
        """Change what is proposed, without forgetting what is drawn because of it."""
        self._is_own = True
        try:
            function()
        finally:
            self._is_own = False

    def _on_proposed(self, _event: SplitProposed) -> None:
        if not self._is_own:
            self._on_other()

    def _on_selection(self, event: SelectionChanged) -> None:
        if event.touches("cluster_ids", "similar_ids"):
            self._on_other()

    def _on_other(self, _event: object = None) -> None:
        self._task.drop()
        self._forget()
        self._view.set_note("")


class SplitView(View):
    """A view that proposes to split spikes off."""

    def split_tasks(self) -> tuple[SplitTask, ...]:
        """Return what it proposes with."""
        raise NotImplementedError

    def has_mark(self) -> bool:
        """Whether something is drawn that the key for forgetting takes away."""
        return False

    @property
    def has_proposal(self) -> bool:
        """Whether there is something to forget."""
        return self.has_mark() or self.session.splitting.proposal is not None

    def clear_split(self) -> None:
        """Take away what is drawn, and forget what is proposed, by whomever."""
        for task in self.split_tasks():
            task.forget()
        self.session.splitting.clear()

    def close_view(self) -> None:
        for task in self.split_tasks():
            task.close()
        super().close_view()


class LassoView(SplitView):
    """A view in which a line around spikes proposes to split them off.

    A subclass calls `add_lasso` in `build`, and defines `judge_of`.
    """

    lasso: Lasso
    split: SplitTask

    def judge_of(self, plot: Any, corners: Float64Array) -> Judge | str:
        """Return what judges spikes by a line, or why that cannot be done."""
        plane = self.plane_of(plot)
        return plane if isinstance(plane, str) else PlaneJudge(plane, Polygon(corners))

    def plane_of(self, plot: Any) -> Plane | str:
        """Return what a plot shows, or why its spikes cannot be judged."""
        raise NotImplementedError

    def judged_clusters(self) -> tuple[int, ...]:
        """Return the selected clusters that are shown: all of their spikes are judged."""
        raise NotImplementedError

    def name_of(self, plot: Any) -> str:
        """Return what is told of the plot in which a line is; "": nothing."""
        return ""

    # What they share -----------------------------------------------------------------------

    def add_lasso(self, widget: QWidget, frame: Frame, **how: Any) -> None:
        """Let lines be drawn over a widget."""
        self.lasso = Lasso(widget, frame, self.theme, **how)
        self.split = SplitTask(self, "lasso", self.lasso.forget)
        self.lasso.drawn.connect(self._on_lasso)

    @property
    def has_line(self) -> bool:
        """Whether a corner of a line is drawn."""
        return self.lasso.is_there

    def split_tasks(self) -> tuple[SplitTask, ...]:
        return (self.split,)

    def has_mark(self) -> bool:
        return self.has_line

    def undo_corner(self) -> None:
        """Take the last corner back."""
        self.lasso.undo()

    def apply_theme(self, theme: Theme) -> None:
        self.lasso.apply_theme(theme)

    def _on_lasso(self, corners: Float64Array | None, _modifiers: Any) -> None:
        judge = None if corners is None else self.judge_of(self.lasso.plot, corners)
        if judge is None or isinstance(judge, str):
            self.split.stop(judge or "")
        else:
            self.split.ask(judge, self.judged_clusters(), self.name_of(self.lasso.plot))


__all__ = ["CTRL_GESTURES", "LASSO_GESTURES", "SHIFT", "LassoView", "SplitTask", "lasso_actions"]
