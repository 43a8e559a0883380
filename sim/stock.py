"""What stands where: every unit with its own mass, in columns along the facings."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sim.scene import FloatArray
from store_engine.catalog import Catalog, Product
from store_engine.store_map import Facing, Plate, StoreMap
from store_engine.units import Gtin, PlateId

TRAY_G = 180.0  # an empty plate with its cover (guess; only changes count)
DENSITY_G_CM3 = 0.7  # of packed groceries (guess): gives a unit its size
SLIM = 0.8  # width of a unit over the cube root of its volume (guess)
WIDTH_M = (0.04, 0.18)  # narrowest and widest unit (guess)
SPACE_M = 0.006  # between columns (guess)
FRONT_M = 0.02  # from the edge of the plate to the first unit (guess)
ROWS = 6  # units behind each other, at most (guess)
ON_PLATE = 0.3  # with this share of a unit on a plate, the unit stands on it
SHARE_MIN = 0.03  # less of a unit on a neighbouring plate than this is not felt
GRIP_M = 0.10  # hands grip a unit this high above the plate, where there is room (guess)
HIGH_M, HIGH_GRIP_M = 1.5, 0.03  # above eye level they grip it near its foot (guess)
MASS_LIMITS = (0.5, 1.5)  # of the mean: no unit is further off


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One piece of a product and, while it stands on a shelf, where."""

    gtin: Gtin
    mass_g: float
    shares: tuple[tuple[PlateId, float], ...] = ()  # how its mass divides over plates
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)  # where a hand grips it, store frame
    row: int = 0  # 0 is next to the shopper

    @property
    def plate(self) -> PlateId:
        """The plate that carries most of it."""
        return max(self.shares, key=lambda share: share[1])[0]


@dataclass(kw_only=True)
class Column:
    """Units of one facing behind each other."""

    along_m: float  # from the left edge of the facing
    width_m: float
    rows: int
    units: list[Unit] = field(default_factory=list)  # back to front
    busy_until_s: float = 0.0  # a hand is in there

    def foremost(self, gtin: Gtin | None) -> Unit:
        """Return the unit a hand goes for: the first of a product, else the front one."""
        own = (unit for unit in reversed(self.units) if unit.gtin == gtin)
        return next(own, self.units[-1])

    def take(self, gtin: Gtin) -> Unit:
        """Take the foremost unit of a product away, past what stands before it."""
        unit = self.foremost(gtin)
        self.units.remove(unit)
        return unit


@dataclass(frozen=True, kw_only=True)
class Place:
    """A facing as goods stand on it."""

    facing: Facing
    plates: tuple[Plate, ...]  # in order along the shelf
    columns: tuple[Column, ...]

    @property
    def product(self) -> Gtin:
        """What belongs here."""
        return self.facing.gtin

    @cached_property
    def outward(self) -> FloatArray:
        """Unit vector (2,) towards the shopper."""
        return np.array(self.plates[0].outward)

    @cached_property
    def along(self) -> FloatArray:
        """Unit vector (2,) along the shelf."""
        return np.array(self.plates[0].along)

    @cached_property
    def front(self) -> FloatArray:
        """Middle (2,) of the front edge."""
        centres = np.array([plate.centre[:2] for plate in self.plates])
        middle: FloatArray = centres.mean(axis=0) + self.outward * self.plates[0].depth_m / 2
        return middle

    @cached_property
    def length_m(self) -> float:
        """Length along the shelf."""
        return sum(plate.width_m for plate in self.plates)

    def takeable(self, gtin: Gtin | None = None) -> list[Column]:
        """Return the columns whose front unit is what belongs here, or `gtin` put there wrongly."""
        wanted = gtin or self.product
        return [c for c in self.columns if c.units and c.units[-1].gtin == wanted]

    def holding(self, gtin: Gtin | None = None) -> list[Column]:
        """Return the columns with a unit of it anywhere, if need be behind something else."""
        wanted = gtin or self.product
        return [c for c in self.columns if any(unit.gtin == wanted for unit in c.units)]

    def column_on(self, plate: PlateId | None, columns: Sequence[Column]) -> list[Column]:
        """Return those of `columns` that stand (mostly) on `plate`; all for None."""
        if plate is None or not columns:
            return list(columns)
        on = [dict(self._shares(c.along_m, c.width_m)).get(plate, 0.0) for c in columns]
        enough = min(ON_PLATE, max(on))
        return [column for column, share in zip(columns, on, strict=True) if share >= enough > 0]

    def _plate_at(self, along_m: float) -> Plate:
        edge = 0.0
        for plate in self.plates:
            edge += plate.width_m
            if along_m < edge:
                return plate
        return self.plates[-1]

    def stand(self, unit: Unit, column: Column, row: int, *, along_m: float, lift_m: float) -> Unit:
        """Return `unit` standing in `column`; `lift_m` when it stands on another unit."""
        depth = FRONT_M + (row + 0.5) * column.width_m
        first, plate = self.plates[0], self._plate_at(along_m)
        left = np.array(first.centre[:2]) - self.along * first.width_m / 2
        floor = left + self.along * along_m + self.outward * (first.depth_m / 2 - depth)
        grip = HIGH_GRIP_M if plate.centre[2] > HIGH_M else GRIP_M
        height = plate.centre[2] + min(grip, 0.4 * plate.headroom_m) + lift_m
        shares = self._shares(along_m, column.width_m)
        at = (float(floor[0]), float(floor[1]), float(height))
        return replace(unit, shares=shares, at=at, row=row)

    def _shares(self, along_m: float, width_m: float) -> tuple[tuple[PlateId, float], ...]:
        """Return how a unit's mass divides: in proportion to what stands on each plate."""
        low, high, edge = along_m - width_m / 2, along_m + width_m / 2, 0.0
        shares = []
        for plate in self.plates:
            share = (min(high, edge + plate.width_m) - max(low, edge)) / width_m
            edge += plate.width_m
            if share >= SHARE_MIN:
                shares.append((plate.plate, share))
        total = sum(share for _, share in shares)
        return tuple((plate, share / total) for plate, share in shares)


