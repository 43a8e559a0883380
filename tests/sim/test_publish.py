import itertools
import math
import socket
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

from sim.device_link import Broker, shifted
from sim.faults import parse_faults
from sim.publish import Published, _paced, publish_live
from sim.sensors import SensorPlan, play
from store_engine.errors import UnreachableError
from store_engine.ports import RawArrival
from tests.sim.mosquitto import Listener, Mosquitto
from tests.sim.sensor_fixtures import START_US, Statue, tiny_scene, tiny_store

Pair = tuple[str, bytes]


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    listening = Listener(mosquitto.port)
    yield listening
    listening.close()


@cache
def session() -> tuple[RawArrival, ...]:
    """About 140 messages of 7 seconds, some of them malformed."""
    scene = tiny_scene(people=(Statue(left_s=1.0),))
    faults = parse_faults([{"kind": "garbage", "rate": 0.05}])
    return tuple(play(scene, tiny_store(), sensors=SensorPlan(), faults=faults, seed=1))


def published(arrivals: tuple[RawArrival, ...]) -> list[Pair]:
    """What a broker should carry of a session: everything but the edge's own words."""
    return [(raw.topic, raw.payload) for raw in arrivals if "/edge/" not in raw.topic]


def by_topic(pairs: list[Pair]) -> dict[str, list[bytes]]:
    topics: dict[str, list[bytes]] = {}
    for topic, payload in pairs:
        topics.setdefault(topic, []).append(payload)
    return topics


def publish(mosquitto: Mosquitto, **options):
    return publish_live(session(), broker=Broker(port=mosquitto.port), speed=math.inf, **options)


def test_a_session_reaches_a_subscriber_byte_for_byte_and_in_order_per_device(mosquitto, listener):
    result = publish(mosquitto)
    expected = published(session())
    assert result.acknowledged == len(expected)
    listener.wait_for(lambda: len(listener.heard) >= len(expected))
    heard = [(topic, payload) for topic, payload, _ in listener.heard]
    assert by_topic(heard) == by_topic(expected)


def test_the_words_of_the_edge_are_never_published(mosquitto, listener):
    result = publish(mosquitto)
    assert result.skipped == sum("/edge/" in raw.topic for raw in session()) > 0
    listener.wait_for(lambda: len(listener.heard) >= result.acknowledged)
    assert not any("/edge/" in topic for topic, _, _ in listener.heard)


def test_who_comes_later_still_learns_that_devices_are_online(mosquitto):
    publish(mosquitto)
    late = Listener(mosquitto.port, "stores/tiny/devices/+/status", name="late")
    late.wait_for(lambda: len(late.heard) >= 4)
    late.close()
    assert all(retained and b'"online"' in payload for _, payload, retained in late.heard)


def test_devices_that_finish_leave_no_last_will(mosquitto, listener):
    publish(mosquitto)
    assert not any(b'"offline"' in payload for _, payload, _ in listener.heard)


def publish_through_an_outage(mosquitto: Mosquitto) -> Published:
    """Publish a session while the broker is stopped after 60 messages, and started again."""
    restart = threading.Timer(0.3, mosquitto.start)
    said = itertools.count(1)

    def stop_halfway(_: RawArrival) -> None:
        if next(said) == 60:
            mosquitto.stop()
            restart.start()

    result = publish(mosquitto, on_publish=stop_halfway)
    restart.join()
    return result


def test_a_broker_that_goes_away_in_the_middle_loses_nothing(mosquitto, listener):
    publish_through_an_outage(mosquitto)
    expected = published(session())
    listener.wait_for(lambda: {(t, p) for t, p, _ in listener.heard} >= set(expected))
    for topic, payloads in by_topic(expected).items():
        heard = [p for t, p, _ in listener.heard if t == topic and p in set(payloads)]
        assert list(dict.fromkeys(heard)) == list(dict.fromkeys(payloads))  # repeats aside


def test_devices_take_their_last_will_back_when_the_broker_returns(mosquitto, listener):
    publish_through_an_outage(mosquitto)
    listener.wait_for(lambda: any(b'"offline"' in payload for _, payload, _ in listener.heard))
    late = Listener(mosquitto.port, "stores/tiny/devices/+/status", name="late")
    late.wait_for(lambda: len(late.heard) >= 4)
    late.close()
    assert all(b'"online"' in payload for _, payload, _ in late.heard)


def test_a_broker_that_starts_late_hears_everything(tmp_path):
    mosquitto = Mosquitto(tmp_path)
    late = threading.Timer(0.3, mosquitto.start)
    late.start()
    try:
        assert publish(mosquitto).acknowledged == len(published(session()))
    finally:
        late.join()
        mosquitto.stop()


def test_a_broker_that_never_comes_is_named_with_what_is_missing():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = Broker(port=probe.getsockname()[1])
    said = len(published(session()))
    with pytest.raises(UnreachableError, match=rf"{said} of {said} messages .* within 0.2 s"):
        publish_live(session(), broker=nobody, speed=math.inf, drain_s=0.2)


def test_device_times_move_together_when_a_session_is_rebased(mosquitto, listener):
    publish(mosquitto, rebase_to_us=session()[0].received_us + 5_000_000)
    expected = published(session())
    listener.wait_for(lambda: len(listener.heard) >= len(expected))
    weights = "stores/tiny/shelves/shelf-1/weights"
    moved = [msgspec.json.decode(p)["time_us"] for t, p, _ in listener.heard if t == weights][:3]
    before = [msgspec.json.decode(p)["time_us"] for t, p in expected if t == weights][:3]
    assert moved == [time_us + 5_000_000 for time_us in before]


def test_moving_a_payload_in_time_changes_nothing_else_of_it():
    payload = b'{"device":"a","time_us":1000,"text":"\\"time_us\\":5"}'
    assert shifted(payload, 250) == b'{"device":"a","time_us":1250,"text":"\\"time_us\\":5"}'


class HurriedClock:
    """A wall clock on which sleeping takes no time."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float, /) -> None:
        self.now_s += seconds


@pytest.mark.parametrize("speed", [1.0, 4.0])
def test_messages_leave_when_they_are_due_at_the_chosen_speed(speed):
    clock = HurriedClock()
    arrivals = [RawArrival(START_US + at_ms * 1_000, "t", b"") for at_ms in (0, 40, 40, 2_000)]
    left_s = [clock.now_s for _ in _paced(arrivals, speed, clock)]
    assert left_s == pytest.approx([0.0, 0.04 / speed, 0.04 / speed, 2.0 / speed])
