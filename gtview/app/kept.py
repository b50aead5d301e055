"""What survives when a dataset is read again: the selection, and what the views would forget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..session.selection import SelectionState
    from ..session.session import Session
    from .view_host import ViewHost


@dataclass(frozen=True, slots=True)
class Kept:
    """The state of a session and of its views, by their names."""

    selection: SelectionState
    views: dict[str, dict[str, Any]]

    @staticmethod
    def of(session: Session, host: ViewHost) -> Kept:
        """Return what there is now."""
        return Kept(session.selection.state, host.keep_state())
