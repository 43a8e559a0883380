"""Joint accounts of what happened: carts and misplaced goods, extended cluster by cluster.

A hypothesis is one account of a run of clusters in event order: who holds which pieces now, what
lies in wrong places, and the moves that led there, with a log weight. Extending it by a cluster
tries every shape and, per part, every explanation *that this account allows*: a return takes a
piece out of the cart of whoever reached there, a piece that was left in a wrong place can be
taken again. The mass of a piece is the mass it was weighed with before, which is sharper than
the catalog and blind to the catalog's errors. Pruned to the `BEAM` likeliest accounts.

Source: multiple hypothesis tracking; Reid (1979), "An algorithm for tracking multiple targets";
Blackman & Popoli (1999), "Design and Analysis of Modern Tracking Systems", chapter 16. For
contrast, MPS (the winner of the AutoCheckout competition, 2020) decides each event at once and
for good.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.goods import (
    RETURN_ASTRAY,
    RETURN_HOME,
    RETURNED,
    STRAY,
    TAKEN,
    UNITS_MAX,
    Bundle,
    Goods,
    log_count,
)
from store_engine.attribution.mass import HANDLING_STD_G, Unit, could_reweigh, log_units
from store_engine.attribution.reach import Reach
from store_engine.units import Gtin, PlateId, TrackId

BEAM = 64  # accounts kept per group of clusters
BEAM_NATS = 10.0  # accounts this much less likely than the best are dropped (5e-5; guess)
TAKES_MAX = 24  # explanations kept per part before any account is consulted
TAKES_NATS = 9.0  # ... of them, those this much less likely than the best are dropped (1e-4)
SHARED = math.log(0.02)  # two people take from one plate at one moment (guess)

Run = tuple[int, int]  # names a part within its cluster
Holder = str  # a visit, or "track:..." while a track shops for nobody
HolderOf = Callable[[TrackId], Holder]


class Move(NamedTuple):
    """Goods that went into (quantity > 0) or out of a cart."""

    track: TrackId
    holder: Holder
    gtin: Gtin
    quantity: int
    plate: PlateId
    stray: bool  # from, or to, a place where it does not belong
    recalled: bool = False  # a stray that somebody left who is gone already


class Hypothesis(NamedTuple):
    """One account; values are never changed in place."""

    log_weight: float
    held: Mapping[tuple[Holder, Gtin], tuple[Unit, ...]]
    strays: Mapping[tuple[PlateId, Gtin], tuple[Unit, ...]]
    path: tuple[tuple[Move, ...], ...]  # moves of each cluster, in order


class Take(NamedTuple):
    """Goods leaving a part's plates in somebody's hands, as far as no account is needed."""

    log_weight: float
    grabs: tuple[tuple[Reach, Gtin, tuple[Unit, ...]], ...]
    recalled: bool


NOTHING_YET = Hypothesis(0.0, {}, {}, ())


class Extender:
    """Extends hypotheses by clusters. Remembers takes per cluster: they need no account."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods

    def takes(self, part: Part) -> list[Take]:
        """Return who may have taken what from a part, best first."""
        if part.change_g >= 0.0:
            return []
        reach = part.reach()
        found = [
            take
            for bundle in self._goods.bundles(part)
            for take in _takes(bundle, reach, part.log_split)
        ]
        found.sort(key=lambda take: -_take_weight(take))
        best = _take_weight(found[0]) if found else -math.inf
        floor = max(best, self._goods.nothing(part)) - TAKES_NATS
        return [take for take in found[:TAKES_MAX] if _take_weight(take) >= floor]

    def extend(
        self,
        beam: Sequence[Hypothesis],
        cluster: Cluster,
        takes: Mapping[Run, Sequence[Take]],
        holder_of: HolderOf,
    ) -> list[Hypothesis]:
        """Return the accounts of `beam` continued by every explanation of a cluster."""
        found: list[Hypothesis] = []
        for shape in cluster.shapes:
            current = [h._replace(path=(*h.path, ())) for h in beam]
            for part in sorted(shape, key=lambda part: part.change_g):  # goods leave, then arrive
                current = prune(
                    [
                        after
                        for before in current
                        for after in self._explain(before, part, takes[part.run], holder_of)
                    ]
                )
            found += current
        return prune(found)

    def _explain(
        self, before: Hypothesis, part: Part, takes: Sequence[Take], holder_of: HolderOf
    ) -> Iterator[Hypothesis]:
        yield before._replace(log_weight=before.log_weight + self._goods.nothing(part))
        acted = {move.track for move in before.path[-1]}
        for take in takes:
            yield self._take(before, part, take, acted, holder_of)
        if part.change_g < 0.0:
            yield from self._take_strays(before, part, acted, holder_of)
        else:
            yield from self._returns(before, part, acted, holder_of)

    def _take(
        self,
        before: Hypothesis,
        part: Part,
        take: Take,
        acted: set[TrackId],
        holder_of: HolderOf,
    ) -> Hypothesis:
        held = dict(before.held)
        moves = []
        weight = before.log_weight + take.log_weight
        busy = set(acted)
        for reach, gtin, units in take.grabs:
            holder = holder_of(reach.track)
            weight += _reached(reach, busy)
            busy.add(reach.track)
            held[holder, gtin] = (*held.get((holder, gtin), ()), *units)
            astray = not self._goods.belongs(gtin, part.plates)
            moves.append(
                Move(
                    reach.track,
                    holder,
                    gtin,
                    len(units),
                    part.main_plate,
                    astray,
                    take.recalled,
                )
            )
        return Hypothesis(weight, held, before.strays, _told(before, moves))

    def _take_strays(
        self, before: Hypothesis, part: Part, acted: set[TrackId], holder_of: HolderOf
    ) -> Iterator[Hypothesis]:
        """Goods that lie here though they belong elsewhere may be taken again."""
        here = [key for key in sorted(before.strays) if key[0] in part.plates]
        for plate, gtin in here:
            units = before.strays[plate, gtin]
            mass = log_units(-part.change_g, part.var_g2, units[-1:])
            weight = before.log_weight + TAKEN + math.log(STRAY / len(here)) + mass
            strays = {**before.strays, (plate, gtin): units[:-1]}
            if not strays[plate, gtin]:
                del strays[plate, gtin]
            for reach in part.reach():
                key = (holder_of(reach.track), gtin)
                held = {**before.held, key: (*before.held.get(key, ()), units[-1])}
                move = Move(reach.track, key[0], gtin, 1, plate, stray=True)
                yield Hypothesis(
                    weight + part.log_split + _reached(reach, acted),
                    held,
                    strays,
                    _told(before, [move]),
                )

    def _returns(
        self, before: Hypothesis, part: Part, acted: set[TrackId], holder_of: HolderOf
    ) -> Iterator[Hypothesis]:
        """Whoever reached here may have put back what this account says they hold."""
        std_g = math.sqrt(part.var_g2)
        for reach in part.reach():
            holder = holder_of(reach.track)
            weight = before.log_weight + RETURNED + part.log_split + _reached(reach, acted)
            for owner, gtin in sorted(before.held):
                units = before.held[owner, gtin]
                if owner != holder or not units:
                    continue
                for count in range(1, min(len(units), UNITS_MAX) + 1):
                    if could_reweigh(part.change_g, std_g, _mean_g(units), count):
                        yield self._put_back(before, part, reach, (holder, gtin), count, weight)

    def _put_back(
        self,
        before: Hypothesis,
        part: Part,
        reach: Reach,
        key: tuple[Holder, Gtin],
        count: int,
        weight: float,
    ) -> Hypothesis:
        put, kept = _closest(before.held[key], part.change_g, count)
        home = self._goods.belongs(key[1], part.plates)
        weight += log_count(count) + (RETURN_HOME if home else RETURN_ASTRAY)
        weight += log_units(part.change_g, part.var_g2, put)
        strays = before.strays
        if not home:
            spot = (part.main_plate, key[1])
            one = Unit(part.change_g / count, (part.var_g2 + HANDLING_STD_G**2) / count**2)
            strays = {**strays, spot: (*strays.get(spot, ()), *(one,) * count)}
        held = {**before.held, key: kept}
        move = Move(reach.track, key[0], key[1], -count, part.main_plate, stray=not home)
        return Hypothesis(weight, held, strays, _told(before, [move]))


