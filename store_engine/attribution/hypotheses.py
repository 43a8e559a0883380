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
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.goods import (
    RETURN_ASTRAY,
    RETURN_HOME,
    RETURNED,
    STRAY,
    TAKEN,
    UNITS_MAX,
    Goods,
    log_count,
    log_nothing,
)
from store_engine.attribution.guests import Guest, arriving, log_leaving
from store_engine.attribution.mass import HANDLING_STD_G, Unit, could_reweigh, log_units
from store_engine.attribution.reach import Reach
from store_engine.attribution.readings import Run
from store_engine.attribution.takes import Take, reached
from store_engine.units import Gtin, PlateId, TrackId

BEAM = 64  # accounts kept per group of clusters
BEAM_NATS = 10.0  # accounts this much less likely than the best are dropped (5e-5; guess)

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
    guests: tuple[Guest, ...] = ()  # weights on plates that are nobody's goods


NOTHING_YET = Hypothesis(0.0, {}, {}, ())


class _PutBack(NamedTuple):
    """Pieces that may have come back."""

    log_weight: float
    quantity: int
    kept: tuple[Unit, ...]  # what stays in the cart


class Extender:
    """Extends hypotheses by clusters."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods

    def extend(
        self,
        beam: Sequence[Hypothesis],
        cluster: Cluster,
        takes: Mapping[Run, Sequence[Take]],
        holder_of: HolderOf,
    ) -> list[Hypothesis]:
        """Return the accounts of `beam` continued by every explanation of a cluster."""
        scenes = {
            part.run: _Scene(part, takes[part.run], holder_of, self._goods)
            for part in cluster.parts
        }
        found: list[Hypothesis] = []
        for shape in cluster.shapes:
            current = [h._replace(path=(*h.path, ())) for h in beam]
            for part in sorted(shape, key=lambda part: part.change_g):  # goods leave, then arrive
                scene = scenes[part.run]
                current = _continued(current, scene)
            found += current
        return prune(found)


class _Scene:
    """One part, ready to extend many accounts: what they share is worked out once."""

    def __init__(
        self, part: Part, takes: Sequence[Take], holder_of: HolderOf, goods: Goods
    ) -> None:
        self._part = part
        self._goods = goods
        self._std_g = math.sqrt(part.var_g2)
        self._nothing = log_nothing(part)
        self._guest = arriving(part)
        self._reach = [(reach, holder_of(reach.track)) for reach in part.reach]
        self._takes = [(take, self._moves(take, holder_of)) for take in takes]
        self._weighed: dict[tuple[tuple[Unit, ...], int], _PutBack] = {}

    def explain(self, before: Hypothesis, floor: float) -> Iterator[Hypothesis]:
        """Return an account continued by everything that may explain the part.

        Takes with less than the log weight `floor` are left out: they are most of the work.
        """
        yield from self._no_goods(before)
        acted = {move.track for move in before.path[-1]}
        for take, moves in self._takes:
            weight = _with_reach(before.log_weight + take.log_weight, take, acted)
            if weight >= floor:
                yield _taken(before, take, moves, weight)
        if self._part.change_g < 0.0:
            yield from self._take_strays(before, acted)
        else:
            yield from self._returns(before, acted)

    def _no_goods(self, before: Hypothesis) -> Iterator[Hypothesis]:
        """Nobody's goods: a nudge, or something that comes, or that came and goes again."""
        guests = before.guests if self._guest is None else (*before.guests, self._guest)
        yield before._replace(log_weight=before.log_weight + self._nothing, guests=guests)
        if self._part.change_g < 0.0:
            for guest in before.guests:
                leaving = log_leaving(self._part, guest)
                if leaving > self._nothing:
                    others = tuple(other for other in before.guests if other != guest)
                    weight = before.log_weight + leaving
                    yield before._replace(log_weight=weight, guests=others)

    def _moves(self, take: Take, holder_of: HolderOf) -> tuple[Move, ...]:
        plate = self._part.main_plate
        return tuple(
            Move(
                reach.track,
                holder_of(reach.track),
                gtin,
                len(units),
                plate,
                not self._goods.belongs(gtin, self._part.plates),
                take.recalled,
            )
            for reach, gtin, units in take.grabs
        )

    def _take_strays(self, before: Hypothesis, acted: set[TrackId]) -> Iterator[Hypothesis]:
        """Goods that lie here though they belong elsewhere may be taken again."""
        part = self._part
        here = [key for key in sorted(before.strays) if key[0] in part.plates]
        for plate, gtin in here:
            units = before.strays[plate, gtin]
            mass = log_units(-part.change_g, part.var_g2, units[-1:])
            weight = before.log_weight + TAKEN + math.log(STRAY / len(here)) + mass
            strays = {**before.strays, (plate, gtin): units[:-1]}
            if not strays[plate, gtin]:
                del strays[plate, gtin]
            for reach, holder in self._reach:
                pieces = (*before.held.get((holder, gtin), ()), units[-1])
                move = Move(reach.track, holder, gtin, 1, plate, stray=True)
                yield before._replace(
                    log_weight=weight + part.log_split + reached(reach, acted),
                    held={**before.held, (holder, gtin): pieces},
                    strays=strays,
                    path=_told(before, (move,)),
                )

    def _returns(self, before: Hypothesis, acted: set[TrackId]) -> Iterator[Hypothesis]:
        """Whoever reached here may have put back what this account says they hold."""
        base = before.log_weight + RETURNED + self._part.log_split
        for reach, holder in self._reach:
            weight = base + reached(reach, acted)
            for (owner, gtin), units in before.held.items():
                if owner == holder:
                    for count in range(1, min(len(units), UNITS_MAX) + 1):
                        back = self._weigh(units, count)
                        if back.log_weight > -math.inf:
                            yield self._returned(before, reach, (holder, gtin), back, weight)

    def _weigh(self, units: tuple[Unit, ...], count: int) -> _PutBack:
        """Return which `count` of these pieces would have come back, and how well they fit."""
        back = self._weighed.get((units, count))
        if back is None:
            change_g, var_g2 = self._part.change_g, self._part.var_g2
            put, kept = _closest(units, change_g, count)
            weight = -math.inf
            if could_reweigh(change_g, self._std_g, sum(u.mass_g for u in put) / count, count):
                weight = log_count(count) + log_units(change_g, var_g2, put)
            back = self._weighed[units, count] = _PutBack(weight, count, kept)
        return back

    def _returned(
        self,
        before: Hypothesis,
        reach: Reach,
        key: tuple[Holder, Gtin],
        back: _PutBack,
        weight: float,
    ) -> Hypothesis:
        part = self._part
        home = self._goods.belongs(key[1], part.plates)
        weight += back.log_weight + (RETURN_HOME if home else RETURN_ASTRAY)
        strays = before.strays
        if not home:
            spot = (part.main_plate, key[1])
            var = (part.var_g2 + HANDLING_STD_G**2) / back.quantity**2
            piece = Unit(part.change_g / back.quantity, var)
            strays = {**strays, spot: (*strays.get(spot, ()), *(piece,) * back.quantity)}
        move = Move(reach.track, key[0], key[1], -back.quantity, part.main_plate, stray=not home)
        held = {**before.held, key: back.kept}
        return before._replace(
            log_weight=weight, held=held, strays=strays, path=_told(before, (move,))
        )


