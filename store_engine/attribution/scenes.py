"""One part of a cluster, ready to extend many accounts: what they share is worked out once."""

import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

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
from store_engine.attribution.hypotheses import Hypothesis, Move, told
from store_engine.attribution.mass import HANDLING_STD_G, Unit, log_units
from store_engine.attribution.reach import Reach
from store_engine.attribution.readings import Gain, PutBack, Reading
from store_engine.attribution.swaps import Swap, Swaps
from store_engine.attribution.takes import Take, reached
from store_engine.units import Gtin, TrackId

ROUNDING = 1e-6  # sums of log weights in another order differ by less
TWICE = math.log(0.1)  # one person takes from two places at one moment (guess)

_Key = tuple[Holder, Gtin]
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

    def explain(self, before: Hypothesis, floor: float) -> list[Hypothesis]:
        """Return an account continued by everything that may explain the part.

        What has less than the log weight `floor` is left out where that spares work: most of it.
        """
        log_weight, held, strays, path, guests = before
        found: list[Hypothesis] = []
        if log_weight + self._nothing >= floor:
            later = guests if self._guest is None else (*guests, self._guest)
            found.append(Hypothesis(log_weight + self._nothing, held, strays, path, later))
        if guests and self._is_loss:
            found += self._leaving(before)
        acted = {move.track for move in path[-1]} if path[-1] else _NOBODY
        found += self._taking(before, acted, floor)
        if strays and self._is_loss:
            found += self._take_strays(before, acted)
        elif held and self._gain is not None:
            found += self._returns(self._gain, before, acted, floor)
        if held and self._swaps is not None:
            found += self._swapping(self._swaps, before, acted, floor)
        return found

    def _leaving(self, before: Hypothesis) -> Iterator[Hypothesis]:
        """Something that is nobody's goods came and goes again."""
        for guest in before.guests:
            if (guest.plate,) == self._part.plates:
                leaving = log_leaving(self._part, guest)
                if leaving > self._nothing:
                    others = tuple(other for other in before.guests if other != guest)
                    weight = before.log_weight + leaving
                    yield before._replace(log_weight=weight, guests=others)

    def _taking(
        self, before: Hypothesis, acted: AbstractSet[TrackId], floor: float
    ) -> Iterator[Hypothesis]:
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
                yield _taken(before, take, moves, weight)

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

    def _take_strays(self, before: Hypothesis, acted: AbstractSet[TrackId]) -> Iterator[Hypothesis]:
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
                    path=told(before, (move,)),
                )

    # ---- swaps -------------------------------------------------------------------------------

    def _swapping(
        self, swaps: Swaps, before: Hypothesis, acted: AbstractSet[TrackId], floor: float
    ) -> Iterator[Hypothesis]:
        """Whoever reached here may have put down what they hold and taken what lies here."""
        fitting = [
            (key, found)
            for key, units in before.held.items()
            if units and not self._belongs(key[1]) and (found := swaps.of(key[1], units[-1]))
        ]
        if not fitting:
            return
        base = before.log_weight + self._part.log_split
        for reach, holder in self._reach:
            weight = base + reached(reach, acted)
            for key, found in fitting:
                if key[0] == holder:
                    for swap in found:
                        if weight + swap.log_weight >= floor:
                            yield self._swapped(before, reach, key, swap, weight)

    def _swapped(
        self, before: Hypothesis, reach: Reach, key: _Key, swap: Swap, weight: float
    ) -> Hypothesis:
        plate, when = self._part.main_plate, self._moment_us
        holder, gtin = key
        units, spot = before.held[key], (plate, gtin)
        taken = (holder, swap.gtin)
        held = {**before.held, key: units[:-1]}
        held[taken] = (*held.get(taken, ()), swap.unit)
        strays = {**before.strays, spot: (*before.strays.get(spot, ()), units[-1])}
        moves = (
            Move(reach.track, holder, gtin, -1, plate, stray=True, moment_us=when),
            Move(reach.track, holder, swap.gtin, 1, plate, stray=False, moment_us=when),
        )
        weight += swap.log_weight
        return Hypothesis(weight, held, strays, told(before, moves), before.guests)

    # ---- returns -----------------------------------------------------------------------------

    def _returns(
        self, gain: Gain, before: Hypothesis, acted: AbstractSet[TrackId], floor: float
    ) -> Iterator[Hypothesis]:
        """Whoever reached here may have put back what they hold: by this account, or by hands."""
        fitting = self._fitting(gain, before.held)
        if not fitting:
            return
        base = before.log_weight + RETURNED + self._part.log_split
        for reach, holder in self._reach:
            weight = base + reached(reach, acted)
            owners = self._owners[holder]
            for key, backs in fitting:
                if key[0] not in owners:
                    continue
                named = weight + self._part.log_named(reach.track, key[1])
                for back in backs:
                    if named + back.log_weight >= floor:
                        came = named + self._log_came(before, holder, key)
                        if came + back.log_weight >= floor and came > -math.inf:
                            yield self._returned(before, reach, key, back, came)

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

    def _log_came(self, before: Hypothesis, holder: Holder, key: _Key) -> float:
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

    def _returned(
        self, before: Hypothesis, reach: Reach, key: _Key, back: PutBack, weight: float
    ) -> Hypothesis:
        part = self._part
        home = self._belongs(key[1])
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
