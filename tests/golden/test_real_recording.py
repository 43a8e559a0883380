"""The real recording of the AutoCheckout competition, case BENCHMARK-1, to its true receipt."""

from pathlib import Path

import msgspec
import pytest

from store_engine.adapters.aifi import read_aifi
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.effects import LocalResponder
from store_engine.events import ChargeSettled, Event, ItemAdded, ReceiptIssued
from store_engine.replay import Replay
from store_engine.store_files import load_store

STORE = Path(__file__).parents[2] / "configs" / "nanostore"
SHOPPER = "aifi:3325379692103139202"
WATER = "071142008582"


def replayed(folder: Path) -> list[Event]:
    store = load_store(STORE)
    payments = InMemoryPayments({SHOPPER: "tok_test"})
    replay = Replay(store, LocalResponder(payments=payments))
    return list(replay.run(read_aifi(folder, store.map)))


@pytest.fixture(scope="module")
def events(shared_data: Path) -> list[Event]:
    return replayed(shared_data / "aifi-benchmark-1")


def test_one_shopper_bought_one_bottle_of_water_and_nothing_else(events):
    (receipt,) = [event.receipt for event in events if isinstance(event, ReceiptIssued)]
    assert receipt.account == SHOPPER
    assert [(line.gtin, line.quantity, line.charged) for line in receipt.lines] == [
        (WATER, 1, True)
    ]
    assert receipt.lines[0].posterior > 0.95


def test_the_charge_is_what_the_receipt_says(events):
    (receipt,) = [event.receipt for event in events if isinstance(event, ReceiptIssued)]
    assert [e.amount for e in events if isinstance(e, ChargeSettled)] == [receipt.total]


def test_no_swing_of_a_neighbouring_plate_ever_shows_in_the_cart(events):
    assert [event.gtin for event in events if isinstance(event, ItemAdded)] == [WATER]


def test_replaying_it_again_gives_the_same_bytes(events, shared_data):
    encode = msgspec.json.Encoder().encode
    again = replayed(shared_data / "aifi-benchmark-1")
    assert [encode(event) for event in again] == [encode(event) for event in events]
