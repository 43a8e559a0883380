import base64
import itertools
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.adapters.recordings import McapRecording
from store_engine.biometrics import biometric_in, is_biometric_name, withheld
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import CameraFrame, PersonDetection
from store_engine.ports import RawArrival
from store_engine.topics import TOPICS
from store_engine.web.document import document
from tests.tiny_store import tiny_store

FRAMES = "stores/tiny/cameras/cam/frames"
FRAME = CameraFrame(
    device="cam",
    sequence=0,
    time_us=1,
    people=(PersonDetection(box=(1.0, 2.0, 3.0, 4.0), score=0.9, appearance=(0.1, 0.2)),),
)
NAMES = [
    "face", "faces", "face_id", "faceEmbedding", "FaceEmbedding", "FACE-ID", "faceid", "left_face",
    "facial", "facialLandmarks", "iris", "iris_code", "retina", "retinaScan", "fingerprint",
    "finger_print", "palmPrint", "palm_vein", "voice", "voiceprint", "gait", "biometric",
    "biometrics", "HTTPFaceVector", "face2",
]  # fmt: skip
HARMLESS = [
    "surface", "interface", "facing", "facings", "facet", "irish", "invoice", "finger", "palm",
    "appearance", "in_hand", "box", "head", "left_wrist", "nose", "image_width", "",
]  # fmt: skip
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4
ENCODINGS = [(msgspec.json.encode, False), (msgspec.msgpack.encode, True)]


def frame(**more):
    fields = msgspec.to_builtins(FRAME)
    fields["people"][0].update(more)
    return fields


def every_name_in(schema):
    """Yield every property that a JSON schema knows, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from every_name_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from every_name_in(part)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_recognised_however_it_is_spelled(name):
    assert is_biometric_name(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_name_that_only_looks_alike_is_harmless(name):
    assert not is_biometric_name(name)


@pytest.mark.parametrize(("encode", "packed"), ENCODINGS, ids=["JSON", "MessagePack"])
@pytest.mark.parametrize("name", NAMES)
def test_a_field_is_found_at_any_depth(name, encode, packed):
    for fields in (frame(**{name: [0.1]}), {**frame(), name: 1}, frame(more=[{"a": {name: None}}])):
        assert biometric_in(encode(fields), packed=packed) == f"a field {name!r}"


@given(st.sampled_from(NAMES), st.sampled_from(NAMES[0]))
def test_a_name_in_json_escapes_is_found_too(name, letter):
    escaped = "".join(f"\\u{ord(sign):04x}" if sign == letter else sign for sign in name)
    assert biometric_in(f'{{"{escaped}": 1}}'.encode(), packed=False) == f"a field {name!r}"


@pytest.mark.parametrize(("encode", "packed"), ENCODINGS, ids=["JSON", "MessagePack"])
@pytest.mark.parametrize("name", HARMLESS[:-1])
def test_harmless_fields_and_every_value_pass(name, encode, packed):
    fields = frame(**{name: "face cream", "note": ["voice", 'a "face": of'], "x": "\\u0066"})
    assert biometric_in(encode(fields), packed=packed) is None


def test_a_picture_is_found_by_how_it_begins():
    coded = base64.b64encode(PICTURE).decode()
    assert biometric_in(PICTURE, packed=False) == "it is a picture, or a sound"
    assert biometric_in(msgspec.json.encode(frame(crop=coded)), packed=False) == "a picture"
    assert biometric_in(msgspec.msgpack.encode(frame(crop=PICTURE)), packed=True) == "a picture"


@pytest.mark.parametrize("cut", [b'{"face_embedding": [0.12, 0.3', b'{"fa\\u0063e": ['])
def test_what_cannot_be_read_but_may_be_one_is_not_kept(cut):
    assert biometric_in(cut, packed=False) is not None
    assert b"0.12" not in withheld(cut, "cut off")


@given(st.binary(max_size=200), st.booleans())
def test_no_payload_raises(payload, packed):
    found = biometric_in(payload, packed=packed)
    assert found is None or isinstance(found, str)


@pytest.mark.parametrize(("encode", "packed"), ENCODINGS, ids=["JSON", "MessagePack"])
def test_the_front_door_refuses_it_and_keeps_none_of_its_bytes(encode, packed):
    payload = encode(frame(face_embedding=[0.5, 0.25]))
    refused = FrontDoor(tiny_store()).accept(RawArrival(1, FRAMES, payload))
    assert isinstance(refused, Refusal)
    assert refused.reason.startswith("a field 'face_embedding': no biometrics come in")
    assert (
        refused.raw.payload
        == f"(withheld, {len(payload)} bytes: a field 'face_embedding')".encode()
    )


def test_the_front_door_still_takes_a_frame_with_an_unknown_harmless_field():
    payload = msgspec.json.encode(frame(surface="floor"))
    assert not isinstance(FrontDoor(tiny_store()).accept(RawArrival(1, FRAMES, payload)), Refusal)


@pytest.mark.parametrize(
    "topic",
    [FRAMES, "stores/tiny/cameras/stranger/frames", "stores/tiny/edge/accounts/ticks", "nowhere"],
)
def test_a_service_keeps_and_records_nothing_of_it_from_wherever_it_comes(shop, topic):
    shop.broker.send(topic, msgspec.json.encode(frame(face_embedding="Wk3sY9qF0pLm")))
    shop.work()
    shop.settle_down()
    (letter,) = shop.reading.dead_letters()
    assert letter.raw.payload.startswith(b"(withheld")
    recorded = b"".join(raw.payload for raw in McapRecording(shop.folder / "session.mcap"))
    files = [path.read_bytes() for path in shop.folder.iterdir() if path.is_file()]
    assert not any(b"Wk3sY9qF0pLm" in data for data in (recorded, *files))


def test_no_message_has_a_field_for_it():
    types = [topic.message for topic in TOPICS]
    schemas, definitions = msgspec.json.schema_components(types)
    names = set(every_name_in([*schemas, definitions]))
    assert {"keypoints", "credential"} <= names
    assert [name for name in names if is_biometric_name(name)] == []


def test_nothing_of_the_http_api_has_a_field_for_it():
    names = set(every_name_in(json.loads(document())))
    assert "account" in names
    assert [name for name in names if is_biometric_name(name)] == []


def test_no_table_has_a_column_for_it():
    from store_engine.adapters.database.tables import metadata  # noqa: PLC0415

    columns = itertools.chain.from_iterable(t.columns.keys() for t in metadata.tables.values())
    assert [name for name in columns if is_biometric_name(name)] == []
