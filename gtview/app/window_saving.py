"""Saves what was curated: in a thread, with progress; asks before anything could be lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import CancelledError, GtviewError
from ..qt.compute import single_shot
from .save_state import SaveState
from .saves_dialog import SavesDialog

if TYPE_CHECKING:
    from ..base.progress import Reporter
    from ..data.backups import Snapshot
    from ..data.phy_writer import SaveReport
    from ..session.saving import SaveJob
    from ..session.session import Session
    from .main_window import MainWindow

AUTOSAVE = "autosave"
AUTOSAVE_MS = 120_000
_TELL_EVERY_S = 0.1
_SAVE, _KEEP, _CANCEL = "Save", "Keep for next time", "Cancel"
_REPLACE, _READ_AGAIN = "Save, and keep its files as a backup", "Read the export again"


class WindowSaving:
    """Saving, autosaving, earlier saves, and leaving with unsaved work."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._session: Session | None = None
        self._then: Callable[[], object] | None = None
        self._is_by_itself = False
        self._is_cancelled = threading.Event()
        self._autosave_soon = single_shot(window, AUTOSAVE_MS, self._autosave)
        self.state = SaveState()
        self.dialog: SavesDialog | None = None

    def attach(self, session: Session) -> None:
        """Begin with a session that was just opened."""
        self._session = session
        self.state = SaveState()

    def detach(self) -> None:
        """Let go of the session."""
        self._autosave_soon.stop()
        if self.dialog is not None:
            self.dialog.close()
        self._session = self._then = None
        self._window.status.show_saved("")
        self._window.setWindowModified(False)

    # Saving ----------------------------------------------------------------------------------

    def save(self) -> None:
        """Save into the export; a folder that cannot be written is asked for another one."""
        session = self._session
        if session is None:
            return
        if not session.curation.saving.is_possible_here:
            self.save_elsewhere()
            return
        reason = session.curation.why_not("save")
        if reason:
            self._window.curation.tell(reason)
        else:
            self._start(session)

    def save_elsewhere(self) -> None:
        """Ask for a folder, and write a complete export there."""
        session = self._session
        if session is None:
            return
        here = session.dataset.folder
        title = "Write a complete export into an empty folder"
        folder = self._window.dialogs.ask_folder(title, str(here.parent))
        if folder is None:
            self._then = None
        elif folder.resolve() == here.resolve() or (folder.is_dir() and any(folder.iterdir())):
            self._then = None
            self._window.notice.tell(f"{folder} is not empty: choose a new folder.", "warning")
        else:
            self._start(session, folder)

    def _start(
        self, session: Session, folder: Path | None = None, *, overwrite: bool = False
    ) -> None:
        try:
            job = session.curation.saving.start(folder, overwrite=overwrite)
        except GtviewError as error:
            self._then = None
            self._window.curation.tell(str(error))
            return
        self._is_cancelled.clear()
        if folder is not None:
            text = f"Writing a complete export into {folder}."
            self._window.notice.tell(text, Cancel=self._is_cancelled.set)
        # A thread of its own: those of the pool are for what is to be drawn.
        done: Future[SaveReport] = Future()
        done.add_done_callback(
            lambda _: self._window.pool.call(partial(self._on_end, session, job, done))
        )
        report = self._reporter()
        threading.Thread(target=_run, args=(job, report, done), name="gtview-saving").start()

    def _reporter(self) -> Reporter:
        last = [0.0]

        def report(fraction: float, message: str = "") -> None:
            if self._is_cancelled.is_set():
                raise CancelledError("saving was cancelled")
            if time.monotonic() - last[0] > _TELL_EVERY_S:
                last[0] = time.monotonic()
                text = f"{message}, {100 * fraction:.0f} %"
                self._window.pool.call(partial(self._tell_progress, text))

        return report

    def _tell_progress(self, text: str) -> None:
        if self._session is not None and self._session.curation.saving.is_busy:
            self._window.status.show_saved(text)

    def _on_end(self, session: Session, job: SaveJob, done: Future[SaveReport]) -> None:
        error, saving = done.exception(), session.curation.saving
        is_by_itself, self._is_by_itself = self._is_by_itself, False
        if job.source is not None:
            self._window.notice.hide()
        if error is not None:
            saving.fail()
            self._on_failed(session, error, is_by_itself=is_by_itself)
            return
        self.state = self.state.after(job)
        saving.finish(job, done.result())
        self._tell_saved(job, done.result())
        then, self._then = self._then, None
        if then is not None:
            then()

    def _tell_saved(self, job: SaveJob, report: SaveReport) -> None:
        what = f"Saved into {job.folder}" if job.source else "Saved"
        files = f": {', '.join(report.files)}" if report.files and not job.source else ""
        self._window.curation.tell(f"{what}{files}. {' '.join(report.notes)}".rstrip())

    def _on_failed(self, session: Session, error: BaseException, *, is_by_itself: bool) -> None:
        from ..data.phy_writer import ExportChangedError

        if isinstance(error, ExportChangedError):
            if is_by_itself and self._then is None:
                # Nobody asked for it: no question may stand in the way of somebody's work.
                self._window.notice.tell(str(error), "warning", Save=self.save)
            else:
                self._on_changed_outside(session, str(error))
            return
        self._then = None
        if not isinstance(error, CancelledError):
            self._window.tell_error(error)

    def _on_changed_outside(self, session: Session, sentence: str) -> None:
        buttons = (_REPLACE, _READ_AGAIN, _CANCEL)
        title = "The export has changed"
        answer = self._window.dialogs.ask_button(title, sentence, buttons)
        if answer == _REPLACE:
            self._start(session, overwrite=True)
            return
        self._then = None
        if answer == _READ_AGAIN:
            self._window.opening.reopen()

    # By itself -------------------------------------------------------------------------------

    @property
    def is_autosaving(self) -> bool:
        """Whether it saves by itself."""
        return self._window.settings.get(AUTOSAVE, False) is True

    def toggle_autosave(self) -> None:
        """Save by itself some minutes after an action, or not."""
        self._window.settings.set(AUTOSAVE, not self.is_autosaving)
        self.show_state()
        self._window.menus_changed()

    def _autosave(self) -> None:
        session = self._session
        if session is None or not self.is_autosaving:
            return
        saving = session.curation.saving
        if session.curation.can_save and saving.is_possible_here and not saving.is_busy:
            self._is_by_itself = True
            self._start(session)

    # What is saved ---------------------------------------------------------------------------

    def show_state(self) -> None:
        """Show in the title and at the bottom what is not saved, and not on the disk yet."""
        session = self._session
        if session is None or not self._window.curation.keeping.may_curate:
            return
        curation = session.curation
        self._window.setWindowModified(curation.is_dirty)
        self._window.status.show_saved(
            self.state.text(curation), is_bad=curation.keeping.error is not None
        )
        if not (curation.is_dirty and self.is_autosaving):
            self._autosave_soon.stop()
        elif not self._autosave_soon.isActive():
            self._autosave_soon.start()

    # Leaving ---------------------------------------------------------------------------------

    def may_leave(self, again: Callable[[], object]) -> bool:
        """Ask what to do with unsaved work; whether one may go on now.

        Parameters
        ----------
        again
            Called once that is saved, where the user wants that first.
        """
        session = self._session
        if session is None:
            return True
        if session.curation.saving.is_busy:
            self._then = again
            self._window.curation.tell("Saving; then it goes on.")
            return False
        if not self.state.is_unsaved(session.curation):
            return self._window.curation.keeping.may_leave()
        answer = self._window.dialogs.ask_button(
            "Unsaved work", self.state.question(session.curation), (_SAVE, _KEEP, _CANCEL)
        )
        if answer == _SAVE:
            self._then = again
            self.save()
        return answer == _KEEP and self._window.curation.keeping.may_leave()

    # Earlier states --------------------------------------------------------------------------

    def show_saves(self) -> None:
        """List the sorter's original and the last saves, to go back to one."""
        session = self._session
        if session is None:
            return
        snapshots = session.curation.saving.snapshots()
        if not snapshots:
            self._window.curation.tell("Nothing was saved yet: there is no earlier save.")
            return
        self.dialog = SavesDialog(snapshots, self._window)
        self.dialog.chosen.connect(self._go_back)
        self.dialog.finished.connect(self._forget_dialog)
        self.dialog.open()

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _go_back(self, snapshot: Snapshot) -> None:
        session, window = self._session, self._window
        if session is None:
            return
        reason = session.curation.keeping.read_only_reason
        if reason:
            window.curation.tell(reason)
            return
        window.curation.tell("Reading the earlier save…")

        def take(read: object) -> None:
            if self._session is session:
                curation = session.curation
                window.curation.attempt(lambda: curation.go_back(snapshot, read))  # type: ignore[arg-type]

        saving = session.curation.saving
        window.pool.run(lambda: saving.read_snapshot(snapshot), take, window.tell_error)


def _run(job: SaveJob, report: Reporter, done: Future[SaveReport]) -> None:
    from ..session.saving import run_save

    try:
        result = run_save(job, report)
    except BaseException as error:  # noqa: BLE001  (told to whoever waits)
        done.set_exception(error)
    else:
        done.set_result(result)
