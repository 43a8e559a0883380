"""Chooses the adapters from the settings and runs the service: the only importer of adapters."""

import logging
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from store_engine.accounts import AccountDirectory
from store_engine.adapters.database import open_database, sqlite_url
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.mqtt import BrokerAddress, MqttLink
from store_engine.adapters.recordings import McapRecorder
from store_engine.adapters.simulated_payments import SimulatedPayments
from store_engine.adapters.sqlite_ledger import SqliteLedger
from store_engine.clock import clock_ns
from store_engine.engine import Engine
from store_engine.intake import FrontDoor
from store_engine.ports import Payments
from store_engine.service import Adapters, Observer, Service
from store_engine.settings import BrokerSettings, Settings
from store_engine.store_files import load_accounts, load_store
from store_engine.topics import subscriptions

RECORDS_FILE = "records.sqlite"  # in the data folder
PAYMENTS_FILE = "simulated-payments.sqlite"


def _simulated(settings: Settings, accounts: AccountDirectory) -> Payments:
    ledger = SqliteLedger(settings.data / PAYMENTS_FILE)
    return SimulatedPayments(ledger, payment_methods=accounts.payments)


PAYMENTS: Mapping[str, Callable[[Settings, AccountDirectory], Payments]] = {
    "simulated": _simulated,
}


def build(settings: Settings, *, observer: Observer | None = None) -> Service:
    """Return the service that the settings describe, recovered but not yet listening.

    `observer` watches the loop, for measuring.
    """
    store = load_store(settings.store)
    name = store.map.store
    accounts = load_accounts(settings.store)
    link = MqttLink(_address(settings.broker), subscriptions=subscriptions(name))
    recorder = None
    if settings.record is not None:
        recorder = McapRecorder(unused_name(settings.record), store=name)
    engine = Engine(store)
    service = Service(
        store=name,
        engine=engine,
        door=FrontDoor(store),
        adapters=Adapters(
            records=SqlRecords(open_database(database_url(settings)), store=name),
            listener=link,
            publisher=link,
            accounts=accounts,
            payments=PAYMENTS[settings.payments](settings, accounts),
            recorder=recorder,
        ),
        tick_s=settings.tick_ms / 1_000 / settings.clock_speed,
        snapshot_every_s=settings.snapshot_every_s,
        observer=observer,
        wall_ns=clock_ns(settings.clock_speed),
    )
    if engine.price_book != store.catalog.version:  # the files changed while nobody was looking
        service.change_prices(store.catalog)
    return service


def run(settings: Settings, *, observer: Observer | None = None) -> Service:
    """Run the service until SIGTERM or SIGINT; return it closed, for its counters."""
    service = build(settings, observer=observer)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    try:
        service.start()
        service.run()
    except BaseException:
        service.abandon()
        raise
    service.close()
    return service


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


def _address(broker: BrokerSettings) -> BrokerAddress:
    return BrokerAddress(
        host=broker.host,
        port=broker.port,
        client_id=broker.client_id,
        username=broker.username or "",
        password=broker.password.get_secret_value() if broker.password else "",
        tls=broker.tls,
        ca_file=broker.ca_file,
        certificate_file=broker.certificate_file,
        key_file=broker.key_file,
    )
