"""What was presented at a gate is out of sight from the moment it comes in."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.errors import RecordsError
from store_engine.messages import DeviceStatus, GateScan, ShelfWeights
from store_engine.office.handles import is_handle, kind_of_handle
from store_engine.office.vault import KEPT_S, Vault
from store_engine.ports import RawArrival
from store_engine.topics import heard_topic
from tests.access.signed_codes import code
from tests.office.desk_world import DeskWorld

VISA = "4111111111111111"
SCANS = "stores/shop/gates/door/scans"


@pytest.fixture
def world(tmp_path):
    world = DeskWorld(tmp_path)
    yield world
    world.close()


@pytest.fixture
def vault(world):
    return world.vault


def scan(presented, **more):
    heard = GateScan(device="door", sequence=1, time_us=5, credential=presented)
    return RawArrival(9, SCANS, msgspec.json.encode(msgspec.to_builtins(heard) | more))


def credential_in(raw):
    return msgspec.json.decode(raw.payload, type=GateScan).credential


def test_a_scan_comes_out_with_a_handle_and_is_otherwise_the_same(vault):
    veiled = vault.veil(scan("qr-ada"))
    assert credential_in(veiled) == vault.handle("qr-ada")
    assert msgspec.json.decode(veiled.payload, type=GateScan).time_us == 5
    assert b"ada" not in veiled.payload


def test_the_same_credential_has_the_same_handle_and_another_another(vault):
    assert credential_in(vault.veil(scan("a"))) == vault.handle("a") != vault.handle("b")


def test_a_handle_cannot_be_made_without_the_secret(world):
    other = Vault(world.gates, secret=b"x" * 32, now_us=world.now, card_prefixes=())
    assert other.handle("qr-ada") != world.vault.handle("qr-ada")


@given(credential=st.text(min_size=1))
def test_whatever_is_presented_has_a_handle_that_tells_only_its_kind(credential):
    vault = Vault(None, secret=b"s" * 32, now_us=lambda: 0, card_prefixes=("tok_",))
    assert is_handle(vault.handle(credential))


@pytest.mark.parametrize(
    ("credential", "kind"),
    [(code(), "code"), ("tok_ada", "card"), ("badge-1", "token"), (VISA, "card number")],
    ids=["code", "card", "token", "card number"],
)
def test_a_handle_tells_what_kind_it_stands_for(vault, credential, kind):
    assert kind_of_handle(vault.handle(credential)) == kind


def test_a_handle_read_somewhere_opens_no_gate(world):
    world.registry.add("ada", methods=["tok_ada"], credentials=["qr-ada"])
    stolen = world.vault.handle("qr-ada")
    veiled = credential_in(world.vault.veil(scan(stolen)))
    admission = world.desk.admit(veiled, time_us=world.now_us, entry=world.entry())
    assert admission.reason == "unknown credential"


def test_all_card_numbers_look_the_same(vault):
    assert vault.take(VISA) == vault.take("5555 5555 5555 4444")


def test_codes_are_put_away_until_they_are_decided_upon(vault):
    handle = vault.take(code())
    assert vault.reveal(handle) == code()
    vault.throw_away(handle)
    assert vault.reveal(handle) is None


def test_nothing_else_is_put_away(vault):
    assert [vault.reveal(vault.take(one)) for one in ("qr-ada", VISA)] == [None, None]


def test_a_code_is_still_there_after_a_restart(world):
    handle = world.vault.take(code())
    world.start()
    assert world.vault.reveal(handle) == code()


def test_a_code_that_nobody_decides_upon_is_forgotten(world):
    handle = world.vault.take(code())
    world.pass_s(KEPT_S + 1)
    assert world.vault.reveal(handle) is None
    world.tap("qr-nobody")  # the desk tidies up
    assert world.gates.look_up(handle) is None


def test_a_failing_database_does_not_hold_up_the_gate(vault, world, monkeypatch):
    def fails(_):
        raise RecordsError("disk full")

    monkeypatch.setattr(world.gates, "put_away", fails)
    handle = vault.take(code())
    assert vault.reveal(handle) == code()


def test_fields_that_a_scan_does_not_have_are_left_out(vault):
    assert b"hello" not in vault.veil(scan("qr-ada", note="hello")).payload


def test_a_scan_in_messagepack_is_veiled_too(vault):
    packed = msgspec.msgpack.encode(msgspec.json.decode(scan("qr-ada").payload))
    assert credential_in(vault.veil(RawArrival(9, SCANS, packed))) == vault.handle("qr-ada")


@pytest.mark.parametrize("wrong", [{"version": 9}, {"credential": ["qr-ada"]}, {"time_us": "x"}])
def test_a_scan_that_will_be_refused_is_veiled_too(vault, wrong):
    assert b"qr-ada" not in vault.veil(scan("qr-ada", **wrong)).payload


@given(payload=st.binary(max_size=60))
def test_what_cannot_be_read_keeps_only_its_length(payload):
    vault = Vault(None, secret=b"s" * 32, now_us=lambda: 0, card_prefixes=())
    veiled = vault.veil(RawArrival(9, SCANS, b"[" + payload))
    assert veiled.payload == f"(a scan of {len(payload) + 1} bytes that cannot be read)".encode()


def test_a_card_number_in_another_text_of_a_device_is_masked(vault):
    status = DeviceStatus(
        device="door", sequence=1, time_us=5, state="degraded", detail=f"read {VISA}"
    )
    raw = RawArrival(9, heard_topic("shop", status), msgspec.json.encode(status))
    veiled = msgspec.json.decode(vault.veil(raw).payload, type=DeviceStatus)
    assert veiled.detail == "read ****************"


def test_measurements_are_never_touched(vault):
    weights = ShelfWeights(device="s", sequence=1, time_us=5, rate_hz=60, samples=((float(VISA),),))
    raw = RawArrival(9, heard_topic("shop", weights), msgspec.json.encode(weights))
    assert vault.veil(raw) is raw
