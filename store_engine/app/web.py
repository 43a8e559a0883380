"""Builds the front door from the settings, and runs it with all that the office does by itself."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from store_engine.adapters.database import Database, open_database
from store_engine.adapters.database.api import SqlAudit, SqlPriceBooks
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.cases import SqlCasebook
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.database.shop_reading import ShopReader
from store_engine.adapters.database.webhooks import EventFeed, OfficeFeed, SqlSubscriptions
from store_engine.adapters.device_board import HeardBoard, status_filter
from store_engine.adapters.http_post import HttpPost
from store_engine.adapters.mqtt import MqttLink
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.app import broker_address, database_url
from store_engine.app.office import (
    PAYMENTS,
    Office,
    office_clock,
    open_links,
    open_office,
    open_tokens,
)
from store_engine.app.stripe import stripe_notices
from store_engine.errors import ConfigError
from store_engine.office.counter import Counter, Policy
from store_engine.office.notices import BoardReader, Mailbox
from store_engine.office.rounds import Reviews, Rounds
from store_engine.office.till import Till
from store_engine.office.till_money import TillMoney
from store_engine.office.webhooks import Webhooks
from store_engine.settings import Settings
from store_engine.store import Store
from store_engine.store_files import load_store
from store_engine.topics import speakers
from store_engine.web.application import create_app
from store_engine.web.doors import Doors, ShopDoor

STOP_S = 5  # for requests that are being answered (guess)


@dataclass(frozen=True, kw_only=True)
class WebOffice:
    """The front door and what runs behind it; nothing has begun."""

    application: FastAPI
    office: Office
    rounds: Rounds
    boards: Mapping[str, HeardBoard]
    database: Database


def open_web_office(settings: Settings) -> WebOffice:
    """Return the office that the settings describe, with every store of theirs."""
    folders = (settings.store, *settings.office.more_stores)
    stores = {str(store.map.store): store for store in map(load_store, folders)}
    if len(stores) < len(folders):
        raise ConfigError(f"office: {len(folders)} store folders, {len(stores)} different names")
    now_us = office_clock(settings)
    provider = PAYMENTS[settings.payments](settings, now_us)
    database = open_database(database_url(settings))
    offices = {
        name: open_office(settings, store, database, provider=provider)
        for name, store in stores.items()
    }
    boards = {name: HeardBoard(_kinds(store)) for name, store in stores.items()}
    shops = {
        name: _shop(settings, store, database, offices[name], boards[name])
        for name, store in stores.items()
    }
    office = next(iter(offices.values()))
    subscriptions = SqlSubscriptions(database)
    doors = Doors(
        shops=shops,
        tokens=open_tokens(settings, database),
        links=open_links(settings, database),
        registry=office.front.registry,
        accounts=office.front.accounts,
        subscriptions=subscriptions,
        audit=SqlAudit(database),
        now_us=now_us,
        stripe=_mailbox(settings, office.till, database),
    )
    feeds = {name: EventFeed(database, store=name) for name in shops}
    webhooks = Webhooks(
        subscriptions, {**feeds, "office": OfficeFeed(database)}, HttpPost(), now_us=now_us
    )
    jobs = {"webhooks": webhooks.deliver}
    for name, shop in shops.items():
        jobs[f"cases-{name}"] = _finisher(shop.counter)
        jobs[f"reviews-{name}"] = Reviews(feeds[name], shop.counter).look
    if isinstance(provider, SimulatedProvider):  # others send their notices
        board = BoardReader(provider, till=office.till, books=SqlBooks(database))
        jobs["notices"] = board.look
    application = create_app(doors)
    if office.retailer is not None:
        application.include_router(office.retailer.routes)
    return WebOffice(
        application=application,
        office=office,
        rounds=Rounds(jobs),
        boards=boards,
        database=database,
    )


def run_office(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, beside an engine or without one."""
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops, and then raises them again
        signal.signal(number, lambda *_: None)
    web = open_web_office(settings)
    links = [_listen(settings, name, board) for name, board in web.boards.items()]
    web.office.worker.start()
    web.rounds.start()
    chosen = settings.office
    server = uvicorn.Server(
        uvicorn.Config(
            web.application,
            host=chosen.listen,
            port=chosen.port,
            ssl_certfile=chosen.certificate_file,
            ssl_keyfile=chosen.key_file,
            log_level=settings.log_level,
            access_log=False,  # its paths would hold the keys of receipts
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=STOP_S,
        )
    )
    try:
        server.run()
    finally:
        web.rounds.stop()
        web.office.worker.stop()
        for link in links:
            link.close()
        web.database.close()


def _shop(
    settings: Settings, store: Store, database: Database, office: Office, board: HeardBoard
) -> ShopDoor:
    name = str(store.map.store)
    now_us = office_clock(settings)
    prices = SqlPriceBooks(database)
    prices.follow_files(name, store.catalog, now_us=now_us())
    casebook = SqlCasebook(database, store=name)
    chosen = settings.office
    policy = Policy(
        refund_at_once_max=chosen.refund_at_once_max,
        refunds_at_once=chosen.refunds_at_once,
        open_days=chosen.contest_days,
    )
    counter = Counter(
        casebook=casebook,
        receipts=RecordsReader(database, store=name),
        money=TillMoney(office.till),
        policy=policy,
        now_us=now_us,
    )
    return ShopDoor(
        store=name,
        records=ShopReader(database, store=name),
        casebook=casebook,
        counter=counter,
        till=office.till,
        prices=prices,
        opening_prices=store.catalog,
        on_shelves=frozenset(str(facing.gtin) for facing in store.map.facings),
        devices=board,
    )


def _mailbox(settings: Settings, till: Till, database: Database) -> Mailbox | None:
    """Return whom Stripe writes to, where it moves the money."""
    if settings.payments != "stripe":
        return None
    reader, now_us = stripe_notices(settings), office_clock(settings)
    return Mailbox(reader, till=till, books=SqlBooks(database), now_us=now_us)


def _finisher(counter: Counter) -> Callable[[], int]:
    """Try what is unfinished once a round: a provider that is away is not asked in a loop."""

    def finish() -> int:
        counter.finish_all()
        return 0

    return finish


def _kinds(store: Store) -> dict[str, str]:
    return {
        str(device): kind
        for kind, devices in speakers(store.map).items()
        if kind != "devices"
        for device in devices
    }


def _listen(settings: Settings, store: str, board: HeardBoard) -> MqttLink:
    address = broker_address(
        settings.broker, client_id=f"{settings.broker.client_id}-office-{store}"
    )
    link = MqttLink(address, subscriptions=[status_filter(store)])
    board.listen(link)
    return link
