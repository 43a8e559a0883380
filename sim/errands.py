"""What a shopper sets out to do: from a script, or drawn from the mix of a scenario."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenarios import ActionKind, Scenario, Step
from sim.scene import FloatArray
from sim.stock import Place, Stock
from store_engine.errors import ConfigError
from store_engine.units import Gtin, PlateId

NEARBY_M = 2.0  # stops further away are less likely, by a factor e per this distance (guess)
SEVERAL = (2, 3)  # units taken by `take_several`
HOLD_S = (2.0, 6.0)  # a hand rests on the shelf for this long (guess)
BROWSE_S = (1.0, 4.0)  # (guess)
TOGETHER_SHARE = 0.3  # of several units taken, those taken in one grip (guess)
TOGETHER_MAX_G = 350.0  # heavier units are taken one by one (guess)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One thing to do at one place."""

    kind: ActionKind
    place: Place | None = None
    plate: PlateId | None = None  # of the place; None: anywhere on it
    gtin: Gtin | None = None  # of what is carried, to return, misplace or hand over
    quantity: int = 1
    together: bool = False
    seconds: float = 0.0
    to: str | None = None  # a person


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a shopper knows when choosing the next errand."""

    at: FloatArray  # (2,)
    carried: Sequence[Gtin]
    shelf_people: Sequence[tuple[str, FloatArray]]  # others at a shelf, ready to take something


class Chooser:
    """Draws errands from a scenario's mix."""

    def __init__(self, scenario: Scenario, stock: Stock, rng: np.random.Generator) -> None:
        self._scenario, self._stock, self._rng = scenario, stock, rng
        low, high = scenario.actions_each
        self.count = int(rng.integers(low, high + 1))

    def choose(self, now: Situation) -> Errand | None:
        """Return something to do, or None when nothing can be done."""
        weights = self._scenario.mix.weights()
        if not now.carried:
            weights |= {"return": 0.0, "misplace": 0.0, "hand_over": 0.0}
        if not now.shelf_people:
            weights |= {"hand_over": 0.0}
        total = sum(weights.values())
        if total == 0.0:
            return None
        shares = [weight / total for weight in weights.values()]
        kind = list(weights)[int(self._rng.choice(len(shares), p=shares))]
        return self._errand(kind, now)

    def _errand(self, kind: ActionKind, now: Situation) -> Errand | None:
        if kind in ("return", "misplace", "hand_over"):
            return self._with_carried(kind, now)
        place = self._place(self._stocked(), now)
        if place is None:
            return None
        seconds = float(self._rng.uniform(*(HOLD_S if kind == "hold" else BROWSE_S)))
        quantity = int(self._rng.integers(SEVERAL[0], SEVERAL[1] + 1))
        light = self._light(place)
        return Errand(
            kind=kind,
            place=place,
            quantity=quantity if kind == "take_several" else 1,
            together=light and bool(self._rng.random() < TOGETHER_SHARE),
            seconds=seconds,
        )

    def _with_carried(self, kind: ActionKind, now: Situation) -> Errand | None:
        gtin = now.carried[int(self._rng.integers(len(now.carried)))]
        if kind == "hand_over":
            to, _ = now.shelf_people[int(self._rng.integers(len(now.shelf_people)))]
            return Errand(kind=kind, gtin=gtin, to=to)
        home = self._stock.home(gtin)
        if kind == "return":
            return Errand(kind=kind, gtin=gtin, place=self._place(home, now))
        others = [place for place in self._stock.places if place not in home]
        return Errand(kind=kind, gtin=gtin, place=self._place(others, now)) if others else None

    def _stocked(self) -> list[Place]:
        return [place for place in self._stock.places if place.takeable()]

    def _light(self, place: Place) -> bool:
        return all(column.units[-1].mass_g < TOGETHER_MAX_G for column in place.takeable())

    def _place(self, places: Sequence[Place], now: Situation) -> Place | None:
        """Return a place, near ones more often; beside somebody where the scenario says so."""
        if not places:
            return None
        gaps = np.array([np.hypot(*(place.front - now.at)) for place in places])
        if now.shelf_people and self._rng.random() < self._scenario.beside:
            people = np.array([at for _, at in now.shelf_people])
            fronts = np.array([place.front for place in places])
            gaps = 5 * np.hypot(*np.moveaxis(fronts[:, None] - people, -1, 0)).min(axis=1)
        weights = np.exp(-(gaps - gaps.min()) / NEARBY_M)
        return places[int(self._rng.choice(len(places), p=weights / weights.sum()))]


def scripted(steps: Sequence[Step], stock: Stock, *, who: str) -> Iterator[tuple[Step, Errand]]:
    """Yield each step of a script with the errand it means. Raises `ConfigError`."""
    for i, step in enumerate(steps):
        if step.do == "wait":
            yield step, Errand(kind="browse", seconds=step.seconds or 1.0)
            continue
        defaults = {"hold": HOLD_S[0], "browse": BROWSE_S[0]}
        yield (
            step,
            Errand(
                kind=step.do,
                place=_named_place(step, stock, where=f"{who}, step {i}"),
                plate=PlateId(step.plate) if step.plate else None,
                gtin=Gtin(step.gtin) if step.gtin else None,
                quantity=step.quantity,
                together=step.together,
                seconds=step.seconds or defaults.get(step.do, 0.0),
                to=step.to,
            ),
        )


def _named_place(step: Step, stock: Stock, *, where: str) -> Place | None:
    """Return the place a step names: by plate, else by product."""
    if step.do == "hand_over":
        return None
    if step.plate is not None:
        places = [p for p in stock.places if step.plate in p.facing.plates]
    else:
        places = stock.home(Gtin(step.gtin or ""))
    if step.do not in ("misplace", "return") and step.gtin is not None:
        places = [place for place in places if place.product == step.gtin]
    if not places:
        raise ConfigError(f"{where}: no place for product {step.gtin}, plate {step.plate}")
    return places[0]
