"""What a contestant must do without, taken out of the recording before it is played."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from store_engine.intake import is_msgpack
from store_engine.ports import RawArrival

# COCO order: elbows and wrists. The forearm goes too, or it would point where the wrist was.
ARM_KEYPOINTS = (7, 8, 9, 10)
UNSEEN = [0.0, 0.0, 0.0]  # pixels and score of a keypoint that was not found
WRISTS = ("left_wrist", "right_wrist")


def without_wrists(heard: Iterable[RawArrival]) -> list[RawArrival]:
    """Return the recording as sensors that know no wrists would have made it."""
    return [_edited(raw, _disarm) if _tells_of_people(raw.topic) else raw for raw in heard]


def _tells_of_people(topic: str) -> bool:
    return "/trackers/" in topic or "/cameras/" in topic


def _disarm(person: dict[str, Any]) -> None:
    for wrist in WRISTS:
        person.pop(wrist, None)
    keypoints = person.get("keypoints") or []
    for joint in ARM_KEYPOINTS:
        if joint < len(keypoints):
            keypoints[joint] = UNSEEN


def _edited(raw: RawArrival, edit: Callable[[dict[str, Any]], None]) -> RawArrival:
    """Return the payload with every person edited; what cannot be read stays as it is."""
    codec: Any = msgspec.msgpack if is_msgpack(raw.payload) else msgspec.json
    try:
        message = codec.decode(raw.payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raw
    people = message.get("people") if isinstance(message, dict) else None
    for person in people or ():
        edit(person)
    return raw._replace(payload=codec.encode(message))
