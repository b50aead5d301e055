"""Drives a window in tests: keys, and what it tells and shows then."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from gtview.app.waiting import wait_until_drawn

NONE = Qt.KeyboardModifier.NoModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def press(window, key, modifiers=NONE):
    """Press a key in whatever has the focus, as the window system would."""
    window.activateWindow()
    QApplication.processEvents()
    QTest.keyClick(window.focusWidget() or window, key, modifiers)
    assert wait_until_drawn(window, 60)


def session_of(window):
    assert window.session is not None
    return window.session


def message(window):
    return window.statusBar().currentMessage()


def group_of(window, cluster_id):
    return session_of(window).curation.labels.get("group", cluster_id)


def shown(window):
    return session_of(window).selection.state.shown_ids
