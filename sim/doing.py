"""Doing one errand: walking up to a place on a shelf, and handling what stands there."""

from typing import TYPE_CHECKING

from sim.entries import BUSY, EMPTY, NOT_CARRIED, Act, Waits
from sim.errands import TAKING, Errand
from sim.giving import hand_over
from sim.putting import drop, put, restock, set_bag, swap
from sim.standing import Goal, can_reach, go, goal_of, too_small
from sim.stock import Column
from sim.taking import take, take_both
from sim.walking import STEP_S

if TYPE_CHECKING:
    from sim.shoppers import Shopper

BUMP_SHARE = 0.04  # of stops at which a bag knocks against a shelf (guess)
BUSY_S = 12.0  # where it matters who stands where, people wait this long for a hand to leave


def do(shopper: "Shopper", errand: Errand, *, linger: bool) -> Act:
    """Do one thing; return whether it could be done."""
    if errand.place is None:
        return (yield from _do_anywhere(shopper, errand, patient=not linger))
    goal = goal_of(shopper, errand, errand.place)
    if goal is None or not (yield from go(shopper, goal, errand)):
        return False
    if linger:
        yield shopper.until(shopper.now_s + shopper.draw(shopper.world.scenario.linger_s))
    if shopper.rng.random() < BUMP_SHARE:
        shopper.hands.bump(goal.place.plates[0].plate, shopper.now_s)
    yield from _cue(shopper, errand, goal.column)
    if goal.column.busy_until_s > shopper.now_s and not (errand.sync and errand.kind in TAKING):
        shopper.trouble = BUSY
        return False
    if (linger or shopper.small) and goal.column.units and not can_reach(shopper, goal.column):
        shopper.trouble = too_small(shopper)
        return False  # a short shopper gives up; a script insists, except with a child
    return (yield from _handle(shopper, errand, goal))


def _do_anywhere(shopper: "Shopper", errand: Errand, *, patient: bool) -> Act:
    yield from _meet(shopper, errand)
    if errand.kind == "drop":
        return (yield from drop(shopper, errand))
    if errand.kind == "hand_over":
        carried = shopper.find(errand.gtin)
        if carried is None:
            shopper.trouble = NOT_CARRIED
            return False
        return (yield from hand_over(shopper, carried, errand.to, patient=patient))
    shopper.idle = True
    yield shopper.until(shopper.now_s + errand.seconds)
    shopper.idle = False
    return errand.kind == "browse"


def _cue(shopper: "Shopper", errand: Errand, column: Column) -> Waits:
    """Wait for those whom a script lets act at the same moment, and for other hands to leave."""
    yield from _meet(shopper, errand)
    if errand.staged and not errand.sync:
        until_s = shopper.now_s + BUSY_S
        yield lambda now: now >= min(column.busy_until_s, until_s)


def _meet(shopper: "Shopper", errand: Errand) -> Waits:
    if errand.sync is not None:
        yield from shopper.world.rendezvous.arrive(errand.sync, shopper.person, shopper.now_s)


def _handle(shopper: "Shopper", errand: Errand, goal: Goal) -> Act:
    if errand.kind == "browse":
        yield shopper.until(shopper.now_s + errand.seconds)
        return True
    if errand.kind in TAKING:
        if goal.other is not None and errand.also is not None:
            also = errand.also.product
            return (yield from take_both(shopper, errand, goal, goal.other, also))
        return (yield from take(shopper, errand, goal))
    if errand.kind in ("return", "misplace"):
        return (yield from put(shopper, errand, goal))
    if errand.kind == "restock":
        return (yield from restock(shopper, errand, goal))
    if errand.kind == "set_bag":
        return (yield from set_bag(shopper, errand, goal))
    if not goal.column.units:
        shopper.trouble = EMPTY
        return False
    if errand.kind == "swap":
        return (yield from swap(shopper, errand, goal))
    return (yield from _feel(shopper, errand, goal))


def _feel(shopper: "Shopper", errand: Errand, goal: Goal) -> Act:
    """Lay a hand on something without taking it."""
    column = goal.column
    unit = column.foremost(errand.wanted(goal.place) if errand.insists else None)
    if errand.kind == "hold":
        back_s = shopper.hands.hold(unit, shopper.stance, shopper.now_s, seconds=errand.seconds)
    else:
        back_s = shopper.hands.touch(unit, shopper.stance, shopper.now_s)
    column.busy_until_s = back_s - STEP_S
    yield shopper.until(back_s)
    return True
