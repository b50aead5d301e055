"""Garbage is collected in the thread of the window, and only there."""

from __future__ import annotations

import gc
import threading
import weakref

from gtview.qt.garbage import _UNTIL_ALL, _UNTIL_OLDER, GarbageCollector


class Node:
    def __init__(self):
        self.me = self


def make_objects(n):
    return [[] for _ in range(n)]


def test_that_a_cycle_is_collected_in_this_thread_and_in_no_other(qapp):
    collector = GarbageCollector(qapp)
    heard = []

    def hear(phase, _info):
        if phase == "start":
            heard.append(threading.current_thread())

    gc.callbacks.append(hear)
    try:
        found = weakref.ref(Node())
        thread = threading.Thread(target=make_objects, args=(50_000,))
        thread.start()
        thread.join()
        assert not heard, "no other thread collects"
        kept = make_objects(5_000)
        collector.collect_if_due()
        assert found() is None
        assert heard == [threading.current_thread()]
        assert len(kept) == 5_000
    finally:
        gc.callbacks.remove(hear)
        collector.stop()
        gc.disable()


def test_that_old_cycles_are_found_in_the_end(qapp):
    collector = GarbageCollector(qapp)
    try:
        node = Node()
        found = weakref.ref(node)
        gc.collect()
        del node
        kept = []
        for _ in range(_UNTIL_OLDER * _UNTIL_ALL):
            kept.append(make_objects(2_500))
            collector.collect_if_due()
        assert found() is None
        assert len(kept) == _UNTIL_OLDER * _UNTIL_ALL
    finally:
        collector.stop()
        gc.disable()


def test_that_nothing_is_looked_at_where_nothing_was_made(qapp):
    collector = GarbageCollector(qapp)
    gc.collect()
    heard = []

    def hear(phase, _info):
        heard.append(phase)

    gc.callbacks.append(hear)
    try:
        collector.collect_if_due()
        assert not heard
    finally:
        gc.callbacks.remove(hear)
        collector.stop()
        gc.disable()
