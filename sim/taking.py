"""Taking goods off a shelf: one after the other, in one grip, or with both hands at once."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.entries import BUSY, EMPTY, Act, Carried, Waits
from sim.errands import Errand
from sim.hands import Manner
from sim.standing import AT_A_STRETCH_M, SAME_SPOT_M, Goal, in_reach
from sim.stock import Column, Place, Unit
from sim.walking import STEP_S
from store_engine.units import Gtin

if TYPE_CHECKING:
    from sim.shoppers import Shopper

BETWEEN_S = 0.3  # at most, between two units taken one after the other (guess)
SEVERAL = 3  # more than this in one grip are those that stand next to each other
REACTION_S = (-0.15, 0.15)  # around the moment two people mean to lift at (guess)


def take(shopper: "Shopper", errand: Errand, goal: Goal) -> Act:
    """Take one unit after the other, or all in one grip; true when any was left to take."""
    left = errand.quantity
    while left > 0:
        units, columns = _grip(shopper, errand, goal, left if errand.together else 1)
        if not units:
            break
        how = _manner(shopper, errand, first=left == errand.quantity)
        left -= len(units)
        _own(shopper, units)
        back_s = shopper.hands.take(units, shopper.stance, shopper.now_s, how=how)
        yield from _occupied(shopper, errand, columns, back_s)
    return left < errand.quantity


def take_both(shopper: "Shopper", errand: Errand, goal: Goal, other: Column, also: Gtin) -> Act:
    """Take from two columns with two hands at once, then what is left of the quantity."""
    if not other.units or other.busy_until_s > shopper.now_s:
        shopper.trouble = BUSY
        return False
    most = errand.quantity if errand.together else 1
    units, columns = _grip(shopper, errand, goal, most)
    if not units:
        shopper.trouble = EMPTY
        return False
    beside, how = other.take(also), _manner(shopper, errand, first=True)
    _own(shopper, [*units, beside])
    back_s = shopper.hands.take_both(units, beside, shopper.stance, shopper.now_s, how=how)
    yield from _occupied(shopper, errand, [*columns, other], back_s)
    left = errand.quantity - len(units)
    if left > 0:
        yield from take(shopper, replace(errand, quantity=left, sync=None, held_s=0.0), goal)
    return True


def _own(shopper: "Shopper", units: list[Unit]) -> None:
    for unit in units:
        shopper.carried.append(Carried(unit=unit, payer=shopper.entry, own=True))
        shopper.entry.owed[unit.gtin] += 1


def _occupied(shopper: "Shopper", errand: Errand, columns: list[Column], back_s: float) -> Waits:
    """Keep other hands out of `columns` until the gesture is over, and wait for that."""
    for column in columns:
        column.busy_until_s = back_s - STEP_S
    pause_s = 0.0 if errand.quick else BETWEEN_S * float(shopper.rng.random())
    yield shopper.until(back_s + pause_s)


def _manner(shopper: "Shopper", errand: Errand, *, first: bool) -> Manner:
    meeting = shopper.world.rendezvous.lift_at_s(errand.sync, shopper.now_s) if first else 0.0
    return Manner(
        slow_s=errand.slow_s,
        held_s=errand.held_s if first else 0.0,
        quick=errand.quick,
        lift_at_s=meeting and meeting + shopper.draw(REACTION_S),
    )


def _grip(
    shopper: "Shopper", errand: Errand, goal: Goal, most: int
) -> tuple[list[Unit], list[Column]]:
    """Return up to `most` units taken off the shelf, and the columns they stood in.

    Random shoppers are not choosy; a script means the column it went for, and a large grab what
    stands next to it.
    """
    units: list[Unit] = []
    touched: list[Column] = []
    choosy = errand.staged or errand.quantity > SEVERAL
    while len(units) < most:
        columns = _free(shopper, errand, goal.place)
        if not columns:
            break
        if choosy:
            column = min(columns, key=lambda column: abs(column.along_m - goal.column.along_m))
        else:
            column = columns[int(shopper.rng.integers(len(columns)))]
        units.append(column.take(errand.wanted(goal.place)))
        touched.append(column)
    return units, touched


def _free(shopper: "Shopper", errand: Errand, place: Place) -> list[Column]:
    """Return the columns a hand can take from; those who meet there share one if they must."""
    within_m = AT_A_STRETCH_M if errand.staged else SAME_SPOT_M
    near = in_reach(shopper, place, errand.takeable(place), within_m=within_m)
    free = [column for column in near if column.busy_until_s <= shopper.now_s]
    return free or (near if errand.sync else [])
