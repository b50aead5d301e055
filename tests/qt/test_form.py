"""Forms made from settings: every kind of field, live changes, values from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox

from gtview.qt.form import NumberBox, SettingsForm, describe_fields, name_of


@dataclass(frozen=True, slots=True)
class Settings:
    is_overlap: bool = False
    n_waveforms: int = field(default=100, metadata={"min": 1, "max": 500, "label": "How many"})
    bin_ms: float = field(default=1.0, metadata={"help": "Width of a bin."})
    kind: str = field(default="mean", metadata={"choices": ("mean", "raw", ("t", "templates"))})
    name: str = ""
    secret: int = field(default=3, metadata={"hidden": True})
    columns: list = field(default_factory=list)


@pytest.fixture
def form(qtbot):
    made = SettingsForm(Settings(n_waveforms=7))
    qtbot.addWidget(made)
    made.show()
    made.told = []
    made.changed.connect(lambda name, value: made.told.append((name, value)))
    return made


def test_that_each_type_has_its_editor_and_what_cannot_be_edited_has_none(form):
    kinds = {f.name: type(form.editor(f.name)) for f in form.fields}
    assert kinds == {
        "is_overlap": QCheckBox,
        "n_waveforms": QSpinBox,
        "bin_ms": NumberBox,
        "kind": QComboBox,
        "name": QLineEdit,
    }
    assert form.editor("n_waveforms").value() == 7
    assert form.told == [], "showing values is no change"


def test_that_metadata_gives_label_help_limits_and_unit(form):
    by_name = {f.name: f for f in form.fields}
    assert by_name["n_waveforms"].label == "How many"
    assert form.editor("n_waveforms").minimum() == 1
    assert form.editor("n_waveforms").maximum() == 500
    assert form.editor("bin_ms").toolTip() == "Width of a bin."
    assert form.editor("bin_ms").text() == "1 ms"
    assert form.editor("kind").itemText(2) == "templates"


def test_that_every_change_is_told_at_once_with_its_type(form):
    form.editor("is_overlap").click()
    form.editor("n_waveforms").stepUp()
    form.editor("bin_ms").setValue(0.25)
    form.editor("kind").setCurrentIndex(2)
    assert form.told == [
        ("is_overlap", True),
        ("n_waveforms", 8),
        ("bin_ms", 0.25),
        ("kind", "t"),
    ]


def test_that_a_number_is_told_when_it_is_typed_to_its_end(form, qtbot):
    box = form.editor("n_waveforms")
    box.selectAll()
    qtbot.keyClicks(box, "42")
    assert form.told == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert form.told == [("n_waveforms", 42)]


def test_that_values_set_elsewhere_are_shown_and_not_told(form):
    form.show_values(replace(Settings(), is_overlap=True, kind="raw", name="x"))
    assert form.editor("is_overlap").isChecked()
    assert form.editor("kind").currentText() == "raw"
    assert form.editor("name").text() == "x"
    assert form.told == []


def test_that_reset_is_asked_for(form, qtbot):
    with qtbot.waitSignal(form.reset_asked):
        form._reset.click()


def test_that_settings_without_fields_say_so(qtbot):
    @dataclass(frozen=True)
    class Nothing:
        pass

    form = SettingsForm(Nothing())
    qtbot.addWidget(form)
    assert describe_fields(Nothing) == ()
    assert not form._reset.isVisibleTo(form)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bin_ms", ("Bin", "ms")),
        ("is_log", ("Log", "")),
        ("n_channels", ("Channels", "")),
        ("cutoff_hz", ("Cutoff", "Hz")),
        ("s", ("S", "")),
    ],
)
def test_that_a_name_says_label_and_unit(name, expected):
    assert name_of(name) == expected
