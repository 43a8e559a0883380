import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import Arrival, GateScan
from store_engine.ports import RawArrival
from tests.tiny_store import tiny_store

DOOR = FrontDoor(tiny_store())
WEIGHTS = "stores/tiny/shelves/shelf-1/weights"
SCANS = "stores/tiny/gates/door/scans"
FRAMES = "stores/tiny/cameras/cam/frames"


def heard(type_: str, device: str, /, **fields: object) -> dict[str, object]:
    return {"type": type_, "sequence": 0, "time_us": 1_000, "device": device} | fields


def weights(**fields: object) -> dict[str, object]:
    batch = {"rate_hz": 60.0, "samples": [[1.0, None, 2.0]], **fields}
    return heard("shelf_weights", "shelf-1", **batch)


def frame(**person: object) -> dict[str, object]:
    people = [{"box": [0, 0, 10, 20], "score": 0.9, **person}]
    return heard("camera_frame", "cam", people=people)


def knock(topic: str, payload: object) -> Arrival | Refusal:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return DOOR.accept(RawArrival(5_000, topic, raw))


def test_a_good_payload_becomes_a_message_with_its_receiving_time():
    accepted = knock(SCANS, heard("gate_scan", "door", credential="c"))
    assert isinstance(accepted, Arrival)
    assert accepted.received_us == 5_000
    assert accepted.message == GateScan(device="door", sequence=0, time_us=1_000, credential="c")


def test_messagepack_is_accepted_beside_json():
    packed = knock(WEIGHTS, msgspec.msgpack.encode(weights()))
    assert packed == knock(WEIGHTS, weights())


def test_fields_this_engine_does_not_know_are_ignored():
    assert isinstance(knock(WEIGHTS, weights(firmware="9.1")), Arrival)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (WEIGHTS, b"{not json", "malformed JSON"),
        (WEIGHTS, b"", "malformed JSON"),
        (WEIGHTS, b"\xff\xfe", "malformed JSON"),
        (WEIGHTS, b"\x85\xa1", "malformed MessagePack"),
        (WEIGHTS, weights(samples=[[1.0, 2.0]]), "3 cells configured, 2 received in sample 0"),
        (WEIGHTS, b'{"type":"shelf_weights","samples":[[NaN]]}', "malformed JSON"),
        (WEIGHTS, msgspec.msgpack.encode(weights(samples=[[float("nan"), None, 1.0]])), "NaN"),
        (WEIGHTS, msgspec.msgpack.encode(weights(samples=[[float("inf"), None, 1.0]])), "NaN"),
        (WEIGHTS, weights(rate_hz=0), "rate_hz"),
        (WEIGHTS, weights(version=2), "schema version 2 is not spoken here"),
        (WEIGHTS, {"version": 7, "cells": "elsewhere"}, "schema version 7"),
        (WEIGHTS, weights(device="shelf-2"), "its topic says 'shelf-1'"),
        (WEIGHTS, weights(sequence=-1), "sequence"),
        ("stores/other/shelves/shelf-1/weights", weights(), "unknown store 'other'"),
        ("stores/tiny/shelves/shelf-9/weights", weights(), "unknown device 'shelf-9'"),
        ("stores/tiny/cameras/door/frames", frame(), "unknown device 'door' among the cameras"),
        ("stores/tiny/shelves/shelf-1/colours", weights(), "nothing is heard on"),
        ("somewhere/else", weights(), "is not stores/"),
        (SCANS, weights(), "invalid JSON"),
        (FRAMES, frame(in_hand={"00000000": 0.5}), "unknown product '00000000' in hand"),
        (FRAMES, frame(box=[10, 0, 0, 20]), "inside out"),
        (FRAMES, frame(keypoints=[[1, 2, 0.5]] * 3), "3 keypoints, need 0 or 17"),
        (FRAMES, frame(score=1.5), "score"),
    ],
)
def test_a_bad_payload_is_refused_with_a_reason_that_names_the_thing(topic, payload, reason):
    refused = knock(topic, payload)
    assert isinstance(refused, Refusal)
    assert reason in refused.reason


@given(payload=st.binary(max_size=200), topic=st.sampled_from([WEIGHTS, SCANS, FRAMES, "x"]))
def test_no_payload_whatever_raises(payload, topic):
    assert isinstance(knock(topic, payload), Refusal)


def test_a_huge_payload_is_refused_before_it_is_read():
    refused = knock(WEIGHTS, b"[" * (5 * 1024 * 1024))
    assert isinstance(refused, Refusal)
    assert "at most" in refused.reason


def test_a_deeply_nested_payload_is_refused():
    assert isinstance(knock(WEIGHTS, b"[" * 100_000), Refusal)
