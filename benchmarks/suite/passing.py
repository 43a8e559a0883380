"""Things that go from hand to hand: whoever took them off the shelf pays."""

from itertools import combinations, permutations

import numpy as np

from benchmarks.suite import acts
from benchmarks.suite.acts import person, scene
from benchmarks.suite.draws import Shop, Spot, apart_m, unlike
from benchmarks.suite.words import Difficulty, Graded
from sim.scenarios import Scenario, Step
from store_engine.store import Store

PEOPLE = ("ann", "ben", "cleo")
# Nobody leaves before the last thing is put back: what is charged at the door must be known there.
LAST = "last"
LOOK_S = 3.0
ROUNDS = Graded(2, 3, 4)  # in each, all take something and one thing changes hands
EXTRA_TOUCHES = Graded(0, 1, 1)  # per person and round
# They shop this far from each other: who waits to give something stands in nobody's way (each
# stands up to 0.25 m beside their product, and 0.6 m from one another), and they meet soon.
MEET_M = (1.2, 2.2)
CORNER_M = 0.30  # each of three people keeps this near to their corner ...
CORNERS_M = (1.4, 3.0)  # ... and corners are this far apart
EXCHANGE_UNLIKE = Graded((0.30, 1.0), (0.05, 0.30), (0.0, 0.02))  # alike: sums tell nothing
OWN_UNLIKE = Graded((0.30, 1.0), (0.05, 0.30), (0.0, 0.03))  # of the returner's own


def exchange(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Two shoppers give each other what they took.

    Hard: they weigh the same, and one then puts back what they were given.
    """
    shop = Shop(store, rng)
    mine, yours = _couple(shop, EXCHANGE_UNLIKE.at(difficulty))
    after = shop.near(yours, within_m=CORNER_M, besides=[mine])
    ann = [acts.take(mine), acts.hand_over(mine, to="ben")]
    ben = [acts.take(yours), acts.hand_over(yours, to="ann")]
    if difficulty != "easy":
        ben.append(acts.take(after))
    if difficulty == "hard":
        ann.append(acts.put_back(yours, sync=LAST))
        ben.append(_look_on(mine))
    return scene(person("ann", *ann), person("ben", *ben))


def returned_by_another(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """One takes it, another puts it back: nobody owes it."""
    shop = Shop(store, rng)
    taken, own = _couple(shop, OWN_UNLIKE.at(difficulty))
    kept = shop.near(taken, within_m=CORNER_M, besides=[own])
    return scene(
        person(
            "ann", acts.take(taken), acts.hand_over(taken, to="ben"), acts.take(kept), _look_on(own)
        ),
        person("ben", acts.take(own), acts.put_back(taken, sync=LAST)),
    )


def passed_around(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Three people take many things and pass some on, round and round.

    Every second round the thing that was just received goes on to the third; at medium and hard
    the last receiver puts it back.
    """
    shop = Shop(store, rng)
    rounds = ROUNDS.at(difficulty)
    spots = dict(zip(PEOPLE, _corners(shop, rounds), strict=True))
    steps: dict[str, list[Step]] = {name: [] for name in PEOPLE}
    passed, giver, receiver, owner = spots["ann"][0], *PEOPLE[:2], "ann"
    for number in range(rounds):
        giver, receiver = (PEOPLE[(number + i) % len(PEOPLE)] for i in (0, 1))
        for name in PEOPLE:
            steps[name].append(acts.take(spots[name][number]))
            touched = spots[name][(number + 1) % rounds]
            steps[name] += [acts.touch(touched)] * EXTRA_TOUCHES.at(difficulty)
        passed, owner = (passed, owner) if number % 2 else (spots[giver][number], giver)
        steps[giver].append(acts.hand_over(passed, to=receiver))
    if difficulty != "easy":
        for name in PEOPLE:
            if name == receiver:
                steps[name].append(acts.put_back(passed, sync=LAST))
            else:  # the owner makes room before their place
                steps[name].append(_look_on(spots[receiver if name == owner else name][0]))
    return scene(*(person(name, *steps[name]) for name in PEOPLE), closeness_m=0.5)


def _look_on(spot: Spot) -> Step:
    """Stand aside until the last thing is put back, and the scales have settled."""
    return acts.browse(spot, seconds=LOOK_S, sync=LAST)


def _couple(shop: Shop, unlike_by: tuple[float, float]) -> tuple[Spot, Spot]:
    low, high = unlike_by

    def fits(one: Spot, two: Spot) -> bool:
        return low <= unlike(one, two) <= high and MEET_M[0] <= apart_m(one, two) <= MEET_M[1]

    return shop.pair(fits, _roomy(shop))


def _roomy(shop: Shop) -> list[Spot]:
    """Return the places where others can come by: those in corners are left out."""
    return [s for s in shop.spots() if shop.room(s, "left") and shop.room(s, "right")]


def _corners(shop: Shop, count: int) -> list[list[Spot]]:
    """Return `count` places for each of three people, so that none is in another's way."""
    roomy = _roomy(shop)
    around = {s.gtin: [t for t in roomy if apart_m(s, t) <= CORNER_M] for s in roomy}
    rich = [s for s in roomy if len(around[s.gtin]) >= count]

    apart = {
        (one.gtin, two.gtin)
        for one, two in permutations(rich, 2)
        if CORNERS_M[0] <= apart_m(one, two) <= CORNERS_M[1]
    }
    anchors = shop.some(
        shop.one(
            three
            for three in combinations(rich, len(PEOPLE))
            if all((one.gtin, two.gtin) in apart for one, two in combinations(three, 2))
        ),
        len(PEOPLE),
    )
    return [shop.some(around[anchor.gtin], count) for anchor in anchors]
