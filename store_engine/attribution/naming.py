"""What cameras name in somebody's hand: new there just after a take, gone just after a return.

A name is weak evidence: cameras see a hand but now and then, and name about one in seven wrongly.
So likelihood ratios are mixtures, bounded both ways. For one person and one step, the ratio of
having taken a product is p(names | they took it) / p(names | they took nothing):

- names that were there before the take as well say nothing of it: something else is being held;
- of the fresh names, the product's own share (by score) is what a right name would give, against
  how often somebody who took nothing of the kind is named with it;
- who took something may always be named with something else, and hardly any less often seen;
- the lower the scores, the nearer the ratio is to 1.

A return is the same backwards in time. Where cameras name nothing, nothing changes.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from store_engine.attribution.history import Moves
from store_engine.signals import TrackMoved, WeightStep
from store_engine.units import Gtin, TrackId, to_us

AROUND_US = to_us(2.0)  # what is taken is bagged, or out of sight, soon after (guess)
SLACK_US = to_us(0.3)  # clocks differ, and a step's moment is not a grip's (guess)
RIGHT = 0.85  # share of names that are right (guess; the simulated cameras are like that)
BY_ACCIDENT = 0.05  # somebody who took nothing is freshly named with a given product (guess)
MISNAMED = 0.3  # somebody who took a product is named with others only (guess)


class Named(NamedTuple):
    """What the names in one person's hand say about one step, as log likelihood ratios."""

    track: TrackId
    goods: tuple[tuple[Gtin, float], ...]  # of having taken (or returned) these, by GTIN
    others: float  # of having taken (or returned) anything else

    def log_ratio(self, gtin: Gtin) -> float:
        """Return the log likelihood ratio of the step being this product."""
        return next((ratio for named, ratio in self.goods if named == gtin), self.others)


def end_of_names(step: WeightStep) -> int:
    """Return until when names may tell about a step."""
    return step.moment_us + AROUND_US


def names_around(
    step: WeightStep, moves: Moves, tracks: Iterable[TrackId], until_us: int
) -> tuple[Named, ...]:
    """Return what names tell of these people and a step, by moves up to `until_us`."""
    since_us = step.moment_us - AROUND_US
    end_us = min(end_of_names(step), until_us)
    found = []
    for track in tracks:
        seen = [moved for moved in moves.between(track, since_us, end_us) if moved.in_hand]
        if seen:
            before = [moved for moved in seen if moved.time_us < step.moment_us - SLACK_US]
            after = [moved for moved in seen if moved.time_us > step.moment_us]
            fresh, known = (after, before) if step.change_g < 0.0 else (before, after)
            named = names_of(track, fresh, known)
            if named is not None:
                found.append(named)
    return tuple(found)


def names_of(
    track: TrackId, there: Sequence[TrackMoved], elsewhere: Sequence[TrackMoved]
) -> Named | None:
    """Weigh the names on one side of a moment that are not on its other side."""
    held = {gtin for moved in elsewhere for gtin, _ in moved.in_hand}
    scores: dict[Gtin, float] = {}
    blank = 1.0  # probability that none of the names means anything
    for moved in there:
        for gtin, score in moved.in_hand:
            if gtin not in held:
                scores[gtin] = scores.get(gtin, 0.0) + score
                blank *= 1.0 - score
    total = sum(scores.values())
    if total <= 0.0:
        return None
    fresh = [(gtin, _log_ratio(scores[gtin] / total, blank)) for gtin in sorted(scores)]
    lasting = [(gtin, 0.0) for gtin in sorted(held)]
    return Named(track, (*fresh, *lasting), _log_ratio(0.0, blank))


def _log_ratio(share: float, blank: float) -> float:
    return math.log(blank + (1.0 - blank) * (MISNAMED + RIGHT * share / BY_ACCIDENT))


def as_rows(named: tuple[Named, ...]) -> list[Any]:
    """Return names as plain values."""
    return [[one.track, [list(ratio) for ratio in one.goods], one.others] for one in named]


def from_rows(rows: list[Any]) -> tuple[Named, ...]:
    """Return the names of `as_rows`."""
    return tuple(
        Named(TrackId(track), tuple((Gtin(gtin), ratio) for gtin, ratio in goods), others)
        for track, goods, others in rows
    )
