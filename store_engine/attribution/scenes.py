"""One part of a cluster, ready to extend many accounts: what they share is worked out once."""

import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial

from store_engine.attribution.clusters import Part
from store_engine.attribution.goods import (
    RETURN_ASTRAY,
    RETURN_HOME,
    RETURNED,
    STRAY,
    TAKEN,
    Goods,
    log_nothing,
)
from store_engine.attribution.guests import arriving, log_leaving
from store_engine.attribution.handing import Hands
from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.hypotheses import Continuation, Hypothesis, Move, told
from store_engine.attribution.mass import HANDLING_STD_G, Unit, log_units
from store_engine.attribution.readings import Gain, PutBack, Reading
from store_engine.attribution.swaps import Swap, Swaps
from store_engine.attribution.takes import Take, reached
from store_engine.units import Gtin, PlateId, TrackId

ROUNDING = 1e-6  # sums of log weights in another order differ by less
TWICE = math.log(0.1)  # one person takes from two places at one moment (guess)

_Key = tuple[Holder, Gtin]
_Spot = tuple[PlateId, Gtin]
_NOBODY: frozenset[TrackId] = frozenset()


class Scene:
    """Everything that may explain one part, given an account of what was before."""

    def __init__(
        self,
        part: Part,
        reading: Reading,
        hands: Hands,
        holder_of: HolderOf,
        goods: Goods,
        *,
        at_once: int,
        swaps: bool,
    ) -> None:
        self._part = part
        self._at_once = at_once
        self._goods = goods
        self._hands = hands
        self._moment_us = part.evidence[0].step.moment_us
        self._nothing = log_nothing(part)
        self._guest = arriving(part)
        self._is_home: dict[Gtin, bool] = {}
        self._reach = [(reach, holder_of(reach.track)) for reach in part.reach]
        self._owners = {who: frozenset((who, *hands.of(who))) for _, who in self._reach}
        self._at_hand = frozenset[Holder]().union(*self._owners.values())
        self._takes = [
            (take, self._moves(take, holder_of), _reach_of(take, _NOBODY), take.weight_alone)
            for take in reading.takes[part.run]
        ]
        self._is_loss = part.change_g < 0.0
        self._gain = reading.gain_of.get(part.run)
        self._swaps = reading.swaps[part.run] if swaps else None

    def explain(self, before: Hypothesis, floor: float) -> list[Continuation]:
        """Return everything that may explain the part and continue an account.

        What has less than the log weight `floor` is left out where that spares work: most of it.
        """
        found: list[Continuation] = []
        nothing = before.log_weight + self._nothing
        if nothing >= floor:
            found.append(Continuation(nothing, partial(self._left, before, nothing)))
        if before.guests and self._is_loss:
            found += self._leaving(before)
        acted = {move.track for move in before.path[-1]} if before.path[-1] else _NOBODY
        found += self._taking(before, acted, floor)
        if before.strays and self._is_loss:
            found += self._take_strays(before, acted)
        elif before.held and self._gain is not None:
            found += self._returns(self._gain, before, acted, floor)
        if before.held and self._swaps is not None:
            found += self._swapping(self._swaps, before, acted, floor)
        return found

    def _left(self, before: Hypothesis, weight: float) -> Hypothesis:
        """Nobody's goods came or went; something else may have come."""
        _, held, strays, path, guests = before
        later = guests if self._guest is None else (*guests, self._guest)
        return Hypothesis(weight, held, strays, path, later)

    def _leaving(self, before: Hypothesis) -> Iterator[Continuation]:
        """Something that is nobody's goods came and goes again."""
        for guest in before.guests:
            if (guest.plate,) == self._part.plates:
                leaving = log_leaving(self._part, guest)
                if leaving > self._nothing:
                    others = tuple(other for other in before.guests if other != guest)
                    weight = before.log_weight + leaving
                    tell = partial(before._replace, log_weight=weight, guests=others)
                    yield Continuation(weight, tell)

    def _taking(
        self, before: Hypothesis, acted: AbstractSet[TrackId], floor: float
    ) -> Iterator[Continuation]:
        """Somebody takes what lies here."""
        elsewhere = self._elsewhere(before) if self._at_once else _NOBODY
        least = floor - before.log_weight - ROUNDING
        for take, moves, alone, log_alone in self._takes:
            if log_alone < least and not acted:
                return  # those that follow are less likely
            weight = before.log_weight + take.log_weight
            for reach in _reach_of(take, acted) if acted else alone:
                weight += reach
            if elsewhere and any(move.track in elsewhere for move in moves):
                weight += TWICE
            if weight >= floor:
                yield Continuation(weight, partial(_taken, before, take, moves, weight))

    def _elsewhere(self, before: Hypothesis) -> AbstractSet[TrackId]:
        """Return who acts in another cluster at the same moment."""
        latest = before.path[-1 - self._at_once : -1]
        return {move.track for moves in latest for move in moves}

    def _moves(self, take: Take, holder_of: HolderOf) -> tuple[Move, ...]:
        return tuple(
            Move(
                reach.track,
                holder_of(reach.track),
                gtin,
                len(units),
                self._part.main_plate,
                not self._belongs(gtin),
                take.recalled,
                self._moment_us,
            )
            for reach, gtin, units in take.grabs
        )

    def _belongs(self, gtin: Gtin) -> bool:
        """Whether a product's place is on any of the part's plates."""
        is_home = self._is_home.get(gtin)
        if is_home is None:
            is_home = self._is_home[gtin] = self._goods.belongs(gtin, self._part.plates)
        return is_home

    # ---- strays ------------------------------------------------------------------------------

    def _take_strays(
        self, before: Hypothesis, acted: AbstractSet[TrackId]
    ) -> Iterator[Continuation]:
        """Goods that lie here though they belong elsewhere may be taken again."""
        part = self._part
        here = [spot for spot in sorted(before.strays) if spot[0] in part.plates]
        for spot in here:
            mass = log_units(-part.change_g, part.var_g2, before.strays[spot][-1:])
            stray = before.log_weight + TAKEN + math.log(STRAY / len(here)) + mass
            for reach, holder in self._reach:
                named = part.log_named(reach.track, spot[1])
                weight = stray + named + part.log_split + reached(reach, acted)
                tell = partial(self._took_stray, before, reach.track, holder, spot, weight)
                yield Continuation(weight, tell)

    def _took_stray(
        self, before: Hypothesis, track: TrackId, holder: Holder, spot: _Spot, weight: float
    ) -> Hypothesis:
        plate, gtin = spot
        units = before.strays[spot]
        strays = {**before.strays, spot: units[:-1]}
        if not strays[spot]:
            del strays[spot]
        pieces = (*before.held.get((holder, gtin), ()), units[-1])
        held = {**before.held, (holder, gtin): pieces}
        move = Move(track, holder, gtin, 1, plate, stray=True, moment_us=self._moment_us)
        return Hypothesis(weight, held, strays, told(before, (move,)), before.guests)

    # ---- swaps -------------------------------------------------------------------------------

    def _swapping(
        self, swaps: Swaps, before: Hypothesis, acted: AbstractSet[TrackId], floor: float
    ) -> Iterator[Continuation]:
        """Whoever reached here may have put down what they hold and taken what lies here."""
        fitting = [
            (key, found)
            for key, units in before.held.items()
            if units and key[0] in self._owners and not self._belongs(key[1])
            if (found := swaps.of(key[1], units[-1]))
        ]
        if not fitting:
            return
        base = before.log_weight + self._part.log_split
        for reach, holder in self._reach:
            acting = base + reached(reach, acted)
            for key, found in fitting:
                if key[0] == holder:
                    for swap in found:
                        weight = acting + swap.log_weight
                        if weight >= floor:
                            tell = partial(self._swapped, before, reach.track, key, swap, weight)
                            yield Continuation(weight, tell)

    def _swapped(
        self, before: Hypothesis, track: TrackId, key: _Key, swap: Swap, weight: float
    ) -> Hypothesis:
        plate, when = self._part.main_plate, self._moment_us
        holder, gtin = key
        units, spot = before.held[key], (plate, gtin)
        taken = (holder, swap.gtin)
        held = {**before.held, key: units[:-1]}
        held[taken] = (*held.get(taken, ()), swap.unit)
        strays = {**before.strays, spot: (*before.strays.get(spot, ()), units[-1])}
        moves = (
            Move(track, holder, gtin, -1, plate, stray=True, moment_us=when),
            Move(track, holder, swap.gtin, 1, plate, stray=False, moment_us=when),
        )
        return Hypothesis(weight, held, strays, told(before, moves), before.guests)

    # ---- returns -----------------------------------------------------------------------------

    def _returns(
        self, gain: Gain, before: Hypothesis, acted: AbstractSet[TrackId], floor: float
    ) -> Iterator[Continuation]:
        """Whoever reached here may have put back what they hold: by this account, or by hands."""
        fitting = self._fitting(gain, before.held)
        if not fitting:
            return
        taken_us = _first_taken_us(before) if self._hands else {}
        base = before.log_weight + RETURNED + self._part.log_split
        for reach, holder in self._reach:
            acting = base + reached(reach, acted)
            owners = self._owners[holder]
            for key, backs in fitting:
                if key[0] not in owners:
                    continue
                came = acting + self._part.log_named(reach.track, key[1])
                if key[0] != holder:
                    came += self._hands.log_probability(holder, key[0], taken_us[key])
                place = RETURN_HOME if self._belongs(key[1]) else RETURN_ASTRAY
                for back in backs:
                    if came + back.log_weight >= floor and came > -math.inf:
                        weight = came + (back.log_weight + place)
                        tell = partial(self._returned, before, reach.track, key, back, weight)
                        yield Continuation(weight, tell)

    def _fitting(
        self, gain: Gain, held: Mapping[_Key, tuple[Unit, ...]]
    ) -> list[tuple[_Key, Sequence[PutBack]]]:
        """Return what is in the carts of people at hand, and as light or heavy as what came."""
        at_hand, put_back = self._at_hand, gain.put_back
        return [
            (key, backs)
            for key, units in held.items()
            if key[0] in at_hand and (backs := put_back(units))
        ]

    def _returned(
        self, before: Hypothesis, track: TrackId, key: _Key, back: PutBack, weight: float
    ) -> Hypothesis:
        part, (owner, gtin) = self._part, key
        home = self._belongs(gtin)
        strays = before.strays
        if not home:
            spot = (part.main_plate, gtin)
            var = (part.var_g2 + HANDLING_STD_G**2) / back.quantity**2
            piece = Unit(part.change_g / back.quantity, var)
            strays = {**strays, spot: (*strays.get(spot, ()), *(piece,) * back.quantity)}
        move = Move(
            track, owner, gtin, -back.quantity, part.main_plate,
            stray=not home, moment_us=self._moment_us,
        )  # fmt: skip
        held = {**before.held, key: back.kept}
        return Hypothesis(weight, held, strays, told(before, (move,)), before.guests)


def _reach_of(take: Take, acted: AbstractSet[TrackId]) -> list[float]:
    """Return what reach adds for everybody in a take, and for acting twice, as log weights."""
    busy = set(acted)
    found = []
    for reach, _, _ in take.grabs:
        found.append(reached(reach, busy))
        busy.add(reach.track)
    if any(reach.track in acted for reach, _, _ in take.grabs):
        found.append(TWICE)
    return found


def _taken(before: Hypothesis, take: Take, moves: tuple[Move, ...], weight: float) -> Hypothesis:
    held = dict(before.held)
    for (_, gtin, units), move in zip(take.grabs, moves, strict=True):
        key = (move.holder, gtin)
        held[key] = (*held.get(key, ()), *units)
    return Hypothesis(weight, held, before.strays, told(before, moves), before.guests)


def _first_taken_us(before: Hypothesis) -> dict[_Key, int]:
    """Return when, by an account, the first of each product came into each cart."""
    taken = (move for moves in before.path for move in moves if move.quantity > 0)
    found: dict[_Key, int] = {}
    for move in taken:
        found.setdefault((move.holder, move.gtin), move.moment_us)
    return found
