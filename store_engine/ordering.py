"""Event time: duplicates, reordering, gaps, clocks and the watermark, settled once for all rooms.

Each message passes two stages.

1. Its *device line* (`device_line.DeviceLine`): one line per device puts the messages of a device
   back in sequence, drops repeats, declares gaps, and aligns the device's clock with the edge's.
2. Its *lane*. Shelf batches leave at once: each controller is independent, so order between
   controllers means nothing. People and gate crossings wait in one buffer, ordered by (event
   time, device, sequence), until the watermark passes them: a tracker needs one order over all
   cameras.

The watermark of a lane is the larger of
- the *frontier*: the least event time up to which every device of the lane has been heard, and
- `tick - watermark_ms`: a tick says that the edge had nothing more to hand over at that time.

The frontier leaves out devices that were never heard, once ticks show that the lane has run for
`NEVER_HEARD_US`: cameras on the map that nobody switched on. It waits for any that was ever heard,
however silent now, because its backlog may come after an outage; one that is heard for the first
time is waited for from then on.

So a backlog after an outage delays nothing wrongly (no ticks while it drains), and a device that
died delays everything by `watermark_ms` at most. What comes later than the watermark is late: a
frame is dropped and counted; a gate crossing leaves at once, behind its time, because money hangs
on it. Device status stands outside: a last will was written long before it is sent.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from store_engine.device_line import Aligned, DeviceLine
from store_engine.messages import (
    Arrival,
    CameraFrame,
    DeviceStatus,
    GateCrossing,
    Message,
    ShelfWeights,
    Tick,
    TrackedPeople,
)
from store_engine.store import Policy
from store_engine.store_map import StoreMap
from store_engine.units import US_PER_S

# A device of the lane that said nothing while others spoke for so long is not there (guess: cameras
# and trackers speak several times a second, and need no longer to start).
NEVER_HEARD_US = 2 * US_PER_S

_PEOPLE = (CameraFrame, TrackedPeople)


class Ordered(NamedTuple):
    """One message in order, with its event time."""

    time_us: int
    message: Message


class ClockNote(NamedTuple):
    """A device clock that had to be corrected by more than before."""

    device: str
    time_us: int
    correction_us: int
    cause: str


class _Lane:
    """Devices that are waited for together, and how far all of them have been heard."""

    def __init__(self, devices: Iterable[str]) -> None:
        self._heard_until: dict[str, int] = {}
        self._unheard = set(devices)  # waited for all the same, in the beginning
        self._began_us: int | None = None  # until when the first word of all told
        self.until_us = 0

    def heard(self, device: str, until_us: int) -> None:
        """A device has told everything up to `until_us`; from now on it is waited for."""
        if self._began_us is None:
            self._began_us = until_us
        self._unheard.discard(device)
        before_us = self._heard_until.get(device, 0)
        if until_us > before_us:
            self._heard_until[device] = until_us
            if before_us <= self.until_us:  # else another device holds the lane back
                self._advance()

    def quiet(self, until_us: int) -> None:
        """The edge had nothing more from before `until_us`."""
        self.until_us = max(self.until_us, until_us)
        if self._began_us is not None and until_us >= self._began_us + NEVER_HEARD_US:
            self._unheard.clear()
            self._advance()

    def _advance(self) -> None:
        if not self._unheard:
            self.until_us = max(self.until_us, min(self._heard_until.values()))

    def snapshot(self) -> dict[str, Any]:
        return {
            "heard_until": dict(self._heard_until),
            "unheard": sorted(self._unheard),
            "began_us": self._began_us,
            "until_us": self.until_us,
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        self._heard_until = dict(snapshot["heard_until"])
        self._unheard = set(snapshot["unheard"])
        self._began_us = snapshot["began_us"]
        self.until_us = snapshot["until_us"]


class Ordering:
    """Turns arrivals into ordered messages."""

    def __init__(self, store_map: StoreMap, policy: Policy) -> None:
        self._policy = policy
        self._watermark_us = policy.watermark_ms * 1_000
        self._lines: dict[str, DeviceLine] = {}
        self._people = _Lane((*store_map.cameras, *store_map.trackers))
        self._shelves = _Lane(store_map.cells)
        self._buffer: list[tuple[int, str, int, int, Message]] = []
        self.counters: Counter[str] = Counter()
        self._clock_notes: list[ClockNote] = []

    @property
    def people_us(self) -> int:
        """Event time up to which people and crossings are complete."""
        return self._people.until_us

    @property
    def shelves_us(self) -> int:
        """Event time up to which shelf readings are complete."""
        return self._shelves.until_us

    def admit(self, arrival: Arrival) -> list[Ordered]:
        """Return what can now be handled, in order."""
        message = arrival.message
        if isinstance(message, Tick):
            return self._pass_time(message)
        if isinstance(message, DeviceStatus):
            return [Ordered(arrival.received_us, message)]
        ready: list[Ordered] = []
        for aligned in self._line(message.device).admit(arrival):
            self._enter_lane(aligned, ready)
        self._release(ready)
        return ready

    def take_clock_notes(self) -> list[ClockNote]:
        """Return and forget what was noticed about clocks since the last call."""
        notes, self._clock_notes = self._clock_notes, []
        return notes

    def _line(self, device: str) -> DeviceLine:
        line = self._lines.get(device)
        if line is None:
            line = self._lines[device] = DeviceLine(self._policy, self.counters)
        return line

    def _pass_time(self, tick: Tick) -> list[Ordered]:
        ready: list[Ordered] = []
        for line in self._lines.values():
            for aligned in line.pass_time(tick.time_us):
                self._enter_lane(aligned, ready)
        quiet_until_us = tick.time_us - self._watermark_us
        self._people.quiet(quiet_until_us)
        self._shelves.quiet(quiet_until_us)
        self._release(ready)
        ready.append(Ordered(tick.time_us, tick))
        return ready

    def _enter_lane(self, aligned: Aligned, ready: list[Ordered]) -> None:
        time_us, until_us, message, correction_us, clock_moved = aligned
        if clock_moved:
            self._clock_notes.append(ClockNote(message.device, time_us, correction_us, message.ref))
        if isinstance(message, ShelfWeights):
            self._shelves.heard(message.device, until_us)
            ready.append(Ordered(time_us, message))
        elif isinstance(message, _PEOPLE):
            if time_us < self._people.until_us:
                self.counters["late"] += 1
            else:
                self._wait(time_us, message)
            self._people.heard(message.device, until_us)
        elif isinstance(message, GateCrossing) and time_us >= self._people.until_us:
            self._wait(time_us, message)
        else:
            ready.append(Ordered(time_us, message))

    def _wait(self, time_us: int, message: Any) -> None:
        """Keep a message until the watermark passes it."""
        entry = (time_us, message.device, message.boot, message.sequence, message)
        heapq.heappush(self._buffer, entry)

    def _release(self, ready: list[Ordered]) -> None:
        while self._buffer and self._buffer[0][0] <= self._people.until_us:
            time_us, _, _, _, message = heapq.heappop(self._buffer)
            ready.append(Ordered(time_us, message))

    def snapshot(self) -> dict[str, Any]:
        """Return everything that later messages depend on."""
        return {
            "lines": {device: line.snapshot() for device, line in self._lines.items()},
            "people": self._people.snapshot(),
            "shelves": self._shelves.snapshot(),
            "buffer": [[entry[0], msgspec.to_builtins(entry[4])] for entry in sorted(self._buffer)],
            "counters": dict(self.counters),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Become the ordering that took `snapshot`."""
        self.counters.clear()
        self.counters.update(snapshot["counters"])
        self._lines = {}
        for device, line in snapshot["lines"].items():
            self._line(device).restore(line)
        self._people.restore(snapshot["people"])
        self._shelves.restore(snapshot["shelves"])
        self._buffer = []
        for time_us, builtins in snapshot["buffer"]:
            self._wait(time_us, msgspec.convert(builtins, Message))
