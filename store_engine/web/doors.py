"""What the front door is handed: the office behind it, and what it may read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from store_engine.catalog import Catalog
from store_engine.office.api_tokens import ApiTokens
from store_engine.office.counter import Counter
from store_engine.office.notices import Mailbox
from store_engine.office.receipt_links import ReceiptLinks
from store_engine.office.registry import Registry
from store_engine.office.till import Till
from store_engine.ports.accounts import AccountBook
from store_engine.ports.api import AuditLog, DeviceBoard, PriceBooks, ShopRecords, SubscriptionBook
from store_engine.ports.office import Casebook


@dataclass(frozen=True, kw_only=True)
class ShopDoor:
    """One store behind the door."""

    store: str
    records: ShopRecords
    casebook: Casebook  # of this store alone
    counter: Counter
    till: Till
    prices: PriceBooks
    opening_prices: Catalog  # of the store's files
    on_shelves: frozenset[str]  # GTINs that must have a price
    devices: DeviceBoard

    def catalog(self) -> Catalog:
        """Return the prices of visits that start now."""
        put = self.prices.newest(self.store)
        return self.opening_prices if put is None else put.book


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How much may be asked: token buckets, in requests."""

    per_token_s: float = 20.0  # (guess: a busy back end asks twice per exit, 10 exits a second)
    token_burst: float = 60.0  # (guess)
    per_address_s: float = 50.0  # (guess: a chain's back end, or a shop's phones behind one router)
    address_burst: float = 200.0  # (guess)


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Everything behind the front door."""

    shops: Mapping[str, ShopDoor]
    tokens: ApiTokens
    links: ReceiptLinks
    registry: Registry
    accounts: AccountBook
    subscriptions: SubscriptionBook
    audit: AuditLog
    now_us: Callable[[], int]
    rates: Rates = Rates()
    stripe: Mailbox | None = None  # for Stripe's webhooks, where it moves the money
