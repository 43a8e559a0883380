"""What becomes of a claim."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.case_events import CaseDecided, CaseOpened, CaseQueued
from store_engine.complaints import Policy, Refused, Said, Standing, answer, fold, open_case, settle
from tests.paper_receipt import MILK, line, receipt

DAY_US = 86_400_000_000
POLICY = Policy()
PAID = Standing(captured=900, refunded=0, refunds_at_once=0)


def claim(said, *, on=None, standing=PAID, time_us=DAY_US):
    return open_case("c1", on or receipt(line()), standing, POLICY, said=said, time_us=time_us)


def test_a_small_wrong_line_is_refunded_at_once():
    opened, decided = claim(Said("not_taken", MILK))
    assert (decided.decision, decided.amount, decided.by) == ("refund", 500, "policy")
    assert opened.evidence == ("gondola-1/0/7",)


def test_one_piece_too_many_is_worth_its_share_with_tax():
    on = receipt(line(tax=35))
    _, decided = claim(Said("fewer", MILK, quantity=1), on=on)
    assert decided.amount == (500 + 35) // 2


def test_a_large_claim_waits_for_a_person():
    on = receipt(line(unit_price=2_000))
    _, queued = claim(Said("not_taken", MILK), on=on, standing=Standing(4_000, 0, 0))
    assert queued.why == "amount 4000: at most 1000 is refunded at once"


def test_a_claim_beyond_what_was_paid_waits_for_a_person():
    _, queued = claim(Said("not_taken", MILK), standing=Standing(900, 600, 0))
    assert queued.why == "amount 500: only 300 of 900 is left to refund"


def test_the_fourth_refund_of_a_month_waits_for_a_person():
    _, queued = claim(Said("not_taken", MILK), standing=Standing(900, 0, 3))
    assert queued.why == "3 refunds at once in 30 days"


@pytest.mark.parametrize("kind", ["wrong_price", "other", "unsure"])
def test_what_no_rule_decides_waits_for_a_person(kind):
    _, queued = claim(Said(kind, MILK))
    assert isinstance(queued, CaseQueued)


def test_a_line_that_was_not_charged_is_not_refunded():
    _, decided = claim(Said("not_taken", MILK), on=receipt(line(charged=False)))
    assert (decided.decision, decided.note) == ("close", "This line was not charged.")


def test_not_charged_for_this_is_priced_and_looked_at():
    opened, queued = claim(Said("not_charged", "90162909", quantity=3, price=199))
    assert opened.amount == 597
    assert queued.why == "claim 'not_charged' is always looked at"


def held(**line_of):
    one = msgspec.structs.replace(line(charged=False, tax=40), held=True, **line_of)
    return receipt(one)


@pytest.mark.parametrize(("included", "amount"), [(None, 540), (False, 540), (True, 500)])
def test_a_held_line_is_worth_what_it_would_have_cost_and_waits_for_a_person(included, amount):
    opened, queued = claim(Said("held", MILK), on=held(tax_included=included))
    assert opened.amount == amount
    assert queued.why == "the shopper's age was not known"


@pytest.mark.parametrize("gtin", [MILK, ""])
def test_what_is_not_held_cannot_be_released(gtin):
    refused = claim(Said("held", gtin))
    assert isinstance(refused, Refused)
    assert "is not held" in refused.reason


def test_a_person_may_have_a_held_line_charged_and_the_shopper_is_told_why():
    case = fold(claim(Said("held", MILK), on=held()))
    (decided,) = answer(case, PAID, decision="charge", amount=540, by="eva", time_us=DAY_US)
    assert (decided.amount, decided.by) == (540, "eva")
    assert "old enough" in decided.note
    refused = answer(case, PAID, decision="charge", amount=541, by="eva", time_us=DAY_US)
    assert isinstance(refused, Refused)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said("not_taken", "90162909"), "has no line 90162909"),
        (Said("fewer", MILK, quantity=3), "quantity 3 of 4006381333931: at most 2"),
        (Said("fewer", MILK, quantity=-1), "quantity -1"),
        (Said("not_charged", MILK, quantity=0), "quantity 0 of 4006381333931: at most 100"),
        (Said("other", reason="x" * 501), "reason: 501 characters, at most 500"),
    ],
)
def test_a_claim_that_cannot_be_is_refused_with_the_limit(said, why):
    refused = claim(said)
    assert isinstance(refused, Refused)
    assert why in refused.reason


def test_an_old_receipt_cannot_be_contested():
    assert claim(Said("other"), time_us=32 * DAY_US) == Refused(
        "receipt shop.door.0.1: can be contested for 30 days only"
    )


@given(
    amount=st.integers(-5, 1_200), captured=st.integers(0, 1_000), refunded=st.integers(0, 1_000)
)
def test_a_person_gives_back_no_more_than_was_paid(amount, captured, refunded):
    case = fold(claim(Said("other", MILK)))
    left = captured - min(refunded, captured)
    standing = Standing(captured, captured - left, 0)
    said = answer(case, standing, decision="refund", amount=amount, by="eva", time_us=1)
    assert isinstance(said, list) == (1 <= amount <= left)


def test_a_decided_case_waits_for_nobody():
    case = fold(claim(Said("not_taken", MILK)))
    refused = answer(case, PAID, decision="close", amount=0, by="eva", time_us=1)
    assert refused == Refused("case c1: is to refund, it waits for nobody")


def test_a_case_is_settled_once():
    words = claim(Said("not_taken", MILK))
    assert [type(word) for word in words] == [CaseOpened, CaseDecided]
    words += settle(fold(words), moved=500, note="", time_us=2)
    assert (fold(words).state, fold(words).moved) == ("closed", 500)
    assert settle(fold(words), moved=500, note="", time_us=3) == []
