"""A fault campaign: everything goes wrong, again and again, and charged = owed all the same.

    .venv/bin/python -m benchmarks.money.campaign --visits 2000 --seed 1 --save

A real broker, the service and the office's worker as processes. While visits come and go they are
killed (SIGKILL) at random moments, messages come twice and in disorder, calls to the provider and
its answers get lost, clocks jump. On PostgreSQL (`--postgresql`) the server, too, falls over under
load, and with it every connection. When all have left, trouble ends, and the books are audited.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.kept import keep
from benchmarks.machine import machine
from benchmarks.money.audit import Audit, Findings
from benchmarks.money.shop import office_of, settings_of
from benchmarks.money.traffic import Visit, plan, words
from sim.device_link import Broker
from sim.publish import publish_live
from store_engine.adapters.brokers import RunningBroker, start_broker
from store_engine.adapters.database import open_database
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.provider_trouble import Trouble
from store_engine.app import database_url
from store_engine.cli.demo_board import Board, Listening
from store_engine.events import EntryRefused, ReceiptIssued
from store_engine.ports import RawArrival
from store_engine.settings import Settings
from store_engine.store_files import load_store
from store_engine.topics import heard_topic
from store_engine.units import format_money, to_us

RATE_HZ, STAY_S = 25.0, 3.0  # visits a second, seconds inside (guess: many overlap a kill)
REPEATS, DISORDER_S = 0.1, 0.3  # share of messages said twice; how late one may be (guess)
LOST = 0.05  # share of the provider's calls, and of its answers, that get lost (guess)
LIFE_S = (2.0, 10.0)  # how long a process lives before it is killed (guess: starts take 2 s)
JUMP_S = (-30.0, 30.0)  # how far a clock jumps (guess)
SERVER_UP_S = (5.0, 12.0)  # how long the database server stays up (guess)
SETTLES_WITHIN_S = 180.0

METHODS = {  # tokens of the payment methods of each kind of account, favourite first
    "two methods": ("tok_adjust_declined", "tok_second"),
    "debtor": ("tok_adjust_declined",),
    "refused": ("tok_declined",),
    "staff": (),
}


@dataclass(kw_only=True)
class Done:
    """What a campaign did to a shop."""

    kills: int = 0
    worker_kills: int = 0
    server_restarts: int = 0
    messages: int = 0
    seconds: float = 0.0
    findings: Findings = field(default_factory=Findings)


class Life:
    """A process that is killed and started again until the campaign ends."""

    def __init__(
        self, folder: Path, broker: str, database: str, *, worker: bool, seed: int
    ) -> None:
        self._draw = random.Random(f"{seed}/{worker}")
        self._command = [sys.executable, "-m", "benchmarks.money.shop", str(folder)]
        self._command += ["--broker", broker, "--database", database]
        self._command += ["--worker-only"] if worker else []
        self._log = (folder / ("worker.log" if worker else "engine.log")).open("ab")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def begin(self) -> None:
        """Live for the first time, in trouble already."""
        self._start(*self._trouble())

    def suffer(self) -> None:
        """Die, and live again, from now on."""
        self._thread.start()

    def rest(self) -> None:
        """Die no more; the process that runs then has no trouble."""
        self._over.set()
        self._thread.join()

    def end(self) -> None:
        """Stop for good, in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        self._log.close()

    def _live(self) -> None:
        while not self._over.wait(self._draw.uniform(*LIFE_S)):
            self._kill()
            self.kills += 1
            self._start(*self._trouble())
        self._kill()
        self._start()

    def _trouble(self) -> list[str]:
        jump_s = self._draw.choice([0.0, 0.0, self._draw.uniform(*JUMP_S)])
        return ["--life", str(self.kills), "--lost", str(LOST), "--jump-s", f"{jump_s:.1f}"]

    def _start(self, *trouble: str) -> None:
        self._process = subprocess.Popen([*self._command, *trouble], stderr=self._log)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def run(
    folder: Path,
    *,
    visits: int,
    seed: int,
    rate_hz: float = RATE_HZ,
    database: str = "",
    restart_server: Callable[[], None] | None = None,
) -> Done:
    """Run one campaign in an empty `folder` and return what it did and found."""
    planned = plan(visits, rate_hz=rate_hz, stay_s=STAY_S, seed=seed)
    began_s, done = time.monotonic(), Done()
    with start_broker(folder / "broker") as broker:
        address = f"{broker.host}:{broker.port}"
        settings = settings_of(folder, broker=address, database=database)
        _open_accounts(settings, planned)
        lives = [
            Life(folder, address, database, worker=worker, seed=seed) for worker in (False, True)
        ]
        with Listening(broker.host, broker.port, "nanostore", _nobody(settings)) as listening:
            for life in lives:
                life.begin()
            listening.wait_for_engine()
        for life in lives:
            life.suffer()
        with _Falling(restart_server, seed=seed) as falling:
            done.messages = _say(planned, broker, seed=seed)
            for life in lives:
                life.rest()
        _wait_until_settled(settings, visits)
        for life in lives:
            life.end()
    done.kills, done.worker_kills = (life.kills for life in lives)
    done.server_restarts = falling.times
    done.findings = _audit(folder, settings, planned)
    done.seconds = time.monotonic() - began_s
    return done


