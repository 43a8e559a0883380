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

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from store_engine.attribution.guests import Guest
from store_engine.attribution.history import Holder
from store_engine.attribution.mass import Unit
from store_engine.units import Gtin, PlateId, TrackId

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

    @property
    def is_left_astray(self) -> bool:
        """Whether something was put where it does not belong."""
        return self.stray and self.quantity < 0


class Hypothesis(NamedTuple):
    """One account; values are never changed in place."""

    log_weight: float
    held: Mapping[tuple[Holder, Gtin], tuple[Unit, ...]]
    strays: Mapping[tuple[PlateId, Gtin], tuple[Unit, ...]]
    path: tuple[tuple[Move, ...], ...]  # moves of each cluster, in order
    guests: tuple[Guest, ...] = ()  # weights on plates that are nobody's goods


class Continuation(NamedTuple):
    """An account continued by one explanation; told in full only if it is likely enough."""

    log_weight: float
    tell: Callable[[], Hypothesis]


NOTHING_YET = Hypothesis(0.0, {}, {}, ())


Weighted = TypeVar("Weighted", Hypothesis, Continuation)


def prune(found: list[Weighted]) -> list[Weighted]:
    """Return the likeliest accounts, best first; ties keep the order they were found in."""
    found.sort(key=lambda h: -h.log_weight)
    floor = found[0].log_weight - BEAM_NATS
    return [h for h in found[:BEAM] if h.log_weight >= floor]


def told(before: Hypothesis, moves: tuple[Move, ...]) -> tuple[tuple[Move, ...], ...]:
    """Return an account's moves, with these added to its latest cluster."""
    return (*before.path[:-1], (*before.path[-1], *moves))
