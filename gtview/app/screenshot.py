"""A picture of the window as a newcomer sees it: default layout, no settings of the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from ..base.errors import GtviewError, UsageError
from .application import make_application, make_window
from .main_window import MainWindow
from .opening import Opening
from .waiting import wait_until, wait_until_drawn

OPEN_TIMEOUT_S = 600.0
# Longer than that, a picture shows what is measured by then.
MEASURE_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Shot:
    """What the picture shows."""

    width: int = 1920
    height: int = 1200
    view: str = ""
    theme: str = "dark"
    layout: str = ""


@contextmanager
def window_for_picture(opening: Opening, shot: Shot) -> Iterator[MainWindow]:
    """Open a dataset in a window with default settings, wait until all is drawn, close it.

    Raises
    ------
    GtviewError
        It cannot be opened, or a view could not be drawn.
    """
    make_application()
    window = make_window(persistent=False, theme=shot.theme)
    try:
        window.background.makes_copies = False
        window.curation.keeping.may_curate = False
        window.resize(shot.width, shot.height)
        window.show()
        window.follow(opening)
        _check_open(window, opening)
        if shot.layout:
            _use_layout(window, shot.layout)
        if shot.view:
            _show_view(window, shot.view)
        _check_drawn(window)
        if wait_until(window, lambda: not window.background.is_measuring, MEASURE_TIMEOUT_S):
            _check_drawn(window)
        yield window
    finally:
        window.close()


def _check_open(window: MainWindow, opening: Opening) -> None:
    if not wait_until(window, lambda: window.is_at_rest, OPEN_TIMEOUT_S):
        raise GtviewError("the dataset took too long to open")
    error = opening.future.exception()
    if error is not None:
        raise error
    if not window.has_dataset:
        raise GtviewError(f"the window could not show {opening.request.path}: see the log")
    known = opening.future.result().clustering.cluster_ids
    unknown = [str(i) for i in opening.request.select if i not in known]
    if unknown:
        raise UsageError(f"--select: there is no cluster {', '.join(unknown)}")


def _use_layout(window: MainWindow, name: str) -> None:
    if name not in window.host.layouts.names:
        known = ", ".join(window.host.layouts.names)
        raise UsageError(f"there is no layout {name}; there are: {known}")
    window.look.use_layout(name)


def _show_view(window: MainWindow, view_id: str) -> None:
    if view_id not in window.host.ids:
        known = ", ".join(window.host.ids)
        raise UsageError(f"there is no view {view_id}; there are: {known}")
    window.host.open_view(view_id)


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
    UsageError
        There is no such view or cluster.
    GtviewError
        Something could not be opened, drawn or written.
    """
    with window_for_picture(opening, shot) as window:
        _save(picture_of_view(window, shot.view, shot) if shot.view else window, out)


def picture_of_view(window: MainWindow, view_id: str, shot: Shot) -> QWidget:
    """Take a view out of its dock, which would give it another size, and wait until it is drawn.

    Raises
    ------
    UsageError
        There is no such view.
    GtviewError
        It could not be drawn.
    """
    _show_view(window, view_id)
    view = window.host.views[view_id]
    view.setParent(None)
    view.resize(shot.width, shot.height)
    view.show()
    _check_drawn(window)
    return view


def _save(widget: QWidget, out: Path) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GtviewError(f"{out.parent} cannot be made: {error.strerror}") from error
    if not widget.grab().save(str(out)):
        raise GtviewError(f"{out} cannot be written")
