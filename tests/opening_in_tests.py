"""Opens datasets in a window, as tests need it."""

from __future__ import annotations

from gtview.app.waiting import wait_until, wait_until_drawn


def open_in(window, path, truth=None) -> None:
    """Open a dataset and wait until everything is drawn."""
    window.open_path(path, truth)
    assert wait_until(window, lambda: window.is_at_rest, 60)
    assert wait_until_drawn(window, 60)
