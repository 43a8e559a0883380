"""What hands do at a shelf: when they get there, what they press, lift and put down.

Every gesture is planned in one go, from the moment it begins: it adds what the plates feel to the
`Log` and what the body does to the `Hands` of its person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.bodies import Carry, Held, Span
from sim.reaching import HURRY, NEIGHBOUR_G, Deed, Force, Log, Point3, Reacher, Stance
from sim.scene import Contact
from sim.skeleton import Side
from sim.stock import Unit
from store_engine.units import Gtin, PlateId

__all__ = ["JUST_SO", "Hands", "Log", "Manner", "Stance"]

TOUCH_S, TOUCH_G = (0.2, 1.0), (10.0, 200.0)  # a hand finds its grip (guess)
LIFT_S = (0.1, 0.5)  # from the first gram lifted to the last (guess)
LOWER_S = (0.15, 0.5)  # the same, putting down (guess)
AFTER_S, AFTER_G = (0.1, 0.5), (20.0, 150.0)  # a hand still presses what it put down (guess)
REST_G = (50.0, 400.0)  # a hand that rests on the shelf (guess)
PRESS_G = (150.0, 500.0)  # a hand that presses or turns things (guess)
PRESS_S = (0.3, 1.0)
LIFTED_S = (0.4, 2.0)  # something is lifted, looked at and set down in its place (guess)
LIFTED_SHARE = (0.3, 1.0)  # of its mass
BUMP_S = 0.15  # a bag or a hip knocks against a shelf (guess)
DRAW_S = 0.7  # something comes out of the bag and into view (guess)
# Where a script asks for more than just taking:
QUICK_TOUCH_S = (0.05, 0.2)  # a grip found in a hurry (guess)
WEIGHED_S = (0.7, 2.0)  # a product is held with one share of its weight (guess)
WEIGHED_SHARE = (0.1, 0.9)  # of its weight, while it is neither let go of nor lifted clear
WEIGHED_ONSET_S = 0.3  # from one share to the next (guess)
SET_DOWN_SHARE, CLEAR_SHARE = 0.2, 0.2  # of those times: let go of, lifted clear (guess)
WOBBLE_S, WOBBLE_ONSET_S = (0.3, 0.8), 0.15  # a slow lift is uneven (guess)
WOBBLE_SHARE = 0.05  # of the mass (guess; steady muscles vary by 2 to 5 %)
PARTING_S = 0.15  # the hand leaves this long before a slow lift is over (guess)
HANDS_APART_S = (0.0, 0.12)  # between two hands that mean to lift at once (guess)
BAG_LOWER_S = (0.25, 0.7)  # a bag is set down, or lifted again, within this (guess)
SWAP_S = (0.1, 0.6)  # from the lift of one unit to the landing of another in its place (guess)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How something is taken."""

    slow_s: float | None = None  # the lift itself lasts this long
    held_s: float = 0.0  # it is weighed in the hand, on its place, this long before
    quick: bool = False
    lift_at_s: float = 0.0  # not before this moment


JUST_SO = Manner()


