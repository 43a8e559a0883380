"""Odd visits and bad devices, from hardware messages to charges."""

from pathlib import Path

import pytest

from sim.scenarios import Scenario
from sim.session import simulate
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.effects import LocalResponder
from store_engine.events import (
    AlertRaised,
    ChargeDeclined,
    ChargeRequested,
    ChargeSettled,
    EntryRefused,
    Event,
    ItemAdded,
    ReceiptIssued,
    VisitStarted,
)
from store_engine.replay import Replay
from store_engine.store_files import load_accounts, load_store

STORE = Path(__file__).parents[2] / "configs" / "nanostore"
WATER, COLA = "071142008582", "049000042566"
TAKE_WATER = {"do": "take", "gtin": WATER}


def play(*people: dict, credential: str = "demo-ada", **scenario: object) -> list[Event]:
    """Everything the engine decides about scripted people who present `credential`."""
    return replayed(credential, scripted=people, **scenario)[0]


def replayed(credential: str, *, seed: int = 3, **scenario: object) -> tuple[list[Event], Replay]:
    store, accounts = load_store(STORE), load_accounts(STORE)
    arrivals, _ = simulate(
        Scenario.model_validate({"name": "odd", "lead_s": 1, "tail_s": 2, **scenario}),
        store,
        seed=seed,
        credentials=[(credential, "whoever")],
    )
    responder = LocalResponder(accounts=accounts, payments=InMemoryPayments(accounts.payments))
    replay = Replay(store, responder)
    return list(replay.run(arrivals)), replay


def of(kind: type, events: list[Event]) -> list:
    return [event for event in events if isinstance(event, kind)]


def alerts(events: list[Event]) -> set[str]:
    return {event.alert.kind for event in of(AlertRaised, events)}


def baskets(events: list[Event]) -> list[list[tuple[str, int]]]:
    receipts = [event.receipt for event in of(ReceiptIssued, events)]
    return [[(line.gtin, line.quantity) for line in receipt.lines] for receipt in receipts]


def test_a_shopper_who_takes_one_bottle_is_charged_for_it_once():
    events = play({"name": "a", "steps": [TAKE_WATER]})
    assert baskets(events) == [[(WATER, 1)]]
    assert len(of(ChargeSettled, events)) == 1


def test_a_shopper_who_leaves_with_nothing_gets_an_empty_receipt_and_no_charge():
    events = play({"name": "a", "steps": [{"do": "browse", "gtin": WATER}]})
    assert baskets(events) == [[]]
    assert of(ChargeRequested, events) == []


def test_a_shopper_who_puts_it_back_owes_nothing():
    events = play({"name": "a", "steps": [TAKE_WATER, {"do": "return", "gtin": WATER}]})
    assert baskets(events) == [[]]


@pytest.mark.parametrize(
    ("credential", "reason"),
    [("no-such-code", "unknown credential"), ("demo-expira", "credential expired")],
)
def test_a_credential_that_is_not_good_opens_nothing_and_charges_nobody(credential, reason):
    events = play({"name": "a", "steps": [TAKE_WATER]}, credential=credential)
    assert [event.reason for event in of(EntryRefused, events)] == [reason]
    assert of(VisitStarted, events) == of(ReceiptIssued, events) == []
    assert "tailgater" in alerts(events)


def test_a_crossing_without_a_scan_raises_an_alert_and_charges_nobody():
    events = play({"name": "a", "scan": False, "steps": [TAKE_WATER]})
    assert of(ChargeRequested, events) == []
    assert "tailgater" in alerts(events)


def test_what_a_tailgater_takes_is_not_charged_to_the_shopper_beside():
    events = play(
        {"name": "a", "steps": [{"do": "browse", "gtin": COLA, "seconds": 20}]},
        {"name": "b", "scan": False, "at_s": 4, "steps": [TAKE_WATER]},
    )
    assert baskets(events) == [[]]


def test_a_second_scan_of_the_same_credential_joins_the_visit():
    events = play(
        {"name": "a", "steps": [TAKE_WATER]},
        {"name": "b", "with": "a", "steps": [{"do": "take", "gtin": COLA}]},
    )
    assert sorted(baskets(events)[0]) == sorted([(WATER, 1), (COLA, 1)])
    assert len(of(VisitStarted, events)) == len(of(ChargeRequested, events)) == 1


def test_a_declined_card_leaves_the_debt_open_and_says_so():
    events = play({"name": "a", "steps": [TAKE_WATER]}, credential="demo-declan")
    assert [event.reason for event in of(ChargeDeclined, events)] == ["card declined"]
    assert of(ChargeSettled, events) == []
    assert "card_declined" in alerts(events)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "garbage", "rate": 0.05},
        {"kind": "duplicates", "rate": 0.3},
        {"kind": "reordering", "rate": 0.2},
        {"kind": "dropped_batches", "rate": 0.1, "device": "gondola-1"},
        {"kind": "clock_skew", "device": "gondola-1", "offset_s": 2.5},
        {"kind": "clock_skew", "device": "tracker-1", "offset_s": 3.0},
        {"kind": "clock_step", "device": "gondola-1", "at_s": 8.0, "step_s": -3.0},
        {"kind": "device_reboot", "device": "gondola-1", "at_s": 6.0},
        {"kind": "late", "device": "tracker-1", "delay_ms": 200.0},
    ],
    ids=lambda fault: "-".join(str(part) for part in fault.values()),
)
def test_a_bad_device_changes_no_receipt(fault):
    people = [{"name": "a", "steps": [TAKE_WATER, {"do": "take", "gtin": COLA}]}]
    events = replayed("demo-ada", scripted=people, faults=[fault])[0]
    assert [sorted(basket) for basket in baskets(events)] == [sorted([(WATER, 1), (COLA, 1)])]


def test_a_gap_across_the_moment_of_a_pick_loses_no_pick():
    people = [{"name": "a", "steps": [TAKE_WATER]}]
    (added,) = of(ItemAdded, play(*people))
    picked_s = (added.time_us - Scenario.model_fields["start_us"].default) / 1e6
    gap = {
        "kind": "dropped_batches",
        "device": "gondola-1",
        "from_s": picked_s - 2,
        "until_s": picked_s + 1,
    }
    events, replay = replayed("demo-ada", scripted=people, faults=[gap])
    assert replay.engine.counters["gaps"] == 1
    assert baskets(events) == [[(WATER, 1)]]


def test_refused_payloads_are_kept_with_their_reasons():
    _, replay = replayed("demo-ada", scripted=[{"name": "a"}], faults=[{"kind": "garbage"}])
    assert replay.refusals
    assert all(refusal.reason and refusal.raw.payload is not None for refusal in replay.refusals)
