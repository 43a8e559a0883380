"""Latency of the running service over a real broker, at real-time speed.

    .venv/bin/python -m benchmarks.latency --save

Two figures, measured inside the service on the monotonic clock:
- from the arrival of the weight batch that settles a step to the published cart that rests on it;
- from the arrival of the exit crossing to the charge request handed to the payment provider.
Arrival is when the MQTT client hands the payload over; published is when the cart was handed to it.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.kept import keep
from benchmarks.machine import machine
from sim.device_link import Broker
from sim.publish import publish_live
from sim.scenarios import load_scenario
from store_engine.adapters.brokers import RunningBroker, start_broker
from store_engine.app import run
from store_engine.cli.demo_board import Board, Listening
from store_engine.cli.simulate import adjusted, session
from store_engine.events import ChargeRequested, Event, ItemAdded, ItemReturned
from store_engine.messages import Arrival, GateCrossing, ShelfWeights
from store_engine.settings import load_settings
from store_engine.store_files import load_store

STORE = Path("configs/nanostore")
TARGETS_MS = {"step to cart": 50.0, "exit to charge": 1_000.0}  # p99, from the first issue


class Stopwatch:
    """Observes the service (protocol `Observer`)."""

    def __init__(self) -> None:
        self._batches: dict[str, int] = {}
        self._crossings: dict[str, int] = {}
        self.found: dict[str, list[float]] = {name: [] for name in TARGETS_MS}

    def heard(self, arrival: Arrival, received_ns: int) -> None:
        """Remember when a batch or a crossing came."""
        message = arrival.message
        if isinstance(message, ShelfWeights):
            self._batches[message.ref] = received_ns
        elif isinstance(message, GateCrossing) and message.direction == "out":
            self._crossings[message.ref] = received_ns

    def said(self, event: Event, said_ns: int) -> None:
        """Note how long after its newest evidence a cart or a charge was said."""
        if isinstance(event, ItemAdded | ItemReturned):  # said together with the cart they change
            self._note("step to cart", self._batches, set(event.causes), said_ns)
        elif isinstance(event, ChargeRequested):
            self._note("exit to charge", self._crossings, set(event.causes), said_ns)

    def _note(self, name: str, heard: dict[str, int], refs: set[str], said_ns: int) -> None:
        """Count the newest message this rests on, unless it was told before."""
        new = [heard.pop(ref) for ref in refs if ref in heard]
        if new:
            self.found[name].append((said_ns - max(new)) / 1e6)


def engine(out: Path) -> None:
    """Be the engine: run the service until SIGTERM, then write what was measured."""
    stopwatch = Stopwatch()
    run(load_settings(None), observer=stopwatch)
    out.write_text(json.dumps(stopwatch.found))


def measure(scenario: Path, *, people: str, shoppers: int, seed: int) -> dict[str, list[float]]:
    """Play one session live and return the latencies in milliseconds."""
    chosen = adjusted(load_scenario(scenario), shoppers=shoppers, people=people)
    arrivals = list(session(chosen, STORE, seed=seed)[0])
    with tempfile.TemporaryDirectory() as name, start_broker(Path(name) / "broker") as broker:
        folder = Path(name)
        process = _start_engine(folder, broker)
        now_us = time.time_ns() // 1_000
        publish_live(
            arrivals, broker=Broker(host=broker.host, port=broker.port), rebase_to_us=now_us
        )
        time.sleep(3)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        found: dict[str, list[float]] = json.loads((folder / "found.json").read_text())
        return found


def _start_engine(folder: Path, broker: RunningBroker) -> subprocess.Popen[bytes]:
    settings = {
        "STORE": str(STORE),
        "DATA": str(folder / "data"),
        "BROKER__HOST": broker.host,
        "BROKER__PORT": str(broker.port),
        "LOG_LEVEL": "warning",
    }
    environment = os.environ | {f"STORE_ENGINE_{key}": value for key, value in settings.items()}
    command = [sys.executable, "-m", "benchmarks.latency", "--engine", str(folder / "found.json")]
    board = Board(visits=0, store=load_store(STORE))
    with Listening(broker.host, broker.port, "nanostore", board) as listening:
        process = subprocess.Popen(command, env=environment)
        listening.wait_for_engine()
    return process


def main() -> None:
    """Run the benchmark and keep its results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=3)
    parser.add_argument("--shoppers", type=int, default=8)
    parser.add_argument("--people", choices=("tracker", "cameras"), default="tracker")
    parser.add_argument("--scenario", type=Path, default=Path("configs/scenarios/demo.toml"))
    parser.add_argument("--save", action="store_true", help="keep the table in results/")
    parser.add_argument("--engine", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine is not None:
        engine(options.engine)
        return
    found: dict[str, list[float]] = {name: [] for name in TARGETS_MS}
    for seed in range(1, options.sessions + 1):
        measured = measure(
            options.scenario, people=options.people, shoppers=options.shoppers, seed=seed
        )
        for name, values in measured.items():
            found[name] += values
    table = _table(found, options.people)
    Console().print(table)
    if options.save:
        _save(found, options, table)


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _table(found: dict[str, list[float]], people: str) -> Table:
    table = Table(title=f"Latency over the broker at 1x, people from {people}", header_style="bold")
    table.add_column("from - to")
    for heading in ("count", "p50", "p90", "p99", "worst", "target p99"):
        table.add_column(heading, justify="right")
    for name, values in found.items():
        if values:
            table.add_row(
                name,
                str(len(values)),
                f"{statistics.median(values):.1f} ms",
                f"{_percentile(values, 0.9):.1f} ms",
                f"{_percentile(values, 0.99):.1f} ms",
                f"{max(values):.1f} ms",
                f"{TARGETS_MS[name]:.0f} ms",
            )
    return table


def _save(found: Mapping[str, list[float]], options: argparse.Namespace, table: Table) -> None:
    """Keep the table and every latency, milliseconds, in the repository."""
    command = (
        f"python -m benchmarks.latency --sessions {options.sessions} "
        f"--shoppers {options.shoppers} --people {options.people}"
    )
    header = {"command": command, **machine()}
    keep(f"latency-{options.people}", header=header, figures=found, shown=table, plots={})


if __name__ == "__main__":
    main()
