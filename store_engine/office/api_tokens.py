"""Tokens of the HTTP API: made, checked, revoked. The text of one is shown once and never kept."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final, get_args

from store_engine.errors import RequestError
from store_engine.ports.api import ALL_STORES, ApiToken, Scope, TokenRole, Tokens
from store_engine.units import to_us

PREFIX = "set_"  # so that people and scanners of source code know one when they see it
SECRET_BYTES = 32  # of randomness: nobody guesses 256 bits
HOLDER_MAX = 100  # characters
LIFETIME_S = 90 * 86_400.0  # unless said otherwise (guess: a quarter)
LIFETIME_MAX_S = 366 * 86_400.0  # (guess: nobody remembers an older one)

SCOPES: Final[Mapping[TokenRole, tuple[Scope, ...]]] = {
    "admin": get_args(Scope),
    "support": (
        "accounts:read",
        "accounts:write",
        "visits:read",
        "carts:read",
        "receipts:read",
        "receipts:link",
        "cases:open",
        "cases:read",
        "cases:answer",
        "refunds:write",
        "catalog:read",
    ),
    "reviewer": ("visits:read", "receipts:read", "cases:read", "cases:answer", "catalog:read"),
    "back_end": (
        "visits:read",
        "carts:read",
        "receipts:read",
        "receipts:link",
        "cases:open",
        "cases:read",
        "catalog:read",
        "prices:write",
        "webhooks:write",
    ),
    "device_manager": ("devices:read",),
    "shopper": (
        "visits:read",
        "carts:read",
        "receipts:read",
        "receipts:link",
        "cases:open",
        "cases:read",
        "catalog:read",
    ),
}


class ApiTokens:
    """Keeps the tokens of one database in order."""

    def __init__(self, tokens: Tokens, *, now_us: Callable[[], int]) -> None:
        self._tokens = tokens
        self._now_us = now_us

    def create(
        self,
        holder: str,
        *,
        role: TokenRole,
        stores: Sequence[str],
        account: str = "",
        scopes: Sequence[Scope] = (),
        lifetime_s: float = LIFETIME_S,
    ) -> tuple[ApiToken, str]:
        """Make a token; return it and its text, which nobody can be shown again.

        Args:
            holder: who gets it, for people.
            role: what it is for.
            stores: where it holds; "*" is everywhere.
            account: whose token it is: a shopper's, and nobody else's.
            scopes: fewer than the role has; left out: all of them.
            lifetime_s: when it is refused.

        Raises:
            RequestError: names what is missing or too much.
        """
        if not 1 <= len(holder) <= HOLDER_MAX:
            raise RequestError(f"token: the holder's name has 1 to {HOLDER_MAX} characters")
        if not stores or (ALL_STORES in stores and len(stores) > 1):
            raise RequestError('token: name its stores, or "*" alone for all of them')
        if (role == "shopper") != bool(account):
            raise RequestError("token: a shopper's token, and no other, has an account")
        if too_many := sorted(set(scopes) - set(SCOPES[role])):
            raise RequestError(f"token: a {role} never has the scope {too_many[0]}")
        if not 0 < lifetime_s <= LIFETIME_MAX_S:
            raise RequestError(
                f"token: good for {lifetime_s / 86_400:g} days, at most "
                f"{LIFETIME_MAX_S / 86_400:g} are allowed"
            )
        text = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        now_us = self._now_us()
        token = ApiToken(
            token=f"t-{secrets.token_hex(6)}",
            digest=_digest(text),
            holder=holder,
            role=role,
            scopes=tuple(scopes) or SCOPES[role],
            stores=tuple(stores),
            account=account,
            created_us=now_us,
            expires_us=now_us + to_us(lifetime_s),
        )
        self._tokens.add(token)
        return token, text

    def check(self, text: str) -> ApiToken | None:
        """Return the token that `text` is, None when it is forged, expired or revoked."""
        if not text.startswith(PREFIX):
            return None
        token = self._tokens.with_digest(_digest(text))
        if token is None or token.revoked_us is not None:
            return None
        expired = token.expires_us is not None and self._now_us() >= token.expires_us
        return None if expired else token

    def tokens(self) -> list[ApiToken]:
        """Return all of them, oldest first."""
        return self._tokens.tokens()

    def revoke(self, token: str) -> None:
        """Refuse a token from now on. Raises `RequestError` when there is none of this name."""
        if not self._tokens.revoke(token, time_us=self._now_us()):
            raise RequestError(f"token {token}: not known here")


def _digest(text: str) -> str:
    """Return SHA-256, plain: the text is random, so there is nothing to slow a guesser down for."""
    return hashlib.sha256(text.encode()).hexdigest()
