import errno
import gc
import logging
import sys
import threading

import pytest

from gtview.base import failures
from gtview.base.errors import DatasetError
from gtview.base.failures import describe, install_hooks, sentence_for


@pytest.fixture
def told():
    """Install the hooks for one test, over ones that remember what is passed on."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    passed = []
    sys.excepthook = lambda *args: passed.append(("main", args[0]))
    threading.excepthook = lambda args: passed.append(("thread", args.exc_type))
    sys.unraisablehook = lambda args: passed.append(("unraisable", args.exc_type))
    heard = []
    uninstall = install_hooks(heard.append)
    heard_and_passed = _Told(heard, passed, uninstall)
    yield heard_and_passed
    uninstall()
    sys.excepthook, threading.excepthook, sys.unraisablehook = before


class _Told:
    def __init__(self, heard, passed, uninstall):
        self.heard, self.passed, self.uninstall = heard, passed, uninstall

    @property
    def sentences(self):
        return [failure.sentence for failure in self.heard]


def raise_in_main(error):
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001
        sys.excepthook(type(caught), caught, caught.__traceback__)


def raise_in_thread(error, name="worker-7"):
    def fail():
        raise error

    thread = threading.Thread(target=fail, name=name)
    thread.start()
    thread.join()


def test_that_an_error_in_the_main_thread_is_told_and_logged(told, caplog):
    raise_in_main(DatasetError("The folder holds no export."))
    assert told.sentences == ["The folder holds no export."]
    assert "raise_in_main" in told.heard[0].details
    assert told.heard[0].details.endswith("DatasetError: The folder holds no export.")
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info[1].args == ("The folder holds no export.",)


def test_that_an_error_in_a_thread_is_told_and_its_thread_logged(told, caplog):
    raise_in_thread(ValueError("three is no number"))
    assert told.sentences == [
        "Something went wrong inside gtview (ValueError: three is no number)."
    ]
    assert "in fail" in told.heard[0].details
    assert "worker-7" in caplog.text


def test_that_an_error_in_a_dying_object_is_told(told, caplog):
    class Fragile:
        def __del__(self):
            raise RuntimeError("broken at the end")

    fragile = Fragile()
    del fragile
    gc.collect()
    assert len(told.heard) == 1
    assert "broken at the end" in told.heard[0].sentence
    assert "__del__" in told.heard[0].details
    assert "broken at the end" in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(2)])
def test_that_an_interruption_passes_untold(told, error):
    raise_in_main(error)
    assert told.heard == []
    assert told.passed == [("main", type(error))]


def test_that_an_interruption_in_a_thread_passes_untold(told):
    raise_in_thread(KeyboardInterrupt())
    assert told.heard == []
    assert told.passed == [("thread", KeyboardInterrupt)]


def test_that_a_repeated_failure_is_told_once_and_logged_each_time(told, caplog):
    for n in range(5):
        raise_in_main(ValueError(f"number {n}"))
    assert told.sentences == ["Something went wrong inside gtview (ValueError: number 0)."]
    assert len(caplog.records) == 5


def test_that_two_places_are_two_failures(told):
    raise_in_main(ValueError("same"))
    raise_in_thread(ValueError("same"))
    assert len(told.heard) == 2


def test_that_a_repeated_failure_is_told_again_later(told, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(failures.time, "monotonic", lambda: now[0])
    raise_in_main(ValueError("x"))
    now[0] += failures.QUIET_S - 0.1
    raise_in_main(ValueError("x"))
    assert len(told.heard) == 1
    now[0] += 0.2
    raise_in_main(ValueError("x"))
    assert len(told.heard) == 2


def test_that_a_failure_while_telling_ends_in_the_log(caplog):
    calls = []

    def tell(failure):
        calls.append(failure)
        raise_in_main(KeyError("while telling"))
        raise OSError("no window")

    uninstall = install_hooks(tell)
    try:
        raise_in_main(ValueError("first"))
    finally:
        uninstall()
    assert len(calls) == 1
    logged = [str(record.exc_info[1]) for record in caplog.records]
    assert logged == ["first", "'while telling'", "no window"]


def test_that_uninstalling_puts_the_earlier_hooks_back():
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    uninstall = install_hooks(print)
    assert sys.excepthook is not before[0]
    uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def test_that_uninstalling_leaves_hooks_that_came_later():
    before = sys.excepthook
    uninstall = install_hooks(print)

    def later(*args):
        return None

    sys.excepthook = later
    uninstall()
    assert sys.excepthook is later
    sys.excepthook = before


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DatasetError("As it is."), "As it is."),
        (MemoryError(), "There is not enough memory for this."),
        (OSError(errno.ENOSPC, "No space left"), "The disk is full."),
        (PermissionError(errno.EACCES, "no", "/data/x"), "Permission is missing for /data/x."),
        (
            ModuleNotFoundError("no", name="hdbscan.flat"),
            "The Python package hdbscan is needed, but not installed.",
        ),
        (ZeroDivisionError(), "Something went wrong inside gtview (ZeroDivisionError)."),
        (
            ValueError("one.\ntwo"),
            "Something went wrong inside gtview (ValueError: one).",
        ),
    ],
)
def test_that_every_error_has_one_plain_sentence(error, sentence):
    assert sentence_for(error) == sentence
    assert describe(error).sentence == sentence


def test_that_the_details_show_the_cause():
    try:
        try:
            {}["missing"]
        except KeyError as cause:
            raise DatasetError("It cannot be read.") from cause
    except DatasetError as error:
        details = describe(error).details
    assert "KeyError: 'missing'" in details
    assert "It cannot be read." in details
