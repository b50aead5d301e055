"""Places are given in order of asking, and lent while their owner waits."""

from __future__ import annotations

import threading
import time

from gtview.base.patience import Places, held, set_meanwhile


def wait_until(is_so):
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_that_a_free_place_is_for_who_waits_longest():
    places, order = Places(1), []
    places.take()

    def work(k):
        with places.taken():
            order.append(k)

    threads = []
    for k in range(8):
        threads.append(threading.Thread(target=work, args=(k,)))
        threads[-1].start()
        wait_until(lambda n=k + 1: len(places._waiting) == n)
    places.leave()
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))
    assert places._n_free == 1


def test_that_who_works_in_short_pieces_lets_others_in():
    places, is_over, done = Places(1), threading.Event(), threading.Event()

    def work_in_pieces():
        while not is_over.is_set():
            with places.taken():
                pass

    def work_once():
        with places.taken():
            done.set()

    busy = [threading.Thread(target=work_in_pieces) for _ in range(3)]
    for thread in busy:
        thread.start()
    threading.Thread(target=work_once).start()
    was_let_in = done.wait(10)
    is_over.set()
    for thread in busy:
        thread.join(10)
    assert was_let_in
    assert places._n_free == 1


def test_that_a_place_is_lent_only_while_a_lock_is_waited_for():
    places, lock = Places(1), threading.Lock()
    lent = []

    def work():
        set_meanwhile(places.lent)
        with places.taken(), held(lock):
            lent.append(places._n_free)

    lock.acquire()
    thread = threading.Thread(target=work)
    thread.start()
    wait_until(lambda: not places._waiting and places._n_free == 1)
    with places.taken():
        lock.release()
        wait_until(lambda: len(places._waiting) == 1)  # it has the lock, and wants its place again
    thread.join(10)
    assert lent == [0]
    assert places._n_free == 1
