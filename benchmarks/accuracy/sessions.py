"""Seeded sessions: a class of trouble, a difficulty and a seed become a recording and its truth.

The classes are those of `benchmarks.suite`, and `mixed`: the ordinary shop of
`configs/scenarios/mixed.toml` with 1 to 8 shoppers, by seed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, cast

from benchmarks import suite
from sim.scenarios import Scenario, load_scenario
from sim.scene import Truth
from store_engine.accounts import AccountDirectory
from store_engine.cli.simulate import adjusted
from store_engine.cli.simulate import session as simulate
from store_engine.errors import ConfigError
from store_engine.ports import RawArrival
from store_engine.store import Store
from store_engine.store_files import load_accounts, load_store
from store_engine.units import seconds_between

ROOT = Path(__file__).parents[2]
NANOSTORE = ROOT / "configs" / "nanostore"
MIXED_SCENARIO = ROOT / "configs" / "scenarios" / "mixed.toml"
MIXED = "mixed"
ANY = "any"  # the one difficulty of `mixed`
MOST_SHOPPERS = 8  # of `mixed`

Seeds = Literal["tuning", "reporting", "tuning and reporting", "neither tuning nor reporting"]


@dataclass(frozen=True, kw_only=True)
class Mixed:
    """The class that is not of the suite, in the same words."""

    name: str = MIXED
    title: str = "an ordinary day: 1 to 8 shoppers, a bit of everything"
    origin: str = "ours"
    peer_f1: tuple[float, float] | None = None
    undecidable: str = ""


CLASSES: Mapping[str, suite.TrialClass | Mixed] = {**suite.CLASSES, MIXED: Mixed()}


class Trial(NamedTuple):
    """Names one session."""

    name: str  # of its class
    difficulty: str
    seed: int

    def __str__(self) -> str:
        """Return the trial's name, fit for a folder: crossing-arms.hard.1003."""
        return f"{self.name}.{self.difficulty}.{self.seed}"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is the same for all sessions of a run."""

    store: Path = NANOSTORE
    people: str = "tracker"  # who sees people: tracker, cameras or both
    noise: float = 1.0  # scales all sensor noise


@dataclass(frozen=True, kw_only=True)
class Session:
    """What contestants hear, what they are told of the store, and the answer key."""

    trial: Trial
    store: Store
    accounts: AccountDirectory
    heard: tuple[RawArrival, ...]
    truth: Truth

    @property
    def store_s(self) -> float:
        """How long the session lasted, in seconds of store time."""
        return seconds_between(self.heard[0].received_us, self.heard[-1].received_us)

    @property
    def prices(self) -> dict[str, int]:
        """Prices in minor units, by GTIN."""
        return {str(gtin): product.price for gtin, product in self.store.catalog.products.items()}


def trials(
    *, classes: Sequence[str], difficulties: Sequence[str], seeds: Sequence[int]
) -> list[Trial]:
    """Return every session asked for. Raises `ConfigError` for names that do not exist.

    classes: names, or just "all" for every class of the suite.
    difficulties: of the suite; `mixed` has but one.
    """
    names = list(suite.CLASSES) if list(classes) == ["all"] else classes
    _check("class", names, CLASSES)
    _check("difficulty", difficulties, suite.DIFFICULTIES)
    return [
        Trial(name, difficulty, seed)
        for name in names
        for difficulty in ((ANY,) if name == MIXED else difficulties)
        for seed in seeds
    ]


def scenario_of(trial: Trial, setup: Setup, store: Store) -> Scenario:
    """Return what happens in a trial."""
    if trial.name == MIXED:
        shoppers = 1 + trial.seed % MOST_SHOPPERS
        scenario = load_scenario(MIXED_SCENARIO).with_shoppers(shoppers)
    else:
        difficulty = cast("suite.Difficulty", trial.difficulty)
        scenario = suite.trial(trial.name, difficulty, seed=trial.seed, store=store)
    scenario = adjusted(scenario, shoppers=None, people=setup.people)
    return scenario.model_copy(update={"noise": scenario.noise * setup.noise})


def simulated(trial: Trial, setup: Setup) -> Session:
    """Return one session, played out. The same trial and set-up give the same bytes."""
    store = load_store(setup.store)
    arrivals, truth = simulate(scenario_of(trial, setup, store), setup.store, seed=trial.seed)
    return Session(
        trial=trial,
        store=store,
        accounts=load_accounts(setup.store),
        heard=tuple(arrivals),
        truth=truth,
    )


def purpose(seeds: Iterable[int]) -> Seeds:
    """Return what these seeds are for: constants may only ever be chosen on tuning seeds."""
    wanted = set(seeds)
    tuning, reporting = wanted & set(suite.TUNING_SEEDS), wanted & set(suite.REPORTING_SEEDS)
    if wanted - tuning - reporting or not wanted:
        return "neither tuning nor reporting"
    if tuning and reporting:
        return "tuning and reporting"
    return "tuning" if tuning else "reporting"


def _check(what: str, wanted: Iterable[str], known: Iterable[str]) -> None:
    for name in wanted:
        if name not in known:
            raise ConfigError(f"{what} {name!r}: there are {', '.join(known)}")
