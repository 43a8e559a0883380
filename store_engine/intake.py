"""The front door: payloads become validated messages, or refusals that say why.

Pure: bytes in, values out. Bad input is counted data here, never an exception; whoever runs the
door keeps each refusal in a dead-letter record and goes on.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from store_engine.biometrics import biometric_in, withheld
from store_engine.catalog import Catalog
from store_engine.messages import (
    SCHEMA_VERSION,
    Arrival,
    CameraFrame,
    Heard,
    Message,
    PricesChanged,
    ShelfWeights,
    TrackedPeople,
)
from store_engine.ports import RawArrival
from store_engine.price_book import unfit
from store_engine.store import Store
from store_engine.topics import TOPICS, Topic, speakers

KEYPOINTS = 17  # COCO order
_KEYPOINTS_ALLOWED = (KEYPOINTS, 0)
MAX_PAYLOAD_BYTES = 4 * 1024 * 1024  # a frame of 256 people is under 300 KB (measured)
EDGE_DEVICES = frozenset({"clock", "accounts", "payments", "catalog", "office"})


class Refusal(NamedTuple):
    """A payload that was not let in, and why: one dead-letter record."""

    raw: RawArrival
    reason: str


class _Version(msgspec.Struct):
    version: int = SCHEMA_VERSION


class _Refused(Exception):  # noqa: N818 - control flow inside this module, not an error of callers
    """Carries the reason out of the checks."""


class _Codec(NamedTuple):
    """Decoders of one message type."""

    topic: Topic
    json: Callable[[bytes], Message]
    msgpack: Callable[[bytes], Message]


def is_msgpack(payload: bytes) -> bool:
    """Return whether the payload starts as a MessagePack map (JSON starts with a brace)."""
    return bool(payload) and (0x80 <= payload[0] <= 0x8F or payload[0] in (0xDE, 0xDF))


def refuse_biometrics(raw: RawArrival) -> Refusal | None:
    """Return the refusal of a payload with biometrics, keeping none of its bytes; else None."""
    found = biometric_in(raw.payload, packed=is_msgpack(raw.payload))
    if found is None:
        return None
    kept = RawArrival(raw.received_us, raw.topic, withheld(raw.payload, found))
    return Refusal(kept, f"{found}: no biometrics come in, whatever they are for")


class FrontDoor:
    """Lets the messages of one store in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._catalog = store.catalog
        self._products = store.catalog.products
        self._codecs = {_leaf(topic.pattern): _codec(topic) for topic in TOPICS if _heard(topic)}
        self._routes: dict[str, tuple[_Codec, str]] = {}  # of topics seen and found good
        self._cells: dict[str, int] = {
            device: len(cells) for device, cells in store.map.cells.items()
        }
        self._speakers = {**speakers(store.map), "edge": EDGE_DEVICES}

    def accept(self, raw: RawArrival) -> Arrival | Refusal:
        """Return the validated message, or the reason it was refused."""
        biometric = refuse_biometrics(raw)
        if biometric is not None:
            return biometric
        try:
            return Arrival(self._decode(raw.topic, raw.payload), raw.received_us)
        except _Refused as refused:
            return Refusal(raw, str(refused))

    def _decode(self, topic: str, payload: bytes) -> Message:
        route = self._routes.get(topic)
        if route is None:
            route = self._routes[topic] = self._route(topic)
        codec, device = route
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise _Refused(f"payload has {len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
        packed = is_msgpack(payload)
        try:
            message = codec.msgpack(payload) if packed else codec.json(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _Refused(_why_malformed(payload, packed=packed, error=error)) from None
        self._check(message, device)
        if packed:
            _check_finite(message)
        return message

    def _route(self, topic: str) -> tuple[_Codec, str]:
        parts = topic.split("/")
        if len(parts) != 5 or parts[0] != "stores":
            raise _Refused(f"topic {topic!r} is not stores/<store>/<kind>/<device>/<what>")
        _, store, kind, device, what = parts
        if store != self._store.map.store:
            raise _Refused(f"unknown store {store!r}: this engine runs {self._store.map.store!r}")
        codec = self._codecs.get(f"{kind}/{what}")
        if codec is None:
            raise _Refused(f"topic {topic!r}: nothing is heard on {kind}/<device>/{what}")
        if device not in self._speakers[kind]:
            raise _Refused(f"unknown device {device!r} among the {kind} of store {store!r}")
        return codec, device

    def _check(self, message: Heard, device: str) -> None:
        if message.version != SCHEMA_VERSION:
            raise _Refused(_wrong_version(message.version))
        if message.device != device:
            raise _Refused(f"message says device {message.device!r}, its topic says {device!r}")
        if isinstance(message, ShelfWeights):
            self._check_cells(message)
        elif isinstance(message, CameraFrame):
            self._check_people(message)
        elif isinstance(message, PricesChanged):
            self._check_book(message.book)

    def _check_book(self, book: Catalog) -> None:
        for promotion, limit in unfit(book, self._catalog):
            where = f', promotion "{promotion}"' if promotion else ""
            raise _Refused(f'price book "{book.version}"{where}: {limit}')

    def _check_cells(self, weights: ShelfWeights) -> None:
        configured = self._cells[weights.device]
        for index, row in enumerate(weights.samples):
            if len(row) != configured:
                raise _Refused(
                    f"shelf controller {weights.device}: {configured} cells configured, "
                    f"{len(row)} received in sample {index}"
                )

    def _check_people(self, frame: CameraFrame) -> None:
        for index, person in enumerate(frame.people):
            left, top, right, bottom = person.box
            if left > right or top > bottom:
                raise _Refused(f"person {index}: box {person.box} is inside out")
            if len(person.keypoints) not in _KEYPOINTS_ALLOWED:
                raise _Refused(
                    f"person {index}: {len(person.keypoints)} keypoints, need 0 or {KEYPOINTS}"
                )
            for gtin in person.in_hand:
                if gtin not in self._products:
                    raise _Refused(f"person {index}: unknown product {gtin!r} in hand")


def _heard(topic: Topic) -> bool:
    return topic.flow in ("heard", "edge")


def _leaf(pattern: str) -> str:
    """`stores/{store}/gates/{id}/scans` -> `gates/scans`."""
    _, _, kind, _, what = pattern.split("/")
    return f"{kind}/{what}"


def _codec(topic: Topic) -> _Codec:
    json: Any = msgspec.json.Decoder(topic.message)
    msgpack: Any = msgspec.msgpack.Decoder(topic.message)
    return _Codec(topic, json.decode, msgpack.decode)


def _wrong_version(version: int) -> str:
    return f"schema version {version} is not spoken here: this engine speaks {SCHEMA_VERSION}"


def _why_malformed(payload: bytes, *, packed: bool, error: Exception) -> str:
    """Say the version if that is what is wrong, since another version may look quite different."""
    try:
        decode = msgspec.msgpack.decode if packed else msgspec.json.decode
        version = decode(payload, type=_Version).version
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        version = SCHEMA_VERSION
    if version != SCHEMA_VERSION:
        return _wrong_version(version)
    encoding = "MessagePack" if packed else "JSON"
    kind = "invalid" if isinstance(error, msgspec.ValidationError) else "malformed"
    return f"{kind} {encoding}: {error}"


def _check_finite(message: Message) -> None:
    """MessagePack can spell NaN and infinity; JSON cannot."""
    numbers: Iterable[float]
    if isinstance(message, ShelfWeights):
        numbers = (cell for row in message.samples for cell in row if cell is not None)
    elif isinstance(message, CameraFrame | TrackedPeople):
        numbers = _floats_in(msgspec.to_builtins(message.people))
    else:
        numbers = _floats_in(msgspec.to_builtins(message))
    if not all(map(math.isfinite, numbers)):
        raise _Refused("a number is NaN or infinite; spell an absent value as nil")


def _floats_in(value: Any) -> Iterable[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _floats_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _floats_in(item)
