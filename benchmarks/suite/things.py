"""Shelves, goods and devices that are not as the shopkeeper's files say."""

import numpy as np

from benchmarks.suite import acts
from benchmarks.suite.acts import MASS_G, bystanders, person, scene
from benchmarks.suite.draws import BESIDE_M, Shop, Spot, along_m, apart_m, unlike
from benchmarks.suite.words import Difficulty, Graded
from sim.scenarios import Scenario
from store_engine.store import Store

BAG_S = Graded(3.0, 6.0, 10.0)  # longer looks more like goods
BAG_G = Graded((2500.0, 5000.0), (800.0, 2500.0), (200.0, 2000.0))
BAG_LIKE = 0.05  # hard: its mass is some units of the neighbour's product, this near
BAG_CLOSENESS_M = Graded(0.60, 0.55, 0.45)  # between people
BAG_FROM_PICK_M = Graded((1.0, 9.0), (0.3, 1.0), (0.0, BESIDE_M))
RESTOCKED = Graded(2, 3, 5)  # units
RESTOCKED_FROM_PICK_M = Graded((1.0, 9.0), (0.2, 1.0), (0.0, 0.0))  # hard: the same product
LOOKS_S = (0.5, 3.0)  # while the other one begins
MOVED_UNLIKE = Graded(0.40, 0.15, 0.06)  # least difference of two products that changed places
# ... and in unit-to-unit spreads, also from every other product of the gondola: masses can tell.
MOVED_STDS = 5.0
MOVED_TAKES = Graded(2, 1, 1)  # units per shopper: more evidence when easy
MASS_OFF = Graded((0.05, 0.08), (0.15, 0.25), (0.15, 0.4))  # of the catalog's; true mass
DEAD_CAMERAS = Graded(1, 3, 5)  # of twelve in the NanoStore; hard: the nearest ones
DRIFT_G_MIN = Graded(60.0, 150.0, 400.0)  # 400 g/min: a light bag in the time of a slow pick
DIES_S = 24.0  # of the session: after the first pick, before the second look


