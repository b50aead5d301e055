"""What the trace view shows of what is selected: colours, and true units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..qt.theme import cluster_rgb
from ..session.selected_units import units_of_selection
from .trace_scene import Look

if TYPE_CHECKING:
    from .trace import TraceView

__all__ = ["make_look", "units_of_selection"]


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
