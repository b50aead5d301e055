"""Who may curate here, what opening found, and whether every action is safe on the disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..qt.notice import Notice

if TYPE_CHECKING:
    from ..curation.started import OnChange
    from ..session.session import Session
    from .main_window import MainWindow

_WAIT_S = 60.0
_ANSWERS: dict[str, OnChange] = {
    "Use the clusters on the disk": "file",
    "Use the history kept here": "journal",
}
_ONLY_LOOK = "Only look"
_ONLY_A_PICTURE = "This window only draws a picture."
_BEING_OPENED = "The dataset is being read: nothing can be changed until that is done."


class WindowKeeping:
    """The lock, the journal and the questions of an open dataset."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._session: Session | None = None
        self._is_error_told = False
        # False for a picture: it leaves lock and questions to whoever curates.
        self.may_curate = True

    def attach(self, session: Session) -> None:
        """Become the one window that curates this export, where that is possible."""
        self._session = session
        self._is_error_told = False
        if not self.may_curate:
            session.curation.keeping.pause(_ONLY_A_PICTURE)
            return
        pool = self._window.pool
        session.curation.keeping.listen(lambda: pool.call(partial(self._poll, session)))
        session.curation.keeping.take_lock()
        if session.curation.question:
            self._window.pool.draw_soon(self, self.ask_question)

    def detach(self) -> None:
        """Wait for the journal, and let others curate."""
        if self._session is not None:
            self._window.pool.forget(self)
            self._session.curation.keeping.close()
            self._session = None

    # What opening found ----------------------------------------------------------------------

    def notices(self) -> list[Notice]:
        """Return what has to be told of a dataset that was just opened."""
        if self._session is None or not self.may_curate:
            return []
        curation, found = self._session.curation, []
        reason = curation.keeping.read_only_reason
        if curation.question:
            found.append(Notice(reason, "warning", {"Decide": self.ask_question}))
        elif reason:
            found.append(Notice(reason, "warning", self._ways_out()))
        # To a window that only looks, they promise what it cannot do.
        if curation.messages and (curation.question or not reason):
            found.append(Notice(" ".join(curation.messages)))
        return found

    def _ways_out(self) -> dict[str, Callable[[], object]]:
        ways: dict[str, Callable[[], object]] = {"Try again": self._window.reload}
        if self._session is not None and self._session.curation.keeping.is_held_elsewhere:
            ways["That computer is off"] = self._take_over
        return ways

    def _take_over(self) -> None:
        session = self._session
        question = (
            "Two programs that curate one export at the same time spoil each other's work. Is "
            "the other program really closed?"
        )
        if session is None or not self._window.dialogs.confirm("Take over", question):
            return
        session.curation.keeping.take_lock(force=True)
        self._window.status.show_opened()
        self._window.curation.show_state()

    def ask_question(self) -> None:
        """Ask what opening could not decide, and open accordingly."""
        session, window = self._session, self._window
        if session is None or not session.curation.question:
            return
        other = session.curation.keeping.who_else()
        if other:
            # The answer may put the journal aside that is being written there.
            window.notice.tell(other, "warning", Try_again=window.reload)
            return
        buttons = (*_ANSWERS, _ONLY_LOOK)
        question = session.curation.question
        answer = window.dialogs.ask_button("Which clusters?", question, buttons)
        if answer in _ANSWERS and self._session is session:
            window.opening.reopen(on_change=_ANSWERS[answer])

    # While something else is being opened -----------------------------------------------------

    def pause(self) -> None:
        """Let nothing be changed while the dataset, or another one, is being read."""
        if self._session is not None:
            self._session.curation.keeping.pause(_BEING_OPENED)

    def resume(self) -> None:
        """Go on: nothing was opened."""
        if self._session is not None:
            self._session.curation.keeping.pause("")

    def wait_for_journal(self) -> Callable[[], object] | None:
        """Return what waits, in any thread, until the journal is whole; None: nothing to do."""
        if self._session is None:
            return None
        return partial(self._session.curation.keeping.wait, _WAIT_S)

    # The journal -----------------------------------------------------------------------------

    @property
    def is_safe(self) -> bool:
        """Whether the disk has every action."""
        return self._session is None or not self._session.curation.keeping.n_pending

    def may_leave(self) -> bool:
        """Ask when actions would be lost, because the journal cannot be written."""
        session = self._session
        if session is None or session.curation.keeping.wait(_WAIT_S / 6):
            return True
        keeping = session.curation.keeping
        n = keeping.n_pending
        what = "1 action is" if n == 1 else f"{n} actions are"
        answer = self._window.dialogs.ask_button(
            "Not on the disk",
            f"{what} not on the disk: the journal cannot be written ({keeping.error or 'slow'}).",
            ("Try again", "Leave, and lose them", "Cancel"),
        )
        if answer == "Try again":
            keeping.retry()
            return self.may_leave()
        return answer is not None

    def show_journal(self) -> None:
        """Tell when the journal cannot be written, once."""
        if self._session is None:
            return
        keeping = self._session.curation.keeping
        if keeping.error is not None and not self._is_error_told:
            self._is_error_told = True
            n = keeping.n_pending
            actions = "action is" if n == 1 else f"{n} actions are"
            sentence = (
                f"The journal cannot be written ({keeping.error.strerror or keeping.error}): "
                f"the last {actions} only in memory. Make room or check the disk, then try again."
            )
            self._window.notice.tell(sentence, "error", Try_again=self._retry)

    def _retry(self) -> None:
        if self._session is not None:
            self._is_error_told = False
            self._window.notice.hide()
            self._session.curation.keeping.retry()
            self._window.curation.show_state()

    def _poll(self, session: Session) -> None:
        if self._session is session:
            session.curation.keeping.poll()
