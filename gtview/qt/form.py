"""A form made from a settings dataclass: every change is told at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

_UNITS = {
    "ms": "ms",
    "s": "s",
    "hz": "Hz",
    "um": "\N{MICRO SIGN}m",
    "uv": "\N{MICRO SIGN}V",
    "px": "pixels",
    "samples": "samples",
    "percent": "%",
}
_PREFIXES = ("is_", "has_", "n_", "show_")
_LARGEST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Field:
    """One setting as a form shows it.

    Attributes
    ----------
    default
        Its type says what is edited: bool, int, float or str.
    choices
        Pairs of value and text; () when anything goes.
    """

    name: str
    label: str
    default: Any
    help: str = ""
    unit: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    lowest: float | None = None
    highest: float | None = None
    is_slider: bool = False


def describe_fields(settings: Any) -> tuple[Field, ...]:
    """Return the settings of a dataclass that can be edited.

    `settings` is a dataclass, or a class of which every field has a default. The metadata of a
    field may hold label, help, unit, min, max, slider, choices (values, or pairs of value and
    text), and hidden. What has none is named after the field.
    """
    defaults = settings() if isinstance(settings, type) else type(settings)()
    found = (_describe(f.name, getattr(defaults, f.name), f.metadata) for f in fields(defaults))
    return tuple(field for field in found if field is not None)


def _describe(name: str, default: Any, metadata: Any) -> Field | None:
    choices = tuple(_pair(choice) for choice in metadata.get("choices", ()))
    if metadata.get("hidden") or not (choices or isinstance(default, bool | int | float | str)):
        return None
    label, unit = name_of(name)
    return Field(
        name,
        metadata.get("label", label),
        default,
        metadata.get("help", ""),
        metadata.get("unit", unit),
        choices,
        metadata.get("min"),
        metadata.get("max"),
        bool(metadata.get("slider")),
    )


def _pair(choice: Any) -> tuple[Any, str]:
    if isinstance(choice, tuple | list) and len(choice) == 2:
        return choice[0], str(choice[1])
    return choice, str(choice).replace("_", " ")


def name_of(name: str) -> tuple[str, str]:
    """Return the label and the unit that the name of a field says: "bin_ms" -> "Bin", "ms"."""
    words, _, last = name.rpartition("_")
    unit = _UNITS.get(last, "") if words else ""
    text = words if unit else name
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    text = text.replace("_", " ")
    return text[:1].upper() + text[1:], unit


class NumberBox(QDoubleSpinBox):
    """A number without zeros that say nothing: 1.5, not 1.500000."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(6)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:  # noqa: N802
        return f"{value:.6g}"


@dataclass(slots=True)
class _Editor:
    widget: QWidget
    show: Callable[[Any], None]


class SettingsForm(QWidget):
    """Edits a settings dataclass.

    Signals
    -------
    changed(str, object)
        The user gave a setting another value.
    reset_asked()
        The user wants all settings as they were at first.
    """

    changed = pyqtSignal(str, object)
    reset_asked = pyqtSignal()

    def __init__(self, settings: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields = describe_fields(settings)
        self._editors: dict[str, _Editor] = {}
        self._is_showing = False
        inner = QWidget()
        inner.setObjectName("formInner")
        self._grid = QGridLayout(inner)
        self._grid.setContentsMargins(12, 6, 12, 6)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(7)
        for row, field in enumerate(self.fields):
            self._add(row, field)
        self._grid.setRowStretch(len(self.fields), 1)
        if not self.fields:
            self._grid.addWidget(_quiet("This view has no settings."), 0, 0)
        self._reset = QPushButton("Reset to defaults")
        self._reset.clicked.connect(self.reset_asked)
        self._reset.setVisible(bool(self.fields))
        scroll = _FittingArea(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 10)
        layout.addWidget(scroll, 1)
        layout.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignHCenter)
        if self.fields:
            self.setFocusProxy(self.editor(self.fields[0].name))
        self.show_values(settings)

    def editor(self, name: str) -> QWidget:
        """Return the widget that edits a setting."""
        return self._editors[name].widget

    def show_values(self, settings: Any) -> None:
        """Show the values of a dataclass; tells nothing."""
        self._is_showing = True
        for field in self.fields:
            self._editors[field.name].show(getattr(settings, field.name))
        self._is_showing = False

    def _tell(self, name: str, value: Any) -> None:
        if not self._is_showing:
            self.changed.emit(name, value)

    def _add(self, row: int, field: Field) -> None:
        editor = self._make_editor(field)
        self._editors[field.name] = editor
        editor.widget.setToolTip(field.help)
        editor.widget.setAccessibleName(field.label)
        if isinstance(editor.widget, QCheckBox):
            editor.widget.setText(field.label)
            self._grid.addWidget(editor.widget, row, 0, 1, 2)
            return
        label = QLabel(field.label)
        label.setToolTip(field.help)
        label.setBuddy(editor.widget)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(editor.widget, row, 1)

    def _make_editor(self, field: Field) -> _Editor:
        def tell(value: Any) -> None:
            self._tell(field.name, value)

        if field.choices:
            return _choice_editor(field, tell)
        if isinstance(field.default, bool):
            check = QCheckBox()
            check.toggled.connect(tell)
            return _Editor(check, check.setChecked)
        if field.is_slider:
            return _slider_editor(field, tell)
        if isinstance(field.default, int | float):
            return _number_editor(field, tell)
        line = QLineEdit()
        line.editingFinished.connect(lambda: tell(line.text()))
        return _Editor(line, lambda value: line.setText(str(value)))


def _choice_editor(field: Field, tell: Callable[[Any], None]) -> _Editor:
    box = QComboBox()
    for value, text in field.choices:
        box.addItem(text, value)
    values = [value for value, _ in field.choices]

    def show(value: Any) -> None:
        box.setCurrentIndex(values.index(value) if value in values else -1)

    box.currentIndexChanged.connect(lambda index: tell(values[index]) if index >= 0 else None)
    return _Editor(box, show)


def _number_editor(field: Field, tell: Callable[[Any], None]) -> _Editor:
    is_whole = isinstance(field.default, int)
    box: Any = QSpinBox() if is_whole else NumberBox()
    low = (0 if field.default >= 0 else -_LARGEST) if field.lowest is None else field.lowest
    high = _LARGEST if field.highest is None else field.highest
    box.setRange(int(low) if is_whole else low, int(high) if is_whole else high)
    # What is being typed is not meant yet.
    box.setKeyboardTracking(False)
    box.setSuffix(f" {field.unit}" if field.unit else "")
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setMinimumWidth(110)
    box.valueChanged.connect(tell)
    return _Editor(box, box.setValue)


def _slider_editor(field: Field, tell: Callable[[Any], None]) -> _Editor:
    from superqt import QLabeledDoubleSlider

    slider: Any = QLabeledDoubleSlider(Qt.Orientation.Horizontal)
    slider.setRange(field.lowest or 0.0, _LARGEST if field.highest is None else field.highest)
    slider.setDecimals(2)
    slider.setSingleStep(0.01)
    slider.setMinimumWidth(180)
    slider.valueChanged.connect(lambda value: tell(round(float(value), 4)))
    return _Editor(slider, slider.setValue)


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("quiet", True)
    return label


class _FittingArea(QScrollArea):
    """Scrolls only where the window is too small for what is in it."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def sizeHint(self) -> Any:
        inner = self.widget()
        hint = super().sizeHint() if inner is None else inner.sizeHint()
        hint.setWidth(hint.width() + self.verticalScrollBar().sizeHint().width())
        return hint
