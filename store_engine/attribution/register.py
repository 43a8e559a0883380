"""Clusters in event order, with what each contributes, and what that ties together."""

from collections.abc import Iterable

from store_engine.attribution.clusters import Cluster, Order
from store_engine.attribution.entries import Entry
from store_engine.attribution.history import Holder
from store_engine.attribution.supplies import Supplies
from store_engine.units import PlateId


class Register:
    """Entries in event order, found by whom and where they concern. Grows and shrinks at its end.

    Entries tied to each other, directly or through others, are together; the last of them stands
    for all.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.clusters: list[Cluster] = []  # of the entries
        self._at: dict[Order, int] = {}  # the entry of each step
        self._by_holder: dict[Holder, list[int]] = {}
        self._by_plate: dict[PlateId, list[int]] = {}
        self._supplies: dict[Holder, list[tuple[int, Supplies]]] = {}
        self._before: list[tuple[int, ...]] = []  # who stood for all that an entry was tied to
        self._joined: list[int] = []  # the entry that each one that stood for some was tied by

    def __len__(self) -> int:
        return len(self.entries)

    # ---- look-ups ----------------------------------------------------------------------------

    def at(self, orders: Iterable[Order]) -> list[int]:
        """Return the entries that have any of these steps, in event order."""
        return sorted({self._at[order] for order in orders if order in self._at})

    def of_holder(self, holder: Holder) -> list[int]:
        """Return the entries that may concern a cart, in event order."""
        return self._by_holder.get(holder, [])

    def of_plate(self, plate: PlateId) -> list[int]:
        """Return the entries that may have left anything on a plate, in event order."""
        return self._by_plate.get(plate, [])

    def supplies_of(self, holder: Holder) -> list[tuple[int, Supplies]]:
        """Return what entries may have put into a cart, in event order."""
        return self._supplies.get(holder, [])

    @property
    def holders(self) -> list[Holder]:
        """Every cart that any entry may concern."""
        return [holder for holder, found in self._by_holder.items() if found]

    def last_tied_to(self, at: int) -> int:
        """Return the last of all entries tied to one, which may be that one itself."""
        while self._joined[at] != at:
            at = self._joined[at]
        return at

    def tied_by(self, at: int) -> tuple[int, ...]:
        """Return who stood for all that an entry was tied to, in event order."""
        return self._before[at]

    def all_tied_by(self, last: int) -> list[int]:
        """Return all entries that are together, given the last of them, in event order."""
        found, edge = [], [last]
        while edge:
            at = edge.pop()
            found.append(at)
            edge += self._before[at]
        return sorted(found)

    # ---- changes -----------------------------------------------------------------------------

    def append(self, entry: Entry) -> None:
        """Add an entry that comes last."""
        at, cluster = len(self.entries), entry.stage.cluster
        self.entries.append(entry)
        self.clusters.append(cluster)
        for order in cluster.orders:
            self._at[order] = at
        for holder in entry.holders:
            self._by_holder.setdefault(holder, []).append(at)
        for holder, supplies in entry.supplied:
            self._supplies.setdefault(holder, []).append((at, supplies))
        for plate in entry.left_on:
            self._by_plate.setdefault(plate, []).append(at)
        before = {self.last_tied_to(earlier) for earlier in entry.tied}
        for last in before:
            self._joined[last] = at
        self._before.append(tuple(sorted(before)))
        self._joined.append(at)

    def pop(self) -> None:
        """Take the last entry back."""
        entry = self.entries.pop()
        for order in self.clusters.pop().orders:
            del self._at[order]
        for holder in entry.holders:
            self._by_holder[holder].pop()
        for holder, _ in entry.supplied:
            self._supplies[holder].pop()
        for plate in entry.left_on:
            self._by_plate[plate].pop()
        for last in self._before.pop():
            self._joined[last] = last
        self._joined.pop()
