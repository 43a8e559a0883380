"""What truly moved, per action: which plates felt it, for how long, and what everybody held."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.scene import Action, Load, Scene
from store_engine.errors import InvariantError
from store_engine.store import Store
from store_engine.units import PlateId

SLACK_S = 0.05  # an action's moment lies within its load's times, this exactly
PUTS = ("return", "misplace", "restock")
SIGN: Mapping[str, int] = {"take": -1, **dict.fromkeys(PUTS, 1)}


class Unit(NamedTuple):
    """Something whose own mass a plate has felt before."""

    gtin: str
    mass_g: float


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Goods that left a shelf or came to one."""

    action: Action
    account: str  # of the actor's entry; the actor's name where nobody knows them
    start_s: float
    end_s: float
    changes: Mapping[PlateId, float]  # grams, per plate
    held: tuple[Unit, ...]  # by the actor, just before
    strays: tuple[Unit, ...]  # misplaced units on the same plates, just before

    @property
    def mass_g(self) -> float:
        """What moved in all, >= 0."""
        return abs(sum(self.changes.values()))

    @property
    def is_put(self) -> bool:
        """Whether goods came to the shelf."""
        return self.action.action in PUTS


@dataclass
class _Hands:
    """What everybody holds and what lies in wrong places, as the actions go by."""

    held: dict[str, list[Unit]] = field(default_factory=dict)
    strays: dict[PlateId, list[Unit]] = field(default_factory=dict)

    def of(self, person: str) -> list[Unit]:
        return self.held.setdefault(person, [])

    def apply(self, action: Action, mass_g: float, facing: tuple[PlateId, ...]) -> None:
        gtin, mine = str(action.gtin), self.of(action.person)
        if action.action == "take":
            each_g = mass_g / max(action.quantity, 1)
            mine += [Unit(gtin, each_g)] * action.quantity
            self._lift(gtin, each_g, facing)
        elif action.action == "hand_over" and action.to_person is not None:
            self.of(action.to_person).extend(_out(mine, gtin))
        elif action.action in ("return", "misplace", "drop"):
            gone = _out(mine, gtin)
            if action.action == "misplace":
                self.strays.setdefault(facing[0], []).extend(gone)

    def _lift(self, gtin: str, mass_g: float, facing: tuple[PlateId, ...]) -> None:
        strays = self.strays.get(facing[0], [])
        for stray in strays:
            if stray.gtin == gtin and abs(stray.mass_g - mass_g) < 1e-6:
                strays.remove(stray)
                return


def movements(scene: Scene, real: Store) -> Iterator[Movement]:
    """Yield every movement of goods of a scene, in order. `real`: the store as it truly is.

    Raises `InvariantError` for an action whose load cannot be found.
    """
    accounts = {name: visit.account for visit in scene.truth.visits for name in visit.people}
    facings = {plate: facing.plates for facing in real.map.facings for plate in facing.plates}
    hands = _Hands()
    for action in scene.truth.actions:
        if action.action not in SIGN:
            hands.apply(action, 0.0, ())
            continue
        if action.plate is None:
            raise InvariantError(f"{action.action} at {action.time_s:.2f} s: no plate")
        facing = facings[action.plate]
        loads = _loads_of(action, scene, facing, real)
        moved = Movement(
            action=action,
            account=accounts.get(action.person, action.person),
            start_s=min(load.start_s for load in loads),
            end_s=max(load.end_s for load in loads),
            changes=_per_plate(loads),
            held=tuple(hands.of(action.person)),
            strays=tuple(hands.strays.get(facing[0], ())),
        )
        hands.apply(action, moved.mass_g, facing)
        yield moved


def _loads_of(action: Action, scene: Scene, facing: tuple[PlateId, ...], real: Store) -> list[Load]:
    """Return the loads of one grip: those that begin and end together on one facing."""
    sign = SIGN[action.action]
    grips: dict[tuple[float, float], list[Load]] = {}
    for load in scene.loads:
        during = load.start_s - SLACK_S <= action.time_s <= load.end_s + SLACK_S
        if load.plate in facing and load.change_g * sign > 0 and during:
            grips.setdefault((load.start_s, load.end_s), []).append(load)
    grips = {span: loads for span, loads in grips.items() if _on(action.plate, loads)}
    if not grips:
        raise InvariantError(f"{action.action} at {action.time_s:.2f} s: no load on {action.plate}")
    expected_g = action.quantity * real.catalog.products[action.gtin].mass_g if action.gtin else 0.0

    def misfit(span: tuple[float, float]) -> tuple[float, float]:
        mass_g = abs(sum(load.change_g for load in grips[span]))
        return abs(action.time_s - sum(span) / 2), abs(mass_g - expected_g)

    return grips[min(grips, key=misfit)]


def _on(plate: PlateId | None, loads: list[Load]) -> bool:
    return any(load.plate == plate for load in loads)


def _per_plate(loads: list[Load]) -> dict[PlateId, float]:
    changes: dict[PlateId, float] = {}
    for load in loads:
        changes[load.plate] = changes.get(load.plate, 0.0) + load.change_g
    return changes


def _out(units: list[Unit], gtin: str) -> list[Unit]:
    """Remove the first unit of a product and return it; nothing where there is none."""
    for unit in units:
        if unit.gtin == gtin:
            units.remove(unit)
            return [unit]
    return []
