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
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.giving import Giving
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
from store_engine.attribution.handing import Hands
from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.mass import HANDLING_STD_G, Unit, could_reweigh, log_units
from store_engine.attribution.reach import Reach
from store_engine.attribution.readings import Run
from store_engine.attribution.takes import Take, reached
from store_engine.units import Gtin, PlateId, TrackId

TWICE = math.log(0.1)  # one person takes from two plates at one moment (guess)

BEAM = 64  # accounts kept per group of clusters
BEAM_NATS = 10.0  # accounts this much less likely than the best are dropped (5e-5; guess)


class Move(NamedTuple):
    """Goods that went into (quantity > 0) or out of a cart."""

    track: TrackId
    holder: Holder
    gtin: Gtin
    quantity: int
    plate: PlateId
    stray: bool  # from, or to, a place where it does not belong
    recalled: bool = False  # a stray that somebody left who is gone already
    moment_us: int = 0


class Hypothesis(NamedTuple):
    """One account; values are never changed in place."""

    log_weight: float
    held: Mapping[tuple[Holder, Gtin], tuple[Unit, ...]]
    strays: Mapping[tuple[PlateId, Gtin], tuple[Unit, ...]]
    path: tuple[tuple[Move, ...], ...]  # moves of each cluster, in order
    guests: tuple[Guest, ...] = ()  # weights on plates that are nobody's goods


ONWARD = math.log(0.1)  # something that was given is given on, or back (guess)
SHOWN = 0.5  # share of all pieces at hand above which one is shown to be what changed hands
NOWHERE = PlateId("")  # goods that changed hands came from no plate
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
        hands: Hands,
        holder_of: HolderOf,
    ) -> list[Hypothesis]:
        """Return the accounts of `beam` continued by every explanation of a cluster."""
        if isinstance(cluster, Giving):
            return prune([after for h in beam for after in _given(h, cluster, holder_of)])
        scenes = {
            part.run: _Scene(part, takes[part.run], hands, holder_of, self._goods)
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
        self, part: Part, takes: Sequence[Take], hands: Hands, holder_of: HolderOf, goods: Goods
    ) -> None:
        self._part = part
        self._goods = goods
        self._hands = hands
        self._moment_us = part.evidence[0].step.moment_us
        self._std_g = math.sqrt(part.var_g2)
        self._nothing = log_nothing(part)
        self._guest = arriving(part)
        self._reach = [(reach, holder_of(reach.track)) for reach in part.reach]
        self._takes = [(take, self._moves(take, holder_of)) for take in takes]
        self._weighed: dict[tuple[tuple[Unit, ...], int], _PutBack] = {}

    def explain(self, before: Hypothesis, floor: float) -> Iterator[Hypothesis]:
        """Return an account continued by everything that may explain the part.

        Takes and returns with less than the log weight `floor` are left out: most of the work.
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
            yield from self._returns(before, acted, floor)

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
                self._moment_us,
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
                move = Move(
                    reach.track, holder, gtin, 1, plate, stray=True, moment_us=self._moment_us
                )
                held = part.log_named(reach.track, gtin)
                yield before._replace(
                    log_weight=weight + held + part.log_split + reached(reach, acted),
                    held={**before.held, (holder, gtin): pieces},
                    strays=strays,
                    path=_told(before, (move,)),
                )

    def _returns(
        self, before: Hypothesis, acted: set[TrackId], floor: float
    ) -> Iterator[Hypothesis]:
        """Whoever reached here may have put back what they hold: by this account, or by hands."""
        base = before.log_weight + RETURNED + self._part.log_split
        for reach, holder in self._reach:
            weight = base + reached(reach, acted)
            others = self._hands.of(holder)
            for key, units in before.held.items():
                if key[0] != holder and key[0] not in others:
                    continue
                named = weight + self._part.log_named(reach.track, key[1])
                for count in range(1, min(len(units), UNITS_MAX) + 1):
                    back = self._weigh(units, count)
                    if back.log_weight > -math.inf and named + back.log_weight >= floor:
                        came = named + self._log_came(before, holder, key)
                        if came + back.log_weight >= floor and came > -math.inf:
                            yield self._returned(before, reach, key, back, came)

    def _log_came(self, before: Hypothesis, holder: Holder, key: tuple[Holder, Gtin]) -> float:
        """Return how likely somebody has at hand what lies in a cart, by this account."""
        if key[0] == holder:
            return 0.0
        taken_us = next(
            move.moment_us
            for moves in before.path
            for move in moves
            if move.quantity > 0 and (move.holder, move.gtin) == key
        )
        return self._hands.log_probability(holder, key[0], taken_us)

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
        move = Move(
            reach.track,
            key[0],
            key[1],
            -back.quantity,
            part.main_plate,
            stray=not home,
            moment_us=self._moment_us,
        )
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
    return weight + TWICE * any(reach.track in acted for reach, _, _ in take.grabs)


def _taken(before: Hypothesis, take: Take, moves: tuple[Move, ...], weight: float) -> Hypothesis:
    held = dict(before.held)
    for (_, gtin, units), move in zip(take.grabs, moves, strict=True):
        held[move.holder, gtin] = (*held.get((move.holder, gtin), ()), *units)
    return Hypothesis(weight, held, before.strays, _told(before, moves), before.guests)


def _given(before: Hypothesis, giving: Giving, holder_of: HolderOf) -> Iterator[Hypothesis]:
    """Return an account continued by what a contact of hands shows to have changed carts."""
    meeting = giving.meeting
    ways = {holder_of(track): (track, to) for track, to in (giving.tracks, reversed(giving.tracks))}
    passed = {
        key: meeting.log_probability + math.log(share) + _log_onward(before, key)
        for key, share in _shares(before, giving, set(ways)).items()
        if share > SHOWN
    }
    nothing = math.log1p(-sum(math.exp(log_passed) for log_passed in passed.values()))
    yield before._replace(log_weight=before.log_weight + nothing, path=(*before.path, ()))
    for (holder, gtin), log_passed in passed.items():
        track, to = ways[holder]
        units, key = before.held[holder, gtin], (holder_of(to), gtin)
        moves = (
            Move(track, holder, gtin, -1, NOWHERE, stray=False, moment_us=meeting.time_us),
            Move(to, key[0], gtin, 1, NOWHERE, stray=False, moment_us=meeting.time_us),
        )
        yield before._replace(
            log_weight=before.log_weight + log_passed,
            held={
                **before.held,
                (holder, gtin): units[:-1],
                key: (*before.held.get(key, ()), units[-1]),
            },
            path=(*before.path, moves),
        )


def _log_onward(before: Hypothesis, key: tuple[Holder, Gtin]) -> float:
    """Return how much less likely something is to change hands for having done so before."""
    given = any(
        move.quantity > 0 and move.plate == NOWHERE and (move.holder, move.gtin) == key
        for moves in before.path
        for move in moves
    )
    return ONWARD if given else 0.0


def _shares(
    before: Hypothesis, giving: Giving, holders: AbstractSet[Holder]
) -> dict[tuple[Holder, Gtin], float]:
    """Return how likely it was each product, if something went from one cart to the other."""
    named = giving.meeting.named
    weights = {
        key: len(units) * math.exp(sum(names.log_ratio(key[1]) for names in named))
        for key, units in before.held.items()
        if units and key[0] in holders
    }
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()}


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
