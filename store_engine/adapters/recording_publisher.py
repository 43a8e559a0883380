"""Publications kept in a recording instead of sent (port `Publisher`)."""

import msgspec

from store_engine.ports import RawArrival, RecordingSink


class _Timed(msgspec.Struct):
    time_us: int


class RecordingPublisher:
    """Records what a device says, as heard at the very moment the device gives it.

    A recording made beside the device knows no network: nothing is delayed or lost.
    """

    def __init__(self, sink: RecordingSink) -> None:
        self._sink = sink
        self._decode = msgspec.json.Decoder(_Timed).decode

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Append a JSON payload. Raises `RecordingError` when the disk is full."""
        del qos, retain  # a recording keeps everything, once
        self._sink.write(RawArrival(self._decode(payload).time_us, topic, payload))

    def pending(self) -> int:
        """Nothing ever waits."""
        return 0
