"""One device's messages, back in sequence and on the edge's clock.

Clock alignment takes the least delay seen over the last minute of traffic (received time minus
device time): a message cannot arrive before it was sent, and the least delayed one had almost
nothing but the offset between the two clocks in it (Paxson, "On calibrating measurements of
packet transit times", SIGMETRICS 1998). Offsets within `clock_tolerance_ms` are left alone. A
batch of readings cannot be sent before its last one: its delay counts from its end.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from store_engine.messages import Arrival, Message, ShelfWeights
from store_engine.store import Policy
from store_engine.units import US_PER_S

BUCKET_US = 5 * US_PER_S  # delays are summarised per 5 s of traffic (guess)
BUCKETS = 12  # ... and remembered for a minute of it (guess)
# A positive offset looks like a backlog at first: believe it only after this many buckets (guess).
BUCKETS_TO_BELIEVE_SLOW = 3
HOLD_AT_MOST = 256  # messages held for one missing before it is given up (guess)


class Aligned(NamedTuple):
    """One message in sequence, with its event time on the edge's clock."""

    time_us: int
    until_us: int  # the device has told everything up to then: later than `time_us` for a batch
    message: Message
    correction_us: int
    clock_moved: bool  # the correction changed by more than the tolerance


class _Clock:
    """Offset of one device's clock against the edge's."""

    def __init__(self, policy: Policy) -> None:
        self._tolerance_us = policy.clock_tolerance_ms * 1_000
        self._nominal_us = policy.nominal_latency_ms * 1_000
        self._buckets: list[list[int]] = []  # [bucket number by received time, least delay]
        self._last_device_us = -1
        self._was_set = False  # the clock was seen being set: a positive offset is no backlog
        self.correction_us = 0

    def compare(self, device_us: int, received_us: int) -> bool:
        """Take in a moment of the device's clock, just before it sent; whether that moved much."""
        stepped = device_us < self._last_device_us - self._tolerance_us
        if stepped:
            self._step_back(device_us, received_us)
        self._last_device_us = device_us
        news = self._note_delay(received_us - device_us, received_us // BUCKET_US)
        return (news or stepped) and self._correct()

    def _correct(self) -> bool:
        """Correct by what is wanted now; asking again without news changes nothing."""
        wanted = self._wanted_correction()
        moved = abs(wanted - self.correction_us) > self._tolerance_us
        if moved or wanted == 0:
            self.correction_us = wanted
        return moved

    def _step_back(self, device_us: int, received_us: int) -> None:
        """Within one life, in sequence, time went backwards: the clock was set."""
        least = min((delay for _, delay in self._buckets), default=self._nominal_us)
        set_back_us = received_us - device_us - least
        self._buckets = [[bucket, delay + set_back_us] for bucket, delay in self._buckets]
        self._was_set = True

    def _note_delay(self, delay_us: int, bucket: int) -> bool:
        """Note one delay; return whether it said anything new, as few do."""
        if self._buckets and self._buckets[-1][0] == bucket:
            if delay_us >= self._buckets[-1][1]:
                return False
            self._buckets[-1][1] = delay_us
        else:
            self._buckets.append([bucket, delay_us])
            del self._buckets[:-BUCKETS]
        return True

    def _wanted_correction(self) -> int:
        offset = min(delay for _, delay in self._buckets) - self._nominal_us
        if abs(offset) <= self._tolerance_us:
            return 0
        if offset > 0 and not self._was_set and len(self._buckets) < BUCKETS_TO_BELIEVE_SLOW:
            return self.correction_us
        return offset

    def snapshot(self) -> list[Any]:
        return [
            [list(bucket) for bucket in self._buckets],
            self._last_device_us,
            self._was_set,
            self.correction_us,
        ]

    def restore(self, snapshot: list[Any]) -> None:
        buckets, self._last_device_us, self._was_set, self.correction_us = snapshot
        self._buckets = [list(bucket) for bucket in buckets]


class DeviceLine:
    """Sequence, lives and clock of one device."""

    def __init__(self, policy: Policy, counters: Counter[str]) -> None:
        self._policy = policy
        self._patience_us = policy.watermark_ms * 1_000
        self._counters = counters
        self._clock = _Clock(policy)
        self._boot = -1
        self._past_boots: list[int] = []
        self._next = 0
        self._last_message_us = -1
        self._last_event_us = -1
        self._held: dict[int, Arrival] = {}

    def admit(self, arrival: Arrival) -> list[Aligned]:
        """Return the messages that are next in sequence, none while one is missing."""
        message = arrival.message
        if message.sequence == self._next and message.boot == self._boot and not self._held:
            return [self._release(arrival)]  # as nearly always
        released: list[Aligned] = []
        if message.boot != self._boot:
            if message.boot in self._past_boots:
                self._counters["late"] += 1
                return []
            released += self._give_up_waiting()
            self._begin_life(message)
        elif self._restarted_without_saying(message):
            self._counters["sequence_restarts"] += 1
            released += self._give_up_waiting()
            self._begin_life(message)
        if message.sequence < self._next or message.sequence in self._held:
            self._counters["duplicates"] += 1
            return released
        self._held[message.sequence] = arrival
        released += self._in_sequence()
        if len(self._held) > HOLD_AT_MOST:
            released += self._give_up_waiting()
        return released

    def pass_time(self, now_us: int) -> list[Aligned]:
        """Give up on a missing message once those behind it have waited long enough."""
        if not self._held:
            return []
        oldest_us = min(arrival.received_us for arrival in self._held.values())
        return self._give_up_waiting() if now_us - oldest_us >= self._patience_us else []

    def _begin_life(self, message: Message) -> None:
        if self._boot >= 0 and message.boot != self._boot:
            self._past_boots = [*self._past_boots, self._boot][-8:]
        self._boot = message.boot
        self._next = message.sequence
        self._last_message_us = -1

    def _restarted_without_saying(self, message: Message) -> bool:
        """A lower sequence with newer time is no repeat: the device began to count again."""
        newer_by_us = message.time_us - self._last_message_us
        return message.sequence < self._next and newer_by_us > 0 <= self._last_message_us

    def _in_sequence(self) -> list[Aligned]:
        released = []
        while self._next in self._held:
            released.append(self._release(self._held.pop(self._next)))
        return released

    def _give_up_waiting(self) -> list[Aligned]:
        released = []
        for sequence in sorted(self._held):
            if sequence != self._next:
                self._counters["gaps"] += 1
            released.append(self._release(self._held.pop(sequence)))
        return released

    def _release(self, arrival: Arrival) -> Aligned:
        message = arrival.message
        self._next = message.sequence + 1
        self._last_message_us = message.time_us
        span_us = _span_us(message)
        moved = self._clock.compare(message.time_us + span_us, arrival.received_us)
        correction_us = self._clock.correction_us
        time_us = max(message.time_us + correction_us, self._last_event_us + 1)
        self._last_event_us = time_us
        return Aligned(time_us, time_us + span_us, message, correction_us, moved)

    def snapshot(self) -> dict[str, Any]:
        """Return everything that later messages depend on."""
        return {
            "clock": self._clock.snapshot(),
            "boot": self._boot,
            "past_boots": list(self._past_boots),
            "next": self._next,
            "last_message_us": self._last_message_us,
            "last_event_us": self._last_event_us,
            "held": [msgspec.to_builtins(self._held[key]) for key in sorted(self._held)],
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Become the line that took `snapshot`."""
        self._clock.restore(snapshot["clock"])
        self._boot = snapshot["boot"]
        self._past_boots = list(snapshot["past_boots"])
        self._next = snapshot["next"]
        self._last_message_us = snapshot["last_message_us"]
        self._last_event_us = snapshot["last_event_us"]
        held = [msgspec.convert(arrival, Arrival) for arrival in snapshot["held"]]
        self._held = {arrival.message.sequence: arrival for arrival in held}


def _span_us(message: Message) -> int:
    """Return how long a device collected what it says, in microseconds of its clock."""
    if isinstance(message, ShelfWeights):
        return round(len(message.samples) / message.rate_hz * US_PER_S)
    return 0
