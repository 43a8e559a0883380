"""What stands where: the store map's planogram, and what shoppers put down elsewhere."""

from collections import Counter
from collections.abc import Iterable

from store_engine.store_map import StoreMap
from store_engine.units import Gtin, PlateId


class DynamicPlanogram:
    """The planogram as it changes while people shop."""

    def __init__(self, store_map: StoreMap) -> None:
        self._home = store_map.products_on
        self._strays: dict[PlateId, Counter[Gtin]] = {}

    def products_on(self, plates: Iterable[PlateId]) -> tuple[Gtin, ...]:
        """Return what may stand on any of these plates, in a fixed order."""
        found: dict[Gtin, None] = {}
        for plate in plates:
            found.update(dict.fromkeys(self._home[plate]))
            found.update(dict.fromkeys(self._strays.get(plate, ())))
        return tuple(found)

    def stands_on(self, gtin: Gtin, plate: PlateId) -> bool:
        """Return whether a product may stand on a plate."""
        return gtin in self._home[plate] or self._strays.get(plate, Counter())[gtin] > 0

    def put_down(self, gtin: Gtin, plates: Iterable[PlateId], quantity: int) -> None:
        """Remember pieces put down where they do not belong."""
        for plate in plates:
            if gtin not in self._home[plate]:
                self._strays.setdefault(plate, Counter())[gtin] += quantity

    def pick_up(self, gtin: Gtin, plates: Iterable[PlateId], quantity: int) -> None:
        """Forget pieces that were taken away again."""
        for plate in plates:
            on_plate = self._strays.get(plate, Counter())
            on_plate[gtin] -= quantity
            if on_plate[gtin] <= 0:
                del on_plate[gtin]
