"""Does what is typed behind a colon: the commands of `snippet_table`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..base.errors import GtviewError
from ..base.wording import listed
from .snippet_line import SnippetLine, Word
from .snippet_table import GROUP_WORDS, WHICH
from .snippets import Command, SnippetError, parse, read_clusters

if TYPE_CHECKING:
    from ..session.session import Session
    from ..views.table_view import RowsView
    from .main_window import MainWindow

_SETTINGS = "snippets"
_CLUSTERS = "clusters"


class WindowSnippets:
    """The line at the bottom of the window; each command is a method here."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.line = SnippetLine(self.explain)
        self.line.entered.connect(self.enter)
        stored = window.settings.get(_SETTINGS, [])
        if isinstance(stored, list):
            self.line.past = [text for text in stored if isinstance(text, str)]

    def open(self) -> None:
        """Open the line."""
        if self._window.session is not None:
            self.line.open()

    def detach(self) -> None:
        """Close the line with its session."""
        self.line.leave()

    def explain(self, text: str) -> Word:
        """Say what a line would do, what it lacks, or what is wrong with it."""
        try:
            command = self._check(text)
        except SnippetError as error:
            return Word(str(error), "unfinished" if error.is_unfinished else "error")
        except GtviewError as error:
            return Word(str(error), "error")
        return Word(f"{command.snippet.usage}   {command.snippet.help}")

    def enter(self, text: str) -> None:
        """Do what a line says, and close it; a line that is not understood stays."""
        try:
            command = self._check(text)
        except GtviewError as error:
            self.line.tell(Word(str(error), "error"))
            return
        self.line.remember(text.strip())
        self._window.settings.set(_SETTINGS, self.line.past)
        self.line.leave()
        getattr(self, command.snippet.slot)(**command.values)

    def _check(self, text: str) -> Command:
        command = parse(text)
        session = self._session
        clusters = command.values.get("clusters", ())
        if command.snippet.slot == "move":
            clusters = self._moved(command.values)
        if isinstance(clusters, tuple):
            missing = [i for i in clusters if i not in session.clustering]
            if missing:
                name = "cluster" if len(missing) == 1 else "clusters"
                raise SnippetError(
                    f"There is no {name} {listed(missing)}.", is_unfinished=len(clusters) == 1
                )
        problem = self._problem_of_table(command)
        if problem:
            raise SnippetError(problem)
        return command

    def _moved(self, values: Any) -> tuple[int, ...]:
        group, which = values["group"], values.get("which", "best")
        if group not in GROUP_WORDS:
            is_begun = any(word.startswith(group) for word in GROUP_WORDS)
            raise SnippetError(
                f"{group} is none of {', '.join(GROUP_WORDS)}.", is_unfinished=is_begun
            )
        if which in WHICH:
            return ()
        if any(word.startswith(which) for word in WHICH):
            raise SnippetError(f"Not complete yet: {', '.join(WHICH)}.", is_unfinished=True)
        return read_clusters(which)

    def _problem_of_table(self, command: Command) -> str:
        slot, values = command.snippet.slot, command.values
        if slot == "filter":
            return self._clusters_view.problem_of_filter(str(values.get("filter", "")))
        if slot == "sort":
            column = str(values["column"])
            if self._find_column(column) is None:
                return f"There is no column {column}."
        return ""

    # Clusters --------------------------------------------------------------------------------

    def select(self, clusters: tuple[int, ...]) -> None:
        """Select clusters."""
        self._session.select_clusters(clusters)

    def merge(self, clusters: tuple[int, ...] = ()) -> None:
        """Merge clusters, or the selected ones."""
        if clusters:
            self._session.select_clusters(clusters)
        self._window.curation.merge()

    def split(self) -> None:
        """Split off the spikes within the lasso."""
        self._window.curation.split()

    def split_by_template(self) -> None:
        """Split the selected clusters by template."""
        self._window.curation.split_by_template()

    def move(self, group: str, which: str = "best") -> None:
        """Put clusters into a group."""
        curation = self._window.curation
        if which in WHICH:
            curation.set_group(group, which)
        else:
            ids, session = read_clusters(which), self._session
            curation.attempt(partial(session.curation.label, ids, group))

    def label(self, field: str, value: str) -> None:
        """Give the selected clusters a label; "" takes it away."""
        session = self._session
        ids = session.selection.state.shown_ids
        reason = session.curation.why_not("label")
        if reason:
            self._window.curation.tell(reason)
        else:
            label = session.curation.label
            self._window.curation.attempt(partial(label, ids, value or None, field))

    def undo(self) -> None:
        """Take the last action back."""
        self._window.curation.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        self._window.curation.redo()

    def save(self) -> None:
        """Save."""
        self._window.curation.save()

    # Tables ----------------------------------------------------------------------------------

    def filter(self, filter: str = "") -> None:  # noqa: A002  (the name of what is typed)
        """Show some clusters only."""
        self._window.host.open_view(_CLUSTERS)
        self._clusters_view.show_filter(filter)

    def sort(self, column: str, direction: str = "desc") -> None:
        """Sort the clusters."""
        name = self._find_column(column)
        if name is not None:
            self._window.host.open_view(_CLUSTERS)
            self._clusters_view.table.sort_by(name, descending=direction == "desc")

    def _find_column(self, wanted: str) -> str | None:
        """Return the column of a name, or of the only one that begins so."""
        names = self._clusters_view.table.rows.table.names
        exact = [name for name in names if name.casefold() == wanted.casefold()]
        begun = [name for name in names if name.casefold().startswith(wanted.casefold())]
        if exact:
            return exact[0]
        return begun[0] if len(begun) == 1 else None

    # Going -----------------------------------------------------------------------------------

    def next_best(self) -> None:
        """Select the next cluster."""
        self._window.wizard.next_best()

    def previous_best(self) -> None:
        """Select the cluster before."""
        self._window.wizard.previous_best()

    def next_similar(self) -> None:
        """Select the next similar cluster."""
        self._window.wizard.next_similar()

    def previous_similar(self) -> None:
        """Select the similar cluster before."""
        self._window.wizard.previous_similar()

    def first(self) -> None:
        """Select the first cluster."""
        self._window.wizard.first()

    def last(self) -> None:
        """Select the last cluster."""
        self._window.wizard.last()

    def drop_similar(self) -> None:
        """Select no similar cluster."""
        self._window.wizard.drop_similar()

    def go_to_time(self, seconds: float) -> None:
        """Show the traces around a time."""
        from ..views.trace_place import centred

        session = self._session
        session.selection.update(trace_s=centred(session, seconds))

    def shift_time(self, seconds: float) -> None:
        """Show the traces some seconds later."""
        from ..views.trace_place import centred

        window = centred(self._session, 0.0)
        shown = self._session.selection.state.trace_s or window
        self.go_to_time((shown[0] + shown[1]) / 2 + seconds)

    def help(self) -> None:
        """List keys, gestures and commands."""
        self._window.help.show_shortcuts()

    # Behind it -------------------------------------------------------------------------------

    @property
    def _session(self) -> Session:
        session = self._window.session
        if session is None:
            raise SnippetError("Open a dataset first.")
        return session

    @property
    def _clusters_view(self) -> RowsView:
        view: Any = self._window.host.view(_CLUSTERS)
        return view  # type: ignore[no-any-return]
