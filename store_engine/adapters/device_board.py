"""What devices last said about themselves, heard from the broker (port `DeviceBoard`).

The broker keeps the last status of each device and hands it over at once, so a board that starts
late knows as much as one that was there.
"""

import threading
import time
from collections.abc import Mapping

import msgspec

from store_engine.messages import DeviceStatus
from store_engine.ports import Delivery, Listener
from store_engine.ports.api import DeviceState
from store_engine.topics import topic_for

_decode = msgspec.json.Decoder(DeviceStatus).decode
_decode_packed = msgspec.msgpack.Decoder(DeviceStatus).decode


def status_filter(store: str) -> tuple[str, int]:
    """Return what a board subscribes to: topic filter and QoS (0: the last one is enough)."""
    return topic_for(DeviceStatus).pattern.format(store=store, id="+"), 0


class HeardBoard:
    """Remembers the last status of each device that the store knows."""

    def __init__(self, devices: Mapping[str, str]) -> None:
        """`devices`: their kinds, by name."""
        self._lock = threading.Lock()
        self._states = {
            device: DeviceState(device=device, kind=kind, state="never heard")
            for device, kind in sorted(devices.items())
        }

    def listen(self, listener: Listener) -> None:
        """Begin to listen."""

        def deliver(topic: str, payload: bytes, delivery: Delivery) -> None:
            self.hear(topic, payload)
            listener.acknowledge([delivery])

        listener.start(deliver)

    def hear(self, topic: str, payload: bytes) -> None:
        """Take a status in; what is none, or of a stranger, is passed over."""
        device = topic.split("/")[3]
        try:
            said = (_decode if payload[:1] == b"{" else _decode_packed)(payload)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        with self._lock:
            known = self._states.get(device)
            if known is not None and said.device == device:
                self._states[device] = DeviceState(
                    device=device,
                    kind=known.kind,
                    state=said.state,
                    detail=said.detail,
                    heard_us=time.time_ns() // 1_000,
                )

    def states(self) -> list[DeviceState]:
        """Return the last state of every device that the store knows."""
        with self._lock:
            return list(self._states.values())
