"""Plays a session to a real broker: one MQTT connection per simulated device, at a chosen pace.

A broker may go away meanwhile: every connection keeps what was not acknowledged and sends it,
oldest first, when the broker is back (QoS 1, so something may arrive twice; sequence numbers
tell).

Clocks. Device times stay as simulated unless `rebase_to_us` moves them all by one constant.
`speed` only sets the pace: at speed s the simulated device clocks run s times faster than the
wall clock, so a listener that compares the two must scale its own by s.
"""

import re
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from sim.device_link import Broker, DeviceLink, shifted
from store_engine.errors import UnreachableError
from store_engine.ports import RawArrival
from store_engine.topics import TOPICS, Topic
from store_engine.units import US_PER_S

DRAIN_S = 30.0  # how long to wait for the last acknowledgements; guess


class Published(NamedTuple):
    """What became of a session."""

    acknowledged: int
    skipped: int  # messages of the edge itself, which a broker never carries


class Clock(Protocol):
    """The wall clock, so that a test may hurry it."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Let `seconds` pass."""
        ...


def publish_live(
    arrivals: Iterable[RawArrival],
    *,
    broker: Broker,
    speed: float = 1.0,
    rebase_to_us: int | None = None,
    drain_s: float = DRAIN_S,
    on_publish: Callable[[RawArrival], None] | None = None,
    clock: Clock = time,
) -> Published:
    """Publish a session and return when the broker has acknowledged all of it.

    speed: store seconds per second; `math.inf` for as fast as the broker takes it.
    rebase_to_us: what the first arrival's time becomes; all device times move along.
    Raises `UnreachableError`, naming how much is missing, when the broker has not acknowledged
    everything `drain_s` seconds after the last message was due.
    """
    devices = _Devices(broker)
    skipped = 0
    try:
        for arrival in _paced(arrivals, speed, clock):
            shift_us = 0 if rebase_to_us is None else rebase_to_us - devices.first_us(arrival)
            if devices.say(arrival, shift_us):
                if on_publish is not None:
                    on_publish(arrival)
            else:
                skipped += 1
        return Published(devices.drain(drain_s), skipped)
    finally:
        devices.close()


def _paced(arrivals: Iterable[RawArrival], speed: float, clock: Clock) -> Iterable[RawArrival]:
    began_s, first_us = clock.monotonic(), None
    for arrival in arrivals:
        first_us = arrival.received_us if first_us is None else first_us
        due_s = began_s + (arrival.received_us - first_us) / US_PER_S / speed
        wait_s = due_s - clock.monotonic()
        if wait_s > 0.0:
            clock.sleep(wait_s)
        yield arrival


class _Devices:
    """The connections of all devices, opened when a device first speaks."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._links: dict[str, DeviceLink] = {}
        self._first_us: int | None = None
        self._said = 0

    def first_us(self, arrival: RawArrival) -> int:
        """Return when the session's first message arrived."""
        if self._first_us is None:
            self._first_us = arrival.received_us
        return self._first_us

    def say(self, arrival: RawArrival, shift_us: int) -> bool:
        """Publish as its device would; False for what no device says."""
        address = _address(arrival.topic)
        if address is None:
            return False
        store, name, topic = address
        payload = shifted(arrival.payload, shift_us) if shift_us else arrival.payload
        if name not in self._links:
            self._links[name] = DeviceLink(self._broker, store, name, payload)
        self._links[name].publish(arrival.topic, payload, topic)
        self._said += 1
        for link in self._links.values():
            link.flush()
        return True

    def drain(self, limit_s: float) -> int:
        """Wait until everything is acknowledged; return how much that is."""
        until_s = time.monotonic() + limit_s
        missing = {name: link.wait_until_heard(until_s) for name, link in self._links.items()}
        if any(missing.values()):
            which = ", ".join(f"{name}: {left}" for name, left in missing.items() if left)
            raise UnreachableError(
                f"broker {self._broker.host}:{self._broker.port}: {sum(missing.values())} of "
                f"{self._said} messages not acknowledged within {limit_s:g} s ({which})"
            )
        return self._said

    def close(self) -> None:
        """Leave politely: no last wills."""
        for link in self._links.values():
            link.close()


def _address(topic: str) -> tuple[str, str, Topic] | None:
    """Return (store, device, how it travels) of a topic that devices publish on."""
    for how, pattern in _HEARD:
        found = pattern.fullmatch(topic)
        if found:
            return found["store"], found["id"], how
    return None


def _pattern(topic: Topic) -> re.Pattern[str]:
    return re.compile(topic.pattern.format(store="(?P<store>[^/]+)", id="(?P<id>[^/]+)"))


_HEARD = tuple((topic, _pattern(topic)) for topic in TOPICS if topic.flow == "heard")
