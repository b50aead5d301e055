"""What the trace view shows of what is selected: colours, and true units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..qt.theme import cluster_rgb
from .trace_scene import Look

if TYPE_CHECKING:
    from ..session.session import Session
    from .trace import TraceView


def make_look(view: TraceView, gain: float, noise: float | None) -> Look:
    """Return the colours and the scale of the rows."""
    theme = view.theme

    def rgb(name: str) -> Any:
        return theme.color(name).getRgb()[:3]

    return Look(
        theme=theme.name,
        background=rgb("plot"),
        quiet=rgb("quiet"),
        text=rgb("text"),
        truth=rgb("truth"),
        is_dark=theme.is_dark,
        colors={i: cluster_rgb(i) for i in view.session.selection.state.color_ids},
        device_pixel_ratio=view.canvas.devicePixelRatioF(),
        gain=gain,
        noise=noise,
        is_image=view.settings.is_image,
        is_residual=view.settings.is_residual,
    )


def units_of_selection(session: Session) -> frozenset[int] | None:
    """Return the units that the selection is about, by position; None: of no unit, or no truth."""
    truth, state, scores = session.truth, session.selection.state, session.scores
    if truth is None:
        return None
    wanted = {state.unit_id}
    for cluster_id in state.shown_ids if scores is not None else ():
        match = None if scores is None else scores.unit_of_cluster(cluster_id)
        wanted.add(None if match is None else match.unit_id)
    places = frozenset(i for i, unit in enumerate(truth.unit_ids) if unit in wanted)
    return places or None
