"""Threads, the queue of drawings, and what is dropped because it is out of date."""

from __future__ import annotations

import threading

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QObject

from gtview.base.patience import held
from gtview.qt.compute import N_THREADS, ComputePool, LatestTask


@pytest.fixture
def pool(qapp):
    made = ComputePool()
    yield made
    made.close()


def test_that_results_and_errors_come_to_the_gui_thread(qtbot, pool):
    seen = []

    def fail():
        raise ValueError("no")

    note = lambda value: seen.append((value, threading.current_thread()))  # noqa: E731
    pool.run(lambda: threading.current_thread().name, note, note)
    qtbot.waitUntil(lambda: len(seen) == 1)
    pool.run(fail, note, lambda error: note(str(error)))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0][0].startswith("gtview-compute")
    assert seen[1][0] == "no"
    assert all(thread is threading.main_thread() for _, thread in seen)


def test_that_one_result_is_drawn_a_turn_and_the_newest_of_each_owner(qtbot, pool):
    drawn = []
    for k in range(3):
        for owner in "abc":
            pool.draw_soon(owner, lambda what=(owner, k): drawn.append(what))
    assert pool.waits("a")
    pool._draw_one()
    assert len(drawn) == 1
    qtbot.waitUntil(lambda: len(drawn) == 3)
    assert drawn == [("a", 2), ("b", 2), ("c", 2)]
    assert not pool.waits("a")


def test_that_a_forgotten_drawing_is_not_drawn(qtbot, pool):
    drawn = []
    pool.draw_soon("a", lambda: drawn.append("a"))
    pool.draw_soon("b", lambda: drawn.append("b"))
    pool.forget("a")
    qtbot.waitUntil(lambda: bool(drawn))
    qtbot.wait(5)
    assert drawn == ["b"]


def test_that_a_burst_computes_few_and_tells_the_last(qtbot, pool):
    task = LatestTask(pool)
    gate = threading.Event()
    computed, told = [], []
    task.arrived.connect(lambda value, is_full: told.append((value, is_full)))

    def work(k):
        gate.wait(5)
        computed.append(k)
        return k

    for k in range(100):
        task.submit(lambda k=k: work(k))
    assert task.is_busy
    gate.set()
    qtbot.waitUntil(lambda: not task.is_busy)
    assert computed == [0, 99]
    assert told == [(99, True)]


def test_that_better_and_better_results_are_told_in_order(qtbot, pool):
    task = LatestTask(pool)
    told = []
    task.arrived.connect(lambda value, is_full: told.append((value, is_full)))

    def steps():
        yield "rough"
        yield "fine"

    task.submit(steps)
    qtbot.waitUntil(lambda: not task.is_busy)
    assert told[0] == ("rough", False)
    assert told[-1] == ("fine", True)


def test_that_steps_stop_when_something_newer_waits(qtbot, pool):
    task = LatestTask(pool)
    started, go_on = threading.Event(), threading.Event()
    done, told = [], []
    task.arrived.connect(lambda value, is_full: told.append((value, is_full)))

    def long():
        for k in range(10):
            done.append(k)
            yield k
            started.set()
            go_on.wait(5)

    task.submit(long)
    assert started.wait(5)
    task.submit(lambda: "new")
    go_on.set()
    qtbot.waitUntil(lambda: not task.is_busy)
    assert told[-1] == ("new", True)
    assert len(done) < 10


def test_that_an_error_is_told_and_the_next_computation_runs(qtbot, pool):
    task = LatestTask(pool)
    failed, told = [], []
    task.failed.connect(lambda error: failed.append(str(error)))
    task.arrived.connect(lambda value, _full: told.append(value))

    def fail():
        raise RuntimeError("broken")

    task.submit(fail)
    qtbot.waitUntil(lambda: failed == ["broken"])
    task.submit(lambda: 1)
    qtbot.waitUntil(lambda: told == [1])


def test_that_a_dropped_computation_is_not_told(qtbot, pool):
    task = LatestTask(pool)
    gate = threading.Event()
    told = []
    task.arrived.connect(lambda value, _full: told.append(value))
    task.submit(lambda: gate.wait(5))
    task.drop()
    gate.set()
    qtbot.wait(30)
    assert told == []
    assert not task.is_busy


def test_that_long_computations_in_steps_let_others_have_their_turn(qtbot, pool):
    is_over = threading.Event()

    def endless():
        while not is_over.is_set():
            yield object()

    tasks = [LatestTask(pool) for _ in range(N_THREADS + 1)]
    for task in tasks:
        task.submit(endless)
    told = []
    other = LatestTask(pool)
    other.arrived.connect(lambda value, is_full: told.append((value, is_full)))
    other.submit(lambda: 7)
    qtbot.waitUntil(lambda: told == [(7, True)])
    assert all(task.is_busy for task in tasks)
    is_over.set()
    qtbot.waitUntil(lambda: not any(task.is_busy for task in tasks))


def test_that_the_same_result_again_is_told_once(qtbot, pool):
    task = LatestTask(pool)
    told = []
    task.arrived.connect(lambda value, is_full: told.append((value, is_full)))
    first, second = object(), object()

    def steps():
        yield first
        yield first
        yield second
        yield second

    task.submit(steps)
    qtbot.waitUntil(lambda: not task.is_busy)
    assert told == [(first, False), (second, False), (second, True)]


def test_that_who_waits_for_another_computation_keeps_nobody_from_computing(qtbot, pool):
    lock, computes = threading.RLock(), threading.Event()
    done = []

    def compute_long():
        with held(lock):
            assert computes.wait(10)
            done.append("long")

    def wait_for_it():
        with held(lock):
            done.append("waited")

    pool.submit(compute_long)
    for _ in range(2 * N_THREADS):
        pool.submit(wait_for_it)
    pool.submit(done.append, "quick")
    qtbot.waitUntil(lambda: done == ["quick"])
    computes.set()
    qtbot.waitUntil(lambda: len(done) == 2 + 2 * N_THREADS)
    assert done[:2] == ["quick", "long"]


def test_that_only_so_many_compute_at_a_time(qtbot, pool):
    lock, go_on = threading.Lock(), threading.Event()
    running, most = set(), []

    def compute(k):
        with lock:
            running.add(k)
            most.append(len(running))
        go_on.wait(10)
        with lock:
            running.discard(k)

    futures = [pool.submit(compute, k) for k in range(3 * N_THREADS)]
    qtbot.waitUntil(lambda: len(running) == N_THREADS)
    qtbot.wait(30)
    assert len(running) == N_THREADS
    go_on.set()
    qtbot.waitUntil(lambda: all(f.done() for f in futures))
    assert max(most) == N_THREADS


def test_that_nothing_is_drawn_for_a_widget_that_is_gone(qtbot, pool):
    drawn, owner, kept = [], QObject(), QObject()
    task = LatestTask(pool, owner)
    gate = threading.Event()
    task.arrived.connect(lambda value, _is_full: drawn.append(value))
    task.submit(lambda: gate.wait(10))
    pool.draw_soon(owner, lambda: drawn.append("gone"))
    pool.draw_soon(kept, lambda: drawn.append("kept"))
    sip.delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: drawn == ["kept"])
    qtbot.wait(30)
    assert drawn == ["kept"]
