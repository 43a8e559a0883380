"""One event into separate changes: neighbouring plates apart from others, plateau by plateau."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from benchmarks.contestants.sequential.trigger import FloatArray, WeightEvent
from store_engine.units import PlateId, ShelfId

PLATE_G = 8.0  # a plate takes part in a change from here (guess; published: 5)
PLATE_SHARE = 0.05  # ... and from this share of the largest: cross-talk reaches 1.6 % (guess)
PLATEAU_HOPS = 3  # a plateau lasts at least 0.3 s (guess)
PLATEAU_G = 12.0  # ... within which levels differ by no more (guess)


class Change(NamedTuple):
    """One change of neighbouring plates, all in one direction."""

    shelf: ShelfId
    plates: tuple[PlateId, ...]
    change_g: tuple[float, ...]  # of each plate
    moment_us: int  # when most of it happened

    @property
    def total_g(self) -> float:
        """Sum over plates; negative when something was taken."""
        return sum(self.change_g)


def split_by_plates(event: WeightEvent) -> list[Change]:
    """Return one change per run of neighbouring plates that changed in the same direction."""
    size_g = np.abs(event.change_g)
    takes_part = size_g >= max(PLATE_G, PLATE_SHARE * float(size_g.max(initial=0.0)))
    direction = np.sign(event.change_g) * takes_part
    cuts = [0, *(np.flatnonzero(np.diff(direction)) + 1).tolist(), len(direction)]
    return [
        _change(event, slice(first, end))
        for first, end in pairwise(cuts)
        if first < end and direction[first] != 0
    ]


def split_by_plateaus(event: WeightEvent, change: Change) -> list[Change]:
    """Return the steps of a change that paused on its way, in order; at least itself.

    Plateaus outside the way from before to after are a hand that pressed or lifted: left out.
    """
    first = event.plates.index(change.plates[0])
    run = slice(first, first + len(change.plates))
    plateaus = _plateaus(event.levels_g[:, run])
    before, after = event.before_g[run], event.after_g[run]
    sign = np.sign(change.total_g)
    chain: list[tuple[int, FloatArray]] = [(0, before)]
    for hop, level in plateaus:
        climbed = sign * float((level - chain[-1][1]).sum())
        left = sign * float((after - level).sum())
        if min(climbed, left) >= PLATEAU_G:
            chain.append((hop, level))
    chain.append((len(event.times_us) - 1, after))
    return [
        _step(event, run, levels=(low, high), hops=(start, end))
        for (start, low), (end, high) in pairwise(chain)
    ]


def _plateaus(levels_g: FloatArray) -> list[tuple[int, FloatArray]]:
    """Return first hop and mean level (plates,) of every still stretch of (hops, plates)."""
    found = []
    start, total = 0, levels_g.sum(axis=1)
    for end in range(1, len(total) + 1):
        if end < len(total) and np.ptp(total[start : end + 1]) <= PLATEAU_G:
            continue
        if end - start >= PLATEAU_HOPS:
            found.append((start, levels_g[start:end].mean(axis=0)))
        start = end
    return found


def _change(event: WeightEvent, run: slice) -> Change:
    ends = event.before_g[run], event.after_g[run]
    return _step(event, run, levels=ends, hops=(0, len(event.times_us) - 1))


def _step(
    event: WeightEvent, run: slice, *, levels: tuple[FloatArray, FloatArray], hops: tuple[int, int]
) -> Change:
    """Return a step of some plates; its moment is when they had changed halfway for good."""
    low, high = levels
    start, end = hops
    half_g = float((low + high).sum()) / 2
    rising = float((high - low).sum()) > 0
    over = (event.levels_g[start : end + 1, run].sum(axis=1) > half_g) == rising
    still_before = np.flatnonzero(~over)
    halfway = start + (int(still_before[-1]) if len(still_before) else 0)
    return Change(
        shelf=event.shelf,
        plates=event.plates[run],
        change_g=tuple((high - low).tolist()),
        moment_us=event.times_us[halfway],
    )
