"""What tests of views share."""

from __future__ import annotations

import pytest
from showing import Shower


@pytest.fixture
def shower(qtbot):
    """Return what shows a view of a session, and waits until it is drawn."""
    made = Shower(qtbot)
    yield made
    made.close()
