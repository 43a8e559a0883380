"""How long from the exit to the captured charge, with many leaving at once.

    .venv/bin/python -m benchmarks.money.load --exits-hz 50 --seconds 30 --save

A real broker, the service and its office in this process, the gate in another, the web office in a
third. Times are from the moment the MQTT client hands the exit crossing over (monotonic clock) to
when the receipt is kept and published, to when a shopper has its page (asked for over HTTP, one
receipt in ten), and to when the charge is captured and that is kept. Processor time is this
process's, from the first scan to the last answer; broker, gate and web office are others.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.kept import keep
from benchmarks.machine import machine
from benchmarks.money.audit import Audit, Findings
from benchmarks.money.door import Door
from benchmarks.money.pages import ONE_IN, Shopper, serving
from benchmarks.money.processor import Meter
from benchmarks.money.shop import office_of, settings_of
from benchmarks.money.traffic import GATE, Visit, plan, words
from sim.device_link import Broker
from sim.publish import publish_live
from store_engine.adapters.brokers import start_broker
from store_engine.adapters.database import open_database
from store_engine.adapters.provider_trouble import Trouble
from store_engine.app import assemble, configure_logging, database_url
from store_engine.events import ChargeSettled, Event, ReceiptIssued
from store_engine.messages import Arrival, GateCrossing, Receipt
from store_engine.ports import RawArrival
from store_engine.store_files import load_store
from store_engine.topics import heard_topic

STAY_S = 2.0  # seconds inside (guess: the stay does not matter here)
PROVIDER_S = 0.0  # how long the simulated provider takes by default; a real one takes 0.3
STARTS_IN_S = 3.0  # until the first scan: the gate's process has to start
SETTLES_WITHIN_S = 120.0
TARGETS_S = {"receipt": 1.0, "page": 1.0, "captured": 2.0}  # p99, from issue "Money and access"


class Stopwatch:
    """Observes the service (protocol `Observer`)."""

    def __init__(self, tell: Callable[[Receipt, int], None]) -> None:
        """`tell`: told of each receipt, and when its visit left."""
        self._tell = tell
        self._left_ns: dict[str, int] = {}  # by visit
        self.took_s: dict[str, list[float]] = {name: [] for name in TARGETS_S}
        self.counts: Counter[str] = Counter()
        self.last_left_ns = 0

    def heard(self, arrival: Arrival, received_ns: int) -> None:
        """Remember when somebody left."""
        message = arrival.message
        if isinstance(message, GateCrossing) and message.position is not None:
            visit = f"{message.device}.0.{int(message.position[0])}"
            self._left_ns.setdefault(visit, received_ns)
            self.last_left_ns = max(self.last_left_ns, received_ns)

    def said(self, event: Event, said_ns: int) -> None:
        """Note what became of them."""
        match event:
            case ReceiptIssued():
                self._note("receipt", event.receipt.visit, said_ns)
                self._tell(event.receipt, self._left_ns[event.receipt.visit])
            case ChargeSettled():
                self._note("captured", event.visit, said_ns)
            case _:
                self.counts[type(event).__name__] += 1

    def _note(self, what: str, visit: str, said_ns: int) -> None:
        self.took_s[what].append((said_ns - self._left_ns[visit]) / 1e9)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was seen of one run."""

    took_s: dict[str, list[float]]  # from the exit to ...
    counts: Counter[str]
    cpu_s: Counter[str]  # by part of the process
    drained_s: float  # from the last exit to the last answer
    findings: Findings


def measure(
    folder: Path, *, exits_hz: float, seconds: float, seed: int, slow_s: float, database: str
) -> Measured:
    """Return what was seen while `exits_hz` people a second left for `seconds`."""
    planned = _plan(exits_hz, seconds, seed)
    configure_logging("error")
    with start_broker(folder / "broker") as broker:
        address = f"{broker.host}:{broker.port}"
        settings = settings_of(folder, broker=address, database=database)
        store, opened = load_store(settings.store), open_database(database_url(settings))
        office = office_of(settings, store, opened, Trouble(slow_s=slow_s))
        with serving(folder, broker=address, database=database) as port:
            shopper = Shopper(settings, opened, port=port)
            watch = Stopwatch(shopper.issued)
            service = assemble(settings, store, opened, office, Door(store), watch)
            office.worker.start()
            service.start()
            loop = threading.Thread(target=service.run, name="service")
            loop.start()
            gate, meter = _gate(broker.port, exits_hz=exits_hz, seconds=seconds, seed=seed), Meter()
            _wait_until_all_left(watch, len(planned))
            cpu_s, drained_s = meter.spent_s(), (time.monotonic_ns() - watch.last_left_ns) / 1e9
            gate.wait(SETTLES_WITHIN_S)
            shopper.close()
        office.worker.stop()
        service.stop()
        loop.join()
        service.close()
    reopened = open_database(database_url(settings))
    findings = Audit(folder, reopened, store).check(planned)
    reopened.close()
    return Measured(
        took_s={**watch.took_s, "page": shopper.took_s},
        counts=watch.counts,
        cpu_s=cpu_s,
        drained_s=drained_s,
        findings=findings,
    )


