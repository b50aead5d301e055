"""Which rows of a table are chosen, by id and in order of choosing; knows no widget."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence


class RowSelection:
    """Ids of the chosen rows, the newest last.

    Ids, never row numbers: sorting, filtering and new data cannot make it mean other rows.
    """

    def __init__(self) -> None:
        self.ids: tuple[Hashable, ...] = ()
        self._anchor: Hashable | None = None
        self._members: frozenset[Hashable] = frozenset()

    def __contains__(self, row_id: Hashable) -> bool:
        return row_id in self._members

    @property
    def newest(self) -> Hashable | None:
        """The id that was chosen last."""
        return self.ids[-1] if self.ids else None

    def replace(self, ids: Iterable[Hashable]) -> bool:
        """Choose these instead, and return whether they are others than before."""
        before, self.ids = self.ids, tuple(dict.fromkeys(ids))
        self._members = frozenset(self.ids)
        if self.ids != before:
            self._anchor = self.newest
        return self.ids != before

    def choose(self, row_id: Hashable) -> None:
        """Choose one alone."""
        self.replace((row_id,))
        self._anchor = row_id

    def toggle(self, row_id: Hashable) -> None:
        """Add one, or take it away."""
        kept = tuple(i for i in self.ids if i != row_id)
        self.replace(kept if row_id in self else (*kept, row_id))
        self._anchor = row_id

    def extend(self, row_id: Hashable, visible: Sequence[Hashable], *, keep: bool = False) -> None:
        """Choose all from the anchor to one, in the order in which they are passed.

        Parameters
        ----------
        row_id
            Where it ends; it becomes the newest.
        visible
            Ids of the rows as they stand.
        keep
            Add to what is chosen.
        """
        if self._anchor not in visible:
            self._anchor = row_id
        anchor = self._anchor
        start, stop = visible.index(anchor), visible.index(row_id)
        step = 1 if stop >= start else -1
        passed = [visible[i] for i in range(start, stop + step, step)]
        members = set(passed)
        before = [i for i in self.ids if i not in members] if keep else []
        self.replace([*before, *passed])
        self._anchor = anchor