class Hands(Reacher):
    """The two hands of one person, and what they can do at a shelf."""

    def take(
        self, units: Sequence[Unit], body: Stance, now_s: float, *, how: Manner = JUST_SO
    ) -> float:
        """Lift `units` in one grip; return when the hand is back."""
        side, there_s, reach_s = self._set_out(units[0].at, body, now_s)
        if how.quick:
            reach_s *= HURRY
            there_s = now_s + reach_s
        grip_s = max(there_s + self._draw(QUICK_TOUCH_S if how.quick else TOUCH_S), how.lift_at_s)
        leave_s = self._lift(units, there_s, grip_s, how)
        back_s = leave_s + 0.8 * reach_s
        self._reach(side, units[0].at, body, Span(now_s, there_s, leave_s, back_s))
        self._taken(side, units, leave_s, back_s)
        return back_s

    def take_both(
        self, units: Sequence[Unit], other: Unit, body: Stance, now_s: float, *, how: Manner
    ) -> float:
        """Lift `units` with one hand and `other` with the other, at once; return when back."""
        sides = self._each_hand(units[0].at, other.at, body)
        _, there_s, reach_s = self._set_out(units[0].at, body, now_s)
        grip_s = max(there_s + self._draw(TOUCH_S), how.lift_at_s)
        places, spans = {}, {}
        for side, mine in zip(sides, (units, [other]), strict=True):
            leave_s = self._lift(mine, there_s, grip_s + self._draw(HANDS_APART_S), how)
            span = Span(now_s, there_s, leave_s, leave_s + 0.8 * reach_s)
            places[side], spans[side] = mine[0].at, span
            self._taken(side, mine, leave_s, span.back_s)
        self._reach_all(places, body, spans)
        return max(span.back_s for span in spans.values())

    def put(self, unit: Unit, body: Stance, now_s: float, *, deed: Deed) -> float:
        """Put `unit` down where it now stands in the stock; return when the hand is back."""
        side, there_s, reach_s = self._set_out(unit.at, body, now_s + DRAW_S)
        after_s = self._lower(side, unit, now_s, there_s, deed)
        back_s = after_s + 0.8 * reach_s
        self._reach(side, unit.at, body, Span(now_s + DRAW_S, there_s, after_s, back_s))
        return back_s

    def swap(self, out: Unit, unit: Unit, body: Stance, now_s: float, *, deed: Deed) -> float:
        """Take `out` with one hand and put `unit` in its place with the other; return when back."""
        one, two = self._each_hand(out.at, unit.at, body)
        _, there_s, reach_s = self._set_out(out.at, body, now_s + DRAW_S)
        leave_s = self._lift([out], there_s, there_s + self._draw(TOUCH_S), JUST_SO)
        lower_s = leave_s + self._draw(SWAP_S)
        after_s = self._lower(two, unit, now_s, lower_s, deed)
        back_s = leave_s + 0.8 * reach_s
        spans = {
            one: Span(now_s + DRAW_S, there_s, leave_s, back_s),
            two: Span(now_s + DRAW_S, lower_s, after_s, after_s + 0.8 * reach_s),
        }
        self._reach_all({one: out.at, two: unit.at}, body, spans)
        self._taken(one, [out], leave_s, back_s)
        return max(span.back_s for span in spans.values())

    def touch(self, unit: Unit, body: Stance, now_s: float) -> float:
        """Touch something, press it, or lift it and set it down in its place."""
        side, there_s, reach_s = self._set_out(unit.at, body, now_s)
        how = int(self._rng.integers(3))
        if how == 0:
            leave_s = there_s + self._draw(TOUCH_S)
            self._press(unit, there_s, leave_s, self._draw(TOUCH_G))
        elif how == 1:
            leave_s = there_s + self._draw(PRESS_S)
            self._press(unit, there_s, leave_s, self._draw(PRESS_G), kind="press")
        else:
            grip_s = there_s + self._draw(TOUCH_S)
            leave_s = grip_s + self._draw(LIFTED_S)
            self._press(unit, there_s, grip_s, self._draw(TOUCH_G))
            lifted_g = unit.mass_g * self._draw(LIFTED_SHARE)
            self._press(unit, grip_s, leave_s, -lifted_g, kind="lift")
        self._brush(unit.plate, there_s, leave_s)
        return self._touched(side, unit, body, Span(now_s, there_s, leave_s, leave_s + reach_s))

    def hold(self, unit: Unit, body: Stance, now_s: float, *, seconds: float) -> float:
        """Rest a hand on the shelf."""
        side, there_s, reach_s = self._set_out(unit.at, body, now_s)
        leave_s = there_s + seconds
        self._press(unit, there_s, leave_s, self._draw(REST_G), kind="rest")
        return self._touched(side, unit, body, Span(now_s, there_s, leave_s, leave_s + reach_s))

    def bump(self, plate: PlateId, now_s: float) -> None:
        """A bag or a hip knocks against a shelf."""
        force_g = self._draw(NEIGHBOUR_G)
        self._log.contacts.append(Contact(plate, now_s, now_s + BUMP_S, force_g, "bump"))

    def set_bag(self, bag: Unit, body: Stance, now_s: float, *, seconds: float) -> float:
        """Set a bag down where it stands, leave it there, take it away; return when back."""
        side, there_s, reach_s = self._set_out(bag.at, body, now_s)
        lower_s = self._draw(BAG_LOWER_S)
        down_s = there_s + lower_s
        lift_s = down_s + max(seconds, 2.0 * reach_s)
        for plate, share in bag.shares:
            force_g = share * bag.mass_g
            bag_there = Contact(plate, there_s, lift_s, force_g, "bag", lower_s)
            self._log.contacts.append(bag_there)
        self._brush(bag.plate, there_s, down_s)
        self._reach(side, bag.at, body, Span(now_s, there_s, down_s, down_s + 0.8 * reach_s))
        gone_s = lift_s + lower_s
        self._reach(side, bag.at, body, Span(lift_s - reach_s, lift_s, gone_s, gone_s + reach_s))
        self._act("set_bag", down_s, None, bag.plate, 0)
        return gone_s + reach_s

    def drop(self, gtin: Gtin, at: Point3, body: Stance, now_s: float) -> float:
        """Lay something down on the floor at `at`; return when the hand is back."""
        side, there_s, reach_s = self._set_out(at, body, now_s + DRAW_S)
        down_s = there_s + self._draw(LOWER_S)
        self._bring(side, gtin, now_s, there_s, down_s)
        self._reach(side, at, body, Span(now_s + DRAW_S, there_s, down_s, down_s + reach_s))
        self._act("drop", down_s, gtin, None, 1)
        return down_s + reach_s

    def pass_on(self, at: Point3, body: Stance, start_s: float, meet_s: float) -> Side:
        """Stretch a hand out to where something changes hands at `meet_s`."""
        side = self._side(self._wrist(at, body), body)
        self._reach(side, at, body, Span(start_s, meet_s - 0.2, meet_s + 0.2, meet_s + 0.8))
        return side

    # ---- what these gestures share -------------------------------------------------------------

    def _lift(self, units: Sequence[Unit], there_s: float, grip_s: float, how: Manner) -> float:
        """Grip `units` and lift them off; return when the hand leaves."""
        lift_s = grip_s + how.held_s
        lifted_s = lift_s + (how.slow_s or self._draw(LIFT_S))
        self._press(units[0], there_s, grip_s, self._draw(TOUCH_G))
        self._weigh(units, grip_s, lift_s)
        for unit in units:
            self._load(unit, lift_s, lifted_s, -1.0)
        self._brush(units[0].plate, there_s - 0.2, lifted_s)
        if how.slow_s is None:
            return (lift_s + lifted_s) / 2
        self._wobble(units, lift_s, lifted_s)
        return lifted_s - PARTING_S

    def _taken(self, side: Side, units: Sequence[Unit], leave_s: float, back_s: float) -> None:
        for unit in units:
            self.show(side, unit.gtin, from_s=leave_s, back_s=back_s)
        self._act("take", leave_s, units[0].gtin, units[0].plate, len(units))

    def _lower(self, side: Side, unit: Unit, now_s: float, there_s: float, deed: Deed) -> float:
        """Bring `unit` from the bag to its place and set it down; return when the hand leaves."""
        down_s = there_s + self._draw(LOWER_S)
        after_s = down_s + self._draw(AFTER_S)
        self._load(unit, there_s, down_s, 1.0)
        self._press(unit, down_s, after_s, self._draw(AFTER_G))
        self._brush(unit.plate, there_s - 0.2, after_s)
        self._bring(side, unit.gtin, now_s, there_s, down_s)
        self._act(deed, (there_s + down_s) / 2, unit.gtin, unit.plate, 1)
        return after_s

    def _bring(self, side: Side, gtin: Gtin, now_s: float, there_s: float, down_s: float) -> None:
        """Take something out of the bag, carry it in view, and let go of it at `down_s`."""
        span = Span(now_s, now_s + DRAW_S, there_s, there_s + 0.5)
        self.carries.append(Carry(side=side, span=span))
        self.held.append(Held(gtin, now_s + 0.4, down_s))

    def _weigh(self, units: Sequence[Unit], start_s: float, end_s: float) -> None:
        """Carry a share of `units` that wanders between nothing and all of it, and comes back."""
        at_s, last_s = start_s, end_s - WEIGHED_ONSET_S
        clear = False
        while last_s - at_s > WEIGHED_ONSET_S:
            until_s = min(at_s + self._draw(WEIGHED_S), last_s)
            share, what = self._draw(WEIGHED_SHARE), float(self._rng.random())
            if clear or what < SET_DOWN_SHARE:  # what was clear lands before anything else
                self._press(units[0], at_s, until_s, self._draw(TOUCH_G))
                clear = False
            else:
                clear = what > 1.0 - CLEAR_SHARE
                for unit in units:
                    force_g = -unit.mass_g * (1.0 if clear else share)
                    kind: Force = "clear" if clear else "held"
                    self._press(unit, at_s, until_s, force_g, kind=kind, onset_s=WEIGHED_ONSET_S)
            at_s = until_s

    def _wobble(self, units: Sequence[Unit], start_s: float, end_s: float) -> None:
        """A slow lift is no smooth one: the hand carries a little more, a little less."""
        at_s = start_s
        while at_s < end_s:
            until_s = min(at_s + self._draw(WOBBLE_S), end_s)
            share = float(self._rng.uniform(-WOBBLE_SHARE, WOBBLE_SHARE))
            for unit in units:
                force_g = share * unit.mass_g
                self._press(unit, at_s, until_s, force_g, kind="touch", onset_s=WOBBLE_ONSET_S)
            at_s = until_s

    def _touched(self, side: Side, unit: Unit, body: Stance, span: Span) -> float:
        self._reach(side, unit.at, body, span)
        self._act("touch", (span.there_s + span.leave_s) / 2, unit.gtin, unit.plate, 0)
        return span.back_s
