"""Giving something to somebody: two shoppers meet at a shelf, and the picker still pays."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.bodies import Carry, Held, Span
from sim.entries import IN_THE_WAY, NOBODY, Act, Carried, Done
from sim.scene import Action
from sim.walking import GAP_M

if TYPE_CHECKING:
    from sim.shoppers import Shopper

WAIT_S = 12.0  # a random hand-over that takes longer to meet is dropped (guess)
SCRIPT_WAIT_S = 60.0  # a scripted one is a mistake then
APART_M = 0.62  # between two people who hand something over (guess)
STRETCH_M = 1.0  # at most, where people in the way keep them further apart (guess)
HEIGHT = 0.66  # of their mean body height: where hands meet (guess)
OUT_S = 0.5  # out of the bag
MEET_S = 1.2  # then until both hands are on it


def hand_over(giver: "Shopper", carried: Carried, to: str | None, *, patient: bool) -> Act:
    """Let `giver` find `to` and give them `carried`; return whether it happened.

    A `patient` giver first waits until the other stands at a shelf, and meanwhile takes what
    somebody, perhaps that other one, hands to them.
    """
    deadline = giver.now_s + WAIT_S
    if patient:
        deadline = giver.now_s + SCRIPT_WAIT_S
        yield from giver.stay(lambda: giver.world.ready(to) is not None, deadline)
    other = giver.world.ready(to)
    if other is None:
        giver.trouble = NOBODY
        return False
    giver.partner, other.partner = other.person, giver.person
    met = yield from _meet(giver, other, deadline, patient=patient)
    if met:
        yield from _give(giver, other, carried)
    else:
        giver.trouble = IN_THE_WAY
    for one, two in ((giver, other), (other, giver)):
        if one.partner == two.person:
            one.partner = None
    return met


def _meet(giver: "Shopper", other: "Shopper", deadline: float, *, patient: bool) -> Act:
    there = other.here.position
    angles = giver.rng.permutation(np.linspace(-np.pi, np.pi, 16, endpoint=False))
    ring = [there + APART_M * np.array([np.cos(a), np.sin(a)]) for a in angles]
    spot = giver.world.free_spot(ring, giver, apart_m=GAP_M + 0.1)
    if spot is None:
        return False
    giver.stand_for(spot)
    arrived = yield from giver.walk(spot, face=there)
    stretch = patient and float(np.hypot(*(giver.here.position - there))) < STRETCH_M
    if not arrived and not stretch:
        return False
    yield lambda now: other.obliging or now > deadline
    if not other.obliging:
        return False
    other.here.face = giver.here.position
    yield lambda now: (giver.here.there and other.here.there) or now > deadline
    return giver.here.there and other.here.there


def _give(giver: "Shopper", other: "Shopper", carried: Carried) -> Iterator[Done]:
    begin_s, gtin = giver.now_s, carried.unit.gtin
    out_s, meet_s = begin_s + OUT_S, begin_s + OUT_S + MEET_S
    x, y = ((giver.here.position + other.here.position) / 2).tolist()
    height = giver.hands.skeleton.height_m + other.hands.skeleton.height_m
    at = (x, y, HEIGHT * height / 2)
    side = giver.hands.pass_on(at, giver.stance, out_s, meet_s)
    giver.hands.carries.append(Carry(side=side, span=Span(begin_s, out_s, out_s + 0.5, meet_s)))
    giver.hands.held.append(Held(gtin, begin_s + 0.3, meet_s))
    side = other.hands.pass_on(at, other.stance, out_s, meet_s)
    other.hands.show(side, gtin, from_s=meet_s, back_s=meet_s + 0.8)
    giver.world.log.actions.append(
        Action(
            time_s=meet_s, person=giver.person, action="hand_over", gtin=gtin, quantity=1,
            to_person=other.person,
        )
    )  # fmt: skip
    giver.carried.remove(carried)
    other.carried.append(Carried(unit=carried.unit, payer=carried.payer, own=False))
    yield lambda now: now >= meet_s + 1.0
