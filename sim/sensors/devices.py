"""Devices as they speak: lives between outages, sequence numbers, clocks, last wills."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal, NamedTuple

from sim.faults import ClockSkew, ClockStep, DeadDevice, DeviceReboot, Fault
from sim.sensors.outgoing import FIRST_SEQUENCE, Outgoing, Stamp
from store_engine.messages import DeviceStatus, Message
from store_engine.units import to_us

KEEP_ALIVE_US = 5_000_000  # MQTT keep-alive of a device; guess
WILL_AFTER_US = KEEP_ALIVE_US * 3 // 2  # MQTT 3.1.1, section 3.1.2.10: one and a half times
CONNECT_US = 20_000  # a connection is up this long after the device is; guess

Clock = Callable[[int], int]


class Spoken(NamedTuple):
    """One stamped message on its way."""

    received_us: int
    device: str
    stamp: Stamp
    build: Callable[[Stamp], Message]


class _Life(NamedTuple):
    boot: int
    start_us: int
    end_us: int | None  # None: to the end of the session
    will_us: int | None  # when the broker publishes the last will


def device_clock(device: str, faults: Sequence[Fault], start_us: int) -> Clock:
    """Return how this device reads its clock at a true time."""

    def read(true_us: int) -> int:
        elapsed_s = (true_us - start_us) / 1e6
        shift_s = 0.0
        for fault in faults:
            if isinstance(fault, ClockSkew) and fault.device == device:
                shift_s += fault.offset_s + fault.drift_ppm * 1e-6 * elapsed_s
            elif isinstance(fault, ClockStep) and fault.device == device:
                shift_s += fault.step_s if elapsed_s >= fault.at_s else 0.0
        return max(true_us + to_us(shift_s), 0)

    return read


def speak(
    device: str, outgoing: Iterable[Outgoing], faults: Sequence[Fault], start_us: int
) -> list[Spoken]:
    """Return what one device says: `outgoing` without what an outage swallowed, stamped.

    Messages of one life arrive in order, as over one connection. A last will is written when the
    device connects, so it carries sequence 0 and the clock of that moment; the first message of
    a life has sequence 1.
    """
    clock = device_clock(device, faults, start_us)
    waiting = sorted(outgoing, key=lambda message: message.sent_us)
    spoken: list[Spoken] = []
    for life in _lives(device, faults, start_us):
        said = [
            message
            for message in waiting
            if life.start_us <= message.sent_us
            and (life.end_us is None or message.sent_us < life.end_us)
        ]
        spoken += _live(device, life, said, clock)
    return spoken


def _live(device: str, life: _Life, said: Sequence[Outgoing], clock: Clock) -> Iterable[Spoken]:
    connected_us = clock(life.start_us)
    latest_us = life.start_us + CONNECT_US
    first = Stamp(FIRST_SEQUENCE, life.boot, connected_us)
    yield Spoken(latest_us, device, first, partial(_status, device, "online"))
    for sequence, message in enumerate(said, start=FIRST_SEQUENCE + 1):
        latest_us = max(latest_us, message.received_us)
        stamp = Stamp(sequence, life.boot, clock(message.time_us))
        yield Spoken(latest_us, device, stamp, message.build)
    if life.will_us is not None:
        will = Stamp(0, life.boot, connected_us)
        yield Spoken(
            max(life.will_us, latest_us), device, will, partial(_status, device, "offline")
        )


def _status(device: str, state: Literal["online", "offline"], stamp: Stamp) -> DeviceStatus:
    return DeviceStatus(
        device=device,
        sequence=stamp.sequence,
        boot=stamp.boot,
        time_us=stamp.time_us,
        state=state,
    )


def _lives(device: str, faults: Sequence[Fault], start_us: int) -> list[_Life]:
    """Return the lives of a device: one more than it has outages with an end."""
    lives: list[_Life] = []
    begins_us: int | None = start_us
    for from_s, until_s in sorted(_outages(device, faults)):
        if begins_us is None:
            break
        end_us = max(start_us + to_us(from_s), begins_us)
        back_us = None if until_s is None else max(start_us + to_us(until_s), end_us)
        will_us = end_us + WILL_AFTER_US
        if back_us is not None:  # the broker drops the old connection when a new one comes
            will_us = min(will_us, back_us)
        lives.append(_Life(len(lives), begins_us, end_us, will_us))
        begins_us = back_us
    if begins_us is not None:
        lives.append(_Life(len(lives), begins_us, None, None))
    return lives


def _outages(device: str, faults: Sequence[Fault]) -> list[tuple[float, float | None]]:
    outages: list[tuple[float, float | None]] = []
    for fault in faults:
        if isinstance(fault, DeadDevice) and fault.device == device:
            outages.append((fault.from_s, fault.until_s))
        elif isinstance(fault, DeviceReboot) and fault.device == device:
            outages.append((fault.at_s, fault.at_s + fault.down_s))
    return outages
