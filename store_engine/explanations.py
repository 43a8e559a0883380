"""What `Engine.explain` returns, typed, for those who show it to people."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from store_engine.catalog import Catalog
from store_engine.units import Gtin

FAR_FETCHED = 0.001  # explanations below this do not make a cluster worth showing (guess)
BESIDES_FROM = 0.05  # what led to no line is shown if this likely of a visit's doing (guess)


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that went into (quantity > 0) or out of a cart."""

    who: str  # a visit, or "track:..." of somebody without one
    gtin: str
    quantity: int
    plate: str
    astray: bool  # from, or to, a place where it does not belong


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One account of a cluster, and its weight among those that compete."""

    moves: tuple[Move, ...]
    posterior: float


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A lasting change of one plate, see `signals.WeightStep`."""

    plate: str
    began_us: int
    moment_us: int
    ended_us: int
    change_g: float
    std_g: float


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """The closest somebody came to a plate around a step, as the inference judged it."""

    plate: str
    track: str
    who: str | None
    distance_m: float
    by: str  # "hand" or "body"
    time_us: int
    log_ratio: float  # log p(seen | they did it) - log p(seen | they were only there), nats
    cause: str  # MessageRef


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Steps that may have one cause, and everything that may have caused them."""

    moment_us: int
    change_g: float
    std_g: float
    steps: tuple[Step, ...]
    explanations: tuple[Explanation, ...]  # likeliest first
    distances: tuple[Reach, ...]
    causes: tuple[str, ...]  # MessageRefs

    @property
    def plates(self) -> tuple[str, ...]:
        """The plates that changed, each once, in the order of their steps."""
        return tuple(dict.fromkeys(step.plate for step in self.steps))

    @property
    def nearest(self) -> list[Reach]:
        """Everybody's closest approach, the closest first."""
        best: dict[str, Reach] = {}
        for reach in sorted(self.distances, key=lambda one: (one.distance_m, one.track)):
            best.setdefault(reach.track, reach)
        return list(best.values())

    def is_about(self, gtin: str, visit: str) -> bool:
        """Whether this visit moves this product in an explanation that is not far-fetched."""
        return any(
            move.gtin == gtin and move.who == visit
            for told in self.explanations
            if told.posterior >= FAR_FETCHED
            for move in told.moves
        )

    def share_of(self, visit: str) -> float:
        """Return the probability that a visit did anything here."""
        return sum(
            told.posterior
            for told in self.explanations
            if any(move.who == visit for move in told.moves)
        )


class Concern(NamedTuple):
    """What about a receipt wants explaining, and the clusters that do."""

    gtin: str | None  # of a line; None: evidence that led to no line
    clusters: tuple[Cluster, ...]


def typed(explained: Sequence[dict[str, Any]]) -> tuple[Cluster, ...]:
    """Return the plain values of `Engine.explain` as what they mean."""
    return msgspec.convert(explained, tuple[Cluster, ...])


def concerns(clusters: Sequence[Cluster], visit: str, gtins: Sequence[str]) -> list[Concern]:
    """Return one concern each line, then one of what this visit may have done besides, if any."""
    found = [
        Concern(gtin, tuple(one for one in clusters if one.is_about(gtin, visit))) for gtin in gtins
    ]
    shown = [one for concern in found for one in concern.clusters]
    rest = tuple(
        one for one in clusters if one not in shown and one.share_of(visit) >= BESIDES_FROM
    )
    return [*found, Concern(None, rest)] if rest else found


def product_name(catalog: Catalog, gtin: str) -> str:
    """Return what people call a product; its GTIN when the catalog has lost it."""
    product = catalog.products.get(Gtin(gtin))
    return product.name if product is not None else gtin


def in_words(move: Move, catalog: Catalog, *, who: str) -> str:
    """Return a move as people say it."""
    did = "took" if move.quantity > 0 else "put back"
    place = " (out of its place)" if move.astray else ""
    return f"{who} {did} {abs(move.quantity)} x {product_name(catalog, move.gtin)}{place}"


def name_of(who: str | None, accounts: Mapping[str, str]) -> str:
    """Return what to call whoever fills a cart.

    Args:
        who: a visit, "track:..." or None for somebody without one.
        accounts: of every visit.
    """
    if who is None or who.startswith("track:"):
        return "somebody without a visit"
    return f"{accounts[who]} ({who})" if who in accounts else who


def names_of(people: Sequence[str | None], accounts: Mapping[str, str]) -> list[str]:
    """Return what to call each of some people; several of one visit are numbered."""
    names = [name_of(who, accounts) for who in people]
    return [
        f"{name}, person {names[:at].count(name) + 1}" if names.count(name) > 1 else name
        for at, name in enumerate(names)
    ]
