"""In words: what of the curation is saved, and what is only in the journal."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session.curating import Curation
    from ..session.saving import SaveJob


@dataclass(frozen=True, slots=True)
class SaveState:
    """When it was saved, and the last action that a copy elsewhere holds; None: no such."""

    saved_at_s: float | None = None
    copied_number: int | None = None

    def after(self, job: SaveJob) -> SaveState:
        """Return the state after a save."""
        if job.source is not None:
            return replace(self, copied_number=job.number)
        return replace(self, saved_at_s=time.time())

    def is_unsaved(self, curation: Curation) -> bool:
        """Whether there is something that neither the export nor a copy elsewhere has."""
        history = curation.history
        is_copied = history.number_at(history.position) == self.copied_number
        return curation.is_dirty and not is_copied

    def text(self, curation: Curation) -> str:
        """Return "saved 12:03", "2 unsaved", "2 unsaved, writing...", or "read-only"."""
        keeping = curation.keeping
        if keeping.error is not None:
            return "journal not written"
        if curation.saving.is_busy:
            return "saving\N{HORIZONTAL ELLIPSIS}"
        parts = [self._saved(curation)]
        if keeping.read_only_reason:
            parts.insert(0, "read-only")
        if keeping.n_pending:
            parts.append("writing\N{HORIZONTAL ELLIPSIS}")
        return ", ".join(part for part in parts if part)

    def _saved(self, curation: Curation) -> str:
        if curation.is_dirty:
            n = curation.history.n_unsaved
            word = "unsaved" if self.is_unsaved(curation) else "saved elsewhere only"
            return f"{n:,} {word}" if n else word
        if self.saved_at_s is None:
            return ""
        return f"saved {time.strftime('%H:%M', time.localtime(self.saved_at_s))}"

    def question(self, curation: Curation) -> str:
        """Return what to ask somebody who leaves."""
        n = curation.history.n_unsaved
        what = "1 action is" if n == 1 else f"{n:,} actions are" if n else "Your work is"
        return (
            f"{what} not saved in the export yet. Save now, or keep the work for next time? It is "
            "safe in the journal: opened again here, it goes on where you left it. Other programs "
            "only see what is saved."
        )
