"""One stack of changes: undo and redo, exact, named, and where on it the files on disk are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..base.types import Int32Array
from .changes import Change
from .state import CurationState


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One action of the history.

    Attributes
    ----------
    change
        What it did.
    number
        Counts the actions of a journal; never used again.
    time_s
        When, in seconds since 1970.
    by
        Who, and on which computer; "" where that is not told.
    before, after
        What was selected before and after it; whatever the session keeps, None: nothing.
    """

    change: Change
    number: int
    time_s: float = 0.0
    by: str = ""
    before: object = None
    after: object = None


class History:
    """Actions that were done and can be taken back, and those taken back that can be done again.

    Parameters
    ----------
    state
        What the actions change.
    """

    def __init__(self, state: CurationState) -> None:
        self.state = state
        self._entries: list[Entry] = []
        self._next_number = 1
        self.position = 0
        # None: what is on the disk is no state of this history any more.
        self.saved_position: int | None = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All actions, the first first; those from `position` on are taken back."""
        return tuple(self._entries)

    @property
    def is_dirty(self) -> bool:
        """Whether the state is another one than the saved one."""
        return self.position != self.saved_position

    @property
    def n_unsaved(self) -> int:
        """Steps between the saved state and this one; all of them when it cannot be reached."""
        return abs(self.position - (self.saved_position or 0))

    @property
    def undo_name(self) -> str:
        """Name of the action that `undo` takes back; "" when there is none."""
        return self._entries[self.position - 1].change.name if self.position else ""

    @property
    def redo_name(self) -> str:
        """Name of the action that `redo` does again; "" when there is none."""
        is_end = self.position == len(self._entries)
        return "" if is_end else self._entries[self.position].change.name

    def do(self, change: Change, *, number: int | None = None, **details: object) -> Entry:
        """Apply a change and put it on the stack; actions that were taken back are forgotten.

        Parameters
        ----------
        change
            Made for the state as it is.
        number
            Its number, where it has one already.
        details
            Other fields of `Entry`.

        Raises
        ------
        ValueError
            It was made for another state.
        """
        first_free = self.state.clustering.next_id
        if change.operation != "restore" and any(i < first_free for i in change.added):
            raise ValueError("a new cluster would have an id that was used before")
        self.state.apply(change)
        if self.saved_position is not None and self.saved_position > self.position:
            self.saved_position = None
        del self._entries[self.position :]
        entry = Entry(change, self._next_number if number is None else number, **details)  # type: ignore[arg-type]
        self._entries.append(entry)
        self._next_number = max(self._next_number, entry.number + 1)
        self.position += 1
        return entry

    def undo(self) -> Entry | None:
        """Take the last action back; return it, None when there is none."""
        if not self.position:
            return None
        entry = self._entries[self.position - 1]
        self.state.apply(entry.change.reversed())
        self.position -= 1
        return entry

    def redo(self) -> Entry | None:
        """Do the action again that was taken back last; return it, None when there is none."""
        if self.position == len(self._entries):
            return None
        entry = self._entries[self.position]
        self.state.apply(entry.change)
        self.position += 1
        return entry

    def first_assignment(self) -> Int32Array:
        """Return the cluster of each spike before the first action, int32, (n_spikes,)."""
        clusters = self.state.clustering.copied()
        for entry in reversed(self._entries[: self.position]):
            diff = entry.change.spikes
            if diff is not None:
                clusters[diff.spike_ids] = diff.before
        return clusters

    def note_selection(self, after: object) -> None:
        """Keep what is selected after the last action, once that is known."""
        if self.position:
            last = self._entries[self.position - 1]
            self._entries[self.position - 1] = replace(last, after=after)

    def mark_saved(self, position: int | None) -> None:
        """Say which position is on the disk."""
        self.saved_position = position

    def number_at(self, position: int) -> int:
        """Return the number of the last action before a position; 0 for the beginning."""
        return self._entries[position - 1].number if position else 0

    def position_of(self, number: int) -> int | None:
        """Return the position behind the action of a number; None when it is not on the stack."""
        numbers = [0, *(entry.number for entry in self._entries)]
        return numbers.index(number) if number in numbers else None
