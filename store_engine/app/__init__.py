"""Chooses the adapters from the settings and runs the service: the only importer of adapters."""

import logging
import signal
import sys
from pathlib import Path
from typing import Protocol

import structlog

from store_engine.adapters.database import Database, open_database, sqlite_url
from store_engine.adapters.database.api import SqlPriceBooks
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.mqtt import BrokerAddress, MqttLink
from store_engine.adapters.recording_files import DailyRecorder
from store_engine.adapters.recordings import McapRecorder
from store_engine.app.office import Office, open_office
from store_engine.app.privacy import open_privacy
from store_engine.catalog import Catalog
from store_engine.clock import clock_ns
from store_engine.engine import Engine
from store_engine.intake import FrontDoor
from store_engine.price_watch import PriceWatch
from store_engine.recovery import Decides
from store_engine.service import Adapters, Observer, Service
from store_engine.settings import BrokerSettings, Settings
from store_engine.store import Store
from store_engine.store_files import ACCOUNTS_FILE, load_accounts, load_store
from store_engine.topics import subscriptions

RECORDS_FILE = "records.sqlite"  # in the data folder


def build(settings: Settings, *, observer: Observer | None = None) -> Service:
    """Return the service that the settings describe, recovered but not yet listening.

    `observer` watches the loop, for measuring.
    """
    store = load_store(settings.store)
    database = open_database(database_url(settings))
    office = open_office(settings, store, database)
    return assemble(settings, store, database, office, Engine(store), observer)


def run(settings: Settings, *, observer: Observer | None = None) -> Service:
    """Run the service until SIGTERM or SIGINT; return it closed, for its counters."""
    store = load_store(settings.store)
    database = open_database(database_url(settings))
    office = open_office(settings, store, database)
    import_first_accounts(office, settings)
    service = assemble(settings, store, database, office, Engine(store), observer)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    office.worker.start()
    watch = watch_prices(database, store, service)
    watch.start()
    daily = open_privacy(settings, database, office.front).daily
    daily.start()
    try:
        service.start()
        service.run()
    except BaseException:
        daily.stop()
        watch.stop()
        office.worker.stop()
        service.abandon()
        raise
    daily.stop()
    watch.stop()
    office.worker.stop()
    service.close()
    return service


def import_first_accounts(office: Office, settings: Settings) -> int:
    """Open the accounts of the store's file, if it has one and nobody has an account yet."""
    if not (settings.store / ACCOUNTS_FILE).is_file():
        return 0
    return office.front.registry.import_first(load_accounts(settings.store).accounts)


class Prices(Decides, Protocol):
    """An engine, and which prices it knows."""

    @property
    def price_book(self) -> str:
        """The version of the prices in force."""
        ...


def assemble(
    settings: Settings,
    store: Store,
    database: Database,
    office: Office,
    engine: Prices,
    observer: Observer | None = None,
) -> Service:
    """Return the service around an engine and an office, recovered but not yet listening."""
    name = store.map.store
    link = MqttLink(broker_address(settings.broker), subscriptions=subscriptions(name))
    recorder, path = None, settings.record
    if path is not None:
        recorder = DailyRecorder(lambda: McapRecorder(unused_name(path), store=name))
    service = Service(
        store=name,
        engine=engine,
        door=FrontDoor(store),
        adapters=Adapters(
            records=SqlRecords(database, store=name),
            listener=link,
            publisher=link,
            accounts=office.desk,
            payments=office.payments,
            recorder=recorder,
            veil=office.front.vault.veil,
        ),
        tick_s=settings.tick_ms / 1_000 / settings.clock_speed,
        snapshot_every_s=settings.snapshot_every_s,
        observer=observer,
        wall_ns=clock_ns(settings.clock_speed),
    )
    prices = SqlPriceBooks(database)
    prices.follow_files(name, store.catalog, now_us=clock_ns(settings.clock_speed)() // 1_000)
    put = prices.newest(name)
    if put is not None and engine.price_book != put.book.version:  # changed while nobody looked
        service.change_prices(put.book)
    return service


def watch_prices(database: Database, store: Store, service: Service) -> PriceWatch:
    """Return what tells the service when other prices are put; it has not begun."""
    name, prices = store.map.store, SqlPriceBooks(database)

    def book() -> Catalog | None:
        put = prices.newest(name)
        return None if put is None else put.book

    return PriceWatch(
        version=lambda: prices.newest_version(name),
        book=book,
        say=service.change_prices,
        known=prices.newest_version(name),
    )


def database_url(settings: Settings) -> str:
    """Return where the store of record is: the setting, or a file in the data folder."""
    if settings.database is not None:
        return settings.database.get_secret_value()
    return sqlite_url(settings.data / RECORDS_FILE)


def configure_logging(level: str) -> None:
    """Log to standard error, which keeps standard output for results."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def unused_name(path: Path) -> Path:
    """Return `path`, or the first of `name-2`, `name-3`, ... that does not exist.

    A restarted service must not write over what it recorded before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_stem(f"{path.stem}-{number}")
    return candidate


def broker_address(broker: BrokerSettings, *, client_id: str = "") -> BrokerAddress:
    """Return where the broker is and who we are there: the engine, unless said otherwise."""
    return BrokerAddress(
        host=broker.host,
        port=broker.port,
        client_id=client_id or broker.client_id,
        username=broker.username or "",
        password=broker.password.get_secret_value() if broker.password else "",
        tls=broker.tls,
        ca_file=broker.ca_file,
        certificate_file=broker.certificate_file,
        key_file=broker.key_file,
    )
