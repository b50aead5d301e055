"""Splits that the computer proposes: by the features that are shown, or by template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject

from ..base.errors import UsageError
from ..qt.compute import LatestTask
from ..session.events import SplitProposed
from ..session.proposals import LeftOut

if TYPE_CHECKING:
    from ..analysis.suggested_splits import Mixture, MixtureQuery
    from ..session.session import Session
    from .main_window import MainWindow

_TELL_MS = 6000
_NO_FEATURES = "The export has no features: there is nothing to divide spikes by."
_SELECT = "Select a cluster first."
_N_CHANNELS, _N_PCS = 2, 2


class WindowSplitting(QObject):
    """The menu of proposed splits; K accepts what it proposes, and a line changes it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._asked: tuple[Session, MixtureQuery] | None = None
        self._task = LatestTask(window.pool, self)
        self._task.arrived.connect(self._on_arrived)
        self._task.failed.connect(self._on_failed)

    def attach(self, session: Session) -> None:
        """Tell at the bottom of the window what is proposed in a session that was just opened."""
        session.bus.subscribe(SplitProposed, self._on_proposed)

    def _on_proposed(self, _event: SplitProposed) -> None:
        session = self._window.session
        if session is not None and session.splitting.proposal is not None:
            sentence = session.splitting.sentence
            self._tell(f"{sentence[:1].upper()}{sentence[1:]}. K splits, Esc forgets it.")

    @property
    def is_busy(self) -> bool:
        """Whether parts are being looked for."""
        return self._task.is_busy

    def suggest(self) -> None:
        """Propose as many parts as suit the features that are shown."""
        self._ask(None)

    def more_parts(self) -> None:
        """Propose one more part."""
        from ..analysis.suggested_splits import MOST_PARTS

        self._ask(min(self._n_parts() + 1, MOST_PARTS))

    def fewer_parts(self) -> None:
        """Propose one part less."""
        self._ask(max(self._n_parts() - 1, 2))

    def suggest_templates(self) -> None:
        """Propose a part for each template of the sorter."""
        from ..analysis.suggested_splits import divide_by_template

        session = self._window.session
        if session is None:
            return
        ids = session.selection.state.shown_ids
        try:
            spikes = [session.clustering.spikes_of(i) for i in ids]
            parts = divide_by_template(session.dataset, spikes)
        except UsageError as error:
            self._tell(str(error) if ids else _SELECT)
            return
        self._propose(session, parts, "templates of the sorter", LeftOut())

    def forget(self) -> None:
        """Forget what is proposed."""
        self._task.drop()
        if self._window.session is not None:
            self._window.session.splitting.clear()

    # Behind it ---------------------------------------------------------------------------------

    def _n_parts(self) -> int:
        """Return of how many parts the proposal is; 1: there is none by features."""
        session = self._window.session
        proposal = None if session is None else session.splitting.proposal
        return 1 if proposal is None else len(proposal.parts)

    def _ask(self, n_parts: int | None) -> None:
        # It loads numba: not before the window is there.
        from ..analysis.suggested_splits import MixtureQuery, divide_by_mixture

        session = self._window.session
        if session is None:
            return
        ids = session.selection.state.shown_ids
        if not ids or session.dataset.pc_features is None:
            self._tell(_NO_FEATURES if ids else _SELECT)
            return
        channels, n_pcs = self._features(session)
        spikes = tuple(session.clustering.spikes_of(i) for i in ids)
        query = MixtureQuery(session.dataset, ids, spikes, channels, n_pcs, n_parts)
        self._asked = session, query
        self._tell("Looking for parts\N{HORIZONTAL ELLIPSIS}")
        self._task.submit(lambda: divide_by_mixture(query))

    def _features(self, session: Session) -> tuple[tuple[int, ...], int]:
        """Return the channels and components of the feature view, else what it would show."""
        views: list[Any] = list(self._window.host.visible_views())
        for view in views:
            shown = view.shown_features() if view.id == "feature" else None
            if shown is not None:
                return shown[0], shown[1]
        state = session.selection.state
        best = session.best_channels(state.shown_ids[0]).channel_ids.tolist()
        channels = dict.fromkeys((*state.channel_ids, *best))
        return tuple(channels)[:_N_CHANNELS], _N_PCS

    def _on_arrived(self, found: Mixture | None, is_full: bool) -> None:
        if found is None or not is_full or self._asked is None:
            return
        session, query = self._asked
        is_same = session is self._window.session
        if not is_same or session.selection.state.shown_ids != query.cluster_ids:
            return
        text = f"{len(found.parts)} Gaussians"
        self._propose(session, found.parts, text, LeftOut(found.left_out, "without features"))
        if found.n_best == 1:
            self._tell(f"One Gaussian describes these spikes best. {session.splitting.sentence}")

    def _propose(self, session: Session, parts: Any, text: str, left_out: LeftOut) -> None:
        session.splitting.propose(parts, text, left_out=left_out, source=self)

    def _on_failed(self, error: BaseException) -> None:
        self._tell(str(error))

    def _tell(self, sentence: str) -> None:
        self._window.statusBar().showMessage(sentence, _TELL_MS)
