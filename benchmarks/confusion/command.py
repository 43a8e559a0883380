"""What `store-engine bench confusion` does, once its options are read."""

from dataclasses import dataclass
from functools import partial

from rich.console import Console

from benchmarks import suite
from benchmarks.confusion.crowd import PEOPLE, confusing_crowd, confusing_store
from benchmarks.confusion.measure import Crowd, worst_of
from benchmarks.confusion.table import tables
from benchmarks.confusion.words import Worst
from benchmarks.kept import keep
from benchmarks.machine import machine
from benchmarks.scaling.stores import NANOSTORE
from sim.scenarios import Scenario
from store_engine.store import Store
from store_engine.store_files import load_store

HARDEST = ("confusing", "narrow-aisle", "group-entry", "passed-around", "exchange", "very-close")


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the command."""

    seeds: int  # of each crowd of the suite
    crowd_seeds: int  # of the sixteen, who take longer
    first_seed: int
    save: bool
    command: str


def run_confusion(options: Options, console: Console) -> list[Worst]:
    """Simulate, measure, show, and keep what was found."""
    found = []
    for crowd in _crowds():
        count = options.crowd_seeds if crowd.name == SIXTEEN else options.seeds
        seeds = range(options.first_seed, options.first_seed + count)
        found.append(worst_of(crowd, seeds))
        console.print(f"{crowd.name}: done", highlight=False)
    console.print(tables(found))
    if options.save:
        header = {"command": options.command, **machine()}
        keep("confusion", header=header, figures=found, shown=tables(found), plots={})
    return found


SIXTEEN = f"{PEOPLE} in one aisle"


def _crowds() -> list[Crowd]:
    nanostore = load_store(NANOSTORE)
    sixteen = Crowd(SIXTEEN, confusing_store(), lambda _: confusing_crowd())
    return [
        sixteen,
        *(Crowd(f"{name}, hard", nanostore, partial(_hard, name, nanostore)) for name in HARDEST),
    ]


def _hard(name: str, store: Store, seed: int) -> Scenario:
    scenario = suite.trial(name, "hard", seed=seed, store=store)
    return scenario.model_copy(update={"people_from": "tracker"})
