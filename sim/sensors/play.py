"""From what truly happens to what an edge hears."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sim.faults import DeadCells, DriftingShelf, Fault, check_faults
from sim.scene import Scene
from sim.sensors.cameras import camera_frames
from sim.sensors.devices import Spoken, speak
from sim.sensors.gates import gate_messages
from sim.sensors.network import Sent, disturb
from sim.sensors.outgoing import Outgoing, Stamp
from sim.sensors.plan import SensorPlan
from sim.sensors.tracker import tracked_people
from sim.sensors.weights import shelf_weights
from store_engine.messages import Tick
from store_engine.ports import RawArrival
from store_engine.store import Store
from store_engine.topics import heard_topic
from store_engine.units import to_us

SETTLE_S = 4.0  # sensors go on this long after the last person left; guess
TICK_US = 100_000  # the edge's pulse (messages.Tick)
TICKS_AFTER_US = 1_000_000  # ticks go on this long after the last message
CLOCK = "clock"


def play(
    scene: Scene,
    store: Store,
    *,
    sensors: SensorPlan,
    faults: Sequence[Fault] = (),
    seed: int,
) -> Iterator[RawArrival]:
    """Yield everything the edge of `store` hears of `scene`, by time of arrival.

    Ticks are among it; answers to effects are not. Raises `ConfigError` at once for a fault on a
    device that does not exist.
    """
    check_faults(faults, store.map)
    until_s = max((body.left_s for body in scene.people), default=scene.duration_s) + SETTLE_S
    spoken: list[Spoken] = []
    by_device = _by_device(_everything(scene, store, sensors, faults, until_s, seed))
    for device in _fitted(store, sensors):
        spoken += speak(device, by_device.get(device, []), faults, scene.start_us)
    sent = disturb(spoken, faults, start_us=scene.start_us, seed=seed)
    end_us = max([scene.start_us + to_us(until_s), *(message.received_us for message in sent)])
    sent += _ticks(scene.start_us, end_us + TICKS_AFTER_US)
    return _encode(sorted(sent, key=_order), store)


def _everything(
    scene: Scene,
    store: Store,
    sensors: SensorPlan,
    faults: Sequence[Fault],
    until_s: float,
    seed: int,
) -> Iterator[Outgoing]:
    yield from gate_messages(scene, sensors.gates, seed=seed)
    if sensors.cameras:
        yield from camera_frames(scene, store, sensors.cameras, until_s=until_s, seed=seed)
    if sensors.tracker:
        yield from tracked_people(scene, store.map, sensors.tracker, until_s=until_s, seed=seed)
    if sensors.weights:
        on_cells = [fault for fault in faults if isinstance(fault, DriftingShelf | DeadCells)]
        yield from shelf_weights(
            scene, store.map, sensors.weights, on_cells, until_s=until_s, seed=seed
        )


def _by_device(outgoing: Iterable[Outgoing]) -> dict[str, list[Outgoing]]:
    by_device: dict[str, list[Outgoing]] = {}
    for message in outgoing:
        by_device.setdefault(message.device, []).append(message)
    return by_device


def _fitted(store: Store, sensors: SensorPlan) -> list[str]:
    """Return the devices that are switched on, in a stable order."""
    return [
        *store.map.gates,
        *(store.map.cameras if sensors.cameras else ()),
        *(store.map.trackers if sensors.tracker else ()),
        *(store.map.cells if sensors.weights else ()),
    ]


def _ticks(start_us: int, end_us: int) -> list[Sent]:
    times_us = range(start_us + TICK_US, end_us + 1, TICK_US)
    return [
        Sent(Spoken(time_us, CLOCK, Stamp(number, 0, time_us), _tick), time_us)
        for number, time_us in enumerate(times_us)
    ]


def _tick(stamp: Stamp) -> Tick:
    return Tick(device=CLOCK, sequence=stamp.sequence, time_us=stamp.time_us)


def _order(message: Sent) -> tuple[int, bool, str, Stamp, bool]:
    """A tick says the inbox is empty: it comes after what arrived at the same instant."""
    spoken = message.spoken
    is_tick = spoken.device == CLOCK
    return message.received_us, is_tick, spoken.device, spoken.stamp, message.mangle is not None


def _encode(sent: Iterable[Sent], store: Store) -> Iterator[RawArrival]:
    encoder = msgspec.json.Encoder()
    for message in sent:
        spoken = message.spoken
        heard = spoken.build(spoken.stamp)
        payload = encoder.encode(heard)
        if message.mangle is not None:
            payload = message.mangle(payload)
        yield RawArrival(message.received_us, heard_topic(store.map.store, heard), payload)
