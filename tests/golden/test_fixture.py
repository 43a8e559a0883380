"""A recorded session in the repository, its truth, and what the engine decides about it."""

from pathlib import Path

import msgspec
import pytest

from sim.truth import read_truth
from store_engine.adapters.recordings import McapRecording
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.effects import LocalResponder
from store_engine.engine import Engine
from store_engine.events import Event, ReceiptIssued
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import Arrival, Receipt
from store_engine.replay import Replay
from store_engine.store_files import load_accounts, load_store

ROOT = Path(__file__).parents[2]
STORE = ROOT / "configs" / "nanostore"
FIXTURE = ROOT / "fixtures" / "three-shoppers.mcap"
POSTERIOR_TOLERANCE = 0.05  # floating point and small changes of method may move a posterior


def responder() -> LocalResponder:
    accounts = load_accounts(STORE)
    return LocalResponder(accounts=accounts, payments=InMemoryPayments(accounts.payments))


def receipts(events: list[Event]) -> list[Receipt]:
    return [event.receipt for event in events if isinstance(event, ReceiptIssued)]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return list(Replay(load_store(STORE), responder()).run(McapRecording(FIXTURE)))


def test_receipts_are_the_golden_ones(events):
    golden = msgspec.json.decode(
        FIXTURE.with_suffix(".receipts.json").read_bytes(), type=list[Receipt]
    )
    for receipt, expected in zip(receipts(events), golden, strict=True):
        assert (receipt.visit, receipt.account) == (expected.visit, expected.account)
        assert (receipt.subtotal, receipt.tax, receipt.total) == (
            expected.subtotal,
            expected.tax,
            expected.total,
        )
        for line, known in zip(receipt.lines, expected.lines, strict=True):
            assert (line.gtin, line.quantity, line.charged) == (
                known.gtin,
                known.quantity,
                known.charged,
            )
            assert line.posterior == pytest.approx(known.posterior, abs=POSTERIOR_TOLERANCE)


def test_the_golden_receipts_are_the_truth(events):
    owed = {
        visit.account: dict(visit.items)
        for visit in read_truth(FIXTURE.with_suffix(".truth.json")).visits
    }
    charged = {
        receipt.account: {line.gtin: line.quantity for line in receipt.lines if line.charged}
        for receipt in receipts(events)
    }
    assert charged == owed


def test_every_line_names_recorded_messages(events):
    door = FrontDoor(load_store(STORE))
    accepted = (door.accept(raw) for raw in McapRecording(FIXTURE))
    recorded = {one.message.ref for one in accepted if isinstance(one, Arrival)}
    for receipt in receipts(events):
        for line in receipt.lines:
            assert line.causes
            assert set(line.causes) <= recorded


def test_an_engine_restored_from_a_snapshot_decides_the_same_bytes(events):
    engine, other, answers = Engine(load_store(STORE)), Engine(load_store(STORE)), responder()
    door, encode = FrontDoor(load_store(STORE)), msgspec.json.Encoder().encode
    decided: list[Event] = []
    for count, raw in enumerate(McapRecording(FIXTURE)):
        if count % 97 == 96:
            other.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(engine.snapshot())))
            engine, other = other, Engine(load_store(STORE))
        waiting = [door.accept(raw)]
        for arrival in waiting:
            assert not isinstance(arrival, Refusal)
            new = engine.handle(arrival)
            decided += new
            for event in new:
                waiting += answers.answer(event, received_us=raw.received_us)
    assert [encode(event) for event in decided] == [encode(event) for event in events]
