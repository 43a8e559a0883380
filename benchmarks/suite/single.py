"""One shopper who does one thing that has its difficulties; others shop nearby."""

import numpy as np

from benchmarks.suite import acts
from benchmarks.suite.acts import MASS_G, bystanders, person, scene
from benchmarks.suite.draws import BESIDE_M, Shop, Spot, apart_m, stds_apart, unlike
from benchmarks.suite.words import Difficulty, Graded
from sim.scenarios import Scenario, Step
from store_engine.store import Store

GONDOLAS = Graded(2, 3, 4)  # visited one after the other
TAKEN_BEFORE = Graded(1, 2, 4)  # products in the bag when one of them comes back
TOUCHES = Graded(2, 3, 5)  # more of them: more chances to see a pick that was none
LEANS_S = Graded(1.5, 4.0, 8.0)  # a hand rests on the shelf: longer looks more like goods
BROWSES_S = Graded(2.0, 4.0, 6.0)
GRABBED = Graded(2, 4, 7)  # units in one grip
GRABBED_MASS_G = Graded((200.0, 600.0), (60.0, 250.0), (28.0, 130.0))  # what one hand can hold
QUICKLY = Graded(3, 5, 8)  # units one by one
QUICK_MASS_G = Graded((200.0, 600.0), (60.0, 400.0), (28.0, 200.0))
SLOW_S = Graded(2.0, 6.0, 15.0)  # of the lift; slower looks more like a drifting shelf
HELD_S = Graded(3.0, 8.0, 18.0)  # the lift is tried again and again for so long
RETAKES = Graded(1, 1, 2)  # times it goes back and is taken again
DROPPED = Graded(1, 1, 2)  # units on the floor
ELSEWHERE_M = Graded((1.5, 9.0), (0.3, 1.5), (0.0, BESIDE_M))  # wrong place from the right one
ELSEWHERE_UNLIKE = Graded(0.30, 0.15, 0.04)  # least difference of mass from what stands there
LEAST_STDS = 3.0  # ... and in unit-to-unit spreads, so that the masses can tell them apart
WIDE_M = 0.19  # two plates: room for many units of a product


def simple_picks(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """One product at each of several gondolas, along the aisle."""
    shop = Shop(store, rng)
    spots = shop.spots(mass_g=MASS_G.at(difficulty))
    gondolas = sorted({spot.gondola for spot in spots})
    chosen = sorted(shop.some(gondolas, min(GONDOLAS.at(difficulty), len(gondolas))))
    picks = [shop.one(s for s in spots if s.gondola == gondola) for gondola in chosen]
    return _alone(shop, difficulty, picks, [acts.take(spot) for spot in picks])


def put_back(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Several products are taken, and the first goes back to its place."""
    shop = Shop(store, rng)
    picks = _nearby(shop, difficulty, 1 + TAKEN_BEFORE.at(difficulty))
    steps = [*(acts.take(spot) for spot in picks), acts.put_back(picks[0])]
    return _alone(shop, difficulty, picks, steps)


def put_back_elsewhere(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A product is put where another stands; then one of those is taken."""
    shop = Shop(store, rng)
    low_m, high_m = ELSEWHERE_M.at(difficulty)

    def elsewhere(one: Spot, two: Spot) -> bool:
        alike = unlike(one, two) < ELSEWHERE_UNLIKE.at(difficulty)
        return low_m <= apart_m(one, two) <= high_m and not alike and stds_apart(one, two) > 3.0

    spots = shop.spots(mass_g=MASS_G.at(difficulty))
    first, second = shop.pair(elsewhere, spots)
    steps = [acts.take(first), acts.misplace(first, on=second), acts.take(second)]
    return _alone(shop, difficulty, [first, second], steps)


def many_quickly(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Many units of one product, one by one without a pause."""
    shop = Shop(store, rng)
    spot = _wide(shop, QUICK_MASS_G.at(difficulty))
    return _alone(shop, difficulty, [spot], [acts.take(spot, QUICKLY.at(difficulty), quick=True)])


def large_grab(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Several units of one product in one grip."""
    shop = Shop(store, rng)
    spot = _wide(shop, GRABBED_MASS_G.at(difficulty))
    return _alone(
        shop, difficulty, [spot], [acts.take(spot, GRABBED.at(difficulty), together=True)]
    )


def very_slow(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A product leaves its plate very slowly."""
    shop = Shop(store, rng)
    spots = shop.some(shop.spots(mass_g=MASS_G.at(difficulty)), 2)
    steps = [acts.take(spots[0], slow_s=SLOW_S.at(difficulty)), acts.take(spots[1])]
    return _alone(shop, difficulty, spots, steps)


def long_hold(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A product is held at its place for long, more or less lifted, before it leaves."""
    shop = Shop(store, rng)
    spots = _nearby(shop, difficulty, 2)
    steps = [acts.take(spots[0], held_s=HELD_S.at(difficulty)), acts.take(spots[1])]
    return _alone(shop, difficulty, spots, steps)


def touch_only(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Several products are touched, turned or lifted; one is taken in the end."""
    shop = Shop(store, rng)
    spots = _nearby(shop, difficulty, 1 + TOUCHES.at(difficulty))
    steps = [acts.touch(spot) for spot in spots[1:]]
    steps.append(acts.hold(spots[1], seconds=LEANS_S.at(difficulty)))
    return _alone(shop, difficulty, spots, [*steps, acts.take(spots[0])])


def left_on_floor(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """What was taken is left on the floor: the picker still owes it."""
    shop = Shop(store, rng)
    picks = _nearby(shop, difficulty, 1 + DROPPED.at(difficulty))
    dropped = [step for spot in picks[1:] for step in (acts.take(spot), acts.drop(spot))]
    return _alone(shop, difficulty, picks, [*dropped, acts.take(picks[0])])


def retake(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A product is taken, put back and taken again."""
    shop = Shop(store, rng)
    spot = shop.one(shop.spots(mass_g=MASS_G.at(difficulty)))
    again = [acts.put_back(spot), acts.take(spot)] * RETAKES.at(difficulty)
    return _alone(shop, difficulty, [spot], [acts.take(spot), *again])


def empty_visit(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Somebody looks and touches and takes nothing, while others take things beside them."""
    shop = Shop(store, rng)
    spots = _nearby(shop, difficulty, 2)
    steps = [acts.browse(spots[0], seconds=BROWSES_S.at(difficulty))]
    if difficulty != "easy":
        steps += [acts.touch(spots[1]), acts.hold(spots[1], seconds=LEANS_S.at(difficulty))]
    return _alone(shop, difficulty, spots, steps)


def _nearby(shop: Shop, difficulty: Difficulty, count: int) -> list[Spot]:
    """Return `count` places, each near the first."""
    first = shop.one(shop.spots(mass_g=MASS_G.at(difficulty)))
    spots = [first]
    while len(spots) < count:
        spots.append(shop.near(first, within_m=1.5, besides=spots))
    return spots


def _wide(shop: Shop, mass_g: tuple[float, float]) -> Spot:
    return shop.one(shop.spots(mass_g=mass_g, least_length_m=WIDE_M))


def _alone(shop: Shop, difficulty: Difficulty, spots: list[Spot], steps: list[Step]) -> Scenario:
    others = bystanders(shop, spots[0], difficulty, besides=spots)
    return scene(person("ann", *steps), *others)
