"""Every responder answers what an engine asks for, at once and always alike."""

import pytest

from store_engine.accounts import Account, AccountDirectory
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.effects import LocalResponder
from store_engine.events import ChargeRequested, EntryRequested, ReleaseRequested, VisitEnded
from store_engine.ports import Admission

ACCOUNTS = AccountDirectory(
    (
        Account(account="ada", credentials=("qr-ada",), payment="tok_ada", expires_us=1_000),
        Account(account="bob", credentials=("qr-bob",), payment="tok_declined"),
    )
)


@pytest.fixture
def responder():
    return LocalResponder(accounts=ACCOUNTS, payments=InMemoryPayments(ACCOUNTS.payments))


def entry(credential, *, time_us=0):
    return EntryRequested(
        event=f"entry/{credential}",
        time_us=time_us,
        gate="door",
        scan="door/0/0",
        credential=credential,
    )


def charge(account="ada", *, event="charge/1", amount=100):
    return ChargeRequested(
        event=event,
        time_us=0,
        visit="v",
        account=account,
        receipt="r",
        amount=amount,
        currency="USD",
    )


def release(account="ada"):
    return ReleaseRequested(event="release/1", time_us=0, visit="v", account=account)


def answer(responder, event):
    (arrival,) = responder.answer(event, received_us=7)
    return arrival.message


def test_an_entry_is_decided_by_the_accounts(responder):
    decision = answer(responder, entry("qr-ada"))
    assert (decision.scan, decision.accepted, decision.account) == ("door/0/0", True, "ada")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (entry("qr-eve"), "unknown credential"),
        (entry("qr-ada", time_us=1_000), "credential expired"),
    ],
)
def test_a_refused_entry_says_why(responder, event, reason):
    decision = answer(responder, event)
    assert (decision.accepted, decision.reason) == (False, reason)


def test_a_charge_is_made_under_the_id_of_its_event(responder):
    result = answer(responder, charge())
    assert (result.request, result.outcome, result.amount) == ("charge/1", "charged", 100)


def test_a_hold_is_let_go_of_under_the_id_of_its_event(responder):
    result = answer(responder, release())
    assert (result.request, result.outcome, result.amount) == ("release/1", "released", 0)


def test_a_declined_charge_moves_nothing(responder):
    result = answer(responder, charge("bob"))
    assert (result.outcome, result.amount, result.reason) == ("declined", 0, "card declined")


def test_a_request_the_provider_refuses_is_answered_too(responder):
    answer(responder, charge())
    result = answer(responder, charge(amount=999))
    assert (result.outcome, result.amount) == ("declined", 0)
    assert "was used for" in result.reason


def test_answers_are_numbered_per_device_and_stamped_as_given(responder):
    events = [charge(event="a"), entry("qr-ada"), charge(event="b")]
    arrivals = [a for event in events for a in responder.answer(event, received_us=7)]
    assert [a.message.ref for a in arrivals] == ["payments/0/0", "accounts/0/0", "payments/0/1"]
    assert {(a.received_us, a.message.time_us) for a in arrivals} == {(7, 7)}


def test_other_events_ask_for_nothing(responder):
    assert responder.answer(VisitEnded(event="e", time_us=0, visit="v"), received_us=7) == []


def test_what_is_answered_in_the_recording_is_not_answered_again():
    only_payments = LocalResponder(payments=InMemoryPayments(ACCOUNTS.payments))
    assert only_payments.answer(entry("qr-ada"), received_us=7) == []
    assert len(only_payments.answer(charge(), received_us=7)) == 1
    assert LocalResponder().answer(charge(), received_us=7) == []


def test_an_admission_depends_on_credential_and_time_only():
    admissions = {ACCOUNTS.admit("qr-ada", time_us=999) for _ in range(3)}
    assert admissions == {Admission(accepted=True, account="ada", reason="")}
