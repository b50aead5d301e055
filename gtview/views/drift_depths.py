"""Reads the depths of spikes from the features while nothing else is to be done."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from ..analysis.drift import FeatureDepths, SpikeDepths
from ..base.errors import GtviewError
from ..data.dataset import Dataset
from ..qt.compute import ComputePool


class DepthReader(QObject):
    """Computes depths from features piece by piece in a pool, so that other work comes between.

    Signals: `progressed()` after each piece, and when it fails; `finished(SpikeDepths)`.
    """

    progressed = pyqtSignal()
    finished = pyqtSignal(object)

    def __init__(self, pool: ComputePool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._features: FeatureDepths | None = None
        self._is_running = False
        self._is_paused = True
        self.complaint = ""

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be read."""
        return self._features is not None

    @property
    def fraction(self) -> float:
        """How much is read, 0 to 1."""
        return 1.0 if self._features is None else self._features.fraction

    def start(self, dataset: Dataset, first: SpikeDepths) -> None:
        """Begin with a dataset; nothing happens if it has no features."""
        self.stop()
        if dataset.pc_features is not None:
            self._features = FeatureDepths(dataset, first)

    def stop(self) -> None:
        """Give up what was begun."""
        self._features = None
        self.complaint = ""

    def pause(self) -> None:
        """Read nothing until `go_on`."""
        self._is_paused = True

    def go_on(self) -> None:
        """Read on."""
        self._is_paused = False
        self._read_piece()

    def _read_piece(self) -> None:
        features = self._features
        if features is None or self._is_running or self._is_paused:
            return
        self._is_running = True
        self._pool.run(
            features.advance,
            lambda _: self._on_piece(features),
            lambda error: self._on_failed(features, error),
        )

    def _on_piece(self, features: FeatureDepths) -> None:
        self._is_running = False
        if features is self._features and features.is_done:
            self._features = None
            self.finished.emit(features.result())
        elif features is self._features:
            self.progressed.emit()
        self._read_piece()

    def _on_failed(self, features: FeatureDepths, error: BaseException) -> None:
        """Give up; the depths that are known are still right."""
        self._is_running = False
        if features is self._features:
            self._features = None
            is_told = isinstance(error, GtviewError)
            self.complaint = str(error) if is_told else "the features cannot be read"
            self.progressed.emit()
