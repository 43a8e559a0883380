"""A live store: a real broker, the engine as a process, the simulator as its hardware."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from sim.device_link import Broker
from sim.publish import publish_live
from sim.scenarios import load_scenario
from store_engine.adapters.brokers import RunningBroker
from store_engine.adapters.database import open_existing, sqlite_url
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.app import RECORDS_FILE
from store_engine.app.office import PAYMENTS_FILE
from store_engine.cli.demo_board import Board, Listening
from store_engine.cli.simulate import session
from store_engine.effects import LocalResponder
from store_engine.events import ReceiptIssued
from store_engine.messages import Receipt
from store_engine.ports import RawArrival
from store_engine.replay import Replay
from store_engine.store_files import load_accounts, load_store

ROOT = Path(__file__).parents[2]
STORE = ROOT / "configs" / "nanostore"
SCENARIOS = ROOT / "configs" / "scenarios"
SETTLES_WITHIN_S = 60.0


def hardware(shoppers: int, seed: int) -> list[RawArrival]:
    """What the hardware of a short session says."""
    scenario = load_scenario(SCENARIOS / "demo.toml").with_shoppers(shoppers)
    return list(session(scenario, STORE, seed=seed)[0])


class LiveEngine:
    """`store-engine run` as a process that can be killed and started again."""

    def __init__(self, folder: Path, broker: RunningBroker, **settings: str) -> None:
        self._data = folder / "data"
        named = {
            "STORE": str(STORE),
            "DATA": str(self._data),
            "RECORD": str(folder / "session.mcap"),
            "BROKER__HOST": broker.host,
            "BROKER__PORT": str(broker.port),
            "LOG_LEVEL": "warning",
            "SNAPSHOT_EVERY_S": "3",
        } | settings
        self._environment = os.environ | {f"STORE_ENGINE_{k}": v for k, v in named.items()}
        self._log = (folder / "engine.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "store_engine", "run"]
        self._process = subprocess.Popen(command, env=self._environment, stderr=self._log)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(20) == 0, "the engine did not stop cleanly"
        self._log.close()

    @property
    def records(self) -> RecordsReader:
        return RecordsReader(open_existing(sqlite_url(self._data / RECORDS_FILE)))

    def charges(self) -> dict[str, int]:
        """What the payment provider captured, by idempotency key; nothing stays held."""
        ledger = SqliteLedger(self._data / PAYMENTS_FILE)
        operations, holds = ledger.operations(), ledger.holds()
        ledger.close()
        assert len({operation.key for operation in operations}) == len(operations)
        assert not [hold for hold in holds if hold.state == "open"]
        return {one.key: one.moved for one in operations if one.kind == "capture"}

    def wait_until_settled(self, receipts: int) -> None:
        give_up_s = time.monotonic() + SETTLES_WITHIN_S
        while time.monotonic() < give_up_s:
            reader = self.records
            if len(reader.receipts()) >= receipts and not reader.pending_effects():
                return
            time.sleep(0.2)
        raise AssertionError(
            f"not {receipts} receipts {SETTLES_WITHIN_S:.0f} s after the last word"
        )


class Hardware(threading.Thread):
    """Plays a session to a broker in real time."""

    def __init__(self, arrivals: list[RawArrival], broker: RunningBroker) -> None:
        super().__init__(daemon=True)
        self._arrivals, self._broker = arrivals, Broker(host=broker.host, port=broker.port)
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            now_us = time.time_ns() // 1_000
            publish_live(self._arrivals, broker=self._broker, rebase_to_us=now_us, drain_s=60)
        except Exception as error:
            self.failed = error

    def finish(self) -> None:
        self.join()
        assert self.failed is None, self.failed


def wait_until_listening(broker: RunningBroker, engine: LiveEngine) -> None:
    """Start the engine and return once it has subscribed."""
    with Listening(broker.host, broker.port, "nanostore", _nobody()) as listening:
        engine.start()
        listening.wait_for_engine()


def _nobody() -> Board:
    return Board(visits=0, store=load_store(STORE))


def undisturbed(arrivals: list[RawArrival]) -> list[Receipt]:
    """The receipts of the same session when nothing goes wrong."""
    accounts = load_accounts(STORE)
    responder = LocalResponder(accounts=accounts, payments=InMemoryPayments(accounts.payments))
    events = Replay(load_store(STORE), responder).run(arrivals)
    return [event.receipt for event in events if isinstance(event, ReceiptIssued)]


def basket(receipt: Receipt) -> tuple[str, int, tuple[tuple[str, int, bool], ...]]:
    """What must not depend on when things arrived: which visit, what, how many, how much."""
    lines = tuple((line.gtin, line.quantity, line.charged) for line in receipt.lines)
    return receipt.visit, receipt.total, lines
