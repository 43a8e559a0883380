"""Builds the office from the settings: who may come in, and the till.

Beside `app` because the command line has an office of its own, without an engine.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store_engine.adapters.database import Database
from store_engine.adapters.database.accounts import SqlAccountBook
from store_engine.adapters.database.api import SqlSecrets, SqlTokens
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.gate import SqlGateBook
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.database.vouchers import SqlVouchers
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.app.stripe import stripe_provider
from store_engine.clock import clock_ns
from store_engine.office.api_tokens import ApiTokens
from store_engine.office.desk import Desk, DeskRules
from store_engine.office.receipt_links import SECRET_NAME as RECEIPT_LINKS
from store_engine.office.receipt_links import ReceiptLinks
from store_engine.office.redemption import RedeemingTill, Redemption
from store_engine.office.registry import Registry
from store_engine.office.till import Terms, Till
from store_engine.office.vault import PUT_AWAY, PUT_AWAY_FOR_RETAILER, Vault
from store_engine.office.vouchers import Vouchers
from store_engine.office.worker import Worker
from store_engine.ports import Accounts, Payments
from store_engine.ports.accounts import AccountBook
from store_engine.ports.office import Provider
from store_engine.settings import Settings
from store_engine.store import Store

if TYPE_CHECKING:
    from store_engine.app.jwo import RetailerOffice

PAYMENTS_FILE = "simulated-payments.sqlite"  # in the data folder
SECRET_BYTES = 32  # as long as the hash that it keys (RFC 2104, section 3)

NowUs = Callable[[], int]


def _simulated(settings: Settings, now_us: NowUs) -> Provider:
    return SimulatedProvider(SqliteLedger(settings.data / PAYMENTS_FILE), now_us=now_us)


PAYMENTS: Mapping[str, Callable[[Settings, NowUs], Provider]] = {
    "simulated": _simulated,
    "stripe": lambda settings, _now_us: stripe_provider(settings),
}


@dataclass(frozen=True, kw_only=True)
class FrontOffice:
    """Accounts and what they present: all that is needed without a store."""

    accounts: AccountBook
    vault: Vault
    registry: Registry
    vouchers: Vouchers


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything that a store's office does."""

    front: FrontOffice
    desk: Accounts
    till: Till
    payments: Payments  # what the engine asks: the till, or the line to a retailer's back end
    worker: Worker
    retailer: "RetailerOffice | None" = None  # with back_end = "jwo"


def open_front_office(settings: Settings, database: Database) -> FrontOffice:
    """Return the accounts of a database."""
    now_us = office_clock(settings)
    gates, accounts = SqlGateBook(database), SqlAccountBook(database)
    vault = Vault(
        gates,
        secret=gates.secret(secrets.token_bytes(SECRET_BYTES)),
        now_us=now_us,
        card_prefixes=settings.access.card_prefixes,
        put_away=PUT_AWAY_FOR_RETAILER if settings.back_end == "jwo" else PUT_AWAY,
    )
    registry = Registry(accounts, gates, vault, now_us=now_us)
    vouchers = Vouchers(SqlVouchers(database), accounts, now_us=now_us)
    return FrontOffice(accounts=accounts, vault=vault, registry=registry, vouchers=vouchers)


def open_office(
    settings: Settings, store: Store, database: Database, *, provider: Provider | None = None
) -> Office:
    """Return the office of one store, with the provider of the settings or another one.

    Its worker has not begun.
    """
    now_us = office_clock(settings)
    front, books = open_front_office(settings, database), SqlBooks(database)
    provider = provider or PAYMENTS[settings.payments](settings, now_us)
    terms = Terms(
        store=store.map.store,
        currency=store.catalog.currency,
        exponent=store.catalog.currency_exponent,
        hold=settings.access.hold,
    )
    till = Till(books, provider, terms=terms, now_us=now_us)
    worker = Worker(books, provider, now_us=now_us)
    if settings.back_end == "jwo":
        retailer = _retailer(settings, store, database, front, till)
        return Office(
            front=front,
            desk=retailer.desk,
            till=till,
            payments=retailer.line,
            worker=worker,
            retailer=retailer,
        )
    redemption = Redemption(
        SqlVouchers(database),
        RecordsReader(database, store=store.map.store),
        store=store.map.store,
        currency=store.catalog.currency,
        now_us=now_us,
    )
    desk = Desk(
        rules=DeskRules(
            store=store.map.store,
            unknown_cards=settings.access.unknown_cards,
            unreachable_provider=settings.access.unreachable_provider,
        ),
        accounts=front.accounts,
        gates=SqlGateBook(database),
        parties=books,
        till=till,
        vault=front.vault,
        now_us=now_us,
        vouchers=redemption,
    )
    payments = RedeemingTill(till, redemption)
    return Office(front=front, desk=desk, till=till, payments=payments, worker=worker)


def _retailer(
    settings: Settings, store: Store, database: Database, front: FrontOffice, till: Till
) -> "RetailerOffice":
    from store_engine.app.jwo import Behind, open_retailer_office  # noqa: PLC0415 - an extra

    behind = Behind(
        accounts=front.accounts, vault=front.vault, till=till, now_us=office_clock(settings)
    )
    return open_retailer_office(settings, store, database, behind)


def open_tokens(settings: Settings, database: Database) -> ApiTokens:
    """Return the API tokens of a database."""
    return ApiTokens(SqlTokens(database), now_us=office_clock(settings))


def open_links(settings: Settings, database: Database) -> ReceiptLinks:
    """Return the links to the receipts of a database."""
    secret = SqlSecrets(database).secret(RECEIPT_LINKS, secrets.token_bytes(SECRET_BYTES))
    return ReceiptLinks(secret, public_url=settings.office.public_url)


def office_clock(settings: Settings) -> NowUs:
    """Return the office's clock, in microseconds since the epoch."""
    now_ns = clock_ns(settings.clock_speed)
    return lambda: now_ns() // 1_000
