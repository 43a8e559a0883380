"""What is dropped once nobody's cart depends on it, and what is learned from it before."""

from collections.abc import Callable

from store_engine.attribution.book import Book
from store_engine.attribution.clusters import Cluster
from store_engine.attribution.entries import NOBODY
from store_engine.attribution.goods import Goods, Stray
from store_engine.attribution.groups import Group
from store_engine.attribution.history import Holder
from store_engine.units import Gtin, PlateId

STRAY_FROM = 0.02  # strays less likely than this are not remembered (guess)
STRAYS_MAX = 256  # remembered at once, the oldest go first


def closed_groups(book: Book, before_us: int, is_closed: Callable[[Holder], bool]) -> list[Group]:
    """Return the groups whose last step settled before a time and whose carts are all closed."""
    closed = frozenset(who for who in book.everybody if who == NOBODY or is_closed(who))

    def is_done(cluster: Cluster) -> bool:
        return closed.issuperset(book.holders(cluster)) and all(
            one.step.settled_us < before_us for one in cluster.evidence
        )

    return book.groups(closed, is_done)


def learn_strays(goods: Goods, groups: list[Group]) -> list[PlateId]:
    """Remember what these groups left in wrong places, and what they took from there.

    Returns the plates of which something else is remembered now.
    """
    before = _by_plate(goods.strays)
    for group in groups:
        for key, probability in sorted(_recalled(group).items()):
            goods.strays = [_less(stray, key, probability) for stray in goods.strays]
        for (plate, gtin), probability in sorted(group.strays.items()):
            unit = next(
                account.strays[plate, gtin][-1]
                for account in group.accounts
                if (plate, gtin) in account.strays
            )
            goods.strays.append(Stray(plate, gtin, unit, probability))
    likely = [stray for stray in goods.strays if stray.probability >= STRAY_FROM]
    goods.strays = likely[-STRAYS_MAX:]
    after = _by_plate(goods.strays)
    return [plate for plate in {**before, **after} if before.get(plate) != after.get(plate)]


def _by_plate(strays: list[Stray]) -> dict[PlateId, list[Stray]]:
    found: dict[PlateId, list[Stray]] = {}
    for stray in strays:
        found.setdefault(stray.plate, []).append(stray)
    return found


def _recalled(group: Group) -> dict[tuple[PlateId, Gtin], float]:
    """Return the probability that each remembered stray was taken."""
    taken: dict[tuple[PlateId, Gtin], float] = {}
    for account, weight in zip(group.accounts, group.weights, strict=True):
        for key in {(m.plate, m.gtin) for moves in account.path for m in moves if m.recalled}:
            taken[key] = taken.get(key, 0.0) + weight
    return taken


def _less(stray: Stray, key: tuple[PlateId, Gtin], probability: float) -> Stray:
    if (stray.plate, stray.gtin) != key:
        return stray
    return stray._replace(probability=stray.probability * (1 - probability))
