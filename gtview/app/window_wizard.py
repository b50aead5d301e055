"""The Select menu: leads through the clusters, and says how many are reviewed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PyQt6.QtWidgets import QLabel

from ..qt.keys import FieldKeys
from ..session.events import ClusteringChanged, LabelsChanged, SelectionChanged

if TYPE_CHECKING:
    from ..curation.changes import Change
    from ..session.candidates import Candidates
    from ..session.session import Session
    from .main_window import MainWindow

_SETTINGS = "wizard"
_TELL_MS = 4000
_HELP = "Clusters that have a group (good, mua, noise), of all clusters"


class WindowWizard:
    """Goes from cluster to cluster; what takes time is computed in the pool first."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._session: Session | None = None
        # Steps that wait for the candidates of the selected cluster.
        self._wishes: list[Callable[[Session], str]] = []
        self.progress_text = QLabel()
        self.progress_text.setToolTip(_HELP)
        self.progress_text.hide()
        window.statusBar().addPermanentWidget(self.progress_text)
        self._field_keys = FieldKeys(window)
        window.curation.merged.connect(self.after_merge)
        window.curation.grouped.connect(self.after_group)

    def attach(self, session: Session) -> None:
        """Begin with a session that was just opened."""
        self._session = session
        stored = self._window.settings.get(_SETTINGS, {})
        stored = stored if isinstance(stored, dict) else {}
        is_likely = stored.get("order") == "likelihood"
        session.wizard.use(
            order="likelihood" if is_likely else "similarity",
            skips=bool(stored.get("skips", True)),
            goes_on=bool(stored.get("goes_on", True)),
        )
        for kind in (ClusteringChanged, LabelsChanged):
            session.bus.subscribe(kind, self.show_progress)
        session.bus.subscribe(SelectionChanged, self._on_selected)
        self.show_progress()

    def detach(self) -> None:
        """Let go of the session."""
        self._session = None
        self._wishes.clear()
        self.progress_text.hide()

    # How ---------------------------------------------------------------------------------------

    @property
    def is_by_similarity(self) -> bool:
        """Whether similar clusters come by similarity."""
        return self._session is None or self._session.wizard.order == "similarity"

    @property
    def is_by_likelihood(self) -> bool:
        """Whether similar clusters come by merge likelihood."""
        return not self.is_by_similarity

    @property
    def skips(self) -> bool:
        """Whether noise and mua are left out."""
        return self._session is None or self._session.wizard.skips

    @property
    def goes_on(self) -> bool:
        """Whether the next pair is selected after a merge or a group."""
        return self._session is None or self._session.wizard.goes_on

    def order_by_similarity(self) -> None:
        """Let similar clusters come by similarity."""
        self._use(order="similarity")

    def order_by_likelihood(self) -> None:
        """Let similar clusters come by merge likelihood."""
        self._use(order="likelihood")

    def toggle_skips(self) -> None:
        """Leave noise and mua out, or not."""
        self._use(skips=not self.skips)

    def toggle_goes_on(self) -> None:
        """Select the next pair after a merge or a group, or stay."""
        self._use(goes_on=not self.goes_on)

    def _use(self, **changes: Any) -> None:
        if self._session is None:
            return
        wizard = self._session.wizard
        wizard.use(**changes)
        kept = {"order": wizard.order, "skips": wizard.skips, "goes_on": wizard.goes_on}
        self._window.settings.set(_SETTINGS, kept)
        self._window.menus_changed()

    # Going -------------------------------------------------------------------------------------

    def next_best(self) -> None:
        """Select the next cluster."""
        self._tell(lambda session: session.wizard.go_best(1))

    def previous_best(self) -> None:
        """Select the cluster before this one."""
        self._tell(lambda session: session.wizard.go_best(-1))

    def first(self) -> None:
        """Select the first cluster."""
        self._tell(lambda session: session.wizard.go_end(last=False))

    def last(self) -> None:
        """Select the last cluster."""
        self._tell(lambda session: session.wizard.go_end(last=True))

    def next_similar(self) -> None:
        """Select the next similar cluster."""
        self._when_known(lambda session: session.wizard.go_similar(1))

    def previous_similar(self) -> None:
        """Select the similar cluster before this one."""
        self._when_known(lambda session: session.wizard.go_similar(-1))

    def drop_similar(self) -> None:
        """Select no similar cluster."""
        if self._session is not None:
            self._session.wizard.drop_similar()

    def after_merge(self, change: Change) -> None:
        """Select the merged cluster and the one most similar to it."""
        if self.goes_on and change.added:
            self.next_similar()

    def after_group(self, _value: str, which: str) -> None:
        """Go on: behind the selected clusters, behind the similar ones, or behind both."""
        session = self._session
        if session is None or not self.goes_on:
            return
        if which == "similar":
            self.next_similar()
            return
        had_pair = bool(session.selection.state.similar_ids)
        if self._tell(lambda session: session.wizard.go_best(1)) and had_pair:
            self.next_similar()

    def _tell(self, go: Callable[[Session], str]) -> bool:
        if self._session is None:
            return False
        reason = go(self._session)
        if reason:
            self._window.statusBar().showMessage(reason, _TELL_MS)
        return not reason

    def _when_known(self, go: Callable[[Session], str]) -> None:
        """Go at once where the order is known, else as soon as it is computed."""
        session = self._session
        if session is None:
            return
        best = session.wizard.best
        if best is None or session.wizard.similar_ids() is not None:
            self._tell(go)
            return
        self._wishes.append(go)
        if len(self._wishes) > 1:
            return
        query = session.wizard.query(best)

        def find() -> Any:
            from ..session.candidates import find_candidates

            return find_candidates(query)

        done = partial(self._on_found, session)
        self._window.pool.run(find, done, self._on_failed)

    def _on_found(self, session: Session, found: Candidates) -> None:
        if session is not self._session:
            return
        session.wizard.take(found)
        # Where another cluster was selected meanwhile, its candidates are on their way.
        if session.wizard.best == found.cluster_id:
            wishes, self._wishes = self._wishes, []
            for go in wishes:
                self._tell(go)

    def _on_failed(self, error: BaseException) -> None:
        self._wishes.clear()
        self._window.tell_error(error)

    def _on_selected(self, event: SelectionChanged) -> None:
        if event.touches("cluster_ids"):
            self._wishes.clear()

    # Telling -----------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether something was asked for that is still being computed."""
        return bool(self._wishes)

    def show_progress(self, _event: object = None) -> None:
        """Say how many clusters are reviewed."""
        if self._session is not None:
            n_done, n = self._session.wizard.progress
            self.progress_text.setText(f"{n_done:,} of {n:,} reviewed")
            self.progress_text.show()
