"""Walking up to a place on a shelf: which column to go for, and where to stand for it."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.entries import CROWDED, EMPTY, IN_THE_WAY, Act, Trouble
from sim.errands import Errand
from sim.hands import Stance
from sim.reaching import Point3
from sim.scene import FloatArray
from sim.scripts import Across
from sim.stock import Column, Place
from sim.walking import GAP_M
from store_engine.units import Gtin

if TYPE_CHECKING:
    from sim.shoppers import Shopper

STAND_M = (0.32, 0.46)  # from the hips to the edge of the shelf (guess)
CLOSEST_M = 0.26  # that children stand away from it: their bodies need no less room
ASIDE_M = 0.25  # people stand this far beside what they reach for, at most (guess)
TO_ONE_SIDE_M = (0.30, 0.45)  # where a script sends them to one side of it (guess)
SAME_SPOT_M = 0.35  # what is this near to one side is taken without a step
AT_A_STRETCH_M = 0.65  # what hands get at from one side, or both hands from between (guess)
TWO_HANDS_M = 0.90  # between two things taken at once, at most (guess)
ADULT_M = 1.70  # whom `STAND_M` suits
TOUCHING_M = GAP_M + 0.03  # between people whom a script sends to the same shelf
SPOTS, PICKED_SPOTS = 6, 24  # looked at; more where not every spot will do
PUTTING = ("return", "misplace", "restock")


class Goal(NamedTuple):
    """The columns that one or two hands are to reach from one spot."""

    place: Place
    column: Column
    other: Column | None  # of the other hand
    edge: FloatArray  # (2,) on the front edge of the shelf: people stand before it
    at: tuple[Point3, ...]  # for each hand


def goal_of(shopper: "Shopper", errand: Errand, place: Place) -> Goal | None:
    """Return what to go for, or None when that cannot be done."""
    column = choose_column(shopper, errand, place)
    if column is None:
        shopper.trouble = EMPTY
        return None
    if errand.also is None:
        return _goal_at(place, column, None if errand.kind in PUTTING else errand.wanted(place))
    goal = _goal_between(errand, place, errand.also)
    if goal is None:
        shopper.trouble = Trouble(f"also: {errand.also.product} is too far for the other hand")
    return goal


def _goal_at(place: Place, column: Column, wanted: Gtin | None) -> Goal:
    edge = place.front + place.along * (column.along_m - place.length_m / 2)
    return Goal(place, column, None, edge, (_aim(place, column, edge, wanted),))


def _goal_between(errand: Errand, place: Place, also: Place) -> Goal | None:
    """Return the nearest columns of two places, seen from between them."""
    goals = [
        (_goal_at(place, one, errand.wanted(place)), _goal_at(also, two, also.product))
        for one in errand.takeable(place)
        for two in also.takeable() or also.holding()
        if one is not two
    ]
    gaps_m = [float(np.linalg.norm(np.subtract(one.at, two.at))) for one, two in goals]
    if not goals or min(gaps_m) > TWO_HANDS_M:
        return None
    one, two = goals[int(np.argmin(gaps_m))]
    middle_m = float((two.edge - one.edge) @ place.along) / 2
    edge = one.edge + middle_m * place.along
    return Goal(place, one.column, two.column, edge, one.at + two.at)


def _aim(place: Place, column: Column, edge: FloatArray, wanted: Gtin | None) -> Point3:
    """Return where a hand will be: at the unit it goes for, or where one would stand."""
    if column.units:
        return column.foremost(wanted).at
    x, y = (edge - place.outward * column.width_m / 2).tolist()
    return x, y, place.plates[0].centre[2]


def choose_column(shopper: "Shopper", errand: Errand, place: Place) -> Column | None:
    """Return the column to go for, or None when there is nothing to take or touch."""
    if errand.kind == "set_bag":
        columns = list(place.columns)
    elif errand.kind in PUTTING:  # where there is room in front, else on top
        columns = place.column_on(errand.plate, place.columns)
        columns = [c for c in columns if not c.units or c.units[-1].row > 0] or columns
    else:
        columns = errand.takeable(place)
        if shopper.small and columns:  # what stands furthest in front
            rows = [column.foremost(errand.wanted(place)).row for column in columns]
            columns = [c for c, row in zip(columns, rows, strict=True) if row == min(rows)]
    return columns[int(shopper.rng.integers(len(columns)))] if columns else None


def in_reach(
    shopper: "Shopper", place: Place, columns: list[Column], *, within_m: float
) -> list[Column]:
    """Return those of `columns` that are near enough."""
    here = shopper.here.position
    return [
        column
        for column in columns
        if abs(float((np.array(column.units[-1].at[:2]) - here) @ place.along)) < within_m
        and (not shopper.small or can_reach(shopper, column))
    ]


def can_reach(shopper: "Shopper", column: Column) -> bool:
    """Return whether a hand gets to the front unit of `column` from here."""
    return shopper.hands.can_reach(column.units[-1].at, shopper.stance)


def go(shopper: "Shopper", goal: Goal, errand: Errand) -> Act:
    """Walk to where `goal` is in reach; return whether they got there."""
    spot = _spot(shopper, goal, errand)
    if spot is None:
        return False
    shopper.stand_for(spot)
    straight = spot - goal.place.outward  # people face the shelf, not the item
    shopper.at_shelf = yield from shopper.walk(spot, face=straight)
    if not shopper.at_shelf:
        shopper.trouble = IN_THE_WAY
    return shopper.at_shelf


def _spot(shopper: "Shopper", goal: Goal, errand: Errand) -> FloatArray | None:
    """Return where to stand to reach over the edge: here if possible."""
    place, side, stand_m = goal.place, errand.side, _stand_m(shopper)
    here = shopper.here.position - goal.edge
    out, aside = float(here @ place.outward), float(here @ place.along)
    low, high = (-SAME_SPOT_M, SAME_SPOT_M) if side is None else _asides(place, side)
    picky = errand.staged or shopper.small
    near = low < aside < high
    near &= shopper.at_shelf and stand_m[0] - 0.1 <= out <= stand_m[1] + 0.1
    if near and (not picky or _reaches(shopper, goal, shopper.here.position)):
        return shopper.here.position
    spots = _spots(shopper, goal, errand) if picky else _any_spots(shopper, goal)
    closeness_m = shopper.world.scenario.closeness_m
    apart_m = min(closeness_m, TOUCHING_M) if errand.staged else closeness_m
    free = shopper.world.free_spot(spots, shopper, apart_m=apart_m)
    if free is None and spots:
        shopper.trouble = CROWDED
    return free


def _any_spots(shopper: "Shopper", goal: Goal) -> list[FloatArray]:
    asides = shopper.rng.uniform(-ASIDE_M, ASIDE_M, SPOTS)
    outs = shopper.rng.uniform(*STAND_M, SPOTS)
    return _before(goal, asides, outs)


def _spots(shopper: "Shopper", goal: Goal, errand: Errand) -> list[FloatArray]:
    """Return spots on the right side, those from where hands get there first.

    A small shopper insists on those. At a rendezvous the furthest are best: others need room, too.
    """
    asides = shopper.rng.uniform(*_asides(goal.place, errand.side), PICKED_SPOTS)
    outs = shopper.rng.uniform(*_stand_m(shopper), PICKED_SPOTS)
    if errand.side is not None and errand.sync:
        asides = asides[np.argsort(-np.abs(asides))]
    spots = _before(goal, asides, outs)
    reaches = [_reaches(shopper, goal, spot) for spot in spots]
    there = [spot for spot, ok in zip(spots, reaches, strict=True) if ok]
    if shopper.small:
        if not there:
            shopper.trouble = too_small(shopper)
        return there
    return there + [spot for spot, ok in zip(spots, reaches, strict=True) if not ok]


def _before(goal: Goal, asides: FloatArray, outs: FloatArray) -> list[FloatArray]:
    along, outward = goal.place.along, goal.place.outward
    return list(goal.edge + asides[:, None] * along + outs[:, None] * outward)


def too_small(shopper: "Shopper") -> Trouble:
    """Return what to say when somebody gets at nothing."""
    return Trouble(f"out of reach of somebody {shopper.hands.skeleton.height_m:.2f} m tall")


def _asides(place: Place, side: Across | None) -> tuple[float, float]:
    """Return from where to where along the shelf people stand, from what they reach for."""
    if side is None:
        return -ASIDE_M, ASIDE_M
    low, high = TO_ONE_SIDE_M
    left = np.array([place.outward[1], -place.outward[0]])  # of somebody who faces the shelf
    along_is_left = float(left @ place.along) > 0
    return (low, high) if along_is_left == (side == "left") else (-high, -low)


def _stand_m(shopper: "Shopper") -> tuple[float, float]:
    if not shopper.small:
        return STAND_M
    scale = min(1.0, shopper.hands.skeleton.height_m / ADULT_M)
    near = max(CLOSEST_M, STAND_M[0] * scale)
    return near, max(near, STAND_M[1] * scale)


def _reaches(shopper: "Shopper", goal: Goal, spot: FloatArray) -> bool:
    heading = float(np.arctan2(*-goal.place.outward[::-1]))
    stance = Stance(float(spot[0]), float(spot[1]), heading)
    if len(goal.at) > 1:
        return shopper.hands.can_reach_both(goal.at[0], goal.at[1], stance)
    return shopper.hands.can_reach(goal.at[0], stance)
