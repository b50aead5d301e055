"""What the window does to clusters: merge, split, label, undo; says why where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ..base.errors import GtviewError, UsageError
from ..session.events import HistoryChanged, SaveChanged
from .window_exchange import WindowExchange
from .window_keeping import WindowKeeping
from .window_saving import WindowSaving

if TYPE_CHECKING:
    from ..curation.changes import Change
    from ..session.session import Session
    from .label_dialog import LabelDialog
    from .main_window import MainWindow

_TELL_MS = 6000
_TELL_CLASH_MS = 15_000
_NO_SIMILAR = "Select a similar cluster first: a row of the table of similar clusters."


class WindowCuration(QObject):
    """The Curate menu.

    Every slot tells a sentence instead of failing.

    Signals
    -------
    merged(object)
        A merge was done: its `Change`.
    grouped(str, str)
        Clusters were put into a group: its name, and which ones: "best", "similar" or "all".
    """

    merged = pyqtSignal(object)
    grouped = pyqtSignal(str, str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.saving = WindowSaving(window)
        self.keeping = WindowKeeping(window)
        self._exchange = WindowExchange(window)
        self.label_dialog: LabelDialog | None = None

    def attach(self, session: Session) -> None:
        """Begin with a session that was just opened."""
        session.bus.subscribe(HistoryChanged, self._on_changed)
        session.bus.subscribe(SaveChanged, self._on_changed)
        self.keeping.attach(session)
        self.saving.attach(session)
        self.show_state()

    def detach(self) -> None:
        """Let go of the session; what was done is safe in the journal."""
        if self.label_dialog is not None:
            self.label_dialog.close()
        self.saving.detach()
        self.keeping.detach()

    # Clusters --------------------------------------------------------------------------------

    def merge(self) -> None:
        """Merge the selected and the similar clusters."""
        change = self._try("merge", lambda session: session.curation.merge_selected())
        if change is not None:
            self.merged.emit(change)

    def split(self) -> None:
        """Split as it is proposed: the spikes within the lasso, or the suggested parts."""
        self._try("split", lambda session: session.splitting.accept())

    def split_by_template(self) -> None:
        """Split the selected clusters by the template that found each spike."""
        self._try("split", lambda session: session.curation.split_by_template())

    def discard(self) -> None:
        """Put the spikes that are proposed to be split off into a new cluster of noise."""
        self._try("discard", _discard)

    # Labels ----------------------------------------------------------------------------------

    def set_group(self, value: str, which: str) -> None:
        """Put clusters into a group.

        Parameters
        ----------
        value
            good, mua, noise or unsorted.
        which
            "best" (the selected ones), "similar" or "all".
        """
        session = self._window.session
        if session is None:
            return
        state = session.selection.state
        ids = {"best": state.cluster_ids, "similar": state.similar_ids}.get(which, state.shown_ids)
        if not ids and which == "similar":
            self.tell(_NO_SIMILAR)
            return
        if self._try("label", lambda _session: session.curation.label(ids, value)) is not None:
            self.grouped.emit(value, which)

    def ask_label(self) -> None:
        """Ask for a field and a value, and label the selected clusters with it."""
        session = self._window.session
        if session is None or not self._can(session, "label"):
            return
        # It loads numba, for which the window does not wait when it starts.
        from .label_dialog import LabelDialog

        dialog = LabelDialog(session, self._window)
        dialog.chosen.connect(self._label)
        dialog.finished.connect(self._forget_dialog)
        self.label_dialog = dialog
        dialog.open()

    def rename_field(self) -> None:
        """Ask for a field of labels, and for another name of it."""
        session, dialogs = self._window.session, self._window.dialogs
        if session is None or not self._can(session, "rename"):
            return
        labels = session.curation.labels
        fields = [f for f in labels.fields if f not in labels.metrics and f != "group"]
        if not fields:
            self.tell("There are no labels but the group, which keeps its name.")
            return
        old = dialogs.ask_choice("Rename a label", "Which one?", fields)
        new = None if old is None else dialogs.ask_text("Rename a label", f"New name of {old}:")
        if old is not None and new is not None:
            self._try("rename", lambda session: session.curation.rename_field(old, new))

    def _forget_dialog(self) -> None:
        if self.label_dialog is not None:
            self.label_dialog.deleteLater()
            self.label_dialog = None

    def _label(self, ids: tuple[int, ...], field: str, value: str) -> None:
        self._try("label", lambda session: session.curation.label(ids, value or None, field))

    # History ---------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last action back."""
        self._try("undo", lambda session: session.curation.undo(), "Undone: ")

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._try("redo", lambda session: session.curation.redo(), "Done again: ")

    # Files -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Save into the export, in the background; a read-only one asks for a folder."""
        self.saving.save()

    def save_elsewhere(self) -> None:
        """Ask for a folder, and write a complete export there."""
        self.saving.save_elsewhere()

    def show_saves(self) -> None:
        """List the sorter's original and the last saves, to go back to one."""
        self.saving.show_saves()

    def import_json(self) -> None:
        """Ask for a curation of SpikeInterface, and do what it says."""
        self._exchange.import_json()

    def export_json(self) -> None:
        """Ask for a file, and write what was done as a curation of SpikeInterface."""
        self._exchange.export_json()

    # Measuring -------------------------------------------------------------------------------

    def measure_selected(self) -> None:
        """Measure how well the selected clusters stand apart from those around them."""
        session = self._window.session
        if session is not None:
            ids = session.selection.state.shown_ids
            self._measure(session, ids, "Select a cluster first.")

    def measure_all(self) -> None:
        """Measure how well all clusters stand apart from those around them."""
        session = self._window.session
        if session is not None:
            known = session.pc
            ids = tuple(i for i in session.clustering.cluster_ids if i not in known)
            self._measure(session, ids, "All clusters are measured.")

    def stop_measuring(self) -> None:
        """Stop measuring how well clusters stand apart; what was found stays."""
        quality = self._window.background.quality
        if quality is not None:
            quality.stop_pc()

    def _measure(self, session: Session, cluster_ids: tuple[int, ...], otherwise: str) -> None:
        quality = self._window.background.quality
        if session.dataset.pc_features is None:
            self.tell("The export holds no pc_features.npy, by which clusters are told apart.")
        elif not cluster_ids or quality is None:
            self.tell(otherwise)
        else:
            quality.start_pc(cluster_ids, self.tell)

    # Telling ---------------------------------------------------------------------------------

    def tell(self, sentence: str, ms: int = _TELL_MS) -> None:
        """Say a sentence at the bottom of the window for some seconds."""
        self._window.statusBar().showMessage(sentence, ms)

    def attempt(self, function: Callable[[], Change | None], prefix: str = "") -> Change | None:
        """Do an action; tell its name, and the labels that clashed, or why it cannot be done."""
        try:
            change = function()
        except GtviewError as error:
            self.tell(str(error))
            return None
        if change is not None:
            self._tell_done(change, prefix)
        return change

    def _try(
        self, operation: str, function: Callable[[Session], Change | None], prefix: str = ""
    ) -> Change | None:
        session = self._window.session
        if session is None or not self._can(session, operation):
            return None
        return self.attempt(partial(function, session), prefix)

    def _can(self, session: Session, operation: str) -> bool:
        reason = session.curation.why_not(operation)
        if reason:
            self.tell(reason)
        return not reason

    def _tell_done(self, change: Change, prefix: str) -> None:
        if change.is_empty:
            self.tell("Nothing changes: it is so already.")
            return
        clashes = " ".join(clash.sentence for clash in change.clashes)
        ms = _TELL_CLASH_MS if clashes else _TELL_MS
        self.tell(f"{prefix}{change.name}. {clashes}".rstrip(), ms)

    def _on_changed(self, _event: object) -> None:
        self.show_state()

    def show_state(self) -> None:
        """Show what can be undone, what is saved, and what is not on the disk yet."""
        session = self._window.session
        if session is None:
            return
        history = session.curation.history
        for action_id, verb, name in (
            ("curate.undo", "&Undo", history.undo_name),
            ("curate.redo", "&Redo", history.redo_name),
        ):
            text = f"{verb} {name[:1].lower()}{name[1:]}" if name else verb
            self._window.menus.actions[action_id].setText(text)
        self.keeping.show_journal()
        self.saving.show_state()


def _discard(session: Session) -> Change:
    import numpy as np

    from ..session.splitting import NOTHING_PROPOSED

    proposal = session.splitting.proposal
    if proposal is None:
        raise UsageError(NOTHING_PROPOSED)
    return session.curation.discard(np.concatenate(proposal.parts))
