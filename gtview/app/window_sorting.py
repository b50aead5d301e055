"""How the window sorts what was generated: asks for a sorter, and adds the job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..data.discovery import find_generated_dataset, find_unsorted, list_sortings
from ..jobs.sorting import (
    SortChoice,
    SorterInfo,
    find_sorters,
    known_sorters,
    sorting_steps,
)
from ..qt.notice import Notice
from .sort_dialog import SortDialog

if TYPE_CHECKING:
    from .main_window import MainWindow

UNSORTED = "Nothing was sorted yet: the true units are shown as clusters."


class WindowSorting:
    """The action "Sort this dataset…", and the dialog that others use too."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._last: SortChoice | None = None
        self.dialog: SortDialog | None = None

    @property
    def dataset(self) -> Path | None:
        """The generated dataset that is open, if it holds a recording."""
        window = self._window
        if window.request is None or window.session_opened is None:
            return None
        unsorted = find_unsorted(window.request.path)
        found = unsorted or find_generated_dataset(window.session_opened.dataset.folder)
        has_one = found is not None and any(_has(found))
        return found if has_one else None

    @property
    def can_sort(self) -> bool:
        """Whether what is open can be sorted."""
        return self.dataset is not None

    def notices(self) -> list[Notice]:
        """Say that what is shown was not sorted."""
        request = self._window.request
        if request is None or find_unsorted(request.path) is None:
            return []
        return [Notice(UNSORTED, "info", {"Sort it…": self.ask})]

    def choose_sorting(self, path: Path) -> tuple[bool, str | None]:
        """Ask which sorting of a dataset should be opened, where there are several.

        Returns
        -------
        Whether to open anything, and the name of the sorting; None: there is only one.
        """
        names = list_sortings(path)
        if len(names) < 2:
            return True, None
        question = f"{path.name} was sorted more than once. Open:"
        name = self._window.dialogs.ask_choice("Which sorting?", question, list(names))
        return name is not None, name

    def ask(self) -> None:
        """Ask how to sort the dataset that is open, and add the job."""
        dataset = self.dataset
        if dataset is None:
            return
        has_drifting, has_static = _has(dataset)
        self.ask_choice(
            lambda choice: self._sort(dataset, choice),
            has_drifting=has_drifting,
            has_static=has_static,
        )

    def ask_choice(
        self,
        take: Callable[[SortChoice], None],
        *,
        has_drifting: bool = True,
        has_static: bool = False,
        choice: SortChoice | None = None,
    ) -> SortDialog:
        """Ask for a sorter and its parameters; the window stays usable meanwhile.

        Parameters
        ----------
        take
            Called with what was chosen; not at all where nothing was.
        has_drifting, has_static
            Which recordings there are, or will be.
        choice
            What is chosen at first; None: what was chosen last.
        """
        window = self._window
        if self.dialog is not None:
            self.dialog.close()
        dialog = SortDialog(
            has_drifting=has_drifting,
            has_static=has_static,
            choice=choice or self._last,
            parent=window,
        )
        self.dialog = dialog
        dialog.chosen.connect(self._remember)
        dialog.chosen.connect(take)
        dialog.finished.connect(lambda _code: self._forget(dialog))
        known = known_sorters()
        if known:
            dialog.show_sorters(known)

        def show(infos: tuple[SorterInfo, ...]) -> None:
            # What is known already stays: a list that is filled anew loses the place in it.
            if self.dialog is dialog and infos != known:
                dialog.show_sorters(infos)

        window.pool.run(find_sorters, show, window.tell_error)
        dialog.open()
        return dialog

    def _forget(self, dialog: SortDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    def _remember(self, choice: SortChoice) -> None:
        self._last = choice

    def _sort(self, dataset: Path, choice: SortChoice) -> None:
        steps = sorting_steps(dataset, choice, _channel_seconds(self._window))
        self._window.jobs.add(steps, f"{dataset.name}: {choice.sorter}", opens=steps[0].folder)
        self._window.jobs.show()


def _has(dataset: Path) -> tuple[bool, bool]:
    """Return whether there is a drifting recording, and a static one."""
    return (dataset / "recording").is_dir(), (dataset / "recording_static").is_dir()


def _channel_seconds(window: MainWindow) -> float:
    opened = window.session_opened
    if opened is None:
        return 0.0
    return opened.dataset.channels.n_channels * opened.dataset.duration_s
