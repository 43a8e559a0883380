"""`/r/...`: the page of a receipt, for whoever holds its link."""

import io
from typing import Annotated, get_args
from urllib.parse import quote

import segno
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from store_engine.case_events import REASON_MAX, Claim
from store_engine.messages import Receipt
from store_engine.office.counter import Refused
from store_engine.web.access import Behind, Name
from store_engine.web.auditing import LINK
from store_engine.web.doors import ShopDoor
from store_engine.web.forms import form_of, number_of
from store_engine.web.problems import not_found
from store_engine.web.receipt_page import STATIC, render_live
from store_engine.web.receipt_papers import contests_of, paper_of
from store_engine.web.receipt_pdf import render_pdf
from store_engine.web.words import Words

PRODUCTS_MAX = 500  # names offered for what was not charged (guess: 20 KB of page)
SAID_BY_SHOPPERS = tuple(claim for claim in get_args(Claim) if claim not in ("unsure", "held"))
QUANTITY_COUNTS = ("fewer", "not_charged")  # else the whole line is meant
ASSETS = {"receipt.css": "text/css", "receipt.js": "text/javascript"}

router = APIRouter(include_in_schema=False)


class Opened:
    """A receipt that a link opened."""

    def __init__(self, shop: ShopDoor, receipt: Receipt, base: str) -> None:
        self.shop = shop
        self.receipt = receipt
        self.base = base

    def page(self, *, note: str = "", status: int = 200) -> Response:
        """Return its page."""
        names = [one.name for one in self.shop.catalog().products.values()]
        products = sorted(set(names))[:PRODUCTS_MAX]
        paper = paper_of(self.shop, self.receipt)
        html = render_live(paper, base=self.base, products=products, note=note)
        return HTMLResponse(html, status)


def _opened(request: Request, store: Name, receipt: Name, key: Name, doors: Behind) -> Opened:
    """Check a link. Whatever is wrong with it, the answer is the same."""
    if not doors.links.opens(key, store=store, receipt=receipt):
        raise not_found("receipt")
    shop = doors.shops.get(store)
    found = shop.records.receipt(receipt) if shop else None
    if shop is None or found is None:
        raise not_found("receipt")
    request.scope["state"]["who"] = LINK
    return Opened(shop, found, quote(doors.links.path(store, receipt)))


FromLink = Annotated[Opened, Depends(_opened)]


@router.get("/r/{store}/{receipt}/{key}")
def page(opened: FromLink) -> Response:
    """Show the receipt."""
    return opened.page()


@router.get("/r/{store}/{receipt}/{key}/json")
def as_json(opened: FromLink) -> Response:
    """Hand the receipt over as it is kept."""
    return Words(opened.receipt)


@router.get("/r/{store}/{receipt}/{key}/pdf")
def as_pdf(opened: FromLink, doors: Behind) -> Response:
    """Print the receipt."""
    receipt = opened.receipt
    url = doors.links.url(receipt.store, receipt.receipt)
    printed = render_pdf(paper_of(opened.shop, receipt), url=url)
    name = quote(f"receipt-{receipt.receipt}.pdf")
    return Response(
        printed,
        media_type="application/pdf",
        headers={"Content-Disposition": f"inline; filename*=UTF-8''{name}"},
    )


@router.get("/r/{store}/{receipt}/{key}/qr.svg")
def as_qr(opened: FromLink, doors: Behind) -> Response:
    """Draw the address of the page."""
    drawn = io.BytesIO()
    url = doors.links.url(opened.receipt.store, opened.receipt.receipt)
    segno.make(url, error="m", micro=False).save(drawn, kind="svg", scale=4, border=2)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.post("/r/{store}/{receipt}/{key}/wrong")
def wrong(opened: FromLink, form: Annotated[dict[str, str], Depends(form_of)]) -> Response:
    """Take in that something is wrong, and show what becomes of it."""
    claim = next((one for one in SAID_BY_SHOPPERS if one == form.get("claim")), None)
    text = {name: form.get(name, "").strip() for name in ("reason", "product")}
    quantity = number_of(form.get("quantity", ""))
    if claim is None or quantity is None:
        return opened.page(note="Please say what is wrong, and how many.", status=422)
    if len(text["reason"]) > REASON_MAX or len(text["product"]) > 100:
        return opened.page(note=f"At most {REASON_MAX} characters, please.", status=422)
    said = contests_of(opened.shop).say(
        opened.receipt,
        claim,
        gtin=form.get("gtin", ""),
        quantity=quantity if claim in QUANTITY_COUNTS else 0,
        product=text["product"],
        reason=text["reason"],
    )
    if isinstance(said, Refused):
        return opened.page(note=said.reason, status=409)
    anchor = f"#line-{quote(said.opened.gtin)}" if said.opened.gtin else ""
    return RedirectResponse(opened.base + anchor, 303)


@router.get("/favicon.ico")
def icon() -> Response:
    """Have no icon: browsers ask for one all the same."""
    return Response(status_code=204)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Hand out a style or script of the pages."""
    if name not in ASSETS:
        raise not_found("file")
    return FileResponse(
        STATIC / name, media_type=ASSETS[name], headers={"Cache-Control": "public, max-age=3600"}
    )
