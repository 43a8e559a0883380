import threading
import time
from functools import partial

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from store_engine.inbox import Inbox
from store_engine.messages import EntryDecision, Tick
from store_engine.ports import Delivery

TICKS = "stores/tiny/edge/clock/ticks"


def inbox(*times_us, not_before_us=0):
    times = iter([time_us * 1_000 for time_us in times_us])
    return Inbox(
        store="tiny", boot=3, not_before_us=not_before_us, wall_ns=lambda: next(times, 10**15)
    )


def decoded(inbound, type_):
    return msgspec.json.decode(inbound.raw.payload, type=type_)


@given(times_us=st.lists(st.integers(0, 1_000), min_size=1, max_size=20))
def test_stamps_never_go_back_even_when_the_wall_clock_does(times_us):
    box = inbox(*times_us, not_before_us=500)
    for _ in times_us:
        box.hear("t", b"", Delivery(1, 1))
    stamps = [box.take(0).raw.received_us for _ in times_us]
    assert stamps == sorted(stamps)
    assert stamps[0] >= 500


def test_quiet_time_is_said_only_while_nothing_waits():
    box = inbox(10, 20)
    box.hear("t", b"first", Delivery(1, 1))
    assert box.tick() is None
    box.take(0)
    assert box.tick().raw.topic == TICKS


def test_a_tick_is_stamped_behind_everything_heard_before():
    box = inbox(50, 40)
    box.hear("t", b"", Delivery(1, 1))
    heard = box.take(0)
    tick = box.tick()
    assert tick.raw.received_us >= heard.raw.received_us
    assert decoded(tick, Tick).time_us == tick.raw.received_us


def test_the_edge_numbers_what_it_says_per_device():
    box = inbox()
    decision = partial(EntryDecision, scan="s", accepted=False)
    refs = [decoded(box.tick(), Tick).ref, decoded(box.tick(), Tick).ref]
    box.say("accounts", decision, answers="entry/1")
    said = box.take(0)
    assert refs == ["clock/3/0", "clock/3/1"]
    assert decoded(said, EntryDecision).ref == "accounts/3/0"
    assert (said.answers, said.delivery) == ("entry/1", None)


def test_nothing_arrives_within_the_wait():
    assert inbox().take(0.001) is None


def test_who_waits_is_woken_by_an_arrival():
    box = inbox()
    threading.Timer(0.02, box.hear, ("t", b"", Delivery(1, 1))).start()
    began_s = time.monotonic()
    assert box.take(5.0) is not None
    assert time.monotonic() - began_s < 2.0


def test_a_closed_inbox_lets_nobody_wait_but_still_hands_over():
    box = inbox()
    box.hear("t", b"last", Delivery(1, 1))
    box.close()
    assert box.take(60.0).raw.payload == b"last"
    assert box.take(60.0) is None
