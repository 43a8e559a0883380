"""Print what the data leaves decidable in each class.

    python -m benchmarks.suite --seeds 3

Shares of true movements of goods (takes, returns, misplacements) whose step stands clear of the
noise (weight), whose actor's wrist is clearly nearest (person), and whose mass nothing else on
those plates explains as well (product). On tuning seeds.
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.suite.catalog import CLASSES, TUNING_SEEDS, trial
from benchmarks.suite.decidable import Verdict, shares, verdicts
from benchmarks.suite.words import DIFFICULTIES, Difficulty
from store_engine.store import Store
from store_engine.store_files import load_accounts, load_store

STORE = Path("configs/nanostore")
START_US = 1_767_261_600_000_000  # any moment at which the accounts are valid


def credentials(folder: Path) -> list[tuple[str, str]]:
    """Return (credential, account) of every account that may enter a store."""
    directory = load_accounts(folder)
    return [
        (account.credentials[0], str(account.account))
        for account in directory.shoppers
        if directory.admit(account.credentials[0], time_us=START_US).accepted
    ]


def looked_at(
    name: str, difficulty: Difficulty, store: Store, cards: list[tuple[str, str]], seeds: range
) -> list[Verdict]:
    """Return the verdicts of one class and difficulty over some seeds."""
    found = []
    for seed in seeds:
        scenario = trial(name, difficulty, seed=seed, store=store)
        found += verdicts(scenario, store, seed=seed, credentials=cards)
    return found


def main() -> None:
    """Build every class and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="sessions per class and difficulty")
    parser.add_argument("--classes", nargs="*", choices=list(CLASSES), default=list(CLASSES))
    parser.add_argument("--store", type=Path, default=STORE)
    options = parser.parse_args()
    store, cards = load_store(options.store), credentials(options.store)
    seeds = TUNING_SEEDS[: options.seeds]
    table = Table(title="decidable from the data, share of movements", header_style="bold")
    for column in ("class", "difficulty", "lines", "weight", "person", "product", "all"):
        table.add_column(column, justify="left" if column in ("class", "difficulty") else "right")
    for name in options.classes:
        for difficulty in DIFFICULTIES:
            found = looked_at(name, difficulty, store, cards, seeds)
            cells = (f"{share:.2f}" for share in shares(found).values())
            table.add_row(name, difficulty, str(len(found)), *cells)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
