"""`/v1/stores/...`: what happens and happened in a store."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from store_engine.messages import LiveCart, Receipt
from store_engine.ports.api import ApiToken, DeviceState, Visit
from store_engine.web.access import (
    Behind,
    Name,
    ReceiptName,
    StoreName,
    needs,
    receipt_for,
    shop_for,
)
from store_engine.web.problems import not_found
from store_engine.web.receipt_papers import paper_of
from store_engine.web.receipt_pdf import render_pdf
from store_engine.web.words import PROBLEMS, LinkSaid, Page, PaymentSaid, Words, says

LIMIT_MAX = 100
BIGGEST = 2**53  # what every JSON reader keeps exactly (RFC 8259, section 6)

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]
Before = Annotated[int | None, Query(ge=0, le=BIGGEST, description="`next` of the page before")]

SeesVisits = Annotated[ApiToken, Depends(needs("visits:read"))]
SeesCarts = Annotated[ApiToken, Depends(needs("carts:read"))]
SeesReceipts = Annotated[ApiToken, Depends(needs("receipts:read"))]
SharesReceipts = Annotated[ApiToken, Depends(needs("receipts:link"))]
SeesDevices = Annotated[ApiToken, Depends(needs("devices:read"))]

router = APIRouter(prefix="/v1/stores", tags=["stores"])


@router.get("", responses=says(Page[str]), response_class=Words)
def stores(doors: Behind, token: Annotated[ApiToken, Depends(needs("catalog:read"))]) -> Response:
    """List the stores that the token holds for."""
    return Words(Page(items=[store for store in doors.shops if token.sees(store)]))


@router.get("/{store}/visits", responses=says(Page[Visit]), response_class=Words)
def visits(
    store: StoreName, doors: Behind, token: SeesVisits, limit: Limit = 50, before: Before = None
) -> Response:
    """List visits, newest first."""
    shop = shop_for(token, store, doors)
    found = shop.records.visits(account=token.account, before=before, limit=limit)
    return Words(Page(items=found, next=found[-1].position if len(found) == limit else None))


@router.get("/{store}/visits/{visit}", responses=says(Visit), response_class=Words)
def visit(store: StoreName, visit: Name, doors: Behind, token: SeesVisits) -> Response:
    """Show one visit."""
    found = shop_for(token, store, doors).records.visit(visit, account=token.account)
    if found is None:
        raise not_found("visit")
    return Words(found)


@router.get("/{store}/carts", responses=says(Page[LiveCart]), response_class=Words)
def carts(store: StoreName, doors: Behind, token: SeesCarts) -> Response:
    """List what everybody who is inside holds now."""
    return Words(Page(items=shop_for(token, store, doors).records.carts(account=token.account)))


@router.get("/{store}/receipts", responses=says(Page[Receipt]), response_class=Words)
def receipts(
    store: StoreName, doors: Behind, token: SeesReceipts, limit: Limit = 50, before: Before = None
) -> Response:
    """List receipts, newest first; `before` is when the last one of the page before left."""
    shop = shop_for(token, store, doors)
    found = shop.records.receipts(account=token.account, left_before_us=before, limit=limit)
    return Words(Page(items=found, next=found[-1].left_us if len(found) == limit else None))


@router.get("/{store}/receipts/{receipt}", responses=says(Receipt), response_class=Words)
def receipt(store: StoreName, receipt: ReceiptName, doors: Behind, token: SeesReceipts) -> Response:
    """Show one receipt."""
    return Words(receipt_for(token, shop_for(token, store, doors), receipt))


@router.get(
    "/{store}/receipts/{receipt}/pdf",
    response_class=Response,
    responses={200: {"description": "a PDF", "content": {"application/pdf": {}}}, **PROBLEMS},
)
def receipt_pdf(
    store: StoreName, receipt: ReceiptName, doors: Behind, token: SharesReceipts
) -> Response:
    """Print one receipt; the link to its page is on it."""
    shop = shop_for(token, store, doors)
    paper = paper_of(shop, receipt_for(token, shop, receipt))
    url = doors.links.url(store, receipt)
    return Response(render_pdf(paper, url=url), media_type="application/pdf")


@router.get("/{store}/receipts/{receipt}/link", responses=says(LinkSaid), response_class=Words)
def link(store: StoreName, receipt: ReceiptName, doors: Behind, token: SharesReceipts) -> Response:
    """Say where a receipt's page is."""
    found = receipt_for(token, shop_for(token, store, doors), receipt)
    return Words(LinkSaid(url=doors.links.url(store, found.receipt)))


@router.get(
    "/{store}/receipts/{receipt}/payments",
    responses=says(Page[PaymentSaid]),
    response_class=Words,
)
def payments(
    store: StoreName, receipt: ReceiptName, doors: Behind, token: SeesReceipts
) -> Response:
    """Show where the payments behind a receipt stand."""
    shop = shop_for(token, store, doors)
    found = receipt_for(token, shop, receipt)
    return Words(
        Page(
            items=[
                PaymentSaid(
                    payment=payment.payment,
                    state=payment.state,
                    receipt=payment.receipt,
                    currency=payment.currency,
                    exponent=payment.exponent,
                    held=payment.hold.amount if payment.hold else 0,
                    owed=payment.owed or 0,
                    captured=payment.captured,
                    refunded=payment.refunded,
                )
                for payment in shop.till.payments(found.account)
                if payment.receipt == found.receipt
            ]
        )
    )


@router.get("/{store}/devices", responses=says(Page[DeviceState]), response_class=Words)
def devices(store: StoreName, doors: Behind, token: SeesDevices) -> Response:
    """List what every device of the store last said about itself."""
    return Words(Page(items=shop_for(token, store, doors).devices.states()))
