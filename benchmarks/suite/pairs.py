"""Two products or two shoppers that are easily taken for one another at a shelf."""

import numpy as np

from benchmarks.suite import acts
from benchmarks.suite.acts import MASS_G, bystanders, person, scene
from benchmarks.suite.draws import BESIDE_M, Shop, Spot, along_m, apart_m, unlike
from benchmarks.suite.words import Difficulty, Graded
from sim.scenarios import Scenario, Step
from store_engine.store import Store

# Two shoppers who stand 0.30 m to 0.45 m outwards of two products cross arms, and still have room
# beside each other, when the products are this far apart.
CROSSING_M = (0.18, 0.32)
CROSSING_UNLIKE = Graded((0.30, 1.0), (0.10, 1.0), (0.0, 0.05))  # alike: masses do not help
BOTH_UNLIKE = Graded((0.30, 1.0), (0.10, 0.5), (0.01, 0.10))  # of two neighbours taken at once
TWICE = Graded(0.05, 0.03, 0.015)  # 1 - heavy / (2 light), at most
CLOSENESS_M = Graded(0.60, 0.52, 0.45)  # between the middles of two people
CLOSE_PICKS = Graded(1, 2, 3)  # each
AT_ONCE = Graded((1, 1), (1, 1), (2, 1))  # units each takes of the same product
NEIGHBOUR_ALIKE = Graded(0.05, 0.02, 0.01)  # masses of a misplaced product and its new neighbour
# ... and heavy: units of one product then differ by 2 g and more, which plates can feel, so that
# the very unit that was put there is known again.
NEIGHBOUR_G = (240.0, 2000.0)
SWAP_UNLIKE = Graded((0.15, 0.40), (0.05, 0.15), (0.015, 0.05))
SWAP_M = 2.5  # people swap for something near by
SWAP_LEAST_G = 18.0  # the noisiest plate shows 10 g, and units of one product differ by some
ELSEWHERE_M = (1.0, 2.5)  # whose turn it is not stands this far away
ONE_HAND_G = 300.0  # of each unit: two are taken in one grip
TWO_HANDS_M = 0.19  # of a facing: two hands fit


