"""What the provider may answer, and what it does to a tab."""

import pytest

from store_engine.checkout import ANSWERED_KEPT, MOVES, Checkout
from store_engine.errors import InvariantError
from store_engine.events import (
    AlertRaised,
    ChargeDeclined,
    ChargeRequested,
    ChargeSettled,
    ChargeWaived,
    Event,
    ReleaseRequested,
)
from tests.checkout.till import (
    WATER,
    belief,
    charged,
    declined,
    line,
    released,
    started,
    till_store,
)


@pytest.fixture
def checkout() -> Checkout:
    """A till that asked for 1.29 USD."""
    checkout = Checkout(till_store())
    checkout.start(started())
    checkout.settle(belief(line(WATER, 1)))
    return checkout


def kinds(events: list[Event]) -> list[str]:
    return [event.alert.kind if isinstance(event, AlertRaised) else "effect" for event in events]


def test_the_request_id_is_a_function_of_the_visit_alone():
    requests = []
    for quantity, time_us in ((1, 5_000), (3, 9_000)):
        checkout = Checkout(till_store())
        checkout.start(started())
        events = checkout.settle(belief(line(WATER, quantity), time_us=time_us))
        requests += [event.event for event in events if isinstance(event, ChargeRequested)]
    assert requests == ["tiny/door.0.1/charge_requested"] * 2


def test_a_charged_answer_settles_the_visit(checkout: Checkout):
    (settled,) = checkout.paid(charged(129), 10_000)
    assert isinstance(settled, ChargeSettled)
    assert (settled.visit, settled.amount, settled.provider_ref) == ("door.0.1", 129, "p-1")


def test_a_repeated_answer_says_nothing(checkout: Checkout):
    checkout.paid(charged(129), 10_000)
    assert checkout.paid(charged(129), 11_000) == []


def test_a_declined_card_is_an_event_and_an_alert_once(checkout: Checkout):
    refused, alert = checkout.paid(declined(), 10_000)
    assert isinstance(refused, ChargeDeclined)
    assert refused.reason == "insufficient funds"
    assert alert.alert.text == "visit door.0.1: 1.29 USD declined: insufficient funds"
    assert checkout.paid(declined(), 11_000) == []


def test_what_staff_took_is_waived_once(checkout: Checkout):
    (waived,) = checkout.paid(released("charge_requested"), 10_000)
    assert isinstance(waived, ChargeWaived)
    assert (waived.visit, waived.reason) == ("door.0.1", "staff never pay")
    assert checkout.paid(released("charge_requested"), 11_000) == []


def test_a_hold_that_was_let_go_of_says_nothing(checkout: Checkout):
    assert checkout.paid(released("release_requested"), 10_000) == []


def test_a_visit_that_took_nothing_lets_go_of_the_hold_once():
    checkout = Checkout(till_store())
    checkout.start(started())
    events = checkout.settle(belief()) + checkout.settle(belief())
    assert [e.account for e in events if isinstance(e, ReleaseRequested)] == ["Ann"]


def test_the_hold_of_somebody_who_is_inside_again_is_kept():
    checkout = Checkout(till_store())
    checkout.start(started())
    checkout.start(started("door.0.2"))
    assert not [e for e in checkout.settle(belief()) if isinstance(e, ReleaseRequested)]
    last = checkout.settle(belief(visit="door.0.2"))
    assert [e.visit for e in last if isinstance(e, ReleaseRequested)] == ["door.0.2"]


def test_a_declined_debt_may_still_be_charged_later(checkout: Checkout):
    checkout.paid(declined(), 10_000)
    (settled,) = checkout.paid(charged(129), 90_000)
    assert isinstance(settled, ChargeSettled)


def test_a_wrong_amount_is_an_alert_and_the_tab_stays_open(checkout: Checkout):
    assert kinds(checkout.paid(charged(500), 10_000)) == ["payment_mismatch"]
    assert kinds(checkout.paid(charged(129), 11_000)) == ["effect"]


def test_a_second_payment_for_one_visit_is_an_alert(checkout: Checkout):
    checkout.paid(charged(129), 10_000)
    assert kinds(checkout.paid(charged(129, provider_ref="p-2"), 11_000)) == ["payment_conflict"]


def test_charged_and_then_declined_is_an_alert(checkout: Checkout):
    checkout.paid(charged(129), 10_000)
    assert kinds(checkout.paid(declined(), 11_000)) == ["payment_conflict"]


@pytest.mark.parametrize("visit", ["door.0.99", "", "door.0.1/x"])
def test_an_answer_nobody_asked_for_is_an_alert(checkout: Checkout, visit: str):
    assert kinds(checkout.paid(charged(129, visit=visit), 10_000)) == ["payment_unknown"]


def test_an_answer_before_the_visit_is_over_is_an_alert():
    checkout = Checkout(till_store())
    checkout.start(started())
    assert kinds(checkout.paid(charged(129), 2_000)) == ["payment_unknown"]


def test_settling_twice_asks_once(checkout: Checkout):
    assert checkout.settle(belief(line(WATER, 5))) == []


def test_settling_a_visit_that_never_started_is_a_bug(checkout: Checkout):
    with pytest.raises(InvariantError, match="window"):
        checkout.settle(belief(line(WATER, 1), visit="window"))


def test_settling_what_is_only_believed_so_far_is_a_bug(checkout: Checkout):
    with pytest.raises(InvariantError, match="live belief"):
        checkout.settle(belief(line(WATER, 1), final=False))


def test_starting_twice_is_a_bug(checkout: Checkout):
    with pytest.raises(InvariantError, match="started twice"):
        checkout.start(started())


def test_every_state_leads_to_an_end_and_the_ends_are_named():
    ends = {state for state, moves in MOVES.items() if not moves}
    assert ends == {"charged", "nothing owed", "waived"}
    assert {after for moves in MOVES.values() for after in moves.values()} | {"shopping"} == set(
        MOVES
    )


def test_old_answered_tabs_are_forgotten_and_open_ones_never():
    checkout = Checkout(till_store())
    for number in range(ANSWERED_KEPT + 20):
        visit = f"door.0.{number}"
        checkout.start(started(visit))
        checkout.settle(belief(line(WATER, 1), visit=visit))
        if number != 3:
            checkout.paid(charged(129, visit=visit), 0)
    assert kinds(checkout.paid(charged(129, visit="door.0.3"), 0)) == ["effect"]
    assert kinds(checkout.paid(charged(129, visit="door.0.0"), 0)) == ["payment_unknown"]
    assert len(checkout.snapshot()["tabs"]) == ANSWERED_KEPT
