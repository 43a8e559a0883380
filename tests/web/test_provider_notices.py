"""Stripe's webhooks at the front door: who is believed, what becomes of it, what comes again."""

import dataclasses

import pytest
from fastapi.testclient import TestClient

from store_engine.errors import RecordsError, UnreachableError
from store_engine.office.notices import Mailbox
from store_engine.web.application import create_app
from store_engine.web.doors import Rates
from store_engine.web.limits import BODY_MAX
from tests.web.stripe_letters import dispute, event, signature

webhooks = pytest.importorskip(
    "store_engine.adapters.stripe_webhooks", reason="needs the extra stripe", exc_type=ImportError
)
PATH = "/v1/providers/stripe/notices"


class AwayBooks:
    """A store of record that cannot be read."""

    def payment_of(self, ref):
        raise RecordsError("the database restarts")


class Door:
    """A front door that Stripe writes to."""

    def __init__(self, office, *, books=None, rates=None):
        self.office = office
        mailbox = Mailbox(
            webhooks.StripeWebhooks(["whsec_door"]),
            till=office.shops["shop"].till,
            books=books or office.books,
            now_us=office.now,
        )
        doors = dataclasses.replace(office.doors, stripe=mailbox, rates=rates or office.doors.rates)
        self.client = TestClient(create_app(doors), raise_server_exceptions=False)

    def post(self, body, *, late_s=0, **how):
        headers = signature(body, sent_us=self.office.now_us - late_s * 1_000_000, **how)
        return self.client.post(PATH, content=body, headers=headers)


@pytest.fixture
def door(office):
    return Door(office)


def hold_of(office, paper):
    """What the provider calls it: Stripe has one name for a hold and its capture."""
    payment = office.shops[paper.store].till.payment(paper.account)
    return next(done.ref for done in payment.answered.values() if done.kind == "authorise")


def state(office, paper):
    return office.shops[paper.store].till.payment(paper.account).state


@pytest.mark.parametrize("store", ["shop", "kiosk"])
def test_a_dispute_reaches_the_payment_whatever_store_it_is_of(office, door, store):
    paper = office.shop(store=store)
    answer = door.post(dispute(hold_of(office, paper), paper.total))
    assert (answer.status_code, answer.content) == (204, b"")
    assert state(office, paper) == "disputed"


def test_a_webhook_that_comes_again_counts_once(office, door):
    paper = office.shop()
    lost = dispute(hold_of(office, paper), paper.total, kind="closed", status="lost")
    opened = dispute(hold_of(office, paper), paper.total)
    assert [door.post(body).status_code for body in (lost, opened, lost)] == [204] * 3
    assert office.shops["shop"].till.payment(paper.account).charged_back == paper.total


def test_a_forged_webhook_is_refused_and_changes_nothing(office, door):
    paper = office.shop()
    answer = door.post(dispute(hold_of(office, paper), paper.total), secret="whsec_stranger")
    assert (answer.status_code, answer.json()["detail"]) == (400, "the signature is not ours")
    assert answer.headers["content-type"] == "application/problem+json"
    assert state(office, paper) == "paid"


def test_a_webhook_replayed_later_is_refused(office, door):
    paper = office.shop()
    answer = door.post(dispute(hold_of(office, paper), paper.total), late_s=301)
    assert (answer.status_code, state(office, paper)) == (400, "paid")
    assert answer.json()["detail"] == "signed 301 s ago, 300 s allowed"


def test_a_webhook_without_a_signature_is_refused(door):
    assert door.client.post(PATH, content=event("customer.created")).status_code == 400


@pytest.mark.parametrize(
    "body", [event("customer.created"), dispute("pi_of_another_shop", 100)], ids=["kind", "whose"]
)
def test_what_concerns_nobody_here_is_taken_and_forgotten(door, body):
    assert door.post(body).status_code == 204


def test_while_the_store_of_record_is_away_stripe_is_told_to_send_it_again(office):
    answer = Door(office, books=AwayBooks()).post(dispute("pi_1", 100))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_while_an_outcome_is_unknown_stripe_is_told_to_send_it_again(office, door):
    _, party = office.come_in()
    till, trouble = office.shops["shop"].till, office.provider.trouble
    trouble.unreachable_after = 1
    with pytest.raises(UnreachableError):
        till.charge(key="c1", account=party, amount=500, currency="EUR", receipt="r1")
    news = dispute(till.payment(party).hold.ref, 500)
    trouble.unreachable = True
    assert (door.post(news).status_code, till.payment(party).state) == (503, "owing")
    trouble.unreachable = False
    assert (door.post(news).status_code, till.payment(party).state) == (204, "disputed")


def test_the_audit_log_says_who_wrote(office, door):
    door.post(event("customer.created"))
    door.post(event("customer.created"), secret="whsec_stranger")
    noted = [(one.who, one.outcome) for one in office.audit.entries()]
    assert noted == [("nobody known", 400), ("provider stripe", 204)]


def test_a_body_that_is_too_long_is_refused_unread(door):
    assert door.post(event("customer.created", text="x" * BODY_MAX)).status_code == 413


def test_who_forges_too_often_is_not_listened_to(office):
    door = Door(office, rates=Rates(per_address_s=0.001, address_burst=20))
    answers = [door.post(event("x"), secret="whsec_stranger").status_code for _ in range(3)]
    assert answers == [400, 400, 429]


def test_an_office_that_stripe_does_not_pay_has_no_such_door(office):
    assert office.client.post(PATH, content=b"{}").status_code == 404
