"""The demonstration store and what tests of the suite ask of it."""

from functools import cache
from pathlib import Path

from benchmarks.suite import trial
from benchmarks.suite.__main__ import credentials
from benchmarks.suite.words import Difficulty
from sim.reality import real_store
from sim.scenarios import Scenario
from sim.scene import Action, Scene
from sim.world import build_scene
from store_engine.store import Store
from store_engine.store_files import load_store

FOLDER = Path(__file__).parents[2] / "configs" / "nanostore"
SEEDS = (3, 4, 5)  # of an easy, a medium and a hard trial


@cache
def nanostore() -> Store:
    return load_store(FOLDER)


@cache
def cards() -> tuple[tuple[str, str], ...]:
    return tuple(credentials(FOLDER))


def scenario_of(name: str, difficulty: Difficulty, seed: int) -> Scenario:
    return trial(name, difficulty, seed=seed, store=nanostore())


@cache
def scene_of(name: str, difficulty: Difficulty, seed: int) -> Scene:
    scenario = scenario_of(name, difficulty, seed)
    real = real_store(nanostore(), scenario.reality, scenario=scenario.name)
    return build_scene(scenario, real, seed=seed, credentials=cards())


def did(scene: Scene, what: str, who: str | None = None) -> list[Action]:
    """Return the actions of one kind, by one person if `who` names one."""
    return [a for a in scene.truth.actions if a.action == what and who in (None, a.person)]


def owed(scene: Scene, who: str) -> dict[str, int]:
    """Return what the entry of one person owes."""
    (visit,) = (v for v in scene.truth.visits if who in v.people)
    return {str(gtin): count for gtin, count in visit.items.items()}


def mass_g(gtin: str | None) -> float:
    return next(p.mass_g for p in nanostore().catalog.products.values() if p.gtin == gtin)
