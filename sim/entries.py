"""Who came in on what, what it owes, and what people carry."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sim.stock import Unit
from store_engine.units import Gtin

Done: TypeAlias = Callable[[float], bool]  # what a shopper waits for; asked at every tick
Waits: TypeAlias = Iterator[Done]  # something that takes its time
Act: TypeAlias = Generator[Done, None, bool]  # something a shopper does; whether it came off


class Trouble(NamedTuple):
    """Why something could not be done."""

    why: str
    passes: bool = False  # worth waiting for


EMPTY = Trouble("nothing of it stands there")
NOT_CARRIED = Trouble("not carried")
NOBODY = Trouble("the other one never stood still at a shelf")
CROWDED = Trouble("no room to stand there", passes=True)
IN_THE_WAY = Trouble("somebody is in the way", passes=True)
BUSY = Trouble("another hand is in there", passes=True)


@dataclass(eq=False)
class Entry:
    """One entry of one account: who came in on it, and what it owes."""

    credential: str | None  # None: a tailgater's; "": not chosen yet
    account: str = ""
    people: list[str] = field(default_factory=list)
    owed: Counter[Gtin] = field(default_factory=Counter)
    inside: int = 0  # people who have not left yet


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One unit somebody carries, and the entry that pays for it."""

    unit: Unit
    payer: Entry
    own: bool  # False: it was handed over
