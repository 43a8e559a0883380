from types import SimpleNamespace

import pytest

from benchmarks.metering import (
    Call,
    Clocked,
    MeteredEngine,
    cost_s,
    people,
    worst_handle_ms,
    worst_lag_s,
)
from store_engine.engine import Engine
from store_engine.ports import RawArrival
from tests.tiny_store import tiny_store

MS = 1_000_000  # nanoseconds


def at(second: float, cost_ms: float) -> Call:
    return Call(round(second * 1e6), 0, round(cost_ms * MS))


def test_an_engine_that_keeps_up_is_never_further_behind_than_one_message():
    assert worst_lag_s([at(0, 10), at(1, 30), at(2, 10)]) == pytest.approx(0.03)


def test_messages_that_wait_for_one_another_add_up():
    assert worst_lag_s([at(0, 500), at(0.1, 500), at(0.2, 500)]) == pytest.approx(1.3)


def test_a_backlog_is_worked_off_in_quiet_time():
    calls = [at(0, 2000), at(1, 100), at(10, 100)]
    assert worst_lag_s(calls) == pytest.approx(2.0)
    assert worst_lag_s(calls[2:]) == pytest.approx(0.1)


def test_costs_count_the_front_door_and_the_worst_call_does_not():
    calls = [Call(0, 5 * MS, 10 * MS), Call(1, 1 * MS, 20 * MS)]
    assert cost_s(calls) == pytest.approx(0.036)
    assert worst_handle_ms(calls) == 20.0
    assert worst_handle_ms([]) == 0.0


def test_a_clocked_room_answers_as_it_did_and_says_how_often_it_was_asked():
    room = Clocked(SimpleNamespace(double=lambda n: 2 * n, until_us=7))
    assert [room.double(n) for n in (1, 2, 3)] == [2, 4, 6]
    assert (room.calls("double"), room.calls("never"), room.until_us) == (3, 0, 7)
    assert room.total_ns >= room.worst_ms("double") * MS > 0


def test_a_clocked_room_shows_its_properties_as_they_are_now():
    inner = SimpleNamespace(until_us=1)
    room = Clocked(inner)
    inner.until_us = 2
    assert room.until_us == 2


def test_calls_that_fail_are_counted_and_still_fail():
    def refuse():
        raise LookupError

    room = Clocked(SimpleNamespace(refuse=refuse))
    with pytest.raises(LookupError):
        room.refuse()
    assert room.calls("refuse") == 1


def test_clocks_do_not_change_what_an_engine_is():
    metered = MeteredEngine(tiny_store(), people(1), by_room=True)
    assert metered.engine.snapshot() == Engine(tiny_store()).snapshot()
    assert {"ordering", "tracking", "shelves", "visits", "attribution"} <= set(metered.rooms)


def test_what_the_door_refuses_costs_the_engine_nothing():
    metered = MeteredEngine(tiny_store(), people(1))
    assert metered.feed(RawArrival(0, "nobody/listens", b"")) == []
    assert (metered.refused, metered.calls) == (1, [])
