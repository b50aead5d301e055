import gc
import threading
from dataclasses import dataclass

import pytest

from gtview.base.events import Event, EventBus


@dataclass(frozen=True, slots=True)
class Moved(Event):
    place: int


@dataclass(frozen=True, slots=True)
class Named(Event):
    name: str


class Listener:
    def __init__(self):
        self.heard = []

    def hear(self, event):
        self.heard.append(event)


def test_that_handlers_hear_their_kind_of_event_in_order_of_subscription():
    bus, heard = EventBus(), []
    bus.subscribe(Moved, lambda event: heard.append(("first", event.place)))
    bus.subscribe(Named, lambda event: heard.append(("named", event.name)))
    bus.subscribe(Moved, lambda event: heard.append(("second", event.place)))
    bus.publish(Moved(3))
    assert heard == [("first", 3), ("second", 3)]


def test_that_all_handlers_see_nested_events_in_one_order():
    bus, first, second = EventBus(), [], []

    def answer(event):
        first.append(event.place)
        if event.place < 3:
            bus.publish(Moved(event.place + 1))

    bus.subscribe(Moved, answer)
    bus.subscribe(Moved, lambda event: second.append(event.place))
    bus.publish(Moved(1))
    assert first == second == [1, 2, 3]


def test_that_a_failing_handler_stops_nobody_and_is_told(caplog):
    errors, heard = [], []
    bus = EventBus(on_error=errors.append)

    def fail(event):
        raise ValueError("no")

    bus.subscribe(Moved, fail)
    bus.subscribe(Moved, lambda event: heard.append(event.place))
    bus.publish(Moved(1))
    bus.publish(Moved(2))
    assert heard == [1, 2]
    assert [str(error) for error in errors] == ["no", "no"]
    assert "a handler of Moved failed" in caplog.text


def test_that_an_unsubscribed_handler_hears_nothing_more():
    bus, heard = EventBus(), []
    unsubscribe = bus.subscribe(Moved, lambda event: heard.append(event.place))
    bus.publish(Moved(1))
    unsubscribe()
    unsubscribe()
    bus.publish(Moved(2))
    assert heard == [1]


def test_that_a_handler_unsubscribed_by_an_earlier_one_is_not_called():
    bus, heard = EventBus(), []
    later = []
    bus.subscribe(Moved, lambda event: later[0]())
    later.append(bus.subscribe(Moved, lambda event: heard.append(event.place)))
    bus.publish(Moved(1))
    assert heard == []


def test_that_methods_do_not_keep_their_object_alive():
    bus, listener = EventBus(), Listener()
    heard = listener.heard
    bus.subscribe(Moved, listener.hear)
    bus.publish(Moved(1))
    del listener
    gc.collect()
    bus.publish(Moved(2))
    assert heard == [Moved(1)]


def test_that_held_events_come_after_the_block_in_order():
    bus, heard = EventBus(), []
    bus.subscribe(Moved, lambda event: heard.append(event.place))
    with bus.hold():
        bus.publish(Moved(1))
        with bus.hold():
            bus.publish(Moved(2))
        assert heard == []
    assert heard == [1, 2]


def test_that_held_events_come_even_when_the_block_fails():
    bus, heard = EventBus(), []
    bus.subscribe(Moved, lambda event: heard.append(event.place))

    def publish_and_fail():
        with bus.hold():
            bus.publish(Moved(1))
            raise KeyError

    with pytest.raises(KeyError):
        publish_and_fail()
    assert heard == [1]


def test_that_publishing_from_another_thread_is_an_error():
    bus, heard, errors = EventBus(), [], []
    bus.subscribe(Moved, heard.append)

    def publish():
        try:
            bus.publish(Moved(1))
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=publish)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert heard == []
