"""`store-engine demo`: a busy minute of a shop, over a real broker, checked against the truth."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from msgspec import structs
from rich.live import Live

from sim.device_link import Broker
from sim.publish import publish_live
from sim.scenarios import load_scenario
from sim.scene import Truth
from sim.truth import write_truth
from store_engine.adapters.brokers import RunningBroker, start_broker
from store_engine.adapters.database import open_existing, sqlite_url
from store_engine.adapters.database.accounts import SqlAccountBook
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.app import RECORDS_FILE
from store_engine.cli.demo_board import Board, Listening, comparison
from store_engine.cli.replaying import replay_file
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.cli.simulate import session
from store_engine.errors import StoreEngineError
from store_engine.events import ChargeDeclined, ChargeRequested, ChargeSettled
from store_engine.messages import Receipt
from store_engine.ports import RawArrival
from store_engine.store import Store
from store_engine.store_files import load_store
from store_engine.units import format_money

ENGINE_STOP_S = 20.0
LAST_RECEIPTS_S = 15.0  # how long after the last sensor message receipts may still come


@clearly
def demo(
    scenario: Annotated[Path, typer.Option(help="What happens.")] = Path(
        "configs/scenarios/demo.toml"
    ),
    store: StoreFolder = NANOSTORE,
    seed: Annotated[int, typer.Option(help="The same seed, the same shoppers.")] = 2,
    folder: Annotated[Path, typer.Option(help="Where everything is kept; emptied first.")] = Path(
        "out/demo"
    ),
) -> None:
    """Show a busy shop: live carts, receipts, charges, and how they compare with the truth.

    Starts a broker and the engine on this machine, plays the simulator to them in real time, and
    stops them again. Leaves a recording that `store-engine replay` turns into the same receipts.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    loaded = load_store(store)
    with console.status("shoppers are getting ready"):
        arrivals, truth = _rehearse(scenario, store, seed)
    write_truth(truth, folder / "truth.json")
    recording, records = folder / "session.mcap", folder / "data" / RECORDS_FILE
    with start_broker(folder / "broker") as broker:
        console.print(f"broker: {broker.kind} on {broker.host}:{broker.port}")
        board = Board(visits=len(truth.visits), store=loaded, who=_Names(records).of)
        with (
            Listening(broker.host, broker.port, loaded.map.store, board) as listening,
            _engine(store, folder, broker, recording),
        ):
            listening.wait_for_engine()
            _show(arrivals, board, broker, visits=len(truth.visits))
    ledger, names = _ledger(records), _Names(records)
    known = [structs.replace(one, account=names.of(one.account)) for one in ledger.receipts]
    out.print(comparison(known, truth, loaded))
    _say_charges(ledger, loaded)
    _check_replay(recording, store, ledger.receipts)


def _rehearse(scenario: Path, store: Path, seed: int) -> tuple[list[RawArrival], Truth]:
    """Work the whole session out beforehand, so that nothing holds up the show."""
    arrivals, truth = session(load_scenario(scenario), store, seed=seed)
    return list(arrivals), truth


# ---- the engine, in a process of its own -----------------------------------------------------


@contextmanager
def _engine(
    store: Path, folder: Path, broker: RunningBroker, recording: Path
) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "STORE": str(store),
        "DATA": str(folder / "data"),
        "RECORD": str(recording),
        "BROKER__HOST": broker.host,
        "BROKER__PORT": str(broker.port),
        "LOG_LEVEL": "warning",
    }
    environment = os.environ | {f"STORE_ENGINE_{key}": value for key, value in settings.items()}
    log = folder / "engine.log"
    with log.open("wb") as errors:
        engine = subprocess.Popen(
            [sys.executable, "-m", "store_engine", "run"], env=environment, stderr=errors
        )
        try:
            yield engine
        finally:
            engine.send_signal(signal.SIGTERM)
            try:
                code = engine.wait(ENGINE_STOP_S)
            except subprocess.TimeoutExpired:
                engine.kill()
                code = engine.wait()
    if code != 0:
        raise StoreEngineError(f"the engine ended with status {code}; see {log}")


# ---- the show --------------------------------------------------------------------------------


def _show(arrivals: list[RawArrival], board: Board, broker: RunningBroker, *, visits: int) -> None:
    """Play the hardware while the board shows what the engine publishes."""
    player = _Player(arrivals, Broker(host=broker.host, port=broker.port))
    player.start()
    board.begin()
    with Live(board, console=out, refresh_per_second=5):
        board.until(lambda: not player.is_alive(), wait_s=float("inf"))
        board.until(lambda: board.receipts_seen >= visits, wait_s=LAST_RECEIPTS_S)
    player.join()
    if player.failed is not None:
        raise player.failed


class _Player(threading.Thread):
    """Plays the session to the broker in real time."""

    def __init__(self, arrivals: list[RawArrival], broker: Broker) -> None:
        super().__init__(name="hardware", daemon=True)
        self.failed: StoreEngineError | None = None
        self._arrivals = arrivals
        self._broker = broker

    def run(self) -> None:
        """Publish everything, then end."""
        try:
            now_us = time.time_ns() // 1_000
            publish_live(self._arrivals, broker=self._broker, rebase_to_us=now_us)
        except StoreEngineError as error:
            self.failed = error


class _Names:
    """Who is behind a pseudonym: the engine does not know, the office's books do."""

    def __init__(self, records: Path) -> None:
        self._records = records
        self._known: dict[str, str] = {}

    def of(self, party: str) -> str:
        """Return the account of a party, or the party where nobody is known to be behind it."""
        if party not in self._known:
            database = open_existing(sqlite_url(self._records))
            self._known |= SqlAccountBook(database).who_are([party])
            database.close()
        return self._known.get(party, party)


# ---- afterwards ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Ledger:
    """What the store of record holds when everybody has left."""

    receipts: list[Receipt]
    asked: int
    charged: list[ChargeSettled]
    declined: list[ChargeDeclined]
    pending: int


def _ledger(path: Path) -> _Ledger:
    reader = RecordsReader(open_existing(sqlite_url(path)))
    events = reader.events()
    ledger = _Ledger(
        receipts=reader.receipts(),
        asked=sum(isinstance(event, ChargeRequested) for event in events),
        charged=[event for event in events if isinstance(event, ChargeSettled)],
        declined=[event for event in events if isinstance(event, ChargeDeclined)],
        pending=reader.pending_effects(),
    )
    reader.close()
    return ledger


def _say_charges(ledger: _Ledger, store: Store) -> None:
    catalog = store.catalog
    amount = sum(event.amount for event in ledger.charged)
    money = format_money(amount, currency=catalog.currency, exponent=catalog.currency_exponent)
    declined = f", {len(ledger.declined)} declined" if ledger.declined else ""
    out.print(
        f"{len(ledger.charged)} of {ledger.asked} charges settled{declined}, {money} in all, "
        f"{ledger.pending} still open"
    )


def _check_replay(recording: Path, store: Path, receipts: list[Receipt]) -> None:
    replayed = replay_file(recording, store).receipts
    if sorted(replayed, key=lambda r: r.receipt) != sorted(receipts, key=lambda r: r.receipt):
        raise StoreEngineError(f"{recording} replays to other receipts than were charged")
    out.print(f"the recording {recording} replays to the same {len(receipts)} receipts")
