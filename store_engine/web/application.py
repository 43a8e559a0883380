"""Puts the front door together."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from store_engine.web import (
    account_routes,
    case_routes,
    page_routes,
    price_routes,
    provider_routes,
    shop_routes,
    staff_routes,
    webhook_routes,
)
from store_engine.web.access import Guard
from store_engine.web.auditing import Audited
from store_engine.web.doors import Doors
from store_engine.web.limits import Buckets, Limits
from store_engine.web.problems import answer_with_problems
from store_engine.web.words import Health, Words, says, schemas

TITLE = "store-engine office"
VERSION = "1"
DESCRIPTION = """\
Accounts, visits, live carts, receipts, complaints, refunds, prices, devices, webhooks.

Every request carries a token as `Authorization: Bearer set_...` (`store-engine office token
create`). A token has a role, which gives it scopes, and the stores it holds for; a store it does
not hold for is not found. All money is in minor units of a currency, all times are microseconds
since the epoch. Whatever is refused is answered by a problem document (RFC 9457).
"""

# Pages fetch their own style and script only, tell nobody where they were opened from, are kept by
# no cache, and stand in no frame.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


def create_app(doors: Doors) -> FastAPI:
    """Return the application for an ASGI server."""
    app = routed()
    addresses = Buckets(per_s=doors.rates.per_address_s, burst=doors.rates.address_burst)
    app.state.doors = doors
    app.state.guard = Guard(doors, addresses)
    answer_with_problems(app)
    app.add_api_route("/openapi.json", lambda: Words(openapi(app)), include_in_schema=False)
    app.add_middleware(Audited, log=doors.audit, now_us=doors.now_us)
    app.middleware("http")(_with_headers)
    app.add_middleware(Limits, addresses=addresses)
    return app


def routed() -> FastAPI:
    """Return an application with every route and nothing behind them: what is documented."""
    app = FastAPI(title=TITLE, version=VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    for part in (
        shop_routes,
        case_routes,
        price_routes,
        account_routes,
        webhook_routes,
        provider_routes,
        page_routes,
        staff_routes,
    ):
        app.include_router(part.router)
    app.add_api_route("/healthz", health, responses=says(Health), response_class=Words)
    return app


def health() -> Response:
    """Say that the door is open."""
    return Words(Health())


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document; the words in it are made from the types that are sent."""
    said: dict[str, Any] = get_openapi(
        title=app.title, version=app.version, routes=app.routes, description=DESCRIPTION
    )
    components = said.setdefault("components", {}).setdefault("schemas", {})
    components |= schemas()
    for path in said["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)  # FastAPI's own; ours is "default"
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    return said


async def _with_headers(
    request: Request, go_on: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await go_on(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
