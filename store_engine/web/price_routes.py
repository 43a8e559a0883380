"""`/v1/stores/{store}/...`: what is sold and what it costs."""

import dataclasses
import hashlib
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from store_engine.catalog import Catalog
from store_engine.ports.api import ApiToken, SavedPrices
from store_engine.price_book import unfit
from store_engine.web.access import Behind, StoreName, needs, shop_for
from store_engine.web.doors import ShopDoor
from store_engine.web.problems import ProblemError
from store_engine.web.words import REFERENCE, PricesSaid, Words, says

MISTAKES_MAX = 20  # told at once
VERSION_DIGITS = 12  # of a price book: 48 bits tell any two states of the prices apart

router = APIRouter(prefix="/v1/stores/{store}", tags=["prices"])


async def _body(request: Request) -> bytes:
    return await request.body()


@router.get("/catalog", responses=says(Catalog), response_class=Words)
def catalog(
    store: StoreName, doors: Behind, token: Annotated[ApiToken, Depends(needs("catalog:read"))]
) -> Response:
    """Show the price book of visits that start now."""
    return Words(shop_for(token, store, doors).catalog())


@router.put(
    "/prices",
    responses=says(PricesSaid),
    response_class=Words,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": REFERENCE.format(name="Catalog")}}},
        }
    },
)
def put_prices(
    store: StoreName,
    doors: Behind,
    token: Annotated[ApiToken, Depends(needs("prices:write"))],
    body: Annotated[bytes, Depends(_body)],
) -> Response:
    """Price visits that start from now on by another book; whoever is inside keeps their prices.

    A book without a version gets one, the same for the same prices.
    """
    shop = shop_for(token, store, doors)
    book = _book(body)
    if wrong := _mistakes(book, shop):
        raise ProblemError(
            422, f"{len(wrong)} mistakes in the price book", errors=wrong[:MISTAKES_MAX]
        )
    shop.prices.put(store, SavedPrices(book, token.token, doors.now_us()))
    return Words(PricesSaid(version=book.version))


def _book(body: bytes) -> Catalog:
    try:
        book = msgspec.json.decode(body, type=Catalog)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(422, "this is no price book", errors=[_why(error)]) from error
    if book.version:
        return book
    digest = hashlib.sha256(msgspec.json.encode(book, order="deterministic")).hexdigest()
    return dataclasses.replace(book, version=digest[:VERSION_DIGITS])


def _why(error: Exception) -> str:
    """Return what msgspec says: types, limits and places, never the text itself."""
    return str(error) if isinstance(error, msgspec.DecodeError) else type(error).__name__


def _mistakes(book: Catalog, shop: ShopDoor) -> list[str]:
    wrong = [
        f'promotion "{promotion}": {limit}' if promotion else limit
        for promotion, limit in unfit(book, shop.opening_prices)
    ]
    missing = sorted(shop.on_shelves - {str(gtin) for gtin in book.products})
    wrong += [f"product {gtin} stands on a shelf and has no price" for gtin in missing]
    return wrong + [
        f"product {gtin}: is called {product.gtin} inside"
        for gtin, product in book.products.items()
        if gtin != product.gtin
    ]
