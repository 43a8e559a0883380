"""What a shopper sets out to do: from a script, or drawn from the mix of a scenario."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenarios import Scenario
from sim.scene import FloatArray
from sim.scripts import Across, ActionKind, Step, StepKind
from sim.stock import Column, Place, Stock
from store_engine.errors import ConfigError
from store_engine.units import Gtin, PlateId, ShelfId

NEARBY_M = 2.0  # stops further away are less likely, by a factor e per this distance (guess)
SEVERAL = (2, 3)  # units taken by `take_several`
HOLD_S = (2.0, 6.0)  # a hand rests on the shelf for this long (guess)
BROWSE_S = (1.0, 4.0)  # (guess)
TAKING = ("take", "take_several")
BAG_S = 4.0  # a bag lies on the shelf for this long where a script does not say (guess)
TOGETHER_SHARE = 0.3  # of several units taken, those taken in one grip (guess)
TOGETHER_MAX_G = 350.0  # heavier units are taken one by one (guess)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One thing to do at one place."""

    kind: StepKind
    place: Place | None = None
    plate: PlateId | None = None  # of the place; None: anywhere on it
    gtin: Gtin | None = None  # of what is carried, to return, misplace or hand over
    quantity: int = 1
    together: bool = False
    seconds: float = 0.0
    to: str | None = None  # a person
    # Only scripts ask for what follows.
    insists: bool = False  # reaches behind what stands in front
    quick: bool = False
    slow_s: float | None = None
    held_s: float = 0.0
    also: Place | None = None  # the other hand takes from here
    mass_g: float = 0.0  # of a bag
    side: Across | None = None
    sync: str | None = None

    @property
    def staged(self) -> bool:
        """Whether it matters where somebody stands, or when they act."""
        return self.side is not None or self.sync is not None or self.also is not None

    def wanted(self, place: Place) -> Gtin:
        """Return what is to be taken or touched at `place`."""
        return self.gtin if self.gtin and self.kind in TAKING else place.product

    def takeable(self, place: Place) -> list[Column]:
        """Return the columns of `place` that a hand can take it from."""
        columns = place.column_on(self.plate, place.takeable(self.wanted(place)))
        if not columns and self.insists:
            columns = place.column_on(self.plate, place.holding(self.wanted(place)))
        return columns


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
        self._places = [place for place in stock.places if stands_in(place, scenario.aisle)]
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
        others = [place for place in self._places if place not in home]
        return Errand(kind=kind, gtin=gtin, place=self._place(others, now)) if others else None

    def _stocked(self) -> list[Place]:
        return [place for place in self._places if place.takeable()]

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


def stands_in(place: Place, gondolas: Sequence[str]) -> bool:
    """Return whether `place` is on one of `gondolas`; every place is where none are named."""
    return not gondolas or gondola_of(place.plates[0].shelf) in gondolas


def gondola_of(shelf: ShelfId) -> str:
    """Return the gondola that a shelf ("gondola-shelf") belongs to."""
    return shelf.rsplit("-", 1)[0]


def scripted(steps: Sequence[Step], stock: Stock, *, who: str) -> Iterator[tuple[Step, Errand]]:
    """Yield each step of a script with the errand it means. Raises `ConfigError`."""
    defaults = {"hold": HOLD_S[0], "browse": BROWSE_S[0], "set_bag": BAG_S}
    for i, step in enumerate(steps):
        if step.do == "wait":
            yield step, Errand(kind="browse", seconds=step.seconds or 1.0, sync=step.sync)
            continue
        where = f"{who}, step {i}"
        yield (
            step,
            Errand(
                kind=step.do,
                place=_named_place(step, stock, where=where),
                plate=PlateId(step.plate) if step.plate else None,
                gtin=Gtin(step.gtin) if step.gtin else None,
                quantity=step.quantity,
                together=step.together,
                seconds=step.seconds or defaults.get(step.do, 0.0),
                to=step.to,
                insists=True,
                quick=step.quick,
                slow_s=step.slow_s,
                held_s=step.held_s or 0.0,
                also=_home(step.also, stock, f"{where}: also") if step.also else None,
                mass_g=step.mass_g or 0.0,
                side=step.side,
                sync=step.sync,
            ),
        )


def _named_place(step: Step, stock: Stock, *, where: str) -> Place | None:
    """Return the place a step names: by plate, else by product."""
    if step.do in ("hand_over", "drop"):
        return None
    if step.do == "set_bag":
        return _ledge(step, stock, where)
    if step.with_ is not None:
        return _home(step.with_, stock, f"{where}: with")
    if step.plate is not None:
        places = [p for p in stock.places if step.plate in p.facing.plates]
    else:
        places = stock.home(Gtin(step.gtin or ""))
    anywhere = step.do in ("misplace", "return") or (step.do == "take" and step.plate is not None)
    if step.gtin is not None and not anywhere:  # what was put in a wrong place is taken from there
        places = [place for place in places if place.product == step.gtin]
    if not places:
        raise ConfigError(f"{where}: no place for product {step.gtin}, plate {step.plate}")
    return places[0]


def _home(code: str, stock: Stock, where: str) -> Place:
    places = stock.home(Gtin(code))
    if not places:
        raise ConfigError(f"{where}: no place for product {code}")
    return places[0]


def _ledge(step: Step, stock: Stock, where: str) -> Place:
    ledge = stock.ledge(PlateId(step.plate or ""))
    if ledge is None:
        raise ConfigError(f"{where}: no plate {step.plate} in this store")
    return ledge
