"""Editors of fields whose type does not say enough: names of probes, paths, the seed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PyQt6.QtWidgets import QToolButton

from ...generation.fields import FieldSpec
from ...generation.probes import PROBE_NAMES, neuropixels_part_numbers
from ...qt.compute import ComputePool
from ...qt.number_editors import LongNumberEditor
from ...qt.value_editors import (
    ListEditor,
    PathEditor,
    TextEditor,
    ValueEditor,
)

LARGEST_SEED = 2**31
_PROBE_FILES = "Probe files (*.json *.prb *.imro *.meta)"
# Folders that are asked for, by the end of the path of the field; True: a file will do as well.
_PATHS: tuple[tuple[str, str, str], ...] = (
    ("probe.path", "A probe file", _PROBE_FILES),
    ("spikes.given", "A folder of spike trains", ""),
    ("noise.real.path", "A recording that SpikeInterface opens", ""),
    ("hybrid.recording", "A recording that SpikeInterface opens", ""),
    ("hybrid.motion_path", "A motion that SpikeInterface saved", ""),
    ("hybrid.templates.folder", "A template library: a folder with templates.csv", ""),
    ("hybrid.templates.path", "A Kilosort or phy export", ""),
)


class Asks(Protocol):
    """The part of `gtview.qt.dialogs.Dialogs` that finds files."""

    def ask_folder(self, title: str, start: str = "") -> Path | None:
        """Ask for a folder."""

    def ask_file(self, title: str, start: str = "", pattern: str = "") -> Path | None:
        """Ask for a file."""


@dataclass(frozen=True, slots=True)
class OpenDataset:
    """What is open in the window, for recipes that use it.

    Attributes
    ----------
    export
        Its folder; None: nothing is open.
    recording
        The folder of its recording, where SpikeInterface can open it.
    templates
        Templates of the selected clusters.
    """

    export: Path | None = None
    recording: Path | None = None
    templates: tuple[int, ...] = ()


class SpecialEditors:
    """Makes the editors; called with the path and the description of a field."""

    def __init__(
        self, dialogs: Asks, pool: ComputePool, dataset: Callable[[], OpenDataset]
    ) -> None:
        self._dialogs, self._pool, self._dataset = dialogs, pool, dataset

    def __call__(self, path: str, spec: FieldSpec) -> ValueEditor | None:
        if path == "probe.name" and spec.default is not None:
            return self._probe_names(PROBE_NAMES)
        if path == "probe.part_number":
            return self._probe_names(())
        if path == "seed":
            return SeedEditor()
        if path == "hybrid.templates.clusters":
            return ClustersEditor(self._dataset)
        for ending, title, pattern in _PATHS:
            if path == ending:
                return PathEditor(self._buttons(path, title, pattern))
        if path.startswith("motion.motions.") and spec.name == "path":
            return PathEditor(self._buttons(path, "A motion that SpikeInterface saved", ""))
        return None

    def _probe_names(self, names: tuple[str, ...]) -> TextEditor:
        editor = TextEditor(names)

        # Listing the part numbers imports a library: not in the GUI thread.
        def fill(numbers: tuple[str, ...]) -> None:
            editor.set_names((*names, *numbers))

        self._pool.run(neuropixels_part_numbers, _if_alive(editor, fill), lambda _error: None)
        return editor

    def _buttons(self, path: str, title: str, pattern: str) -> list[Any]:
        def browse() -> str | None:
            if pattern:
                found = self._dialogs.ask_file(title, "", pattern)
            else:
                found = self._dialogs.ask_folder(title)
            return None if found is None else str(found)

        buttons = [("Choose\N{HORIZONTAL ELLIPSIS}", title, browse)]
        if path == "hybrid.templates.path":
            known = self._dataset().export
            if known is not None:
                buttons.append(("This one", f"The dataset that is open: {known}", self._export))
        if path in ("hybrid.recording", "noise.real.path"):
            known = self._dataset().recording
            if known is not None:
                buttons.append(("This one", f"The recording that is open: {known}", self._open))
        return buttons

    def _export(self) -> str | None:
        export = self._dataset().export
        return None if export is None else str(export)

    def _open(self) -> str | None:
        recording = self._dataset().recording
        return None if recording is None else str(recording)


class SeedEditor(LongNumberEditor):
    """The seed, and a button that draws another one."""

    def __init__(self) -> None:
        super().__init__()
        self.draw_button = QToolButton()
        self.draw_button.setText("Random")
        self.draw_button.setObjectName("pathButton")
        self.draw_button.setToolTip("Draw another seed: the same recipe with other numbers")
        self.draw_button.clicked.connect(self.draw)
        self.row.addWidget(self.draw_button)

    def draw(self) -> None:
        """Choose another seed."""
        seed = secrets.randbelow(LARGEST_SEED)
        self.show_value(seed)
        self.changed.emit(seed)


class ClustersEditor(ListEditor):
    """Templates by number, and a button for those of the selected clusters."""

    def __init__(self, dataset: Callable[[], OpenDataset]) -> None:
        super().__init__("numbers")
        self._dataset = dataset
        self.use_button = QToolButton()
        self.use_button.setText("Selected")
        self.use_button.setObjectName("pathButton")
        self.use_button.setToolTip("The templates of the clusters that are selected in the window")
        self.use_button.clicked.connect(self._use_selected)
        self.row.addWidget(self.use_button)
        self.use_button.setVisible(dataset().export is not None)

    def show_value(self, value: Any) -> None:
        super().show_value(value)
        self.line.setPlaceholderText("any")

    def _use_selected(self) -> None:
        templates = list(self._dataset().templates)
        if templates:
            self.show_value(templates)
            self.changed.emit(templates)


def _if_alive(widget: Any, function: Callable[[Any], None]) -> Callable[[Any], None]:
    from PyQt6 import sip

    return lambda result: None if sip.isdeleted(widget) else function(result)
