"""Cart accuracy over simulated sessions: ours beside a plain baseline.

    .venv/bin/python -m benchmarks.accuracy --seeds 20 --people tracker

Sessions are seeded; the contestants see recordings only, the truth is read afterwards.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.contestants.plain import PlainBaseline
from benchmarks.machine import machine
from sim.scenarios import load_scenario
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.cli.demo_board import owed_by
from store_engine.cli.simulate import adjusted, session
from store_engine.effects import LocalResponder
from store_engine.events import ReceiptIssued
from store_engine.intake import FrontDoor
from store_engine.messages import Arrival
from store_engine.ports import RawArrival
from store_engine.replay import Replay
from store_engine.scoring import Score, baskets_of, score
from store_engine.store_files import load_accounts, load_store

STORE = Path("configs/nanostore")
RESULTS = Path("benchmarks/results")


def ours(arrivals: Iterable[RawArrival]) -> dict[str, Counter[str]]:
    """Return the baskets our engine charges."""
    replay = Replay(load_store(STORE), _responder())
    events = [event for raw in arrivals for event in replay.feed(raw)]
    return baskets_of(event.receipt for event in events if isinstance(event, ReceiptIssued))


def plain(arrivals: Iterable[RawArrival]) -> dict[str, Counter[str]]:
    """Return the baskets of the plain baseline."""
    store = load_store(STORE)
    door, baseline, responder = FrontDoor(store), PlainBaseline(store), _responder()
    for raw in arrivals:
        waiting = [door.accept(raw)]
        for accepted in waiting:
            if isinstance(accepted, Arrival):
                for event in baseline.handle(accepted):
                    waiting += responder.answer(event, received_us=raw.received_us)
    return baseline.baskets


CONTESTANTS = {"ours": ours, "plain": plain}


def _responder() -> LocalResponder:
    accounts = load_accounts(STORE)
    return LocalResponder(accounts=accounts, payments=InMemoryPayments(accounts.payments))


def run_seed(seed: int, *, scenario: Path, people: str) -> dict[str, Any]:
    """Return the scores of all contestants on one session with 1 to 8 shoppers."""
    shoppers = 1 + seed % 8
    chosen = adjusted(load_scenario(scenario), shoppers=shoppers, people=people)
    arrivals, truth = session(chosen, STORE, seed=seed)
    heard = list(arrivals)
    catalog = load_store(STORE).catalog
    prices = {str(gtin): product.price for gtin, product in catalog.products.items()}
    result: dict[str, Any] = {"seed": seed, "shoppers": shoppers, "scores": {}, "wall_s": {}}
    for name, contestant in CONTESTANTS.items():
        started = time.perf_counter()
        scored = score(charged=contestant(heard), owed=owed_by(truth), prices=prices)
        result["wall_s"][name] = round(time.perf_counter() - started, 2)
        result["scores"][name] = {key: getattr(scored, key) for key in Score.__dataclass_fields__}
    return result


def totals(rows: Iterable[Mapping[str, Any]]) -> dict[str, Score]:
    """Return each contestant's counts, added up."""
    added = dict.fromkeys(CONTESTANTS, Score())
    for row in rows:
        for name in CONTESTANTS:
            added[name] += Score(**row["scores"][name])
    return added


def table(rows: list[dict[str, Any]], title: str) -> Table:
    """Return the scores as people read them, by number of shoppers and in all."""
    shown = Table(title=title, header_style="bold")
    shown.add_column("shoppers")
    for name in CONTESTANTS:
        for column in ("F1", "exact", "money error"):
            shown.add_column(f"{name} {column}", justify="right")
    for shoppers in sorted({row["shoppers"] for row in rows}):
        _add(shown, str(shoppers), [row for row in rows if row["shoppers"] == shoppers])
    shown.add_section()
    _add(shown, "all", rows)
    return shown


def _add(shown: Table, label: str, rows: list[dict[str, Any]]) -> None:
    cells = []
    for result in totals(rows).values():
        exact = f"{result.exact}/{result.shoppers}"
        cells += [f"{result.f1:.3f}", exact, f"{result.money_error:.1%}"]
    shown.add_row(label, *cells)


def main() -> None:
    """Run the benchmark and keep its results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--people", choices=("tracker", "cameras", "both"), default="tracker")
    parser.add_argument("--scenario", type=Path, default=Path("configs/scenarios/mixed.toml"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--save", action="store_true", help="keep the table in results/")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    run = partial(run_seed, scenario=options.scenario, people=options.people)
    with ProcessPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(run, seeds))
    title = f"{options.scenario.stem}, people from {options.people}, seeds {seeds[0]}-{seeds[-1]}"
    console = Console(record=True, width=110)
    console.print(table(rows, title))
    if options.save:
        _save(console, rows, options)


def _save(console: Console, rows: list[dict[str, Any]], options: argparse.Namespace) -> None:
    command = (
        f"python -m benchmarks.accuracy --seeds {options.seeds} "
        f"--first-seed {options.first_seed} --people {options.people} "
        f"--scenario {options.scenario}"
    )
    name = f"accuracy-{options.scenario.stem}-{options.people}"
    RESULTS.mkdir(exist_ok=True)
    header = {"command": command, **machine()}
    document = {**header, "sessions": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")
    text = "".join(f"{key}: {value}\n" for key, value in header.items())
    (RESULTS / f"{name}.txt").write_text(f"{text}\n{console.export_text()}")


if __name__ == "__main__":
    main()
