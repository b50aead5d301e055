"""A picture of the window as a newcomer sees it: default layout, no settings of the user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from ..base.errors import GtviewError
from .application import make_application, make_window
from .main_window import MainWindow
from .opening import Opening
from .waiting import wait_until, wait_until_drawn

OPEN_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Shot:
    """What the picture shows."""

    width: int = 1920
    height: int = 1200
    view: str = ""
    theme: str = "dark"


def open_for_picture(opening: Opening, shot: Shot) -> MainWindow:
    """Open a dataset in a window with default settings, and wait until all is drawn.

    Raises
    ------
    GtviewError
        It cannot be opened, or a view could not be drawn.
    """
    make_application()
    window = make_window(persistent=False, theme=shot.theme)
    window.resize(shot.width, shot.height)
    window.show()
    window.follow(opening)
    is_open = wait_until(window, lambda: window.is_at_rest, OPEN_TIMEOUT_S)
    if not is_open:
        raise GtviewError("the dataset took too long to open")
    error = opening.future.exception()
    if error is not None:
        raise error
    if shot.view:
        if shot.view not in window.host.views:
            known = ", ".join(window.host.views)
            raise GtviewError(f"there is no view {shot.view}; there are: {known}")
        window.host.docks.set_open(shot.view, True)
    _check_drawn(window)
    return window


def _check_drawn(window: MainWindow) -> None:
    is_drawn = wait_until_drawn(window)
    failed = [view.title for view in window.host.visible_views() if view.error is not None]
    if failed:
        raise GtviewError(f"these views could not be drawn: {', '.join(failed)}")
    if not is_drawn:
        late = [view.title for view in window.host.visible_views() if not view.is_settled]
        raise GtviewError(f"these views were not drawn in time: {', '.join(late) or 'scores'}")


def take_screenshot(opening: Opening, out: Path, shot: Shot) -> None:
    """Write a picture of the window, or of one view.

    Raises
    ------
    GtviewError
        Something could not be opened, drawn or written.
    """
    window = open_for_picture(opening, shot)
    widget: QWidget = window.host.views[shot.view] if shot.view else window
    if shot.view:
        widget.resize(shot.width, shot.height)
    window.notice.hide()
    _check_drawn(window)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GtviewError(f"{out.parent} cannot be made: {error.strerror}") from error
    if not widget.grab().save(str(out)):
        raise GtviewError(f"{out} cannot be written")
    window.close()
