"""What the gate says during a day of visits, with repeats and in disorder."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from store_engine.messages import GateCrossing, GateScan

GATE = "door-1"
Kind = Literal["card", "two methods", "debtor", "refused", "staff"]
# Shares of visits (guess: enough of each to matter in 2000).
SHARES: Mapping[Kind, float] = {
    "card": 0.80,  # a card that pays, known to nobody before: a guest
    "two methods": 0.08,  # the first method's hold cannot be raised, the second pays the rest
    "debtor": 0.04,  # the only method fails at the exit
    "refused": 0.04,  # the only method cannot be held
    "staff": 0.04,  # never charged
}


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One visit: how it comes in, and when."""

    number: int  # of its scan, which names the visit
    kind: Kind
    credential: str
    enters_s: float  # from the beginning
    leaves_s: float

    @property
    def visit(self) -> str:
        """Its id."""
        return f"{GATE}.0.{self.number}"


@dataclass(frozen=True, kw_only=True)
class Said:
    """Something the gate says, and when."""

    at_s: float
    message: GateScan | GateCrossing


def plan(
    visits: int, *, rate_hz: float, stay_s: float, seed: int, shares: Mapping[Kind, float] = SHARES
) -> list[Visit]:
    """Return visits that enter at `rate_hz` (a Poisson process) and stay `stay_s` on average."""
    draw = random.Random(seed)
    at_s, found = 0.0, []
    for number in range(visits):
        at_s += draw.expovariate(rate_hz)
        [kind] = draw.choices(list(shares), list(shares.values()))
        found.append(
            Visit(
                number=number,
                kind=kind,
                credential=f"tok_{seed}_{number}" if kind == "card" else f"{kind}-{number}",
                enters_s=at_s,
                leaves_s=at_s + draw.uniform(0.5, 1.5) * stay_s,
            )
        )
    return found


def words(
    visits: list[Visit], *, began_us: int, repeats: float, disorder_s: float, seed: int
) -> Iterator[Said]:
    """Yield what the gate says in the order it is said.

    Args:
        visits: who comes and goes.
        began_us: when the day began; message times follow the plan, whatever the disorder.
        repeats: share of messages said twice.
        disorder_s: a message is late by up to this.
        seed: of repeats and disorder.
    """
    draw = random.Random(f"{seed}/words")
    said: list[Said] = []
    crossings = sorted(visits, key=lambda visit: visit.leaves_s)
    after = len(visits)  # sequences of scans come first, then those of crossings
    for visit in visits:
        scan = GateScan(
            device=GATE,
            sequence=visit.number,
            time_us=began_us + round(visit.enters_s * 1e6),
            credential=visit.credential,
        )
        said.append(Said(at_s=visit.enters_s + draw.uniform(0, disorder_s), message=scan))
    for sequence, visit in enumerate(crossings, after):
        crossing = GateCrossing(
            device=GATE,
            sequence=sequence,
            time_us=began_us + round(visit.leaves_s * 1e6),
            direction="out",
            position=(float(visit.number), 0.0),
        )
        said.append(Said(at_s=visit.leaves_s + draw.uniform(0, disorder_s), message=crossing))
    again = [
        Said(at_s=one.at_s + draw.uniform(0, 2 * disorder_s), message=one.message)
        for one in said
        if draw.random() < repeats
    ]
    yield from sorted([*said, *again], key=lambda one: one.at_s)
