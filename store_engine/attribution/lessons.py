"""What a settled visit teaches: the takes it probably made, and what they may have been of."""

import math
from collections.abc import Iterable, Iterator, Mapping

from store_engine.attribution.book import Book
from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.contents import Offer
from store_engine.attribution.goods import Goods, log_nothing
from store_engine.attribution.groups import Group
from store_engine.attribution.history import Holder
from store_engine.attribution.hypotheses import Move
from store_engine.attribution.knowledge import Lesson
from store_engine.attribution.readings import Reading
from store_engine.units import Gtin, PlateId, VisitId

LESSON_FROM = 0.05  # posterior of a take of one product; fainter ones teach nothing (guess)

_What = tuple[Gtin, int, PlateId]  # a product, how many, and from where


def lessons(book: Book, goods: Goods, visit: VisitId) -> list[Lesson]:
    """Return what a visit's takes teach, in event order.

    Only steps that this visit caused more likely than anybody else: one person is one witness.
    Products known to be astray teach nothing about the place where they were taken.
    """
    found = []
    for group in book.groups_of(visit):
        for at, cluster in enumerate(group.clusters):
            lesson = _lesson(group, at, book.reading(cluster), goods, visit)
            if lesson is not None:
                found.append((cluster.order, lesson))
    return [lesson for _, lesson in sorted(found, key=lambda one: one[0])]


def _lesson(group: Group, at: int, reading: Reading, goods: Goods, visit: VisitId) -> Lesson | None:
    cluster = group.clusters[at]
    who: dict[Holder, float] = {}
    what: dict[_What, float] = {}
    for move, weight in _takes(group, at):
        who[move.holder] = who.get(move.holder, 0.0) + weight
        key = (move.gtin, move.quantity, move.plate)
        what[key] = what.get(key, 0.0) + weight
    if not what or sum(what.values()) < LESSON_FROM:
        return None
    if min(who, key=lambda holder: (-who[holder], holder)) != visit:
        return None
    gtin, quantity, plate = min(what, key=lambda key: (-what[key], key))
    part = _part(cluster, gtin, quantity, plate, reading)
    if part is None:
        return None
    return Lesson(
        orders=tuple(one.order for one in cluster.evidence),
        plate=plate,
        mass_g=-part.change_g,
        var_g2=part.var_g2,
        offers=tuple(_offers(part, what, goods)),
        causes=tuple(dict.fromkeys(ref for one in part.evidence for ref in one.step.causes)),
    )


def _takes(group: Group, at: int) -> Iterator[tuple[Move, float]]:
    """Return the moves of a cluster, where it was one take of one product, with probabilities."""
    for account, weight in zip(group.accounts, group.weights, strict=True):
        moves = account.path[at]
        if len(moves) == 1 and moves[0].quantity > 0:
            move = moves[0]
            left_there = (move.plate, move.gtin) in group.left_astray
            if not move.recalled and not (left_there and _was_left(account.path[:at], move)):
                yield move, weight


def _was_left(path: Iterable[tuple[Move, ...]], taken: Move) -> bool:
    """Whether an account knows who left that product on that plate before."""
    return any(
        move.is_left_astray and (move.plate, move.gtin) == (taken.plate, taken.gtin)
        for moves in path
        for move in moves
    )


def _part(
    cluster: Cluster, gtin: Gtin, quantity: int, plate: PlateId, reading: Reading
) -> Part | None:
    """Return the part of a cluster that this take most likely was."""
    if len(cluster.parts) == 1:
        return cluster.parts[0] if cluster.parts[0].change_g < 0.0 else None
    best, found = -math.inf, None
    for shape in cluster.shapes:
        for part in shape:
            if part.change_g >= 0.0 or part.main_plate != plate:
                continue
            others = sum(log_nothing(other) for other in shape if other is not part)
            for take in reading.takes[part.run]:
                same = [(g, len(units)) for _, g, units in take.grabs] == [(gtin, quantity)]
                if same and take.log_weight + others > best:
                    best, found = take.log_weight + others, part
    return found


def _offers(part: Part, what: Mapping[_What, float], goods: Goods) -> Iterator[Offer]:
    """Return what the take may have been of, likeliest first."""
    priors = goods.priors(part)
    by_product: dict[Gtin, list[tuple[float, int]]] = {}
    for (gtin, quantity, plate), weight in what.items():
        if plate == part.main_plate:
            by_product.setdefault(gtin, []).append((weight, quantity))
    ranked = {gtin: sum(weight for weight, _ in found) for gtin, found in by_product.items()}
    for gtin in sorted(ranked, key=lambda gtin: (-ranked[gtin], gtin)):
        prior, astray = priors.of(gtin)
        yield Offer(gtin, max(by_product[gtin])[1], min(1.0, ranked[gtin]), prior, astray)