class _Falling:
    """A database server that falls over again and again, for the length of a `with` block."""

    def __init__(self, restart: Callable[[], None] | None, *, seed: int) -> None:
        self._restart, self._draw = restart, random.Random(f"{seed}/server")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._fall, daemon=True)
        self.times = 0

    def __enter__(self) -> "_Falling":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _fall(self) -> None:
        while self._restart and not self._over.wait(self._draw.uniform(*SERVER_UP_S)):
            self._restart()
            self.times += 1


def _nobody(settings: Settings) -> Board:
    return Board(visits=0, store=load_store(settings.store))


def _open_accounts(settings: Settings, planned: list[Visit]) -> None:
    store, database = load_store(settings.store), open_database(database_url(settings))
    registry = office_of(settings, store, database, Trouble()).front.registry
    for visit in planned:
        if visit.kind in METHODS:
            registry.add(
                visit.credential,
                role="staff" if visit.kind == "staff" else "",
                credentials=[visit.credential],
                methods=METHODS[visit.kind],
            )
    database.close()


def _say(planned: list[Visit], broker: RunningBroker, *, seed: int) -> int:
    """Say everything through the broker at its time; return how many messages that were."""
    began_us = time.time_ns() // 1_000
    said = [
        RawArrival(
            began_us + round(one.at_s * 1e6),
            heard_topic("nanostore", one.message),
            msgspec.json.encode(one.message),
        )
        for one in words(
            planned, began_us=began_us, repeats=REPEATS, disorder_s=DISORDER_S, seed=seed
        )
    ]
    address = Broker(host=broker.host, port=broker.port)
    return publish_live(said, broker=address, drain_s=SETTLES_WITHIN_S).acknowledged


def _wait_until_settled(settings: Settings, visits: int) -> None:
    """Return when everybody was answered and nothing waits, or it is clear that something is stuck.

    Clocks have jumped: what a worker put off until then is due within the longest jump.
    """
    database = open_database(database_url(settings))
    reader, books = RecordsReader(database), SqlBooks(database)
    give_up_s = time.monotonic() + SETTLES_WITHIN_S
    while time.monotonic() < give_up_s:
        time.sleep(1.0)
        ends = [e for e in reader.events() if isinstance(e, ReceiptIssued | EntryRefused)]
        soon_us = time.time_ns() // 1_000 + to_us(2 * max(JUMP_S))
        if len(ends) >= visits and not (
            reader.pending_effects() or books.due(now_us=soon_us, limit=1)
        ):
            break
    database.close()


def _audit(folder: Path, settings: Settings, planned: list[Visit]) -> Findings:
    database = open_database(database_url(settings))
    try:
        return Audit(folder, database, load_store(settings.store)).check(planned)
    finally:
        database.close()


# ---- telling ------------------------------------------------------------------------------------


def table(done: Done, *, visits: int) -> Table:
    """Return what a campaign did and found, for people."""
    shown = Table(title=f"{visits} visits under fire", show_header=False)
    shown.add_column()
    shown.add_column(justify="right")
    shown.add_row("messages said, repeats included", str(done.messages))
    shown.add_row("engine killed", str(done.kills))
    shown.add_row("worker killed", str(done.worker_kills))
    shown.add_row("database server restarted", str(done.server_restarts))
    for name, count in sorted(done.findings.counts.items()):
        shown.add_row(f"visits that {name}" if name == "stayed out" else name, str(count))
    for name, amount in sorted(done.findings.money.items()):
        shown.add_row(f"money {name}", format_money(amount, currency="USD", exponent=2))
    shown.add_row("seconds", f"{done.seconds:.0f}")
    shown.add_row("wrong", str(len(done.findings.wrong)))
    return shown


def main() -> None:
    """Run a campaign; exit with 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visits", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate-hz", type=float, default=RATE_HZ)
    parser.add_argument("--postgresql", action="store_true", help="on a server that is restarted")
    parser.add_argument("--save", action="store_true", help="keep the table in benchmarks/results")
    told = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        done = _run_on(Path(folder), told)
    shown = table(done, visits=told.visits)
    console.print(shown)
    for why in done.findings.wrong[:20]:
        console.print(f"[red]{why}")
    if told.save:
        name = "money-campaign-postgresql" if told.postgresql else "money-campaign-sqlite"
        command = f"python -m benchmarks.money.campaign {' '.join(sys.argv[1:])}"
        header = {"command": command, "seed": str(told.seed), **machine()}
        keep(name, header=header, figures=done, shown=shown, plots={})
    sys.exit(1 if done.findings.wrong else 0)


def _run_on(folder: Path, told: argparse.Namespace) -> Done:
    shape = {"visits": told.visits, "seed": told.seed, "rate_hz": told.rate_hz}
    if not told.postgresql:
        return run(folder, **shape)
    from tests.postgres_server import PostgresServer  # noqa: PLC0415 - needs the server's programs

    with tempfile.TemporaryDirectory(prefix="postgres-") as server_folder:
        server = PostgresServer(Path(server_folder))

        def restart() -> None:
            server.stop(how="immediate")
            server.start()

        try:
            return run(
                folder, **shape, database=server.url(server.new_database()), restart_server=restart
            )
        finally:
            server.stop()


if __name__ == "__main__":
    main()
