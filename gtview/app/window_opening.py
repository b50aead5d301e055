"""Opens, reloads and closes datasets; the window stays usable while one is being read."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import CancelledError
from ..qt.compute import single_shot
from ..qt.keys import building
from ..session.events import ScoresChanged, SelectionChanged
from ..session.session import Opened, Session
from ..study.store import is_study
from ..views import load_views
from ..views.base import ViewContext
from .kept import Kept
from .layouts import LAYOUTS, read_layout
from .opening import Opening, OpenRequest
from .recent import remember_recent
from .score_keeper import ScoreKeeper

if TYPE_CHECKING:
    from .main_window import MainWindow

_log = logging.getLogger(__name__)

# What a first drawing reads from everywhere in a file of gigabytes, before there is a copy of it
# in a better order: half a million would take many seconds.
_QUICK_SPIKES = 50_000


class WindowOpening:
    """How the window comes to a session, and leaves it."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._opening: Opening | None = None
        self._awaits_drawing = False
        self._drawn_soon = single_shot(window, 10, self.on_drawn)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is being opened."""
        return self._opening is None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being opened, or drawn for the first time."""
        return not (self._opening or self._awaits_drawing)

    def open_path(self, path: Path, ground_truth: Path | None = None) -> None:
        """Open a dataset, or the results of a study."""
        if is_study(path):
            self._window.study.open(path)
            return
        again = partial(self.open_path, path, ground_truth)
        if not self._window.curation.saving.may_leave(again):
            return
        is_chosen, sorting = self._window.sorting.choose_sorting(path)
        if is_chosen:
            self._begin(OpenRequest(path, ground_truth, sorting))

    def reload(self) -> None:
        """Read the dataset again; what was selected stays selected."""
        window = self._window
        if window.has_dataset and window.curation.saving.may_leave(self.reload):
            self.reopen()

    def reopen(self, **changes: Any) -> None:
        """Read the dataset again without asking; `changes` are fields of the `OpenRequest`."""
        window = self._window
        if window.request is not None and window.session is not None:
            window.look.leave_full_view()
            kept = Kept.of(window.session, window.host)
            self._begin(replace(window.request, again=kept, **changes))

    def close_dataset(self) -> None:
        """Go back to the start page."""
        if self._window.curation.saving.may_leave(self.close_dataset):
            self.leave()
            self._window.show_start()

    def follow(self, opening: Opening) -> None:
        """Show the progress of a dataset that is being read, and open it when it is there."""
        window = self._window
        if self._opening is not None:
            self._opening.cancel()
        self._opening = opening
        window.curation.keeping.pause()
        window.pool.submit(load_views, self._views_in_front())
        window.begin_progress(f"Opening {opening.request.path.name or opening.request.path}")
        opening.listen(lambda f, m: window.pool.call(lambda: window.show_progress(f, m)))
        opening.future.add_done_callback(
            lambda _future: window.pool.call(lambda: self._on_read(opening))
        )

    def cancel(self) -> None:
        """Stop reading."""
        if self._opening is not None:
            self._opening.cancel()

    def on_drawn(self) -> None:
        """Notice that a view has drawn."""
        if not self._awaits_drawing:
            return
        if self._window.host.is_settled:
            self._awaits_drawing = False
            self._window.pool.draw_soon(self, self._after_first_drawing)
        else:
            # Items that render themselves are ready a little after their view has drawn.
            self._drawn_soon.start()

    def leave(self) -> None:
        """Let go of the session that is open."""
        window = self._window
        if window.session is None:
            return
        window.look.leave_full_view()
        window.host.remember_layout(window.width())
        window.background.stop()
        if window.scores is not None:
            window.scores.stop()
        window.host.close()
        window.snippets.detach()
        window.wizard.detach()
        window.curation.detach()
        window.truth.detach()
        window.session = window.scores = window.session_opened = window.request = None

    # Behind it -----------------------------------------------------------------------------

    def _begin(self, request: OpenRequest) -> None:
        # The journal that is read must hold everything that was done here.
        wait = self._window.curation.keeping.wait_for_journal()
        self.follow(Opening(request, before=wait).start())

    def _views_in_front(self) -> list[str]:
        """Return the views that will be seen first; a truth, if there is one, is not known yet."""
        window = self._window
        name = window.settings.get("layout", LAYOUTS[0])
        tree = read_layout(name if name in LAYOUTS else LAYOUTS[0]).for_width(window.width())
        return list(tree.front_ids())

    def _on_read(self, opening: Opening) -> None:
        if opening is not self._opening:
            return
        self._opening = None
        window = self._window
        error = opening.future.exception()
        if error is None:
            try:
                with building():
                    self._show_session(opening.request, opening.future.result())
            except Exception as fault:  # noqa: BLE001  (back to the start page, with a sentence)
                _log.exception("the window could not show %s", opening.request.path)
                self.leave()
                error = fault
            else:
                return
        window.curation.keeping.resume()
        window.end_progress()
        if not isinstance(error, CancelledError):
            window.status.tell_open_failed(opening.request, error)
        window.open_failed.emit(error)

    def _show_session(self, request: OpenRequest, opened: Opened) -> None:
        self.leave()
        window = self._window
        window.request = replace(request, again=None, on_change="ask", is_blind=False)
        window.session_opened = opened
        is_blind = window.truth.starts_hidden(request, opened)
        session = window.session = Session(opened, window.tell_error, blind=is_blind)
        session.measurements.begin()
        window.scores = ScoreKeeper(session, window.pool, window)
        window.scores.failed.connect(window.tell_error)
        session.bus.subscribe(SelectionChanged, window.status.show_selection)
        session.bus.subscribe(ScoresChanged, window.status.show_selection)
        known_ids = [i for i in request.select if i in session.clustering]
        if request.again is None:
            session.select_clusters(known_ids or self._first_cluster(opened))
        else:
            session.restore_selection(request.again.selection)
        context = ViewContext(session, window.pool, window.themes, window.settings)
        window.host.open(context, window.width())
        if request.again is not None:
            window.host.restore_state(request.again.views)
        self._awaits_drawing = True
        window.show_docks()
        window.host.fit_parts(window.width())
        remember_recent(window.settings, request.path)
        window.setWindowTitle(f"{opened.dataset.folder}[*] — gtview")
        window.curation.attach(session)
        window.splitting.attach(session)
        window.wizard.attach(session)
        window.truth.attach(session)
        window.comparison.attach(session)
        unknown_ids = () if request.again else sorted(set(request.select).difference(known_ids))
        window.status.show_opened(unknown_ids)
        window.menus_changed()
        window.status.show_selection()
        window.opened.emit()

    @staticmethod
    def _first_cluster(opened: Opened) -> tuple[int, ...]:
        """Return the largest cluster that is read quickly: what is seen explains the window."""
        ids, size_of = opened.clustering.cluster_ids, opened.clustering.n_spikes_of
        quick = [i for i in ids if size_of(i) <= _QUICK_SPIKES]
        if quick:
            return (max(quick, key=size_of),)
        return (min(ids, key=size_of),) if ids else ()

    def _after_first_drawing(self) -> None:
        # Scores need scipy, half a second of imports, and kernels that were never compiled take
        # seconds: both after the first picture, not before.
        window = self._window
        if window.scores is not None and window.session is not None:
            window.scores.start()
            window.background.start(window.session, window.host)