def bag_on_shelf(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A bag stands on a shelf for a while; meanwhile another shopper takes something."""
    shop = Shop(store, rng)
    low_m, high_m = BAG_FROM_PICK_M.at(difficulty)

    def fits(bag_at: Spot, pick: Spot) -> bool:
        near = low_m <= apart_m(bag_at, pick) <= high_m and along_m(bag_at, pick) > 0
        return (
            near
            and _both_sides(shop, bag_at, pick)
            and (bag_at.shelf == pick.shelf or difficulty != "hard")
        )

    bag_at, pick = shop.pair(fits)
    mass_g = shop.number(BAG_G.at(difficulty))
    if difficulty == "hard":
        units = max(1, round(mass_g / pick.mass_g))
        mass_g = max(200.0, round(units * pick.mass_g * shop.number((1 - BAG_LIKE, 1 + BAG_LIKE))))
    bag = acts.set_bag(
        bag_at.middle_plate, mass_g=mass_g, seconds=BAG_S.at(difficulty), sync="now", side="left"
    )
    own = shop.near(bag_at, within_m=1.5, besides=[pick])
    return scene(
        person("ann", acts.take(own), bag),
        person("ben", acts.take(pick, side="right", sync="now")),
        closeness_m=BAG_CLOSENESS_M.at(difficulty),
    )


def restocking(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Staff fill up a shelf while a shopper takes things beside them; hard: of the same."""
    shop = Shop(store, rng)
    if difficulty == "hard":
        wide = shop.spots(least_length_m=0.19)
        filled = pick = shop.one(s for s in wide if _both_sides(shop, s, s))
    else:
        low_m, high_m = RESTOCKED_FROM_PICK_M.at(difficulty)
        filled, pick = shop.pair(
            lambda one, two: (
                low_m <= apart_m(one, two) <= high_m
                and along_m(one, two) > 0
                and _both_sides(shop, one, two)
            )
        )
    other = shop.near(pick, within_m=1.5, besides=[filled])
    return scene(
        person(
            "staff",
            acts.browse(filled, seconds=0.5, side="left", sync="now"),
            acts.restock(filled, RESTOCKED.at(difficulty), plate=filled.end("left"), side="left"),
            role="staff",
        ),
        person(
            "ann",
            acts.browse(pick, seconds=shop.number(LOOKS_S), side="right", sync="now"),
            acts.take(pick, plate=pick.end("right"), side="right"),
            acts.take(other),
        ),
        stock=(0.4, 0.6),
        closeness_m=0.45,
    )


def _both_sides(shop: Shop, left: Spot, right: Spot) -> bool:
    return shop.room(left, "left") and shop.room(right, "right")


def wrong_planogram(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """Two products stand in each other's place, and nobody told the engine."""
    shop = Shop(store, rng)
    spots = shop.spots(mass_g=MASS_G.at("medium"))

    def fits(one: Spot, two: Spot) -> bool:
        return (
            one.gondola == two.gondola
            and unlike(one, two) >= MOVED_UNLIKE.at(difficulty)
            and not _mistaken(one, two)
            and not any(_mistaken(one, third, units=1) for third in shop.everywhere)
        )

    moved, other = shop.pair(fits, spots)
    takes = MOVED_TAKES.at(difficulty)
    return scene(
        person("ann", acts.take(moved, takes)),
        person("ben", acts.take(moved, takes), at_s=3.0),
        reality={"moved": [(moved.gtin, other.gtin)]},
    )


def _mistaken(one: Spot, other: Spot, *, units: int = 8) -> bool:
    """Return whether some units of another product of the gondola weigh what `one` does."""
    if other.gondola != one.gondola or other.gtin == one.gtin:
        return False
    spread_g = float(np.hypot(one.product.mass_std_g, other.product.mass_std_g))
    off_g = min(abs(one.mass_g - n * other.mass_g) for n in range(1, units + 1))
    return off_g < MOVED_STDS * spread_g


def wrong_mass(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """A product does not weigh what the catalog says; hard: it weighs what its neighbour does."""
    shop = Shop(store, rng)
    spots = shop.spots(mass_g=MASS_G.at("medium"))
    low, high = MASS_OFF.at(difficulty)
    if difficulty == "hard":
        spot, beside = shop.pair(
            lambda one, two: (
                one.shelf == two.shelf
                and apart_m(one, two) <= BESIDE_M
                and low <= unlike(one, two) <= high
            ),
            spots,
        )
        true_g = beside.mass_g
    else:
        spot = shop.one(spots)
        beside = shop.near(spot, within_m=1.5)
        sign = shop.one((-1.0, 1.0))
        true_g = round(spot.mass_g * (1 + sign * shop.number((low, high))), 1)
    return scene(
        person("ann", acts.take(spot), acts.take(spot)),
        person("ben", acts.take(spot), acts.take(beside), at_s=3.0),
        reality={"masses": {spot.gtin: true_g}},
    )


def dead_camera(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """People are seen by cameras alone, and some of those are dead."""
    shop = Shop(store, rng)
    first = shop.one(shop.spots(mass_g=MASS_G.at("medium")))
    second = shop.near(first, within_m=1.5)
    distance = {
        str(camera.camera): float(np.hypot(*(camera.t[:2] - np.array(first.front))))
        for camera in store.map.cameras.values()
    }
    nearest_first = sorted(distance, key=lambda name: (distance[name], name))
    if difficulty != "hard":
        nearest_first = shop.some(nearest_first, len(nearest_first))
    dead = nearest_first[: min(DEAD_CAMERAS.at(difficulty), len(nearest_first) // 2)]
    return scene(
        person("ann", acts.take(first), acts.take(second)),
        *bystanders(shop, first, "medium", besides=[first, second]),
        people_from="cameras",
        faults=[{"kind": "dead_camera", "device": device, "from_s": 0.0} for device in dead],
    )


def dead_shelf(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """The cells of one shelf read nothing any more.

    Easy: after something was taken from it. Medium: and it is touched then. Hard: from the start,
    and one of four lines comes from it.
    """
    shop = Shop(store, rng)
    spot = shop.one(shop.spots(mass_g=MASS_G.at("medium")))
    others = [s for s in shop.spots() if s.shelf != spot.shelf and apart_m(s, spot) < 2.5]
    picks = shop.some(others, 3)
    rest = [acts.take(pick) for pick in picks]
    if difficulty == "hard":
        steps = [rest[0], acts.take(spot), *rest[1:]]
    else:
        again = [acts.touch(spot, at_s=DIES_S + 1.0)] if difficulty == "medium" else []
        steps = [acts.take(spot), *again, *rest]
    from_s = 0.0 if difficulty == "hard" else DIES_S
    fault = {"kind": "dead_cells", "shelf": spot.shelf, "from_s": from_s}
    return scene(person("ann", *steps), faults=[fault])


def drifting_shelf(difficulty: Difficulty, rng: np.random.Generator, store: Store) -> Scenario:
    """The readings of one shelf creep while things are taken from it and put back."""
    shop = Shop(store, rng)
    spot = shop.one(shop.spots(mass_g=MASS_G.at(difficulty)))
    other = shop.near(spot, within_m=1.5)
    rate = DRIFT_G_MIN.at(difficulty) * float(shop.one((-1.0, 1.0)))
    return scene(
        person("ann", acts.take(spot), acts.take(other), acts.put_back(spot), acts.take(spot)),
        *bystanders(shop, spot, difficulty, besides=[spot, other]),
        faults=[{"kind": "drifting_shelf", "shelf": spot.shelf, "g_per_min": rate}],
    )