def _plan(exits_hz: float, seconds: float, seed: int) -> list[Visit]:
    visits = round(exits_hz * seconds)
    return plan(visits, rate_hz=exits_hz, stay_s=STAY_S, seed=seed, shares={"card": 1.0})


def _gate(port: int, *, exits_hz: float, seconds: float, seed: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "benchmarks.money.load", "--gate", str(port)),
            *("--exits-hz", str(exits_hz), "--seconds", str(seconds), "--seed", str(seed)),
        ]
    )


def _wait_until_all_left(watch: Stopwatch, visits: int) -> None:
    """Return when everybody has a receipt and an answer about the money, or something is stuck."""
    known, since_s = -1, time.monotonic()
    while time.monotonic() - since_s < SETTLES_WITHIN_S:
        done = len(watch.took_s["receipt"])
        answered = len(watch.took_s["captured"]) + watch.counts["ReleaseRequested"]
        if min(done, answered) >= visits:
            return
        if done + answered != known:
            known, since_s = done + answered, time.monotonic()
        time.sleep(0.2)


def speak(port: int, planned: list[Visit], *, seed: int) -> None:
    """Say everything that the gate says, at its time."""
    began_us = time.time_ns() // 1_000
    said = [
        RawArrival(
            began_us + round(one.at_s * 1e6),
            heard_topic("nanostore", one.message),
            msgspec.json.encode(one.message),
        )
        for one in words(planned, began_us=began_us, repeats=0.0, disorder_s=0.0, seed=seed)
    ]
    publish_live(said, broker=Broker(host="127.0.0.1", port=port), drain_s=SETTLES_WITHIN_S)


def table(measured: Measured, *, title: str) -> Table:
    """Return the figures, for people."""
    shown = Table(title=title)
    for column in ("from the exit to", "n", "p50 ms", "p90 ms", "p99 ms", "worst ms", "asked p99"):
        shown.add_column(column, justify="left" if column == "from the exit to" else "right")
    for name, target_s in TARGETS_S.items():
        took = sorted(measured.took_s[name])
        if len(took) < 2:
            continue
        cuts = statistics.quantiles(took, n=100, method="inclusive")
        figures = [f"{1e3 * value:.0f}" for value in (cuts[49], cuts[89], cuts[98], took[-1])]
        shown.add_row(name, str(len(took)), *figures, f"{1e3 * target_s:.0f}")
    findings, visits = measured.findings, len(measured.took_s["receipt"])
    spent = ", ".join(
        f"{part} {1e3 * cpu_s / max(1, visits):.1f}" for part, cpu_s in measured.cpu_s.items()
    )
    shown.caption = (
        f"audit: {dict(findings.counts)}, {len(findings.wrong)} wrong\n"
        f"processor ms a visit: {spent}\n"
        f"last answer {measured.drained_s:.1f} s after the last exit; pages: one in {ONE_IN}"
    )
    return shown


def main() -> None:
    """Measure, or be the gate of somebody who does."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--exits-hz", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--provider-s", type=float, default=PROVIDER_S)
    parser.add_argument("--database", default="", help="URL; a SQLite file when left out")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--gate", type=int, default=0, help=argparse.SUPPRESS)
    told = parser.parse_args()
    shape = {"exits_hz": told.exits_hz, "seconds": told.seconds, "seed": told.seed}
    if told.gate:
        speak(told.gate, _plan(**shape), seed=told.seed)
        return
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        measured = measure(Path(folder), **shape, slow_s=told.provider_s, database=told.database)
    findings = measured.findings
    shown = table(measured, title=f"{told.exits_hz:.0f} exits a second offered at {GATE}")
    Console().print(shown)
    for why in findings.wrong[:10]:
        Console().print(f"[red]{why}")
    if told.save:
        command = f"python -m benchmarks.money.load {' '.join(sys.argv[1:])}"
        header = {"command": command, "seed": str(told.seed), **machine()}
        figures = {
            "took_s": measured.took_s,
            "counts": measured.counts,
            "cpu_s": measured.cpu_s,
            "drained_s": measured.drained_s,
            "wrong": findings.wrong,
        }
        name = f"money-load-{told.exits_hz:.0f}hz"
        keep(name, header=header, figures=figures, shown=shown, plots={})
    sys.exit(1 if findings.wrong else 0)


if __name__ == "__main__":
    main()
