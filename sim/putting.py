"""Putting things down: goods where they belong or not, new stock, a bag, something on the floor."""

from typing import TYPE_CHECKING

import numpy as np

from sim.entries import NOT_CARRIED, Act, Carried
from sim.errands import Errand
from sim.reaching import Deed
from sim.standing import Goal
from sim.stock import Column, Place, Unit
from sim.walking import GAP_M, STEP_S
from store_engine.units import Gtin

if TYPE_CHECKING:
    from sim.shoppers import Shopper

BAG_PLATES = (
    0.8,
    2.4,
)  # the foot of a bag, in widths of a plate: it stands on one to three (guess)
BAG_OFF = (-0.3, 0.3)  # of a plate: how far off its middle a bag is set down (guess)
FLOOR_POINTS = 24  # looked at for a place to drop something
AISLE_M = 0.6  # from walls and shelves: that is the floor, not a shelf (guess)
BEFORE_M, FLOOR_M = 0.35, 0.05  # where a hand lays something down, in front of the feet (guess)


def put(shopper: "Shopper", errand: Errand, goal: Goal) -> Act:
    """Put something carried down in a column."""
    place, column, carried = goal.place, goal.column, shopper.find(errand.gtin)
    if carried is None:
        shopper.trouble = NOT_CARRIED
        return False
    unit = _hand_back(shopper, carried, place, column)
    deed: Deed = "return" if unit.gtin == place.product else "misplace"
    back_s = shopper.hands.put(unit, shopper.stance, shopper.now_s, deed=deed)
    column.busy_until_s = back_s - STEP_S
    yield shopper.until(back_s)
    return True


def swap(shopper: "Shopper", errand: Errand, goal: Goal) -> Act:
    """Put something carried where a unit of this place stands, and take that one instead."""
    place, column, carried = goal.place, goal.column, shopper.find(errand.gtin)
    if carried is None:
        shopper.trouble = NOT_CARRIED
        return False
    out = column.take(place.product)
    shopper.carried.append(Carried(unit=out, payer=shopper.entry, own=True))
    shopper.entry.owed[out.gtin] += 1
    unit = _hand_back(shopper, carried, place, column)
    deed: Deed = "return" if unit.gtin == place.product else "misplace"
    back_s = shopper.hands.swap(out, unit, shopper.stance, shopper.now_s, deed=deed)
    column.busy_until_s = back_s - STEP_S
    yield shopper.until(back_s)
    return True


def restock(shopper: "Shopper", errand: Errand, goal: Goal) -> Act:
    """Put units from outside the shop onto their facing: nobody's cart changes."""
    stock, column = shopper.world.stock, goal.column
    for _ in range(errand.quantity):
        unit = stock.put(stock.brought(goal.place.product), goal.place, column)
        back_s = shopper.hands.put(unit, shopper.stance, shopper.now_s, deed="restock")
        column.busy_until_s = back_s - STEP_S
        yield shopper.until(back_s)
        column = _roomiest(goal.place, column)
    return True


def _roomiest(place: Place, before: Column) -> Column:
    """Return the nearest column with room in front; the same one when there is none."""
    room = [c for c in place.columns if not c.units or c.units[-1].row > 0]
    return min(room, key=lambda c: abs(c.along_m - before.along_m), default=before)


def set_bag(shopper: "Shopper", errand: Errand, goal: Goal) -> Act:
    """Set a bag down on the shelf board, leave it there, take it away again."""
    ledge, column = goal.place, goal.column
    width_m = column.width_m * shopper.draw(BAG_PLATES)
    along_m = column.along_m + column.width_m * shopper.draw(BAG_OFF)
    foot = Column(along_m=along_m, width_m=width_m, rows=1)
    bag = Unit(gtin=Gtin(""), mass_g=errand.mass_g)
    bag = ledge.stand(bag, foot, 0, along_m=along_m, lift_m=0.0)
    yield shopper.until(
        shopper.hands.set_bag(bag, shopper.stance, shopper.now_s, seconds=errand.seconds)
    )
    return True


def drop(shopper: "Shopper", errand: Errand) -> Act:
    """Leave something carried on the floor of the aisle: its picker still owes it."""
    carried = shopper.find(errand.gtin)
    if carried is None:
        shopper.trouble = NOT_CARRIED
        return False
    yield from _into_the_aisle(shopper)
    x, y, heading = shopper.stance.x, shopper.stance.y, shopper.stance.heading
    at = (x + BEFORE_M * float(np.cos(heading)), y + BEFORE_M * float(np.sin(heading)), FLOOR_M)
    shopper.carried.remove(carried)
    back_s = shopper.hands.drop(carried.unit.gtin, at, shopper.stance, shopper.now_s)
    yield shopper.until(back_s)
    return True


def _into_the_aisle(shopper: "Shopper") -> Act:
    """Walk to a near place off the shelves, if there is one."""
    floor, here = shopper.world.floor, shopper.here.position
    points = [floor.somewhere(shopper.rng) for _ in range(FLOOR_POINTS)]
    points = [p for p in points if floor.clearance(p) >= AISLE_M]
    points.sort(key=lambda p: float(np.hypot(*(p - here))))
    spot = shopper.world.free_spot(points, shopper, apart_m=2 * GAP_M)
    if spot is None:
        return False
    shopper.stand_for(spot)
    return (yield from shopper.walk(spot, face=here))


def _hand_back(shopper: "Shopper", carried: Carried, place: Place, column: Column) -> Unit:
    """Stand what was carried in a column; its payer no longer owes it."""
    shopper.carried.remove(carried)
    unit = shopper.world.stock.put(carried.unit, place, column)
    carried.payer.owed[unit.gtin] -= 1
    return unit
