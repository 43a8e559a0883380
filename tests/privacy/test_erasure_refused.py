"""Nobody is erased while something is going on, and the refusal says what."""

import pytest

from store_engine.case_events import CaseOpened
from store_engine.errors import RequestError
from store_engine.office.privacy import SETTLED, why_not
from store_engine.payments.table import MOVES
from store_engine.ports.office import CaseRow
from store_engine.ports.privacy import Standing
from tests.privacy.privacy_world import ADA, PRINTED

QUIET = Standing(visits=(), payments={}, cases={}, requests=(), engines=())
GOING_ON = {"new", "asking", "held", "free", "leaving", "owing", "in debt", "link offered"}


def refusal(shop):
    with pytest.raises(RequestError) as error:
        shop.privacy.erase(ADA)
    assert shop.accounts.account(ADA) is not None, "nothing was erased"
    return str(error.value)


def test_while_they_are_inside(shop):
    shop.tap(PRINTED)
    assert "a visit is open: shop.door.0.1; a payment is not settled: shop.door.0.1 (held)" in (
        refusal(shop)
    )


def test_while_they_owe_something(shop):
    shop.registry.add("eve", methods=["tok_capture_declined"], credentials=["qr-eve"])
    shop.scan("qr-eve")
    shop.settle_down()
    with pytest.raises(RequestError, match=r"a payment is not settled: shop.door.0.0 \("):
        shop.privacy.erase("eve")


def test_while_their_bank_disputes_a_payment(shop):
    shop.scan(PRINTED)
    shop.settle_down()
    shop.till.dispute("shop.door.0.0", dispute="d1", amount=100)
    assert "shop.door.0.0 (disputed)" in refusal(shop)


def test_while_a_case_of_theirs_is_open(shop):
    shop.scan(PRINTED)
    shop.settle_down()
    opened = CaseOpened(
        case="c1", time_us=1, store="tiny", receipt="door.0.0", payment="shop.door.0.0",
        claim="other",
    )  # fmt: skip
    row = CaseRow(
        case="c1", receipt="door.0.0", payment="shop.door.0.0", store="tiny", claim="other",
        state="waiting", amount=0, at_once=False, opened_us=1, updated_us=1,
    )  # fmt: skip
    shop.casebook.append(row, [opened], after=0)
    assert refusal(shop).endswith("a case is open: c1 (waiting)")


def test_while_the_engine_remembers_their_tap(shop):
    shop.scan(PRINTED)
    assert "an engine has just read a credential of theirs" in refusal(shop)
    shop.settle_down()
    assert shop.privacy.erase(ADA).rows["accounts"] == 1


def test_a_person_of_whom_nothing_is_kept(shop):
    with pytest.raises(RequestError, match="account eve: not known here"):
        shop.privacy.erase("eve")


def test_settled_are_the_states_that_lead_nowhere_by_themselves():
    assert set(SETTLED) == set(MOVES) - GOING_ON - {"disputed"}


@pytest.mark.parametrize("state", sorted(GOING_ON | {"disputed"}))
def test_a_payment_in_any_other_state_holds_them(state):
    assert why_not(QUIET._replace(payments={"p": state})) == [
        f"a payment is not settled: p ({state})"
    ]


def test_a_settled_payment_whose_refund_is_on_its_way_holds_them():
    assert why_not(QUIET._replace(payments={"p": "waiting for refund-1"}))


def test_a_long_list_is_cut_short():
    (why,) = why_not(QUIET._replace(visits=[f"v{n}" for n in range(7)]))
    assert why == "a visit is open: v0, v1, v2, v3, v4 and 2 more"