def _continued(beam: Sequence[Hypothesis], scene: _Scene) -> list[Hypothesis]:
    """Return the likeliest accounts of a beam continued by one part."""
    found: list[Hypothesis] = []
    floor = -math.inf  # below this nothing found from here on survives
    for before in beam:
        for after in scene.explain(before, floor):
            found.append(after)
            floor = max(floor, after.log_weight - BEAM_NATS)
    return prune(found)


def _with_reach(weight: float, take: Take, acted: set[TrackId]) -> float:
    """Return a log weight with what reach adds for everybody in a take."""
    busy = set(acted)
    for reach, _, _ in take.grabs:
        weight += reached(reach, busy)
        busy.add(reach.track)
    return weight


def _taken(before: Hypothesis, take: Take, moves: tuple[Move, ...], weight: float) -> Hypothesis:
    held = dict(before.held)
    for (_, gtin, units), move in zip(take.grabs, moves, strict=True):
        held[move.holder, gtin] = (*held.get((move.holder, gtin), ()), *units)
    return Hypothesis(weight, held, before.strays, _told(before, moves), before.guests)


def prune(found: list[Hypothesis]) -> list[Hypothesis]:
    """Return the likeliest accounts, best first; ties keep the order they were found in."""
    found.sort(key=lambda h: -h.log_weight)
    floor = found[0].log_weight - BEAM_NATS
    return [h for h in found[:BEAM] if h.log_weight >= floor]


def _told(before: Hypothesis, moves: tuple[Move, ...]) -> tuple[tuple[Move, ...], ...]:
    return (*before.path[:-1], (*before.path[-1], *moves))


def _closest(
    units: tuple[Unit, ...], mass_g: float, count: int
) -> tuple[tuple[Unit, ...], tuple[Unit, ...]]:
    """Return (the `count` pieces closest in mass, the rest)."""
    ranked = sorted(range(len(units)), key=lambda at: (abs(units[at].mass_g - mass_g / count), at))
    chosen = set(ranked[:count])
    put = tuple(units[at] for at in ranked[:count])
    return put, tuple(unit for at, unit in enumerate(units) if at not in chosen)
