"""The parameters of a sorter as a form: made from their defaults, whatever they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field, make_dataclass
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ..jobs.sorting import SorterInfo
from ..qt.form import SettingsForm, name_of

# How processes share the work is chosen by the program that runs the sorter.
_LEFT_OUT = {"job_kwargs", "n_jobs", "progress_bar", "pool_engine", "mp_context",
             "max_threads_per_worker", "chunk_duration", "verbose"}  # fmt: skip
_LOWEST = -1_000_000_000
_JSON_HELP = "Text, a number, or a list or dictionary as JSON; empty for none"

Path = tuple[str, ...]


def flatten(parameters: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every parameter with where it stands: those in dictionaries one by one."""
    for name, value in parameters.items():
        if name in _LEFT_OUT:
            continue
        if isinstance(value, dict) and value:
            yield from flatten(value, (*above, name))
        else:
            yield (*above, name), value


def nest(values: Mapping[Path, Any]) -> dict[str, Any]:
    """Put values back into dictionaries; the inverse of `flatten`."""
    nested: dict[str, Any] = {}
    for path, value in values.items():
        inner = nested
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = value
    return nested


def is_plain(value: Any) -> bool:
    """Whether a value has an editor of its own; others are written as text."""
    return isinstance(value, bool | int | float | str)


def to_text(value: Any) -> str:
    """Return how a value without an editor of its own is written."""
    return "" if value is None else json.dumps(value)


def from_text(text: str) -> Any:
    """Return what was written: JSON where it is JSON, else the text itself; None for nothing.

    Raises
    ------
    ValueError
        A list or dictionary that is not closed, or otherwise wrong.
    """
    text = text.strip()
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        if text[0] in "[{":
            raise
        return text


class SorterForm(QWidget):
    """Edits the parameters of one sorter.

    Signals
    -------
    changed()
        A value is another one.
    """

    changed = pyqtSignal()

    def __init__(
        self, info: SorterInfo, params: Mapping[str, Any], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._defaults = dict(flatten(info.parameters))
        self._paths = {f"p{i}": path for i, path in enumerate(self._defaults)}
        self._values = {**self._defaults}
        self._wrong: dict[str, str] = {}
        given = dict(flatten(params))
        self._values.update({path: v for path, v in given.items() if path in self._defaults})
        self._settings_class = self._make_class(info)
        self.form = SettingsForm(self._settings_class())
        self.form.changed.connect(self._on_changed)
        self.form.reset_asked.connect(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.form)
        self._show()

    @property
    def wrong(self) -> str:
        """What is wrong with a value; "": nothing."""
        return next(iter(self._wrong.values()), "")

    def params(self) -> dict[str, Any]:
        """Return the parameters that are not at their defaults, as the sorter takes them."""
        return nest({p: v for p, v in self._values.items() if v != self._defaults[p]})

    def editor(self, *path: str) -> QWidget:
        """Return the widget that edits a parameter."""
        return self.form.editor(next(n for n, p in self._paths.items() if p == path))

    def reset(self) -> None:
        """Put all parameters at their defaults."""
        self._values = {**self._defaults}
        for name in self._wrong:
            _mark(self.form.editor(name), is_wrong=False)
        self._wrong = {}
        self._show()
        self.changed.emit()

    def _make_class(self, info: SorterInfo) -> type:
        described = []
        for name, path in self._paths.items():
            default = self._defaults[path]
            label, unit = name_of(path[-1])
            metadata: dict[str, Any] = {
                "label": _title([*path[:-1], label]),
                "unit": unit,
                "help": info.helps.get(path[0], ""),
            }
            if not is_plain(default):
                metadata["help"] = f"{metadata['help']} ({_JSON_HELP})".strip()
                default = to_text(default)
            elif isinstance(default, int | float) and not isinstance(default, bool):
                metadata["min"] = _LOWEST
            described.append((name, type(default), field(default=default, metadata=metadata)))
        return make_dataclass("Parameters", described, frozen=True)

    def _show(self) -> None:
        shown = {
            name: self._values[path] if is_plain(self._defaults[path])
            else to_text(self._values[path])
            for name, path in self._paths.items()
        }  # fmt: skip
        self.form.show_values(self._settings_class(**shown))

    def _on_changed(self, name: str, value: Any) -> None:
        path = self._paths[name]
        editor = self.form.editor(name)
        try:
            if not is_plain(self._defaults[path]):
                value = from_text(str(value))
        except ValueError:
            self._wrong[name] = f"{path[-1]}: this is no list or dictionary as JSON."
            _mark(editor, is_wrong=True)
        else:
            self._wrong.pop(name, None)
            self._values[path] = value
            _mark(editor, is_wrong=False)
        self.changed.emit()


def _title(parts: list[str]) -> str:
    """Return "Detection: method: threshold"."""
    words = [part.replace("_", " ").removesuffix(" kwargs") or part for part in parts]
    text = ": ".join([*words[:-1], words[-1][:1].lower() + words[-1][1:]])
    return text[:1].upper() + text[1:]


def _mark(editor: QWidget, *, is_wrong: bool) -> None:
    if isinstance(editor, QLineEdit):
        editor.setProperty("invalid", is_wrong)
        style = editor.style()
        if style is not None:
            style.polish(editor)
