"""`store-engine record`: what a broker carries, kept in a recording."""

import queue
import secrets
import signal
import threading
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from store_engine.adapters.broker_security.client_files import ClientFiles
from store_engine.adapters.mqtt import BrokerAddress, MqttLink
from store_engine.adapters.recordings import McapRecorder
from store_engine.app import unused_name
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.cli.simulate import broker_at
from store_engine.messages import Tick
from store_engine.office.handles import handle_of, veil
from store_engine.ports import Delivery, RawArrival
from store_engine.store_files import ACCOUNTS_FILE, load_accounts, load_store
from store_engine.topics import heard_topic, subscriptions

TICK_S = 0.1


@clearly
def record(
    broker: Annotated[str, typer.Argument(help="host:port")],
    store: StoreFolder = NANOSTORE,
    to: Annotated[Path, typer.Option(help="Recording to write.")] = Path("out/recorded.mcap"),
    seconds: Annotated[
        float | None, typer.Option(help="Stop after this long; else at Ctrl-C.", min=0.1)
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            help="Folder of an observer's certificate (secure/clients/NAME).", exists=True
        ),
    ] = None,
) -> None:
    """Record everything the devices of a store say, until Ctrl-C.

    Of credentials that the store's accounts.toml does not list, only handles are kept.
    """
    name, address = load_store(store).map.store, _address(broker, certificate)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    to = unused_name(to)
    with McapRecorder(to, store=name) as recorder:
        _Listening(name, address, recorder, _known_in(store)).until(stop, seconds)
    out.print(f"{to}: {recorder.written} messages")


def _known_in(store: Path) -> frozenset[str]:
    """Return the credentials of the demonstration: whoever replays the recording knows them."""
    if not (store / ACCOUNTS_FILE).is_file():
        return frozenset()
    return frozenset(load_accounts(store).by_credential)


def _address(broker: str, certificate: Path | None) -> BrokerAddress:
    at = broker_at(broker)
    name = f"store-engine-recorder-{time.time_ns()}"
    if certificate is None:
        return BrokerAddress(host=at.host, port=at.port, client_id=name)
    files = ClientFiles.within(certificate)._asdict()
    return BrokerAddress(host=at.host, port=at.port, client_id=name, tls=True, **files)


class _Listening:
    """Writes what arrives, and ticks of quiet time as the service would say them."""

    def __init__(
        self, store: str, address: BrokerAddress, recorder: McapRecorder, known: frozenset[str]
    ) -> None:
        self._known = known
        self._secret = secrets.token_bytes(32)  # for this recording only: nobody keeps it
        self._store = store
        self._recorder = recorder
        self._heard: queue.SimpleQueue[tuple[RawArrival, Delivery]] = queue.SimpleQueue()
        self._link = MqttLink(address, subscriptions=subscriptions(store))
        self._ticks = 0

    def until(self, stop: threading.Event, seconds: float | None) -> None:
        """Record until `stop` is set or `seconds` are over."""
        give_up_s = time.monotonic() + seconds if seconds is not None else float("inf")
        self._link.start(self._hear)
        try:
            with console.status("recording; Ctrl-C ends it") as status:
                while not stop.is_set() and time.monotonic() < give_up_s:
                    self._take()
                    status.update(f"recording: {self._recorder.written} messages; Ctrl-C ends it")
        finally:
            self._link.close()

    def _hear(self, topic: str, payload: bytes, delivery: Delivery) -> None:
        self._heard.put((RawArrival(time.time_ns() // 1_000, topic, payload), delivery))

    def _take(self) -> None:
        try:
            raw, delivery = self._heard.get(timeout=TICK_S)
        except queue.Empty:
            self._tick()
            return
        self._recorder.write(veil(raw, self._handle))
        self._link.acknowledge([delivery])

    def _handle(self, credential: str) -> str:
        """Keep the demonstration's credentials, which replays know; of others only a handle."""
        if credential in self._known:
            return credential
        return handle_of(credential, secret=self._secret)

    def _tick(self) -> None:
        now_us = time.time_ns() // 1_000
        tick = Tick(device="clock", sequence=self._ticks, time_us=now_us)
        self._ticks += 1
        topic = heard_topic(self._store, tick)
        self._recorder.write(RawArrival(now_us, topic, msgspec.json.encode(tick)))
