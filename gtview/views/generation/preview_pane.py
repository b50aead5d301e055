"""What a recipe leads to, as pictures that follow every change."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ...generation.prediction import Prediction, predict
from ...generation.preview import Preview, make_preview
from ...generation.recipe import GenerationRecipe
from ...qt.compute import ComputePool, LatestTask, single_shot
from ...qt.placeholders import MessageLabel, ProgressLine
from ...qt.theme import Theme, ThemeKeeper
from .tiles import (
    AmplitudesTile,
    MotionTile,
    ProbeTile,
    RatesTile,
    TemplatesTile,
    Tile,
    TrajectoriesTile,
)
from .traces_tile import TracesTile

SLOW_MS = 150


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    recipe: GenerationRecipe
    preview: Preview
    prediction: Prediction


def _look(recipe: GenerationRecipe, at_s: float | None) -> _Look:
    """Compute all that is shown of a recipe; runs in a thread."""
    return _Look(recipe, make_preview(recipe, at_s), predict(recipe, os.cpu_count() or 1))


class PreviewPane(QWidget):
    """Computes previews in the pool: the newest recipe wins, the old picture stays meanwhile.

    Signals
    -------
    shown(object)
        A preview of this recipe is on the screen.
    failed(object, object)
        A recipe could not be used, with the error.
    """

    shown = pyqtSignal(object)
    failed = pyqtSignal(object, object)

    def __init__(self, pool: ComputePool, themes: ThemeKeeper) -> None:
        super().__init__()
        self.preview: Preview | None = None
        self.prediction: Prediction | None = None
        self._pool, self._themes = pool, themes
        self._recipe: GenerationRecipe | None = None
        self._at_s: float | None = None
        self._is_asked = False
        self._task = LatestTask(pool, self)
        self._task.arrived.connect(lambda result, _is_full: self._on_arrived(result))
        self._task.failed.connect(self._on_failed)
        self._slow = single_shot(self, SLOW_MS, lambda: self._progress.setVisible(True))
        self.probe, self.templates = ProbeTile(), TemplatesTile()
        self.rates, self.amplitudes = RatesTile(), AmplitudesTile()
        self.motion, self.units = MotionTile(pool), TrajectoriesTile(pool)
        self.static = TracesTile("Static", pool, is_drifting=False)
        self.drifting = TracesTile("Drifting", pool, is_drifting=True)
        self.motion.time_chosen.connect(self.show_time)
        self._build()
        themes.changed.connect(self._use_theme)
        self._use_theme(themes.theme)

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All pictures."""
        return (
            self.probe,
            self.templates,
            self.rates,
            self.amplitudes,
            self.motion,
            self.units,
            self.static,
            self.drifting,
        )

    @property
    def is_settled(self) -> bool:
        """Whether the pictures are those of the recipe that was asked for last."""
        waits = self._is_asked or self._task.is_busy or self._pool.waits(self)
        return not waits and not any(tile.is_busy for tile in self.tiles)

    def show_recipe(self, recipe: GenerationRecipe) -> None:
        """Show another recipe, soon."""
        self._recipe = recipe
        self._start()

    def show_time(self, at_s: float) -> None:
        """Show the traces of another time."""
        self._at_s = at_s
        self._start()

    def forget_time(self) -> None:
        """Choose the time of the traces again."""
        self._at_s = None

    def stop(self) -> None:
        """Take nothing that is under way any more."""
        self._task.drop()
        self._pool.forget(self)
        self._slow.stop()

    # Behind it -----------------------------------------------------------------------------

    def _build(self) -> None:
        self._progress = ProgressLine()
        counts = QVBoxLayout()
        counts.setSpacing(1)
        counts.addWidget(self.rates, 1)
        counts.addWidget(self.amplitudes, 1)
        top = QHBoxLayout()
        top.setSpacing(1)
        top.addWidget(self.probe, 5)
        top.addWidget(self.templates, 8)
        top.addLayout(counts, 6)
        lower = QGridLayout()
        lower.setSpacing(1)
        for place, tile in enumerate((self.motion, self.units, self.static, self.drifting)):
            lower.addWidget(tile, *divmod(place, 2))
        for column in (0, 1):
            lower.setColumnStretch(column, 1)
        lower.setRowStretch(0, 4)
        lower.setRowStretch(1, 6)
        pictures = QWidget()
        rows = QVBoxLayout(pictures)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(1)
        rows.addLayout(top, 5)
        rows.addLayout(lower, 7)
        self.message = MessageLabel("The pictures are being made.")
        self._stack = QStackedLayout()
        self._stack.addWidget(self.message)
        self._stack.addWidget(pictures)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._progress)
        layout.addLayout(self._stack, 1)

    def _start(self) -> None:
        if self._recipe is None:
            return
        if not self._slow.isActive() and not self._progress.isVisible():
            self._slow.start()
        self._is_asked = True
        self._task.submit(partial(_look, self._recipe, self._at_s))

    def _on_arrived(self, look: _Look) -> None:
        self._pool.draw_soon(self, lambda: self._draw(look))

    def _draw(self, look: _Look) -> None:
        self._end_waiting()
        self.preview, self.prediction = look.preview, look.prediction
        self._stack.setCurrentIndex(1)
        for tile in self.tiles:
            tile.show_preview(look.preview, self._themes.theme)
        self.shown.emit(look.recipe)

    def _on_failed(self, error: BaseException) -> None:
        self._end_waiting()
        self.message.setText("The pictures come when nothing is wrong with the recipe.")
        # What is computed last is what was asked for last.
        self.failed.emit(self._recipe, error)

    def _end_waiting(self) -> None:
        self._is_asked = self._task.is_busy
        self._slow.stop()
        self._progress.hide()

    def _use_theme(self, theme: Theme) -> None:
        for tile in self.tiles:
            tile.apply_theme(theme)
            if self.preview is not None:
                tile.show_preview(self.preview, theme)

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self._slow.stop()
