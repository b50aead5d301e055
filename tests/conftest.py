"""What every test gets: no screen, and settings, caches and logs of its own."""

from __future__ import annotations

import gc
import os
import tempfile
from itertools import count

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Kernels are compiled once per machine, not once per test run.
os.environ.setdefault("NUMBA_CACHE_DIR", os.path.join(tempfile.gettempdir(), "gtview-tests-numba"))

import pytest
from hypothesis import settings

# A kernel that is compiled in the first example is no slow test.
# In CI the same examples each time: a change is judged by what it changes, not by the day's luck.
settings.register_profile("gtview", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("gtview")


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """Give each test its own user folders."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("GTVIEW_HOME", str(home))
    return home


_FULL_EVERY = 25
_n_tests = count(1)


@pytest.fixture(autouse=True, scope="session")
def no_garbage_collected_in_threads():
    """Collect garbage between tests, and never in a thread: see `gtview.qt.garbage`."""
    gc.disable()
    yield
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown():
    """Look at the young garbage after each test, and at all of it now and then."""
    gc.collect(1 if next(_n_tests) % _FULL_EVERY else 2)
