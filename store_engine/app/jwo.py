"""Builds the office of a store whose retailer has a Just Walk Out back end."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from store_engine.adapters.database import Database
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.gate import SqlGateBook
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.database.trips import SqlTripBook
from store_engine.adapters.jwo import BackEnd, JwoRetailer, RetailerTerms, SignatureV4
from store_engine.errors import ConfigError
from store_engine.office.till import Till
from store_engine.office.trip_desk import TripDesk, TripDeskRules
from store_engine.office.trip_line import TripLine
from store_engine.office.trips import Trips, TripTerms
from store_engine.office.vault import Vault
from store_engine.ports.accounts import AccountBook
from store_engine.settings import JwoSettings, Settings
from store_engine.store import Store
from store_engine.web.jwo import jwo_router
from store_engine.web.jwo_signatures import Callers

NowUs = Callable[[], int]


@dataclass(frozen=True, kw_only=True)
class RetailerOffice:
    """What takes the place of our own desk and till towards the engine."""

    desk: TripDesk
    line: TripLine
    routes: APIRouter  # what the retailer calls; for the front door


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What our own office has, and this one stands on."""

    accounts: AccountBook
    vault: Vault
    till: Till
    now_us: NowUs


def open_retailer_office(
    settings: Settings, store: Store, database: Database, behind: Behind
) -> RetailerOffice:
    """Return the office of a store by its settings.

    Raises:
        ConfigError: they say nothing about the retailer's back end.
    """
    jwo = settings.jwo
    if jwo is None:
        raise ConfigError('back_end = "jwo" needs a section [jwo]')
    name, books = str(store.map.store), SqlBooks(database)
    retailer = _retailer(jwo, store)
    trips = SqlTripBook(database, store=name, trip_id=retailer.trip_id)
    desk = TripDesk(
        rules=_rules(settings, jwo, name),
        retailer=retailer,
        trips=trips,
        accounts=behind.accounts,
        gates=SqlGateBook(database),
        parties=books,
        till=behind.till,
        vault=behind.vault,
        now_us=behind.now_us,
    )
    line = TripLine(
        retailer=retailer,
        trips=trips,
        receipts=RecordsReader(database, store=name),
        parties=books,
        who_are=behind.accounts.who_are,
        till=behind.till,
    )
    routes = _routes(jwo, store, trips, behind)
    return RetailerOffice(desk=desk, line=line, routes=routes)


def _retailer(jwo: JwoSettings, store: Store) -> JwoRetailer:
    auth = None
    if jwo.key_id:
        auth = SignatureV4(
            key_id=jwo.key_id, secret=jwo.secret.get_secret_value(), region=jwo.region
        )
    terms = RetailerTerms(
        store_id=jwo.store_id,
        currency=store.catalog.currency,
        exponent=store.catalog.currency_exponent,
        item_type=jwo.item_type,
    )
    return JwoRetailer(BackEnd(jwo.url, auth=auth), terms)


def _rules(settings: Settings, jwo: JwoSettings, store: str) -> TripDeskRules:
    return TripDeskRules(
        store=store,
        hold=settings.access.hold,
        code_pattern=jwo.code_pattern,
        authorise_cards=jwo.card_authorization == "retailer",
        associates_pay=jwo.associates == "shoppers",
    )


def _routes(jwo: JwoSettings, store: Store, trips: SqlTripBook, behind: Behind) -> APIRouter:
    catalog = store.catalog
    terms = TripTerms(
        store_id=jwo.store_id,
        currency=catalog.currency,
        exponent=catalog.currency_exponent,
        charge_carts=jwo.charge_carts,
    )
    callers = Callers(
        secrets={name: secret.get_secret_value() for name, secret in jwo.callers.items()},
        api_keys={name: secret.get_secret_value() for name, secret in jwo.api_keys.items()},
        region=jwo.region,
        now_us=behind.now_us,
    )
    served = Trips(trips, behind.till, terms=terms, now_us=behind.now_us)
    return jwo_router(served, callers=callers, exponent=catalog.currency_exponent)