def prune(found: list[Hypothesis]) -> list[Hypothesis]:
    """Return the likeliest accounts, best first; ties keep the order they were found in."""
    found.sort(key=lambda h: -h.log_weight)
    floor = found[0].log_weight - BEAM_NATS
    return [h for h in found[:BEAM] if h.log_weight >= floor]


def _takes(bundle: Bundle, reach: Sequence[Reach], log_split: float) -> Iterator[Take]:
    weight = bundle.log_weight + log_split
    for one in reach:
        grabs = tuple((one, gtin, units) for gtin, units in bundle.items)
        yield Take(weight, grabs, bundle.stray)
    pieces = [(gtin, (unit,)) for gtin, units in bundle.items for unit in units]
    if len(pieces) != 2:
        return
    same = pieces[0][0] == pieces[1][0]
    for a, b in permutations(reach, 2):
        if not same or a.track < b.track:
            yield Take(weight + SHARED, ((a, *pieces[0]), (b, *pieces[1])), bundle.stray)


def _take_weight(take: Take) -> float:
    """Return the weight of a take by somebody who did nothing else meanwhile."""
    return take.log_weight + sum(
        {reach.track: reach.log_ratio for reach, _, _ in take.grabs}.values()
    )


def _reached(reach: Reach, acted: set[TrackId]) -> float:
    """Return what reach adds: being near speaks once for each person, not once for each piece."""
    return min(0.0, reach.log_ratio) if reach.track in acted else reach.log_ratio


def _told(before: Hypothesis, moves: list[Move]) -> tuple[tuple[Move, ...], ...]:
    return (*before.path[:-1], (*before.path[-1], *moves))


def _closest(
    units: tuple[Unit, ...], mass_g: float, count: int
) -> tuple[tuple[Unit, ...], tuple[Unit, ...]]:
    """Return (the `count` pieces closest in mass, the rest)."""
    ranked = sorted(range(len(units)), key=lambda at: (abs(units[at].mass_g - mass_g / count), at))
    chosen = set(ranked[:count])
    put = tuple(units[at] for at in ranked[:count])
    return put, tuple(unit for at, unit in enumerate(units) if at not in chosen)


def _mean_g(units: tuple[Unit, ...]) -> float:
    return sum(unit.mass_g for unit in units) / len(units)
