"""How hands get to a place, and what plates feel on the way: the strokes gestures are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sim.bodies import Carry, Held, Reach, Span
from sim.scene import CONTACT_ONSET_S, Action, Contact, FloatArray, Load, Scan
from sim.skeleton import MAX_LEAN_RAD, Posture, Side, Skeleton, turned
from sim.stock import Unit
from store_engine.store_map import StoreMap
from store_engine.units import Gtin, PlateId

GRASP_M = 0.08  # from the wrist to what the hand holds (Drillis and Contini: half a hand)
REACH_S = (0.5, 1.0)  # for a hand to get to an easy place (guess)
BENDING_S = 0.5  # longer, for a place that needs the deepest bend (guess)
HURRY = 0.6  # of that time, for hands in a hurry (guess)
NEIGHBOUR_SHARE = 0.2  # of gestures that brush each neighbouring plate (guess)
NEIGHBOUR_S = (0.15, 0.6)
NEIGHBOUR_G = (20.0, 230.0)  # measured: up to 230 g beside the recorded pick
SHOWN_S = (0.8, 2.5)  # something taken stays in the hand before it goes to the bag (guess)
FINGERS_M = 0.03  # what stretched fingers add (guess)
STRAIGHT_M = 0.12  # nearer to straight ahead than this the better hand is used
LEFT_HANDED = 0.1  # share of people

Point3 = tuple[float, float, float]
Force = Literal["touch", "rest", "press", "lift", "bump", "held", "clear", "bag"]
Deed = Literal["take", "return", "misplace", "touch", "drop", "restock", "set_bag"]


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


class Reacher:
    """The two hands of one person, and where what they do is written down."""

    def __init__(
        self, person: str, height_m: float, *, shelf: StoreMap, log: Log, rng: np.random.Generator
    ) -> None:
        self.skeleton = Skeleton(height_m)
        self.reaches: list[Reach] = []
        self.carries: list[Carry] = []
        self.held: list[Held] = []
        self._person, self._map, self._log, self._rng = person, shelf, log, rng
        self._better: Side = "left" if rng.random() < LEFT_HANDED else "right"

    def can_reach(self, at: Point3, body: Stance) -> bool:
        """Return whether a hand gets (nearly) there without a ladder."""
        wrist = self._wrist(at, body)
        return self._posture({self._side(wrist, body): wrist}, body).short_m < FINGERS_M

    def can_reach_both(self, one: Point3, two: Point3, body: Stance) -> bool:
        """Return whether two hands get to two places at once."""
        sides = self._each_hand(one, two, body)
        wrists = {side: self._wrist(at, body) for side, at in zip(sides, (one, two), strict=True)}
        return self._posture(wrists, body).short_m < FINGERS_M

    def show(self, side: Side, gtin: Gtin, *, from_s: float, back_s: float) -> None:
        """Carry something before the chest for a while, then bag it."""
        bag_s = back_s + self._draw(SHOWN_S)
        self.carries.append(Carry(side=side, span=Span(from_s, back_s, bag_s, bag_s + 0.5)))
        self.held.append(Held(gtin, from_s, bag_s + 0.3))

    def _set_out(self, at: Point3, body: Stance, now_s: float) -> tuple[Side, float, float]:
        """Return which hand goes, when it is there, and how long it takes."""
        wrist = self._wrist(at, body)
        side = self._side(wrist, body)
        bend = self._posture({side: wrist}, body).lean_rad / MAX_LEAN_RAD
        reach_s = self._draw(REACH_S) + BENDING_S * bend
        return side, now_s + reach_s, reach_s

    def _side(self, wrist: FloatArray, body: Stance) -> Side:
        aside = float(body.seen(wrist)[1])
        if abs(aside) < STRAIGHT_M:
            return self._better
        return "left" if aside > 0 else "right"

    def _each_hand(self, one: Point3, two: Point3, body: Stance) -> tuple[Side, Side]:
        """Return which hand goes to which of two places: one person's arms do not cross."""
        aside = [float(body.seen(np.array(at))[1]) for at in (one, two)]
        return ("left", "right") if aside[0] >= aside[1] else ("right", "left")

    def _wrist(self, at: Point3, body: Stance) -> FloatArray:
        """Return where the wrist (3,) is when the hand is at `at`: nearer to the shopper."""
        item = np.array(at)
        back = np.array([body.x - item[0], body.y - item[1], 0.0])
        wrist: FloatArray = item + GRASP_M * back / max(float(np.linalg.norm(back)), 1e-9)
        return wrist

    def _posture(self, wrists: Mapping[Side, FloatArray], body: Stance) -> Posture:
        return self.skeleton.posture({side: body.seen(wrist) for side, wrist in wrists.items()})

    def _reach(self, side: Side, at: Point3, body: Stance, span: Span) -> None:
        self._reach_all({side: at}, body, {side: span})

    def _reach_all(
        self, places: Mapping[Side, Point3], body: Stance, spans: Mapping[Side, Span]
    ) -> None:
        """Send each hand to its place, in one posture that serves them all."""
        wrists = {side: self._wrist(at, body) for side, at in places.items()}
        lean_rad, drop_m, _ = self._posture(wrists, body)
        for side, at in places.items():
            x, y, z = wrists[side].tolist()
            self.reaches.append(
                Reach(
                    side=side, span=spans[side], wrist=(x, y, z), look=at,
                    lean_rad=lean_rad, drop_m=drop_m,
                )
            )  # fmt: skip

    def _load(self, unit: Unit, start_s: float, end_s: float, sign: float) -> None:
        for plate, share in unit.shares:
            self._log.loads.append(Load(plate, start_s, end_s, sign * share * unit.mass_g))

    def _press(
        self,
        unit: Unit,
        start_s: float,
        end_s: float,
        force_g: float,
        *,
        kind: Force = "touch",
        onset_s: float = CONTACT_ONSET_S,
    ) -> None:
        for plate, share in unit.shares:
            contact = Contact(plate, start_s, end_s, share * force_g, kind, onset_s)
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

    def _act(
        self, action: Deed, time_s: float, gtin: Gtin | None, plate: PlateId | None, quantity: int
    ) -> None:
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
