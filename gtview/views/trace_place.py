"""Where the trace view is moved to when a time is chosen elsewhere."""

from __future__ import annotations

from ..session.session import Session

TRACE_WINDOW_S = 0.25


def centred(session: Session, time_s: float) -> tuple[float, float]:
    """Return the window of the trace view moved to a time, within the recording."""
    window = session.selection.state.trace_s or (0.0, TRACE_WINDOW_S)
    length = window[1] - window[0]
    latest = max(session.dataset.duration_s - length, 0.0)
    start = min(max(time_s - length / 2, 0.0), latest)
    return start, start + length
