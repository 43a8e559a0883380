"""A session in which card numbers come in from everywhere; afterwards every byte is searched."""

import logging

import msgspec
import pytest
import structlog

from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.recordings import McapRecorder, McapRecording
from store_engine.errors import RequestError
from store_engine.intake import FrontDoor
from store_engine.messages import DeviceStatus, GateCrossing, GateScan, ShelfWeights
from store_engine.service import Adapters, Service
from store_engine.topics import heard_topic
from tests.app.tiny_world import MemoryBroker, TinyEngine
from tests.office.desk_world import DeskWorld
from tests.tiny_store import tiny_store

NUMBERS = ("4111111111111111", "5555555555554444", "378282246310005", "6011000990139424")
SPELLINGS = [
    *NUMBERS,
    "4111 1111 1111 1111",
    "5555-5555-5555-4444",
    "3782 822463 10005",
    "%B4111111111111111^DOE/ADA^2512101000?",
    ";6011000990139424=25121010000012300001?",
    "tok_4111111111111111",
]
SCANS = "stores/tiny/gates/door/scans"


class Shop(DeskWorld):
    """A service at work beside the desk, with a recording and a log."""

    def __init__(self, folder):
        super().__init__(folder)
        self.broker = MemoryBroker()
        self.sent = 0
        self.service = Service(
            store="tiny",
            engine=TinyEngine(),
            door=FrontDoor(tiny_store()),
            adapters=Adapters(
                records=SqlRecords(self.database, store="tiny"),
                listener=self.broker,
                publisher=self.broker,
                accounts=self.desk,
                payments=self.till,
                recorder=McapRecorder(folder / "session.mcap", store="tiny"),
                veil=self.vault.veil,
            ),
            tick_s=0.005,
            snapshot_every_s=1_000.0,
            wall_ns=lambda: self.now_us * 1_000,
        )
        self.service.start()
        self.reading = RecordsReader(self.database)

    def number(self):
        self.sent += 1
        return self.sent

    def scan(self, credential, *, packed=False, **more):
        said = GateScan(
            device="door", sequence=self.number(), time_us=self.now_us, credential=credential
        )
        fields = msgspec.to_builtins(said) | more
        encode = msgspec.msgpack.encode if packed else msgspec.json.encode
        self.broker.send(SCANS, encode(fields))

    def work(self):
        """Let everything that was sent be handled, and answered."""
        for _ in range(2_000):
            self.service.turn()
            if not self.broker.unacknowledged and not self.reading.pending_effects():
                return
        raise AssertionError(self.service.status())


@pytest.fixture
def shop(tmp_path):
    log = (tmp_path / "engine.log").open("w")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(log),
    )
    shop = Shop(tmp_path)
    yield shop
    structlog.reset_defaults()
    log.close()


def kept_in(folder):
    """Every byte that was kept, file by file; a recording without its compression."""
    kept = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path in folder.rglob("*.mcap"):
        kept[path.name] += b"".join(raw.topic.encode() + raw.payload for raw in McapRecording(path))
    return kept


def found_in(folder):
    """(file, number) of every card number that was kept, however it is spelled."""
    return [
        (name, number)
        for name, kept in kept_in(folder).items()
        for number in NUMBERS
        if number.encode() in kept.replace(b" ", b"").replace(b"-", b"")
    ]


def present_everywhere(shop):
    for text in SPELLINGS:
        shop.scan(text)
        shop.scan(text, packed=True)
        shop.scan("qr-ada", note=text)
        shop.scan(["no text", text])
        shop.scan(text, version=9)
        shop.broker.send(SCANS, text.encode())
        shop.broker.send(f"stores/tiny/gates/{text.replace('/', '')}/scans", b"{}")
        shop.broker.send("stores/tiny/edge/accounts/entry-decisions", text.encode())
        shop.broker.send("stores/tiny/cameras/cam/frames", b'{"people": "%s"}' % text.encode())
        shop.broker.send("stores/tiny/gates/door/crossings", crossing(shop, direction=text))
        status = DeviceStatus(
            device="door", sequence=0, time_us=shop.now_us, state="degraded", detail=text
        )
        shop.broker.send(heard_topic("tiny", status), msgspec.json.encode(status))


def crossing(shop, **changed):
    said = GateCrossing(device="door", sequence=shop.number(), time_us=shop.now_us, direction="in")
    return msgspec.json.encode(msgspec.to_builtins(said) | changed)


def write_everywhere(shop):
    for text in SPELLINGS:
        for written in (
            lambda text=text: shop.registry.add(text),
            lambda text=text: shop.registry.add("eve", name=text),
            lambda text=text: shop.registry.add("eve", methods=[text]),
            lambda text=text: shop.registry.add_credential("ada", text),
            lambda text=text: shop.registry.add_method("ada", text),
            lambda text=text: shop.registry.block("ada", text),
        ):
            with pytest.raises(RequestError):
                written()


def test_no_card_number_is_in_any_byte_that_was_kept(shop, tmp_path):
    shop.registry.add("ada", methods=["tok_ada"], credentials=["qr-ada"])
    present_everywhere(shop)
    write_everywhere(shop)
    shop.work()
    shop.service.close()
    assert {"office.sqlite", "session.mcap", "engine.log"} <= kept_in(tmp_path).keys()
    assert b"h:number:" in kept_in(tmp_path)["session.mcap"]
    assert found_in(tmp_path) == []


def test_and_yet_everything_else_about_it_was_kept(shop):
    present_everywhere(shop)
    shop.work()
    letters = shop.reading.dead_letters()
    assert len(letters) == 7 * len(SPELLINGS)
    assert any(b"****" in letter.raw.payload for letter in letters)
    asked = [e for e in shop.reading.events() if e.__struct_config__.tag == "entry_requested"]
    assert len(asked) == 3 * len(SPELLINGS)
    shop.service.close()


def test_the_search_finds_what_it_searches_for(tmp_path):
    (tmp_path / "note").write_text(f"pay with {SPELLINGS[4]}")
    assert found_in(tmp_path) == [("note", "4111111111111111")]


def test_no_credential_is_kept_either(shop, tmp_path):
    shop.registry.add("ada", methods=["tok_ada"], credentials=["qr-ada-secret"])
    badge = (shop.registry.add("rob", role="staff"), shop.registry.add_badge("rob"))[1]
    code = shop.code()
    for credential in ("qr-ada-secret", badge, code):
        shop.scan(credential)
    shop.work()
    shop.service.close()
    accepted = [kept for kept in kept_in(tmp_path).values() if b"entry_decision" in kept]
    assert accepted
    for credential in (b"qr-ada-secret", badge.encode(), code.rpartition(".")[2].encode()):
        assert [n for n, kept in kept_in(tmp_path).items() if credential in kept] == []


def test_measurements_that_resemble_a_card_number_are_not_harmed(shop):
    weights = ShelfWeights(
        device="shelf-1",
        sequence=0,
        time_us=shop.now_us,
        rate_hz=60.0,
        samples=((4111111111111111.0, None, 1.0),),
    )
    shop.broker.send(heard_topic("tiny", weights), msgspec.json.encode(weights))
    shop.work()
    assert shop.service.status().get("refused", 0) == 0
    shop.service.close()