class Stock:
    """All goods of the store; knows every unit, never goes below zero."""

    def __init__(
        self,
        store_map: StoreMap,
        catalog: Catalog,
        *,
        full: tuple[float, float],
        rng: np.random.Generator,
    ) -> None:
        self._rng, self._map, self._catalog = rng, store_map, catalog
        self.places = tuple(
            self._stocked(store_map, facing, catalog.products[facing.gtin], full)
            for facing in store_map.facings
        )
        loads = dict.fromkeys(store_map.plates, TRAY_G)
        for unit in self.units():
            for plate, share in unit.shares:
                loads[plate] += share * unit.mass_g
        self.initial_g = loads

    def units(self) -> list[Unit]:
        """Return every unit on a shelf now."""
        return [unit for place in self.places for c in place.columns for unit in c.units]

    def home(self, gtin: Gtin) -> list[Place]:
        """Return where a product belongs."""
        return [place for place in self.places if place.product == gtin]

    def put(self, unit: Unit, place: Place, column: Column) -> Unit:
        """Put a unit at the front of a column, or on top where it is full; return it there."""
        front = column.units[-1].row if column.units else column.rows
        row, lift = (front - 1, 0.0) if front > 0 else (0, 0.08)
        along = column.along_m + float(self._rng.uniform(-0.01, 0.01))  # people are not exact
        standing = place.stand(unit, column, row, along_m=along, lift_m=lift)
        column.units.append(standing)
        return standing

    def brought(self, gtin: Gtin) -> Unit:
        """Return a unit of a product that comes from outside the shop."""
        return Unit(gtin=gtin, mass_g=_mass_g(self._catalog.products[gtin], self._rng))

    def ledge(self, plate: PlateId) -> Place | None:
        """Return the whole shelf around `plate`, to set a bag on; None for an unknown plate."""
        if plate not in self._map.plates:
            return None
        shelf = self._map.shelves[self._map.plates[plate].shelf]
        plates = _in_order([self._map.plates[name] for name in shelf])
        widths = [p.width_m for p in plates]
        at = [p.plate for p in plates].index(plate)
        middle_m = sum(widths[:at]) + widths[at] / 2
        column = Column(along_m=middle_m, width_m=widths[at], rows=1)
        facing = Facing(gtin=Gtin(""), plates=tuple(shelf))
        return Place(facing=facing, plates=tuple(plates), columns=(column,))

    def _stocked(
        self, store_map: StoreMap, facing: Facing, product: Product, full: tuple[float, float]
    ) -> Place:
        plates = _in_order([store_map.plates[plate] for plate in facing.plates])
        length, depth = sum(plate.width_m for plate in plates), plates[0].depth_m
        volume_cm3 = product.mass_g / DENSITY_G_CM3
        width = float(np.clip(SLIM * volume_cm3 ** (1 / 3) / 100, *WIDTH_M))
        width = min(width, length)
        count = max(1, int(length / (width + SPACE_M)))
        slack = max(0.0, length - count * width)
        gaps = self._rng.dirichlet(np.ones(count + 1)) * slack  # columns stand unevenly
        edges = np.cumsum(gaps[:count]) + width * np.arange(count)
        rows = max(1, min(ROWS, int((depth - FRONT_M) / width)))
        columns = tuple(
            Column(along_m=float(edge) + width / 2, width_m=width, rows=rows) for edge in edges
        )
        place = Place(facing=facing, plates=tuple(plates), columns=columns)
        for column in columns:
            self._fill(place, column, product, full)
        return place

    def _fill(
        self, place: Place, column: Column, product: Product, full: tuple[float, float]
    ) -> None:
        count = round(column.rows * float(self._rng.uniform(*full)))
        first = int(self._rng.integers(0, 2)) if count < column.rows else 0
        for row in range(first + count - 1, first - 1, -1):
            unit = Unit(gtin=product.gtin, mass_g=_mass_g(product, self._rng))
            column.units.append(place.stand(unit, column, row, along_m=column.along_m, lift_m=0.0))


def _in_order(plates: Sequence[Plate]) -> list[Plate]:
    """Return neighbouring plates in order along their shelf."""
    along = np.array(plates[0].along)
    return sorted(plates, key=lambda plate: float(np.array(plate.centre[:2]) @ along))


def _mass_g(product: Product, rng: np.random.Generator) -> float:
    """Return the mass of one unit: normal, drawn again outside `MASS_LIMITS`."""
    low, high = (limit * product.mass_g for limit in MASS_LIMITS)
    while True:
        mass = float(rng.normal(product.mass_g, product.mass_std_g))
        if low < mass < high:
            return mass
