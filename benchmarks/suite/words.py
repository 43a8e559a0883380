"""The words of the suite: a class of trials, and how a number grows with difficulty."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np

from sim.scenarios import Scenario
from store_engine.store import Store

Difficulty: TypeAlias = Literal["easy", "medium", "hard"]
DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "medium", "hard")
T = TypeVar("T")


class Graded(NamedTuple, Generic[T]):
    """One number (or choice) for each difficulty."""

    easy: T
    medium: T
    hard: T

    def at(self, difficulty: Difficulty) -> T:
        """Return the value for one difficulty."""
        return cast("T", getattr(self, difficulty))


Origin: TypeAlias = Literal["competition", "peer-bad", "ours"]
Make: TypeAlias = Callable[[Difficulty, np.random.Generator, Store], Scenario]


@dataclass(frozen=True, kw_only=True)
class TrialClass:
    """One way in which receipts go wrong, as a source of seeded scenarios."""

    name: str  # kebab-case, for example "same-moment"
    title: str  # one line a retailer understands
    origin: Origin
    peer_f1: tuple[float, float] | None = None  # lowest and highest that MPS published for it
    undecidable: str = ""  # which lines the data cannot decide, and what is missing; "": none
    make: Make
