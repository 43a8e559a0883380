"""How payloads travel in a recording: one channel per topic and encoding, honest labels."""

import re
from functools import cache
from typing import Literal

import msgspec

from store_engine.topics import TOPICS

Encoding = Literal["json", "msgpack", "octet-stream"]

# First byte of a MessagePack map: fixmap, map 16, map 32 (msgpack.org/spec).
_MSGPACK_MAP = frozenset((*range(0x80, 0x90), 0xDE, 0xDF))
_JSON_OBJECT = ord("{")


def encoding_of(payload: bytes) -> Encoding:
    """Return what a payload is spelled in, told by its first byte; junk is labelled as junk."""
    first = payload[0] if payload else -1
    if first == _JSON_OBJECT:
        return "json"
    return "msgpack" if first in _MSGPACK_MAP else "octet-stream"


def message_type_on(topic: str) -> type[msgspec.Struct] | None:
    """Return the type of the messages on a topic, None where the table lists none."""
    return next((message for pattern, message in _patterns() if pattern.fullmatch(topic)), None)


@cache
def json_schema(message: type[msgspec.Struct]) -> bytes:
    """Return the JSON Schema of a message type: what Foxglove shows fields from.

    Foxglove wants `type: object` at the top, so the reference to the definition is unfolded.
    """
    (top,), definitions = msgspec.json.schema_components([message], ref_template="#/$defs/{name}")
    body = definitions.pop(top["$ref"].rsplit("/", 1)[-1]) if "$ref" in top else top
    return msgspec.json.encode({**body, "$defs": definitions} if definitions else body)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], type[msgspec.Struct]], ...]:
    return tuple(
        (re.compile(topic.pattern.format(store="[^/]+", id="[^/]+")), topic.message)
        for topic in TOPICS
    )
