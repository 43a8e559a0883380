"""`/v1/stores/{store}/...`: what is wrong with receipts, who answers, and refunds."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from store_engine.card_numbers import holds_card_number
from store_engine.case_events import REASON_MAX
from store_engine.office.counter import Case, Refused
from store_engine.ports.api import ApiToken
from store_engine.ports.office import CaseRow
from store_engine.web.access import (
    Behind,
    Name,
    ReceiptName,
    StoreName,
    needs,
    receipt_for,
    shop_for,
)
from store_engine.web.doors import ShopDoor
from store_engine.web.problems import ProblemError, not_found
from store_engine.web.receipt_papers import contests_of
from store_engine.web.words import CaseSaid, Page, RefundSaid, Words, case_said, says

AMOUNT_MAX = 10**12  # minor units: no shop's basket, in any currency (guess)
Text = Annotated[str, StringConstraints(max_length=REASON_MAX, pattern=r"^[^\x00]*$")]
Amount = Annotated[int, Field(ge=1, le=AMOUNT_MAX, strict=True)]
CaseState = Literal["opened", "waiting", "to refund", "to charge", "closed"]

Opens = Annotated[ApiToken, Depends(needs("cases:open"))]
Sees = Annotated[ApiToken, Depends(needs("cases:read"))]
Answers = Annotated[ApiToken, Depends(needs("cases:answer"))]
Refunds = Annotated[ApiToken, Depends(needs("refunds:write"))]

router = APIRouter(prefix="/v1/stores/{store}", tags=["cases"])


class ClaimBody(BaseModel):
    """What is wrong with a receipt."""

    model_config = ConfigDict(extra="forbid")

    claim: Literal["not_taken", "fewer", "wrong_price", "not_charged", "other"]
    gtin: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,14}$")] = ""
    quantity: Annotated[int, Field(ge=0, le=100, strict=True)] = 0
    product: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = ""
    reason: Text = ""


class AnswerBody(BaseModel):
    """What a person decides about a case."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["refund", "charge", "close"]
    amount: Annotated[int, Field(ge=0, le=AMOUNT_MAX, strict=True)] = 0  # minor units


class RefundBody(BaseModel):
    """A refund that nobody has to contest for."""

    model_config = ConfigDict(extra="forbid")

    receipt: Name
    refund: Annotated[
        str,
        Field(
            description="its own name: the same one moves money once",
            pattern=r"^[\w.-]+$",
            min_length=1,
            max_length=100,
        ),
    ]
    amount: Amount
    reason: Text
    lines: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9]{8,14}$")]], Field(max_length=100)
    ] = []


@router.post(
    "/receipts/{receipt}/cases",
    status_code=201,
    responses=says(CaseSaid, 201),
    response_class=Words,
)
def contest(
    store: StoreName, receipt: ReceiptName, body: ClaimBody, doors: Behind, token: Opens
) -> Response:
    """Say that a receipt is wrong. Small claims are refunded at once, others wait for a person."""
    shop = shop_for(token, store, doors)
    said = contests_of(shop).say(
        receipt_for(token, shop, receipt),
        body.claim,
        gtin=body.gtin,
        quantity=body.quantity,
        product=body.product,
        reason=body.reason,
    )
    return Words(case_said(_done(said)), 201)


@router.get("/cases", responses=says(Page[CaseRow]), response_class=Words)
def cases(
    store: StoreName,
    doors: Behind,
    token: Sees,
    state: Annotated[list[CaseState] | None, Query(max_length=5)] = None,
    receipt: Annotated[Name | None, Query()] = None,
) -> Response:
    """List cases, oldest first: `?state=waiting` is the queue. A shopper names a receipt."""
    shop = shop_for(token, store, doors)
    if token.account and receipt is None:
        raise ProblemError(422, "receipt: a shopper's token sees the cases of one receipt")
    name = receipt_for(token, shop, receipt).receipt if receipt is not None else ""
    return Words(Page(items=shop.casebook.cases(receipt=name, states=state or ())))


@router.get("/cases/{case:path}", responses=says(CaseSaid), response_class=Words)
def case(store: StoreName, case: str, doors: Behind, token: Sees) -> Response:
    """Show one case, with its evidence: names of the recorded messages behind the line."""
    return Words(case_said(_case(token, shop_for(token, store, doors), case)))


@router.post("/cases/{case:path}/answer", responses=says(CaseSaid), response_class=Words)
def answer(
    store: StoreName, case: str, body: AnswerBody, doors: Behind, token: Answers
) -> Response:
    """Decide a waiting case."""
    shop = shop_for(token, store, doors)
    known = _case(token, shop, case).opened.case
    done = shop.counter.answer(known, decision=body.decision, amount=body.amount, by=token.token)
    return Words(case_said(_done(done)))


@router.post("/refunds", responses=says(RefundSaid), response_class=Words)
def refund(store: StoreName, body: RefundBody, doors: Behind, token: Refunds) -> Response:
    """Give money back for a receipt, at most what was taken for it."""
    shop = shop_for(token, store, doors)
    receipt = receipt_for(token, shop, body.receipt)
    if holds_card_number(body.reason):
        raise ProblemError(422, "reason: this looks like a card number, and none may be kept")
    payment = shop.till.charged(receipt.account, receipt=receipt.receipt)
    if payment is None:
        raise ProblemError(409, f"receipt {receipt.receipt}: nothing was charged for it")
    done = shop.till.refund(
        payment,
        refund=f"{receipt.receipt}/refund/{body.refund}",
        amount=body.amount,
        reason=body.reason,
        lines=tuple(body.lines),
    )
    if done.outcome in ("refused", "declined"):
        raise ProblemError(409, done.reason)
    return Words(
        RefundSaid(refund=body.refund, outcome=done.outcome, amount=done.amount, reason=done.reason)
    )


def _case(token: ApiToken, shop: ShopDoor, name: str) -> Case:
    """Return a case of this store, and of this token's account if it has one."""
    found = shop.counter.case(name) if "\0" not in name else None
    if found is None or found.opened.store != shop.store:
        raise not_found("case")
    if token.account and not shop.records.receipt(found.opened.receipt, account=token.account):
        raise not_found("case")
    return found


def _done(said: Case | Refused) -> Case:
    if isinstance(said, Refused):
        raise ProblemError(409, said.reason)
    return said
