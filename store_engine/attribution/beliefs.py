"""From groups to carts: the distribution of every quantity, and what it rests on."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from store_engine.attribution.book import Book
from store_engine.attribution.clusters import Cluster
from store_engine.attribution.groups import Group, Spread
from store_engine.attribution.hypotheses import Move
from store_engine.attribution.takes import TAKES_NATS
from store_engine.signals import CartBelief, LineBelief
from store_engine.units import Gtin, MessageRef, VisitId

SURELY_NONE = 0.98  # a product absent with less than this is a doubt (guess)
CAUSES_MAX = 24  # per line, earliest first
SUREST = 1 - math.exp(-TAKES_NATS)  # explanations less likely than the rest of it are not kept
EXPLANATIONS_MAX = 12  # shown per cluster
MATERIAL = 0.05  # change of a posterior worth telling (guess)


def cart_belief(
    book: Book, visit: VisitId, *, time_us: int, kind: Literal["live", "final"]
) -> CartBelief:
    """Return the belief over a visit's whole cart: independent groups add up."""
    groups = book.groups_of(visit)
    totals: dict[Gtin, Spread] = {}
    for group in groups:
        for gtin, spread in group.spreads(visit).items():
            totals[gtin] = _convolve(totals.get(gtin, {0: 1.0}), spread)
    lines: list[LineBelief] = []
    doubts: list[LineBelief] = []
    for gtin in sorted(totals):
        quantity, posterior = max(totals[gtin].items(), key=lambda item: (item[1], -item[0]))
        if quantity == 0 and posterior >= SURELY_NONE:
            continue
        causes = _causes(groups, visit, gtin)
        line = LineBelief(gtin, quantity, min(SUREST, posterior), causes)
        (lines if quantity else doubts).append(line)
    return CartBelief(
        visit=visit,
        time_us=time_us,
        kind=kind,
        lines=tuple(lines),
        doubts=tuple(doubts),
        certainty=math.prod(group.certainty(visit) for group in groups),
    )


def is_material(before: CartBelief | None, after: CartBelief) -> bool:
    """Whether a cart changed enough to tell: other quantities, or posteriors well apart."""
    if before is None:
        return bool(after.lines or after.doubts)
    was, now = (
        {line.gtin: line for line in (*belief.lines, *belief.doubts)} for belief in (before, after)
    )
    return was.keys() != now.keys() or any(
        was[gtin].quantity != now[gtin].quantity
        or abs(was[gtin].posterior - now[gtin].posterior) > MATERIAL
        for gtin in now
    )


def explain(book: Book, visit: VisitId) -> list[dict[str, Any]]:
    """Return, cluster by cluster, the competing explanations that may concern a visit."""
    return [_account(book, cluster) for cluster in book.of_holder(visit)]


def share(group: Group, cluster: Cluster, visit: VisitId) -> float:
    """Return the probability that a visit did anything in a cluster."""
    return sum(
        probability
        for moves, probability in group.explanations(cluster)
        if any(move.holder == visit for move in moves)
    )


def _convolve(a: Spread, b: Spread) -> Spread:
    total: dict[int, float] = {}
    for n in sorted(a):
        for m in sorted(b):
            total[n + m] = total.get(n + m, 0.0) + a[n] * b[m]
    return total


def _causes(groups: Sequence[Group], visit: VisitId, gtin: Gtin) -> tuple[MessageRef, ...]:
    found = sorted(cause for group in groups for cause in group.causes(visit, gtin))
    return tuple(dict.fromkeys(ref for _, ref in found))[:CAUSES_MAX]


def _account(book: Book, cluster: Cluster) -> dict[str, Any]:
    (group,) = book.groups_with([cluster])
    explanations = group.explanations(cluster)[:EXPLANATIONS_MAX]
    return {
        "moment_us": cluster.moment_us,
        "plates": [one.step.plate for one in cluster.evidence],
        "change_g": sum(one.step.change_g for one in cluster.evidence),
        "std_g": sum(one.step.std_g**2 for one in cluster.evidence) ** 0.5,
        "steps": [
            {
                "plate": one.step.plate,
                "began_us": one.step.began_us,
                "moment_us": one.step.moment_us,
                "ended_us": one.step.ended_us,
                "change_g": one.step.change_g,
                "std_g": one.step.std_g,
            }
            for one in cluster.evidence
        ],
        "explanations": [
            {"moves": [_told(move) for move in moves], "posterior": probability}
            for moves, probability in explanations
        ],
        "distances": [
            {
                "plate": one.step.plate,
                "track": reach.track,
                "who": book.holder_of(reach.track),
                "distance_m": reach.distance_m,
                "by": reach.by,
                "time_us": reach.time_us,
                "log_ratio": reach.log_ratio,
                "cause": reach.cause,
            }
            for one in cluster.evidence
            for reach in one.reach
        ],
        "causes": _distinct(ref for one in cluster.evidence for ref in one.step.causes),
    }


def _told(move: Move) -> dict[str, Any]:
    return {
        "who": move.holder,
        "track": move.track,
        "gtin": move.gtin,
        "quantity": move.quantity,
        "plate": move.plate,
        "astray": move.stray,
    }


def _distinct(refs: Iterable[MessageRef]) -> list[str]:
    return list(dict.fromkeys(refs))
