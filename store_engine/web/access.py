"""Who asks, and what is open to them: token first, then scope, then store.

No token: 401. A token without the scope: 403. A store that the token does not hold for is like one
that does not exist: 404, and so is what belongs to another account.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import StringConstraints

from store_engine.messages import Receipt
from store_engine.ports.api import ApiToken, Scope
from store_engine.web.doors import Doors, ShopDoor
from store_engine.web.limits import FAILED_COSTS, Buckets, address_of
from store_engine.web.problems import ProblemError, not_found

PLAIN = r"^[^\x00-\x1f\x7f/]+$"  # nothing that ends a line, a string or a part of a path

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=PLAIN)]
StoreName = Annotated[Name, Path(description="the store's name")]
ReceiptName = Annotated[Name, Path(description="the receipt's name")]

_bearer = HTTPBearer(auto_error=False, description="an API token: `store-engine office token`")


class Guard:
    """Lets in who may; one for each application."""

    def __init__(self, doors: Doors, addresses: Buckets) -> None:
        self._doors = doors
        self._addresses = addresses
        self._tokens = Buckets(per_s=doors.rates.per_token_s, burst=doors.rates.token_burst)

    def caller(self, request: Request, text: str | None) -> ApiToken:
        """Return the token behind a request. Raises `ProblemError` 401 or 429."""
        token = self._doors.tokens.check(text) if text and text.isascii() else None
        if token is None:
            self.forged(request)
            raise ProblemError(
                401, "a valid token is needed", headers={"WWW-Authenticate": "Bearer"}
            )
        request.scope["state"]["who"] = token.token
        self._tokens.take(token.token)
        return token

    def forged(self, request: Request) -> None:
        """Let an address pay for what opens nothing here. Raises `ProblemError` 429."""
        self._addresses.take(address_of(request.scope), FAILED_COSTS)


async def doors_of(request: Request) -> Doors:
    """Return what is behind the door."""
    doors: Doors = request.app.state.doors
    return doors


def _caller(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> ApiToken:
    guard: Guard = request.app.state.guard
    return guard.caller(request, bearer.credentials if bearer else None)


def needs(scope: Scope) -> Callable[..., Awaitable[ApiToken]]:
    """Return what lets in only tokens with a scope."""

    async def allowed(token: Annotated[ApiToken, Depends(_caller)]) -> ApiToken:
        if scope not in token.scopes:
            raise ProblemError(403, f"this token has no scope {scope}")
        return token

    return allowed


def needs_everywhere(scope: Scope) -> Callable[..., Awaitable[ApiToken]]:
    """Return what lets in only tokens with a scope for all stores: accounts are everybody's."""

    async def allowed(token: Annotated[ApiToken, Depends(needs(scope))]) -> ApiToken:
        if not token.everywhere:
            raise ProblemError(403, "this needs a token for all stores")
        return token

    return allowed


def shop_for(token: ApiToken, store: str, doors: Doors) -> ShopDoor:
    """Return a store as far as a token sees it. Raises `ProblemError` 404."""
    shop = doors.shops.get(store) if token.sees(store) else None
    if shop is None:
        raise not_found("store")
    return shop


def receipt_for(token: ApiToken, shop: ShopDoor, receipt: str) -> Receipt:
    """Return a receipt that a token may see. Raises `ProblemError` 404."""
    found = shop.records.receipt(receipt, account=token.account)
    if found is None:
        raise not_found("receipt")
    return found


Behind = Annotated[Doors, Depends(doors_of)]
