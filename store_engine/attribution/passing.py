"""Goods that change carts in a contact of hands, where the last holder pays."""

import math
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from store_engine.attribution.giving import Giving
from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.hypotheses import Hypothesis, Move
from store_engine.units import Gtin, PlateId

ONWARD = math.log(0.1)  # something that was given is given on, or back (guess)
SHOWN = 0.5  # share of all pieces at hand above which one is shown to be what changed hands
NOWHERE = PlateId("")  # goods that changed hands came from no plate


def given(before: Hypothesis, giving: Giving, holder_of: HolderOf) -> Iterator[Hypothesis]:
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
