from __future__ import annotations

import threading

import pytest

from gtview.base.errors import CancelledError
from gtview.qt.compute import ComputePool
from gtview.qt.idle import IdleThread


@pytest.fixture
def pool(qapp):
    pool = ComputePool()
    yield pool
    pool.close()


def test_that_idle_work_is_done_and_handed_on(pool, qtbot):
    done, failed = [], []

    def work(pause):
        pause()
        return threading.current_thread() is threading.main_thread()

    pool.run_idle(work, done.append, failed.append)
    qtbot.waitUntil(lambda: bool(done or failed), timeout=10_000)
    assert done == [False]
    assert failed == []


def test_that_an_error_of_idle_work_is_handed_on(pool, qtbot):
    failed = []
    pool.run_idle(lambda _pause: 1 / 0, lambda _: None, failed.append)
    qtbot.waitUntil(lambda: bool(failed), timeout=10_000)
    assert isinstance(failed[0], ZeroDivisionError)


def test_that_idle_work_waits_for_everything_else(pool, qtbot):
    begun, go_on, order = threading.Event(), threading.Event(), []

    def other():
        begun.set()
        go_on.wait(10)
        order.append("other")

    pool.submit(other)
    assert begun.wait(10)
    pool.run_idle(lambda _pause: order.append("idle"), lambda _: None, lambda _: None)
    assert order == []
    go_on.set()
    qtbot.waitUntil(lambda: len(order) == 2, timeout=10_000)
    assert order == ["other", "idle"]


def test_that_it_steps_aside_between_its_pieces(pool, qtbot):
    at_piece, go_on, order = threading.Event(), threading.Event(), []

    def idle(pause):
        order.append("first")
        at_piece.set()
        go_on.wait(10)
        pause()
        order.append("second")

    pool.run_idle(idle, lambda _: None, lambda _: None)
    assert at_piece.wait(10)
    held, begun = threading.Event(), threading.Event()

    def other():
        begun.set()
        held.wait(10)
        order.append("other")

    pool.submit(other)
    assert begun.wait(10)
    go_on.set()
    held.set()
    qtbot.waitUntil(lambda: len(order) == 3, timeout=10_000)
    assert order == ["first", "other", "second"]


def test_that_closing_ends_idle_work_at_its_next_pause():
    thread = IdleThread()
    at_piece, go_on = threading.Event(), threading.Event()

    def idle(pause):
        at_piece.set()
        go_on.wait(10)
        pause()

    running = thread.submit(idle)
    waiting = thread.submit(lambda _pause: None)
    assert at_piece.wait(10)
    closing = threading.Thread(target=thread.close)
    closing.start()
    while not thread._is_closed:
        pass
    go_on.set()
    closing.join(10)
    assert isinstance(running.exception(timeout=10), CancelledError)
    assert waiting.cancelled() or isinstance(waiting.exception(timeout=10), CancelledError)
    assert thread.submit(lambda _pause: None).cancelled()
