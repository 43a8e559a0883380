"""Publications kept in a recording instead of sent (port `Publisher`)."""

import msgspec

from store_engine.messages import Tick
from store_engine.ports import RawArrival, RecordingSink
from store_engine.topics import heard_topic

TICK_EVERY_US = 100_000  # as often as a running edge says that it has nothing more


class _Timed(msgspec.Struct):
    time_us: int


class RecordingPublisher:
    """Records what a device says, as if an edge had heard it at the device's own time.

    A recording made beside the device knows no network: nothing is delayed or lost. The ticks of
    that edge are in it, so an engine that replays it does not wait for the other devices.
    """

    def __init__(self, sink: RecordingSink, *, store: str) -> None:
        self._sink = sink
        self._store = store
        self._decode = msgspec.json.Decoder(_Timed).decode
        self._ticks = 0
        self._ticked_us = 0

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Append a JSON payload. Raises `RecordingError` when the disk is full."""
        del qos, retain  # a recording keeps everything, once
        time_us = self._decode(payload).time_us
        self._sink.write(RawArrival(time_us, topic, payload))
        if time_us - self._ticked_us >= TICK_EVERY_US:
            self._tick(time_us)

    def pending(self) -> int:
        """Nothing ever waits."""
        return 0

    def _tick(self, time_us: int) -> None:
        tick = Tick(device="clock", sequence=self._ticks, time_us=time_us)
        self._ticks, self._ticked_us = self._ticks + 1, time_us
        payload = msgspec.json.encode(tick)
        self._sink.write(RawArrival(time_us, heard_topic(self._store, tick), payload))
