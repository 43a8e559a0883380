"""Plays a session to a real broker: one MQTT connection per simulated device, at a chosen pace.

A broker may go away meanwhile: every connection keeps what was not acknowledged and sends it
again, oldest first, when the broker is back (QoS 1, so something may arrive twice; sequence
numbers tell).

Clocks. Device times stay as simulated unless `rebase_to_us` moves them all by one constant.
`speed` only sets the pace: at speed s the simulated device clocks run s times faster than the
wall clock, so a listener that compares the two must scale its own by s.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from store_engine.errors import UnreachableError
from store_engine.messages import DeviceStatus
from store_engine.ports import RawArrival
from store_engine.topics import TOPICS, Topic, topic_for
from store_engine.units import US_PER_S

KEEP_ALIVE_S = 15  # guess: a loaded machine may pause a simulated device for seconds
RECONNECT_S = 1  # between attempts; the client library counts in whole seconds
IN_FLIGHT = 100  # unacknowledged messages per device on the wire; guess
DRAIN_S = 30.0  # how long to wait for the last acknowledgements; guess

_TIME = re.compile(rb'"time_us":(\d+)')
_BOOT = re.compile(rb'"boot":(\d+)')


class Broker(NamedTuple):
    """Where to publish."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = None


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


def shifted(payload: bytes, shift_us: int) -> bytes:
    """Return a JSON payload with its device time moved; all other bytes stay as they are."""
    return _TIME.sub(lambda found: b'"time_us":%d' % (int(found[1]) + shift_us), payload, count=1)


class _Devices:
    """The connections of all devices, opened when a device first speaks."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._devices: dict[str, _Device] = {}
        self._first_us: int | None = None

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
        if name not in self._devices:
            self._devices[name] = _Device(self._broker, store, name, payload)
        self._devices[name].publish(arrival.topic, payload, topic)
        return True

    def drain(self, limit_s: float) -> int:
        """Wait for all acknowledgements and return their number."""
        until_s = time.monotonic() + limit_s
        missing = {
            name: left
            for name, device in self._devices.items()
            if (left := device.wait_until_heard(until_s))
        }
        said = sum(device.said for device in self._devices.values())
        if missing:
            which = ", ".join(f"{name}: {left}" for name, left in missing.items())
            raise UnreachableError(
                f"broker {self._broker.host}:{self._broker.port}: {sum(missing.values())} of "
                f"{said} messages not acknowledged within {limit_s:g} s ({which})"
            )
        return said

    def close(self) -> None:
        """Leave politely: no last wills."""
        for device in self._devices.values():
            device.close()


class _Device:
    """One device's connection, with its last will."""

    def __init__(self, broker: Broker, store: str, name: str, first: bytes) -> None:
        self.said = 0
        self._heard = 0
        self._progress = threading.Condition()
        self._status: tuple[str, bytes] | None = None
        self._was_connected = False
        # A stable name and a kept session: what was on its way is sent again after an outage.
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"{store}-{name}", clean_session=False
        )
        client.max_queued_messages_set(0)  # unlimited
        client.max_inflight_messages_set(IN_FLIGHT)
        client.reconnect_delay_set(RECONNECT_S, RECONNECT_S)
        client.on_socket_open = _send_at_once
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        _leave_will(client, store, name, first)
        client.connect_async(broker.host, broker.port, keepalive=KEEP_ALIVE_S)
        client.loop_start()
        self._client = client

    def publish(self, topic: str, payload: bytes, how: Topic) -> None:
        """Queue a message; the client's thread sends it when it can."""
        if how.message is DeviceStatus:
            self._status = topic, payload
        self._send(self._client, topic, payload, how)

    def _send(self, client: mqtt.Client, topic: str, payload: bytes, how: Topic) -> None:
        with self._progress:
            self.said += 1
        client.publish(topic, payload, qos=how.qos, retain=how.retain)

    def wait_until_heard(self, until_s: float) -> int:
        """Return how many messages are still unacknowledged at `until_s` (monotonic), 0 if none."""
        with self._progress:
            self._progress.wait_for(
                lambda: self._heard >= self.said, timeout=max(until_s - time.monotonic(), 0.0)
            )
            return self.said - self._heard

    def close(self) -> None:
        """Disconnect without a will."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        """After an outage the broker has published the last will: take it back."""
        if self._was_connected and self._status is not None:
            topic, payload = self._status
            self._send(client, topic, payload, topic_for(DeviceStatus))
        self._was_connected = True

    def _on_publish(self, *_: Any) -> None:
        with self._progress:
            self._heard += 1
            self._progress.notify_all()


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


def _leave_will(client: mqtt.Client, store: str, name: str, first: bytes) -> None:
    """Set the last will: sequence 0, and the clock and life of the device's first message."""
    boot, time_us = _BOOT.search(first), _TIME.search(first)
    will = DeviceStatus(
        device=name,
        sequence=0,
        boot=int(boot[1]) if boot else 0,
        time_us=int(time_us[1]) if time_us else 0,
        state="offline",
    )
    how = topic_for(DeviceStatus)
    topic = how.pattern.format(store=store, id=name)
    client.will_set(topic, msgspec.json.encode(will), qos=how.qos, retain=how.retain)


def _send_at_once(_client: mqtt.Client, _userdata: Any, connection: Any) -> None:
    """Do not hold back small packets: 20 ms become 0.3 ms (measured at 500 messages a second)."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
