"""Many people, or people who belong together."""

import numpy as np

from benchmarks.suite import acts
from benchmarks.suite.acts import MASS_G, person, scene
from benchmarks.suite.draws import CHILD_REACH_M, Shop, Spot, along_m, apart_m
from benchmarks.suite.words import Difficulty, Graded
from sim.scenarios import Scenario
from store_engine.store import Store

AISLE_PEOPLE = Graded((5, 5), (6, 7), (7, 8))
AISLE_GONDOLAS = Graded(3, 2, 2)  # neighbours: about 3 m and 2 m of shelf
AISLE_CLOSENESS_M = Graded(0.60, 0.50, 0.45)
AISLE_BESIDE = Graded(0.2, 0.5, 0.8)  # share of stops made as near to somebody as allowed
AISLE_ACTIONS = (2, 3)  # each: sessions stay near a minute
AISLE_ARRIVALS = 40.0  # per minute: they are inside together
GROUP_SIZE = Graded(2, 3, 3)
STRANGERS = Graded(0, 1, 2)  # who shop amidst a group
GROUP_WITHIN_M = Graded(4.0, 2.0, 1.0)  # of each other
CHILD_M = Graded((1.20, 1.30), (1.10, 1.25), (1.00, 1.15))  # height: smaller, more hidden
ABOVE_M = (0.2, 0.7)  # a stranger reaches this far above what the child takes
CONFUSING_PEOPLE = Graded(1, 2, 3)
CONFUSING_ACTIONS = Graded((4, 5), (5, 6), (6, 7))  # each
# Four of ten actions are meant to confuse: the share at which the Grab paper (2020) measured.
CONFUSING_MIX = {
    "take": 5.0, "take_several": 1.0, "browse": 0.0,
    "touch": 1.3, "hold": 0.5, "return": 1.0, "misplace": 0.7, "hand_over": 0.5,
}  # fmt: skip


def narrow_aisle(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Five to eight shoppers who all want something from the same few gondolas."""
    shop = Shop(store, rng)
    low, high = AISLE_PEOPLE.at(difficulty)
    return _random(
        shoppers=int(rng.integers(low, high + 1)),
        arrivals_per_minute=AISLE_ARRIVALS,
        actions_each=AISLE_ACTIONS,
        aisle=_aisle(shop, AISLE_GONDOLAS.at(difficulty)),
        closeness_m=AISLE_CLOSENESS_M.at(difficulty),
        beside=AISLE_BESIDE.at(difficulty),
        mix={"take": 6.0, "take_several": 1.0, "return": 1.0, "touch": 1.0},
    )


def confusing(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Shoppers of whose actions four in ten are meant to confuse."""
    shop = Shop(store, rng)
    return _random(
        shoppers=CONFUSING_PEOPLE.at(difficulty),
        arrivals_per_minute=AISLE_ARRIVALS,
        actions_each=CONFUSING_ACTIONS.at(difficulty),
        aisle=_aisle(shop, AISLE_GONDOLAS.at(difficulty)),
        closeness_m=AISLE_CLOSENESS_M.at(difficulty),
        beside=AISLE_BESIDE.at(difficulty),
        mix=CONFUSING_MIX,
    )


def group_entry(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Several people on one entry, each with a share of one cart, among strangers."""
    shop = Shop(store, rng)
    count = GROUP_SIZE.at(difficulty) + STRANGERS.at(difficulty)
    first = shop.one(shop.spots(mass_g=MASS_G.at(difficulty)))
    spots = [first]
    while len(spots) < 2 * count:
        spots.append(shop.near(first, within_m=GROUP_WITHIN_M.at(difficulty), besides=spots))
    scripts = []
    for number in range(count):
        member = 0 < number < GROUP_SIZE.at(difficulty)
        words = {"with": "member-0"} if member else {}
        role = "member" if number < GROUP_SIZE.at(difficulty) else "stranger"
        picks = (acts.take(spot) for spot in spots[2 * number : 2 * number + 2])
        scripts.append(person(f"{role}-{number}", *picks, **words))
    return scene(*scripts, closeness_m=0.5)


def child_reaching(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A child, on a parent's entry, takes from a low shelf; a stranger reaches over it.

    Easy: the stranger is elsewhere. Hard: at the same moment.
    """
    shop = Shop(store, rng)

    def over(low: Spot, high: Spot) -> bool:
        return (
            low.gondola == high.gondola
            and CHILD_REACH_M[0] <= low.height_m <= CHILD_REACH_M[1]
            and 0.05 <= along_m(low, high) <= 0.35
            and ABOVE_M[0] <= high.height_m - low.height_m <= ABOVE_M[1]
            and shop.room(low, "left")
            and shop.room(high, "right")
        )

    low, high = shop.pair(over, shop.spots(reach_m=(CHILD_REACH_M[0], 1.45)))
    far = shop.one(s for s in shop.spots() if apart_m(s, low) > 1.0)
    parents = shop.one(s for s in shop.spots() if apart_m(s, low) > 1.0 and s.gtin != far.gtin)
    sync = "now" if difficulty == "hard" else None
    stranger = acts.take(far) if difficulty == "easy" else acts.take(high, side="right", sync=sync)
    return scene(
        person("parent", acts.take(parents)),
        person(
            "child",
            acts.take(low, side="left", sync=sync),
            height_m=shop.number(CHILD_M.at(difficulty)),
            **{"with": "parent"},
        ),
        person("stranger", stranger),
        closeness_m=0.45,
    )


def _aisle(shop: Shop, count: int) -> tuple[str, ...]:
    """Return `count` gondolas beside one another, in the order of the store's files."""
    gondolas = list(dict.fromkeys(spot.gondola for spot in shop.everywhere))
    first = int(shop.rng.integers(max(1, len(gondolas) - count + 1)))
    return tuple(gondolas[first : first + count])


def _random(**words: object) -> Scenario:
    return Scenario.model_validate({"name": "trial", **words})
