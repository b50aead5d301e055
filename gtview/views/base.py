"""What all views share: query, compute, draw; states; status; settings; keys."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, ClassVar

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from ..base.errors import GtviewError
from ..base.events import Event
from ..qt.compute import LatestTask, single_shot
from ..qt.placeholders import MessageLabel, ProgressLine
from ..qt.theme import Theme, make_palette, make_style_sheet
from ..session.session import ClusterSpikes, Session
from .ahead import ReadAhead
from .declared import NoSettings, ViewAction, ViewContext
from .remembered import kept_ranges, restore_ranges, with_stored

__all__ = ["NoSettings", "View", "ViewAction", "ViewContext"]

_log = logging.getLogger(__name__)

SLOW_MS = 150


class View(QWidget):
    """A dockable view: turns the session into a query, the query into a result, draws it.

    A view says with `query` what it needs (GUI thread, quick, frozen), computes it with `compute`
    (a pool thread, from the query alone; may be a generator of better and better results), and
    hands arrays to its items with `draw`. A newer query replaces a waiting one; a hidden view
    computes nothing. `query` returning None means that there is nothing to show: `empty_text`.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    Settings: ClassVar[type] = NoSettings
    actions_declared: ClassVar[tuple[ViewAction, ...]] = ()
    gestures: ClassVar[tuple[tuple[str, str], ...]] = ()
    empty_text: str = "select a cluster"
    listens_to: ClassVar[tuple[type[Event], ...]] = ()

    status_changed = pyqtSignal(str)
    drawn = pyqtSignal(bool)
    settings_changed = pyqtSignal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.session = context.session
        self.instance_id = context.instance or self.id
        self._picture_theme: Theme | None = None
        stored = self.context.settings.get(f"view.{self.instance_id}")
        self.settings: Any = with_stored(self.Settings(), stored)
        self.status = self._shown_text = self._note = ""
        self.error: BaseException | None = None
        self.n_drawn = 0
        self._kept_ranges: Any = None
        self._drawn_result: Any = None
        self._asked_size: object = None
        self._is_dirty = True
        self._build_frame()
        self._task = LatestTask(context.pool, self)
        self._task.arrived.connect(self._on_arrived)
        self._task.failed.connect(self._on_failed)
        self._soon = single_shot(self, 0, self._refresh)
        # Qt's own slot: it goes with the line, where a function of Python could outlive it.
        self._slow = single_shot(self, SLOW_MS, self._progress.show)
        self._unsubscribe = [
            self.session.bus.subscribe(kind, self.on_event) for kind in self.listens_to
        ]
        context.themes.changed.connect(self._on_theme)

    # What a view defines -------------------------------------------------------------------

    @classmethod
    def missing(cls, session: Session) -> str | None:
        """Say what the dataset lacks for this view, and what would make it; None: nothing."""
        return None

    def build(self) -> QWidget:
        """Make the widget that shows the content; called once, in the constructor."""
        raise NotImplementedError

    def query(self) -> Any:
        """Return a frozen snapshot of what is needed, quickly; None: nothing to show."""
        raise NotImplementedError

    @staticmethod
    def compute(query: Any) -> Any:
        """Compute the result of a query; runs in a thread and touches nothing else."""
        raise NotImplementedError

    def draw(self, result: Any) -> None:
        """Hand a result to the items."""
        raise NotImplementedError

    def read_ahead(self, clusters: tuple[ClusterSpikes, ...]) -> ReadAhead | None:
        """Return what reads ahead for clusters that may be selected next; None: nothing to read.

        It is called in a thread while nothing else is computed, and keeps the answer where
        `query` finds it: what is drawn is the same with and without it.
        """
        return None

    def on_event(self, event: Event) -> None:
        """React to an event of `listens_to`; by default the view is out of date."""
        self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme; the view is drawn again afterwards."""

    def picture_of(self) -> QWidget:
        """Return the widget that a picture for a file shows: no chrome, in its size."""
        return self.content

    def picture_now(self) -> QWidget:
        """Return what a picture for a file shows now: the content, or the sentence instead."""
        shows_sentence = self._stack.currentWidget() is self._message
        return self._message if shows_sentence else self.picture_of()

    def table_text(self, separator: str) -> str | None:
        """Return the rows that are shown as text; None: this is no table."""
        return None

    def keep_state(self) -> dict[str, Any]:
        """Return what should survive a reload and is no setting: filter, place, ranges."""
        ranges = kept_ranges(self.content)
        return {} if ranges is None else {"ranges": ranges}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take over what `keep_state` returned before the reload."""
        # There must be something in sight before a part of it can be.
        self._kept_ranges = state.get("ranges")
        self.invalidate()

    # Life ----------------------------------------------------------------------------------

    @property
    def theme(self) -> Theme:
        """The theme in use."""
        return self._picture_theme or self.context.themes.theme

    @property
    def is_settled(self) -> bool:
        """Whether what is on the screen is the full result for what is selected."""
        waits = self._soon.isActive() or self.context.pool.waits(self)
        # A content that has items which render themselves says whether one of them does.
        renders = getattr(self.content, "is_busy", False)
        return not (self._is_dirty or self._task.is_busy or waits or renders)

    def invalidate(self) -> None:
        """Ask for a refresh: soon when the view is seen, else when it is shown."""
        self._is_dirty = True
        if self.isVisible():
            self._soon.start()

    def invalidate_if_resized(self) -> None:
        """Ask for a refresh if the content has another size than it was computed for."""
        if self._size_now() != self._asked_size:
            self.invalidate()

    def close_view(self) -> None:
        """Leave the bus and drop what is under way; the view is not used any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._task.drop()
        self._soon.stop()
        self._slow.stop()
        self.context.pool.forget(self)

    def set_status(self, text: str) -> None:
        """Tell in the title bar what is shown, such as "100 of 946 waveforms"."""
        self._shown_text = text
        self._tell_status()

    def set_note(self, text: str) -> None:
        """Tell something in place of the status, until the note is "" again."""
        self._note = text
        self._tell_status()

    def change(self, **values: Any) -> None:
        """Change settings of this view, remember them, and refresh."""
        self.settings = replace(self.settings, **values)
        self.context.settings.set(f"view.{self.instance_id}", asdict(self.settings))
        self.settings_changed.emit(self.settings)
        self.invalidate()

    def use_picture_theme(self, theme: Theme | None) -> None:
        """Draw in the colours of a picture for a file; None: in those of the window again."""
        self._picture_theme = theme
        for part in (self.content, self._message):
            part.setPalette(QPalette() if theme is None else make_palette(theme))
            part.setStyleSheet("" if theme is None else make_style_sheet(theme))
        self._on_theme(self.theme)

    def show_message(self, text: str, *, is_error: bool = False) -> None:
        """Show a sentence instead of the content."""
        self._message.tell(text, is_error=is_error)
        self._stack.setCurrentWidget(self._message)

    def show_content(self) -> None:
        """Show the content."""
        self._stack.setCurrentWidget(self.content)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._is_dirty:
            self._soon.start()

    # Behind it -----------------------------------------------------------------------------

    def _build_frame(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._progress = ProgressLine(self)
        self._message = MessageLabel(self.empty_text)
        self.content = self.build()
        self._stack = QStackedLayout()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self.content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._progress)
        layout.addLayout(self._stack)

    def _tell_status(self) -> None:
        text = self._note or self._shown_text
        if text != self.status:
            self.status = text
            self.status_changed.emit(text)

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        self._is_dirty = False
        self._drawn_result = None
        if self._stack.currentWidget() is not self.content:
            # Behind a sentence nobody gives it its size, and it would be computed for another.
            self.content.setGeometry(self._message.geometry())
        self._asked_size = self._size_now()
        reason = self.missing(self.session)
        query = None if reason else self._guarded(self.query)
        if query is None:
            self._task.drop()
            self._slow.stop()
            self.context.pool.draw_soon(self, lambda: self._draw_nothing(reason))
            return
        compute = self.compute
        if not self._slow.isActive() and not self._progress.isVisible():
            self._slow.start()
        self._task.submit(lambda: compute(query))

    def _size_now(self) -> object:
        return self.content.size(), self.devicePixelRatioF()

    def _guarded(self, function: Callable[[], Any]) -> Any:
        try:
            self.error = None
            return function()
        except Exception as error:  # noqa: BLE001  (one view's fault must not stop the others)
            self._on_failed(error)
            return None

    def _draw_nothing(self, reason: str | None) -> None:
        self._progress.hide()
        if self.error is None:
            self.show_message(reason or self.empty_text)
            self.set_status("")
        self._tell_drawn(is_full=True)

    def _on_arrived(self, result: Any, is_full: bool) -> None:
        self.context.pool.draw_soon(self, lambda: self._draw(result, is_full))

    def _draw(self, result: Any, is_full: bool) -> None:
        if self._is_dirty and not self.isVisible():
            return
        # The last of better and better results is told again when it turns out to be the last.
        if result is not self._drawn_result:
            self._guarded(lambda: self.draw(result))
            self._drawn_result = result
        if is_full and self._kept_ranges is not None:
            restore_ranges(self.content, self._kept_ranges)
            self._kept_ranges = None
        if self.error is None:
            self.show_content()
        if is_full:
            self._slow.stop()
            self._progress.hide()
        self._tell_drawn(is_full=is_full)

    def _tell_drawn(self, *, is_full: bool) -> None:
        self.n_drawn += 1
        self.drawn.emit(is_full)

    def _on_failed(self, error: BaseException) -> None:
        # What was found before it failed must not be drawn over the sentence.
        self.context.pool.forget(self)
        self.error = error
        self._slow.stop()
        self._progress.hide()
        if isinstance(error, GtviewError):
            sentence = str(error)
        else:
            _log.error("view %s failed", self.id, exc_info=error)
            sentence = f"This view failed ({type(error).__name__}); the log has the details."
        self.show_message(sentence, is_error=True)
        self.set_status("")
        self._tell_drawn(is_full=True)

    def _on_theme(self, theme: Theme) -> None:
        self.apply_theme(theme)
        self.invalidate()
