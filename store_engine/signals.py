"""Inferred words: transient, recomputable, never leave the process.

Each room turns the words on its left into these for the rooms on its right. All times are
event time in microseconds; all positions metres in the store frame (z up, floor at z = 0).
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import msgspec

from store_engine.units import AccountId, Gtin, MessageRef, PlateId, TrackId, VisitId


class Hand(NamedTuple):
    """One wrist of one person. Isotropic uncertainty `std_m` per axis, in metres."""

    x: float
    y: float
    z: float
    std_m: float


class TrackMoved(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a person is. Emitted by tracking, at most 15 times a second per track.

    A struct because it is the most frequent signal: a quarter of a dataclass's cost (measured).
    """

    track: TrackId
    time_us: int
    x: float
    y: float
    var_xx: float  # covariance of (x, y), m^2
    var_xy: float
    var_yy: float
    head: tuple[float, float, float] | None  # metres
    hands: tuple[Hand, ...]  # 0 to 2; empty where wrists are lost
    in_hand: tuple[tuple[Gtin, float], ...]  # camera scores of products held, if any
    cause: MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackEnded:
    """A person is no longer followed. Emitted by tracking after its coasting time."""

    track: TrackId
    time_us: int  # of the last observation
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightStep:
    """A lasting change of one plate's level. Emitted by shelves once the plate settled again.

    `change_g` = level after - level before, negative when something was taken, with standard
    deviation `std_g`. The change happened between `began_us` and `ended_us`; `moment_us` is the
    best single guess (largest part of the change). `across_gap`: readings between were missing.
    """

    plate: PlateId
    began_us: int
    moment_us: int
    ended_us: int
    settled_us: int
    change_g: float
    std_g: float
    across_gap: bool
    causes: tuple[MessageRef, ...]  # first and last batch that show it


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateUnsettled:
    """Something is touching a plate: evidence still to come. Emitted by shelves, on each change.

    `since_us` is None when the plate settled again.
    """

    plate: PlateId
    time_us: int
    since_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorBound:
    """A track belongs to a visit from now on (or to nobody's, `visit` None: a tailgater).

    Emitted by visits at entry, and when a broken track is joined up again.
    """

    track: TrackId
    visit: VisitId | None
    account: AccountId | None
    time_us: int
    causes: tuple[MessageRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLeaving:
    """The last person of a visit walked out; the cart must be settled. Emitted by visits."""

    visit: VisitId
    time_us: int
    causes: tuple[MessageRef, ...]


class LineBelief(NamedTuple):
    """Belief over the quantity of one product in one visit's cart.

    `posterior` is the probability that exactly `quantity` is right.
    `causes` name the recorded messages it rests on. `mass_g` is what all of it weighs, where that
    was measured: it counts for goods sold by weight.
    """

    gtin: Gtin
    quantity: int
    posterior: float
    causes: tuple[MessageRef, ...]
    mass_g: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CartBelief:
    """What attribution believes a visit holds; the whole cart, zero quantities left out.

    `kind` is "live" while evidence may still come and "final" once, at the exit.
    """

    visit: VisitId
    time_us: int
    kind: Literal["live", "final"]
    lines: tuple[LineBelief, ...]
    doubts: tuple[LineBelief, ...] = ()  # products whose leading quantity is 0 but not surely
    certainty: float = 1.0  # probability that all of `lines`, and nothing else, is right


DoubtKind = Literal["catalog_mass", "planogram"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfDoubt:
    """The store's own files must be wrong. Emitted by attribution, once per doubt.

    "catalog_mass": pieces of `gtin` weigh `found_g` give or take `std_g`, not `expected_g`.
    "planogram": `gtin` is taken where only `listed` should be; masses are 0.
    """

    kind: DoubtKind
    gtin: Gtin
    plate: PlateId  # where it was seen last
    listed: tuple[Gtin, ...]  # what the planogram puts there
    expected_g: float
    found_g: float
    std_g: float
    count: int  # pieces seen
    time_us: int
    causes: tuple[MessageRef, ...]  # messages of the latest of them