def double_mass(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """One takes a unit that weighs as much as the two units that another takes.

    Hard: the heavy one was put among the light ones before two of those are taken from there.
    """
    shop = Shop(store, rng)

    def twice(light: Spot, heavy: Spot) -> bool:
        share = abs(1.0 - heavy.mass_g / (2 * light.mass_g))
        return share <= TWICE.at(difficulty) and light.length_m >= TWO_HANDS_M

    light, heavy = shop.pair(twice, shop.spots(mass_g=(28.0, 2000.0)))
    own = shop.near(light, within_m=ELSEWHERE_M[1], beyond_m=ELSEWHERE_M[0], besides=[heavy])
    ann, ben = [acts.take(heavy), acts.take(heavy)], [acts.take(own)]
    if difficulty == "hard":
        ann += [acts.misplace(heavy, on=light), acts.meet("then")]
        ben.append(acts.meet("then"))
    ben.append(acts.take(light, 2, together=light.mass_g < ONE_HAND_G))
    return scene(person("ann", *ann), person("ben", *ben), closeness_m=CLOSENESS_M.at(difficulty))


def crossing_arms(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Two shoppers side by side each take, at one moment, what is before the other."""
    shop = Shop(store, rng)
    low, high = CROSSING_UNLIKE.at(difficulty)

    def crossed(one: Spot, two: Spot) -> bool:
        return (
            one.gondola == two.gondola
            and CROSSING_M[0] <= along_m(one, two) <= CROSSING_M[1]
            and low <= unlike(one, two) <= high
            and abs(one.height_m - two.height_m) < 0.4
            and shop.room(one, "right")
            and shop.room(two, "left")
        )

    left, right = shop.pair(crossed)
    return scene(
        person("ann", acts.take(right, side="left", sync="now")),
        person("ben", acts.take(left, side="right", sync="now")),
        closeness_m=0.45,
    )


def two_at_once(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Both hands take two neighbouring products in one moment."""
    shop = Shop(store, rng)
    low, high = BOTH_UNLIKE.at(difficulty)

    def neighbours(one: Spot, two: Spot) -> bool:
        return (
            one.shelf == two.shelf
            and apart_m(one, two) <= BESIDE_M
            and low <= unlike(one, two) <= high
        )

    one, two = shop.pair(neighbours)
    others = bystanders(shop, one, difficulty, besides=[one, two])
    return scene(person("ann", acts.take(one, also=two.gtin)), *others)


def same_moment(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Two shoppers take the same product at the same moment, from either side."""
    shop = Shop(store, rng)
    # Several columns side by side, so that no hand waits for the other.
    wide = shop.spots(mass_g=MASS_G.at(difficulty), least_length_m=TWO_HANDS_M)
    spot = shop.one(s for s in wide if shop.room(s, "left") and shop.room(s, "right"))
    first, last = spot.end("left"), spot.end("right")
    ann, ben = AT_ONCE.at(difficulty)
    others = bystanders(shop, spot, difficulty, besides=[spot])[:1]
    return scene(
        person("ann", acts.take(spot, ann, plate=first, side="left", sync="now", quick=True)),
        person("ben", acts.take(spot, ben, plate=last, side="right", sync="now", quick=True)),
        *others,
        closeness_m=0.45,
    )


def very_close(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Two shoppers shoulder to shoulder take neighbouring products, again and again."""
    shop = Shop(store, rng)

    def beside(one: Spot, two: Spot) -> bool:
        return (
            one.gondola == two.gondola
            and 0.15 <= along_m(one, two) <= BESIDE_M
            and abs(one.height_m - two.height_m) < 0.4
            and shop.room(one, "left")
            and shop.room(two, "right")
        )

    left, right = shop.pair(beside, shop.spots(mass_g=MASS_G.at(difficulty)))
    picks = range(CLOSE_PICKS.at(difficulty))
    at_once = difficulty != "easy"
    return scene(
        person("ann", *(_beside(left, "left", pick, at_once) for pick in picks)),
        person("ben", *(_beside(right, "right", pick, at_once) for pick in picks)),
        closeness_m=CLOSENESS_M.at(difficulty),
    )


def _beside(spot: Spot, side: str, pick: int, at_once: bool) -> Step:
    sync = f"pick-{pick}" if at_once else None
    return acts.take(spot, side=side, sync=sync)


def same_mass_neighbour(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A product is put among others of the same mass; somebody then takes it, or one of those.

    Medium and hard: whoever puts it down also holds one of those others.
    """
    shop = Shop(store, rng)

    def alike(one: Spot, two: Spot) -> bool:
        return unlike(one, two) <= NEIGHBOUR_ALIKE.at(difficulty) and apart_m(one, two) < SWAP_M

    # A plate of more than one column: the neighbour can still be reached.
    spots = shop.spots(mass_g=NEIGHBOUR_G, least_length_m=TWO_HANDS_M)
    stray, local = shop.pair(alike, spots)
    both = [acts.take(local)] if difficulty != "easy" else []
    last = shop.one((acts.take(local), acts.take(stray, plate=local.middle_plate)))
    own = shop.near(local, within_m=ELSEWHERE_M[1], beyond_m=ELSEWHERE_M[0], besides=[stray, local])
    return scene(
        person("ann", acts.take(stray), *both, acts.misplace(stray, on=local), acts.meet("then")),
        person("ben", acts.take(own), acts.meet("then"), last),
    )


def look_alike_swap(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A product is exchanged for one that weighs nearly the same, in one movement."""
    shop = Shop(store, rng)
    low, high = SWAP_UNLIKE.at(difficulty)

    def looks_alike(one: Spot, two: Spot) -> bool:
        told_apart = abs(one.mass_g - two.mass_g) >= SWAP_LEAST_G
        return low <= unlike(one, two) <= high and told_apart and apart_m(one, two) < SWAP_M

    first, instead = shop.pair(looks_alike)
    others = bystanders(shop, instead, difficulty, besides=[first, instead])
    return scene(person("ann", acts.take(first), acts.swap(first, for_=instead)), *others)
