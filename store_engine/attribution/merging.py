"""Independent groups that turn out to be tied: their accounts, two by two.

Until something ties them, what happened in one group says nothing about the other. So the joint
belief is the product of both, and its likeliest accounts are found without looking at any cluster
again. Source: merging of clusters in multiple hypothesis tracking; Reid (1979), section III-D.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeVar

from store_engine.attribution.clusters import Cluster
from store_engine.attribution.hypotheses import BEAM, BEAM_NATS, NOTHING_YET, Hypothesis
from store_engine.attribution.mass import Unit

Key = TypeVar("Key")


class Beam(NamedTuple):
    """Clusters in event order, and the surviving accounts of them, best first."""

    clusters: tuple[Cluster, ...]
    accounts: Sequence[Hypothesis]


NO_CLUSTERS = Beam((), (NOTHING_YET,))


def merged(one: Beam, other: Beam) -> Beam:
    """Return the joint belief of two beams that are independent of each other."""
    if not one.clusters:
        return other
    both = (*one.clusters, *other.clusters)
    places = sorted(range(len(both)), key=lambda at: both[at].order)
    in_order = itemgetter(*places)
    pairs = [
        (first.log_weight + second.log_weight, first, second)
        for rank, first in enumerate(one.accounts)
        for second in other.accounts[: BEAM // (rank + 1)]  # of the rest, as many are likelier
    ]
    pairs.sort(key=itemgetter(0), reverse=True)
    floor = pairs[0][0] - BEAM_NATS
    accounts = [
        Hypothesis(
            log_weight=log_weight,
            held=_added(first.held, second.held),
            strays=_added(first.strays, second.strays),
            path=in_order((*first.path, *second.path)),
            guests=(*first.guests, *second.guests),
        )
        for log_weight, first, second in pairs[:BEAM]
        if log_weight >= floor
    ]
    return Beam(in_order(both), accounts)


def _added(
    some: Mapping[Key, tuple[Unit, ...]], more: Mapping[Key, tuple[Unit, ...]]
) -> Mapping[Key, tuple[Unit, ...]]:
    return {**some, **{key: (*some.get(key, ()), *units) for key, units in more.items()}}
