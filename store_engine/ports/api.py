"""Words and protocols of the HTTP front door: who may ask, what was asked, what a shop shows.

A token is random and is shown once; what is kept is its hash. What it may do are its scopes, and
where it may do it are its stores: of any other store it does not even learn that it exists.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from store_engine.catalog import Catalog
from store_engine.events import Event
from store_engine.messages import LiveCart, Receipt
from store_engine.ports.webhooks import Subscription

TokenRole: TypeAlias = Literal[
    "admin", "support", "reviewer", "back_end", "device_manager", "shopper"
]
Scope: TypeAlias = Literal[
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
    "prices:write",
    "devices:read",
    "webhooks:write",
    "audit:read",
]
ALL_STORES = "*"


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may ask, and what for."""

    token: str  # its name, in lists and in the audit log; not the secret
    digest: str  # SHA-256 of the secret, hexadecimal
    holder: str  # who has it, for people
    role: TokenRole
    scopes: tuple[Scope, ...]
    stores: tuple[str, ...]  # or ("*",)
    account: str = ""  # of a shopper: sees what is theirs, nothing else
    created_us: int
    expires_us: int | None = None
    revoked_us: int | None = None

    @property
    def everywhere(self) -> bool:
        """Whether it holds for every store."""
        return ALL_STORES in self.stores

    def sees(self, store: str) -> bool:
        """Whether a store exists for whoever holds it."""
        return self.everywhere or store in self.stores


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what, on what, when, and what came of it. Holds no secret and no body."""

    time_us: int
    who: str  # a token, "receipt link", or "nobody known"
    what: str  # method and path as the API describes it
    on: str  # what stood in the path: "store=shop receipt=shop.door.0.1"
    outcome: int  # HTTP status; 0: cut short


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One visit at a glance."""

    visit: str
    store: str
    party: str  # the pseudonym it goes by
    gate: str
    started_us: int
    ended_us: int | None = None
    receipt: str = ""
    position: int = 0  # to ask for those before it


class SavedPrices(NamedTuple):
    """A price book that somebody put."""

    book: Catalog
    by: str
    put_us: int


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """What a device last said about itself."""

    device: str
    kind: str  # "gates", "cameras", ...
    state: Literal["online", "degraded", "offline", "never heard"]
    detail: str = ""
    heard_us: int | None = None  # by the office's clock


class Tokens(Protocol):
    """API tokens in the store of record."""

    def add(self, token: ApiToken) -> None:
        """Keep a new token."""
        ...

    def with_digest(self, digest: str) -> ApiToken | None:
        """Return the token with this hash, whatever became of it."""
        ...

    def tokens(self) -> list[ApiToken]:
        """Return all of them, oldest first."""
        ...

    def revoke(self, token: str, *, time_us: int) -> bool:
        """Refuse a token from now on; return whether it is there."""
        ...


class AuditLog(Protocol):
    """Who did what. Rows are added, given an outcome, and never changed otherwise."""

    def begin(self, entry: AuditEntry) -> int:
        """Keep an entry and return its number."""
        ...

    def end(self, number: int, entry: AuditEntry) -> None:
        """Say what came of it: the entry as a whole, but for its time."""
        ...

    def entries(self, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Return entries, newest first."""
        ...


class SubscriptionBook(Protocol):
    """Who wants to hear what, for those who may change that."""

    def subscribe(self, subscription: Subscription) -> None:
        """Keep a subscription, or what it is now."""
        ...

    def cancel(self, subscription: str) -> None:
        """Tell it nothing more, and forget how far it was."""
        ...

    def subscriptions(self) -> list[Subscription]:
        """Return all of them."""
        ...


class PriceBooks(Protocol):
    """Price books that were put, by store."""

    def put(self, store: str, prices: SavedPrices) -> None:
        """Have visits that start from now on priced by a book."""
        ...

    def newest(self, store: str) -> SavedPrices | None:
        """Return the book that was put last."""
        ...


class ShopRecords(Protocol):
    """What one store's engine kept. `account` narrows it to what is one account's."""

    def visits(
        self, *, account: str = "", before: int | None = None, limit: int = 50
    ) -> list[Visit]:
        """Return visits, newest first, those before a position."""
        ...

    def visit(self, visit: str, *, account: str = "") -> Visit | None:
        """Return one visit."""
        ...

    def carts(self, *, account: str = "") -> list[LiveCart]:
        """Return the cart of every visit that has not ended."""
        ...

    def receipts(
        self, *, account: str = "", left_before_us: int | None = None, limit: int = 50
    ) -> list[Receipt]:
        """Return receipts, newest first, of those who left before a moment."""
        ...

    def receipt(self, receipt: str, *, account: str = "") -> Receipt | None:
        """Return a receipt."""
        ...

    def events(self, visit: str) -> Sequence[Event]:
        """Return what was decided about a visit, in order."""
        ...


class DeviceBoard(Protocol):
    """What the devices of a store last said about themselves."""

    def states(self) -> list[DeviceState]:
        """Return the last state of every device that the store knows."""
        ...
