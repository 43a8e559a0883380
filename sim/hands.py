"""What hands do at a shelf: when they get there, what they press, lift and put down.

Every gesture is planned in one go, from the moment it begins: it adds what the plates feel to the
`Log` and what the body does to the `Hands` of its person.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sim.bodies import Carry, Held, Reach, Span
from sim.scene import Action, Contact, FloatArray, Load, Scan
from sim.skeleton import MAX_LEAN_RAD, Side, Skeleton, turned
from sim.stock import Unit
from store_engine.store_map import StoreMap
from store_engine.units import Gtin, PlateId

GRASP_M = 0.08  # from the wrist to what the hand holds (Drillis and Contini: half a hand)
REACH_S = (0.5, 1.0)  # for a hand to get to an easy place (guess)
BENDING_S = 0.5  # longer, for a place that needs the deepest bend (guess)
TOUCH_S, TOUCH_G = (0.2, 1.0), (10.0, 200.0)  # a hand finds its grip (guess)
LIFT_S = (0.1, 0.5)  # from the first gram lifted to the last (guess)
LOWER_S = (0.15, 0.5)  # the same, putting down (guess)
AFTER_S, AFTER_G = (0.1, 0.5), (20.0, 150.0)  # a hand still presses what it put down (guess)
NEIGHBOUR_SHARE = 0.2  # of gestures that brush each neighbouring plate (guess)
NEIGHBOUR_S = (0.15, 0.6)
NEIGHBOUR_G = (20.0, 230.0)  # measured: up to 230 g beside the recorded pick
REST_G = (50.0, 400.0)  # a hand that rests on the shelf (guess)
PRESS_G = (150.0, 500.0)  # a hand that presses or turns things (guess)
PRESS_S = (0.3, 1.0)
LIFTED_S = (0.4, 2.0)  # something is lifted, looked at and set down in its place (guess)
LIFTED_SHARE = (0.3, 1.0)  # of its mass
SHOWN_S = (0.8, 2.5)  # something taken stays in the hand before it goes to the bag (guess)
FINGERS_M = 0.03  # what stretched fingers add (guess)
STRAIGHT_M = 0.12  # nearer to straight ahead than this the better hand is used
LEFT_HANDED = 0.1  # share of people


Touch = Literal["touch", "rest", "press", "lift", "bump"]
Deed = Literal["take", "return", "misplace", "touch"]


@dataclass
class Log:
    """What happened so far."""

    loads: list[Load] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)


@dataclass(frozen=True)
class Stance:
    """Where somebody stands, and which way."""

    x: float
    y: float
    heading: float

    def seen(self, point: FloatArray) -> FloatArray:
        """Return a point (3,) of the store in the frame of the body."""
        off = point - np.array([self.x, self.y, 0.0])
        return turned(off, np.array(-self.heading))


class Hands:
    """The two hands of one person."""

    def __init__(
        self, person: str, height_m: float, *, shelf: StoreMap, log: Log, rng: np.random.Generator
    ) -> None:
        self.skeleton = Skeleton(height_m)
        self.reaches: list[Reach] = []
        self.carries: list[Carry] = []
        self.held: list[Held] = []
        self._person, self._map, self._log, self._rng = person, shelf, log, rng
        self._better: Side = "left" if rng.random() < LEFT_HANDED else "right"

    def take(self, units: list[Unit], body: Stance, now_s: float) -> float:
        """Lift `units` in one grip; return when the hand is back."""
        side, there_s, reach_s = self._set_out(units[0].at, body, now_s)
        lift_s = there_s + self._draw(TOUCH_S)
        lifted_s = lift_s + self._draw(LIFT_S)
        self._press(units[0], there_s, lift_s, self._draw(TOUCH_G))
        for unit in units:
            self._load(unit, lift_s, lifted_s, -1.0)
        self._brush(units[0].plate, there_s - 0.2, lifted_s)
        leave_s = (lift_s + lifted_s) / 2
        back_s = leave_s + 0.8 * reach_s
        self._reach(side, units[0].at, body, Span(now_s, there_s, leave_s, back_s))
        for unit in units:
            self.show(side, unit.gtin, from_s=leave_s, back_s=back_s)
        self._act("take", leave_s, units[0].gtin, units[0].plate, len(units))
        return back_s

    def put(self, unit: Unit, body: Stance, now_s: float, *, home: bool) -> float:
        """Put `unit` down where it now stands in the stock; return when the hand is back."""
        draw_s = 0.7  # out of the bag and into view first
        side, there_s, reach_s = self._set_out(unit.at, body, now_s + draw_s)
        down_s = there_s + self._draw(LOWER_S)
        after_s = down_s + self._draw(AFTER_S)
        self._load(unit, there_s, down_s, 1.0)
        self._press(unit, down_s, after_s, self._draw(AFTER_G))
        self._brush(unit.plate, there_s - 0.2, after_s)
        back_s = after_s + 0.8 * reach_s
        self.carries.append(
            Carry(side=side, span=Span(now_s, now_s + draw_s, there_s, there_s + 0.5))
        )
        self.held.append(Held(unit.gtin, now_s + 0.4, down_s))
        self._reach(side, unit.at, body, Span(now_s + draw_s, there_s, after_s, back_s))
        moment_s = (there_s + down_s) / 2
        self._act("return" if home else "misplace", moment_s, unit.gtin, unit.plate, 1)
        return back_s

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
        self._log.contacts.append(Contact(plate, now_s, now_s + 0.15, force_g, "bump"))

    def pass_on(
        self, at: tuple[float, float, float], body: Stance, start_s: float, meet_s: float
    ) -> Side:
        """Stretch a hand out to where something changes hands at `meet_s`."""
        side = self._side(self._wrist(at, body), body)
        self._reach(side, at, body, Span(start_s, meet_s - 0.2, meet_s + 0.2, meet_s + 0.8))
        return side

    def show(self, side: Side, gtin: Gtin, *, from_s: float, back_s: float) -> None:
        """Carry something before the chest for a while, then bag it."""
        bag_s = back_s + self._draw(SHOWN_S)
        self.carries.append(Carry(side=side, span=Span(from_s, back_s, bag_s, bag_s + 0.5)))
        self.held.append(Held(gtin, from_s, bag_s + 0.3))

    def can_reach(self, at: tuple[float, float, float], body: Stance) -> bool:
        """Return whether a hand gets (nearly) there without a ladder."""
        wrist = self._wrist(at, body)
        posture = self.skeleton.posture(self._side(wrist, body), body.seen(wrist))
        return posture.short_m < FINGERS_M

    def _touched(self, side: Side, unit: Unit, body: Stance, span: Span) -> float:
        self._reach(side, unit.at, body, span)
        self._act("touch", (span.there_s + span.leave_s) / 2, unit.gtin, unit.plate, 0)
        return span.back_s

    def _set_out(
        self, at: tuple[float, float, float], body: Stance, now_s: float
    ) -> tuple[Side, float, float]:
        """Return which hand goes, when it is there, and how long it takes."""
        wrist = self._wrist(at, body)
        side = self._side(wrist, body)
        bend = self.skeleton.posture(side, body.seen(wrist)).lean_rad / MAX_LEAN_RAD
        reach_s = self._draw(REACH_S) + BENDING_S * bend
        return side, now_s + reach_s, reach_s

    def _side(self, wrist: FloatArray, body: Stance) -> Side:
        aside = float(body.seen(wrist)[1])
        if abs(aside) < STRAIGHT_M:
            return self._better
        return "left" if aside > 0 else "right"

    def _wrist(self, at: tuple[float, float, float], body: Stance) -> FloatArray:
        """Return where the wrist (3,) is when the hand is at `at`: nearer to the shopper."""
        item = np.array(at)
        back = np.array([body.x - item[0], body.y - item[1], 0.0])
        wrist: FloatArray = item + GRASP_M * back / max(float(np.linalg.norm(back)), 1e-9)
        return wrist

    def _reach(self, side: Side, at: tuple[float, float, float], body: Stance, span: Span) -> None:
        wrist = self._wrist(at, body)
        lean_rad, drop_m, _ = self.skeleton.posture(side, body.seen(wrist))
        x, y, z = wrist.tolist()
        self.reaches.append(
            Reach(side=side, span=span, wrist=(x, y, z), look=at, lean_rad=lean_rad, drop_m=drop_m)
        )

    def _load(self, unit: Unit, start_s: float, end_s: float, sign: float) -> None:
        for plate, share in unit.shares:
            self._log.loads.append(Load(plate, start_s, end_s, sign * share * unit.mass_g))

    def _press(
        self, unit: Unit, start_s: float, end_s: float, force_g: float, *, kind: Touch = "touch"
    ) -> None:
        for plate, share in unit.shares:
            contact = Contact(plate, start_s, end_s, share * force_g, kind)
            self._log.contacts.append(contact)

    def _brush(self, plate: PlateId, start_s: float, end_s: float) -> None:
        """Sometimes touch a neighbouring plate, too."""
        shelf = self._map.shelves[self._map.plates[plate].shelf]
        i = shelf.index(plate)
        beside = shelf[max(i - 1, 0) : i] + shelf[i + 1 : i + 2]
        for neighbour in beside:
            if self._rng.random() < NEIGHBOUR_SHARE:
                at_s = float(self._rng.uniform(start_s, end_s))
                until_s = at_s + self._draw(NEIGHBOUR_S)
                force_g = self._draw(NEIGHBOUR_G)
                self._log.contacts.append(Contact(neighbour, at_s, until_s, force_g, "touch"))

    def _act(self, action: Deed, time_s: float, gtin: Gtin, plate: PlateId, quantity: int) -> None:
        self._log.actions.append(
            Action(
                time_s=time_s,
                person=self._person,
                action=action,
                gtin=gtin,
                quantity=quantity,
                plate=plate,
            )
        )

    def _draw(self, span: tuple[float, float]) -> float:
        return float(self._rng.uniform(*span))
