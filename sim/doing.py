"""Doing one errand: walking up to a place on a shelf, and handling what stands there."""

from typing import TYPE_CHECKING

import numpy as np

from sim.entries import Act, Carried
from sim.errands import Errand
from sim.giving import hand_over
from sim.scene import FloatArray
from sim.stock import Column, Place, Unit
from sim.walking import STEP_S

if TYPE_CHECKING:
    from sim.shoppers import Shopper

STAND_M = (0.32, 0.46)  # from the hips to the edge of the shelf (guess)
ASIDE_M = 0.25  # people stand this far beside what they reach for, at most (guess)
SAME_SPOT_M = 0.35  # what is this near to one side is taken without a step
BUMP_SHARE = 0.04  # of stops at which a bag knocks against a shelf (guess)
BETWEEN_S = 0.3  # at most, between two units taken one after the other (guess)


def do(shopper: "Shopper", errand: Errand, *, linger: bool) -> Act:
    """Do one thing; return whether it could be done."""
    if errand.kind == "hand_over":
        carried = shopper.find(errand.gtin)
        if carried is None:
            return False
        return (yield from hand_over(shopper, carried, errand.to, patient=not linger))
    if errand.place is None:
        yield shopper.until(shopper.now_s + errand.seconds)
        return errand.kind == "browse"
    column = _column(shopper, errand, errand.place)
    if column is None or not (yield from _go(shopper, errand.place, column)):
        return False
    if linger:
        yield shopper.until(shopper.now_s + shopper.draw(shopper.world.scenario.linger_s))
    if shopper.rng.random() < BUMP_SHARE:
        shopper.hands.bump(errand.place.plates[0].plate, shopper.now_s)
    if column.busy_until_s > shopper.now_s:
        return False  # another hand is in there
    if linger and column.units and not _can_reach(shopper, column):
        return False  # a short shopper gives up; a script insists
    return (yield from _handle(shopper, errand, errand.place, column))


def _handle(shopper: "Shopper", errand: Errand, place: Place, column: Column) -> Act:
    if errand.kind == "browse":
        yield shopper.until(shopper.now_s + errand.seconds)
        return True
    if errand.kind in ("take", "take_several"):
        return (yield from _take(shopper, errand, place))
    if errand.kind in ("return", "misplace"):
        return (yield from _put(shopper, errand, place, column))
    if not column.units:
        return False
    unit = column.units[-1]
    if errand.kind == "hold":
        back_s = shopper.hands.hold(unit, shopper.stance, shopper.now_s, seconds=errand.seconds)
    else:
        back_s = shopper.hands.touch(unit, shopper.stance, shopper.now_s)
    column.busy_until_s = back_s - STEP_S
    yield shopper.until(back_s)
    return True


def _take(shopper: "Shopper", errand: Errand, place: Place) -> Act:
    """Take one unit after the other, or all in one grip; true when any was left to take."""
    left = errand.quantity
    while left > 0:
        units, columns = _grip(shopper, errand, place, left if errand.together else 1)
        if not units:
            break
        left -= len(units)
        for unit in units:
            shopper.carried.append(Carried(unit=unit, payer=shopper.entry, own=True))
            shopper.entry.owed[unit.gtin] += 1
        back_s = shopper.hands.take(units, shopper.stance, shopper.now_s)
        for column in columns:
            column.busy_until_s = back_s - STEP_S
        yield shopper.until(back_s + BETWEEN_S * float(shopper.rng.random()))
    return left < errand.quantity


def _grip(
    shopper: "Shopper", errand: Errand, place: Place, most: int
) -> tuple[list[Unit], list[Column]]:
    """Return up to `most` units taken off the shelf, and the columns they stood in."""
    units: list[Unit] = []
    touched: list[Column] = []
    while len(units) < most:
        columns = _in_reach(shopper, place, place.column_on(errand.plate, place.takeable()))
        if not columns:
            break
        column = columns[int(shopper.rng.integers(len(columns)))]
        units.append(column.take())
        touched.append(column)
    return units, touched


def _put(shopper: "Shopper", errand: Errand, place: Place, column: Column) -> Act:
    carried = shopper.find(errand.gtin)
    if carried is None:
        return False
    shopper.carried.remove(carried)
    unit = shopper.world.stock.put(carried.unit, place, column)
    carried.payer.owed[unit.gtin] -= 1
    home = unit.gtin == place.product
    back_s = shopper.hands.put(unit, shopper.stance, shopper.now_s, home=home)
    column.busy_until_s = back_s - STEP_S
    yield shopper.until(back_s)
    return True


def _go(shopper: "Shopper", place: Place, column: Column) -> Act:
    """Walk to where `column` is in reach; return whether they got there."""
    target = place.front + place.along * (column.along_m - place.length_m / 2)
    spot = _spot(shopper, target, place)
    if spot is None:
        return False
    shopper.stand_for(spot)
    straight = spot - place.outward  # people face the shelf, not the item
    shopper.at_shelf = yield from shopper.walk(spot, face=straight)
    return shopper.at_shelf


def _spot(shopper: "Shopper", edge: FloatArray, place: Place) -> FloatArray | None:
    """Return where to stand to reach over `edge` (2,): here if possible."""
    here = shopper.here.position - edge
    out, aside = float(here @ place.outward), abs(float(here @ place.along))
    if shopper.at_shelf and STAND_M[0] - 0.1 <= out <= STAND_M[1] + 0.1 and aside < SAME_SPOT_M:
        return shopper.here.position
    asides = shopper.rng.uniform(-ASIDE_M, ASIDE_M, 6)
    outs = shopper.rng.uniform(*STAND_M, 6)
    spots = edge + asides[:, None] * place.along + outs[:, None] * place.outward
    return shopper.world.free_spot(list(spots), shopper, apart_m=shopper.world.scenario.closeness_m)


def _can_reach(shopper: "Shopper", column: Column) -> bool:
    return shopper.hands.can_reach(column.units[-1].at, shopper.stance)


def _column(shopper: "Shopper", errand: Errand, place: Place) -> Column | None:
    """Return the column to go for, or None when there is nothing to take or touch."""
    putting = errand.kind in ("return", "misplace")
    columns = list(place.columns) if putting else place.takeable()
    columns = place.column_on(errand.plate, columns)
    if putting:  # where there is room in front, else on top
        room = [c for c in columns if not c.units or c.units[-1].row > 0]
        columns = room or columns
    return columns[int(shopper.rng.integers(len(columns)))] if columns else None


def _in_reach(shopper: "Shopper", place: Place, columns: list[Column]) -> list[Column]:
    """Return those of `columns` that are near enough and free of other hands."""
    here = shopper.here.position
    return [
        column
        for column in columns
        if abs(float((np.array(column.units[-1].at[:2]) - here) @ place.along)) < SAME_SPOT_M
        and column.busy_until_s <= shopper.now_s
    ]
