"""Which steps are simultaneous and neighbours; worked out again only where steps changed."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from operator import is_
from weakref import WeakValueDictionary

from store_engine.attribution.clusters import ALL_SHAPES_MAX, Cluster, Evidence, Order
from store_engine.signals import WeightStep
from store_engine.store_map import StoreMap
from store_engine.units import ShelfId, to_us

TOGETHER_US = to_us(0.5)  # moments of one movement differ by at most this (guess)
CLOSED_US = to_us(10.0)  # nothing joins a cluster that ended this long before (guess)
OVERLAP = 0.5  # or their spans overlap by this share of the shorter one (guess)


class Clusters:
    """Makes the clusters of one store: of the same evidence one only, while anybody holds it."""

    def __init__(self, store_map: StoreMap) -> None:
        self._shelf = {plate.plate: plate.shelf for plate in store_map.plates.values()}
        self._place = {
            plate: place
            for plates in store_map.shelves.values()
            for place, plate in enumerate(plates)
        }
        self._made: WeakValueDictionary[tuple[Evidence, ...], Cluster] = WeakValueDictionary()

    def shelf_of(self, one: Evidence) -> ShelfId:
        """Return the shelf of a step."""
        return self._shelf[one.step.plate]

    def connect(self, evidence: Sequence[Evidence]) -> list[Cluster]:
        """Connect neighbouring simultaneous steps of one shelf, which come in event order.

        A plate comes twice in a cluster when something straddles it after something else left it.
        """
        done: list[list[Evidence]] = []
        groups: list[list[Evidence]] = []
        for one in evidence:
            done += [group for group in groups if _is_over(group, one)]
            groups = [group for group in groups if not _is_over(group, one)]
            joined = [at for at, group in enumerate(groups) if self._joins(one, group)]
            merged = [other for at in joined for other in groups[at]]
            while joined and _is_crowded([*merged, one]):
                joined = joined[1:]
                merged = [other for at in joined for other in groups[at]]
            groups = [group for at, group in enumerate(groups) if at not in joined]
            groups.append([*merged, one])
        return [self._made_of(group) for group in (*done, *groups)]

    def _made_of(self, group: list[Evidence]) -> Cluster:
        evidence = tuple(sorted(group, key=_order))
        cluster = self._made.get(evidence)
        if cluster is None:
            cluster = self._made[evidence] = Cluster(evidence, self._place)
        return cluster

    def _joins(self, one: Evidence, group: list[Evidence]) -> bool:
        place = self._place[one.step.plate]
        return any(
            abs(self._place[other.step.plate] - place) == 1 and _together(one.step, other.step)
            for other in group
        )


def _is_crowded(group: list[Evidence]) -> bool:
    """Whether plates come again in a cluster for which not all shapes would be looked at."""
    plates = Counter(one.step.plate for one in group)
    return max(plates.values()) > (2 if len(group) <= ALL_SHAPES_MAX else 1)


class _Spell:
    """Steps of one shelf without a quiet time between them: none joins a step of another spell."""

    def __init__(self, first: Evidence) -> None:
        self.evidence = [first]
        self._clusters: list[Cluster] | None = None

    def add(self, one: Evidence) -> bool:
        """Add a step that comes last; False when all before it was over by then."""
        if _is_over(self.evidence, one):
            return False
        self.evidence.append(one)
        self._clusters = None
        return True

    def pop(self) -> None:
        """Take the last step back."""
        self.evidence.pop()
        self._clusters = None

    def clusters(self, make: Clusters) -> list[Cluster]:
        """Return the clusters of these steps."""
        if self._clusters is None:
            self._clusters = make.connect(self.evidence)
        return self._clusters


class Grouping:
    """The clusters of a set of steps that changes mostly at its end."""

    def __init__(self, make: Clusters) -> None:
        self._make = make
        self._evidence: list[Evidence] = []
        self._spells: dict[ShelfId, list[_Spell]] = {}
        self._found: list[Cluster] = []

    def clusters(self, evidence: Sequence[Evidence]) -> list[Cluster]:
        """Return the clusters of all steps; both come in event order."""
        same = agreeing(self._evidence, evidence)
        firsts = [self._pop(one) for one in reversed(self._evidence[same:])]
        firsts += [self._append(one) for one in evidence[same:]]
        if firsts:
            self._evidence[same:] = evidence[same:]
            kept = bisect_left(self._found, min(firsts), key=_order)
            self._found[kept:] = sorted(self._since(min(firsts)), key=_order)
        return list(self._found)

    def _append(self, one: Evidence) -> Order:
        """Add a step after all others; return where the clusters that it may change begin."""
        spells = self._spells.setdefault(self._make.shelf_of(one), [])
        if not spells or not spells[-1].add(one):
            spells.append(_Spell(one))
        return spells[-1].evidence[0].order

    def _pop(self, one: Evidence) -> Order:
        """Take the last step back; return where the clusters that it may change begin."""
        spells = self._spells[self._make.shelf_of(one)]
        first = spells[-1].evidence[0].order
        spells[-1].pop()
        if not spells[-1].evidence:
            spells.pop()
        return first

    def _since(self, since: Order) -> Iterator[Cluster]:
        for spells in self._spells.values():
            for spell in takewhile(lambda it: it.evidence[-1].order >= since, reversed(spells)):
                for cluster in spell.clusters(self._make):
                    if cluster.order >= since:
                        yield cluster


def agreeing(some: Sequence[object], others: Sequence[object]) -> int:
    """Return how many values two sequences share from their start on."""
    return sum(takewhile(bool, map(is_, some, others)))


def _order(one: Evidence | Cluster) -> Order:
    return one.order


def _is_over(group: list[Evidence], one: Evidence) -> bool:
    return max(other.step.ended_us for other in group) + CLOSED_US < one.step.moment_us


def _together(a: WeightStep, b: WeightStep) -> bool:
    if abs(a.moment_us - b.moment_us) <= TOGETHER_US:
        return True
    overlap_us = min(a.ended_us, b.ended_us) - max(a.began_us, b.began_us)
    shorter_us = min(a.ended_us - a.began_us, b.ended_us - b.began_us)
    return overlap_us > 0 and overlap_us >= OVERLAP * shorter_us
