"""Accounts extended cluster by cluster: every shape, every explanation that an account allows."""

import math
from collections.abc import Sequence

from store_engine.attribution.clusters import Cluster
from store_engine.attribution.giving import Giving
from store_engine.attribution.goods import Goods
from store_engine.attribution.handing import Hands
from store_engine.attribution.history import HolderOf
from store_engine.attribution.hypotheses import BEAM_NATS, Continuation, Hypothesis, prune
from store_engine.attribution.passing import given
from store_engine.attribution.readings import Reading
from store_engine.attribution.scenes import Scene


class Extender:
    """Extends hypotheses by clusters."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods

    def extend(
        self,
        beam: Sequence[Hypothesis],
        cluster: Cluster,
        reading: Reading,
        hands: Hands,
        holder_of: HolderOf,
        *,
        at_once: int,
        swaps: bool,
    ) -> list[Hypothesis]:
        """Return the accounts of `beam` continued by every explanation of a cluster.

        at_once: of how many of the clusters just before the moment is about the same.
        swaps: whether something may have been put down while something was taken.
        """
        if isinstance(cluster, Giving):
            return prune([after for h in beam for after in given(h, cluster, holder_of)])
        scenes = {
            part.run: Scene(
                part, reading, hands, holder_of, self._goods, at_once=at_once, swaps=swaps
            )
            for part in cluster.parts
        }
        opened = [h._replace(path=(*h.path, ())) for h in beam]
        found: list[Hypothesis] = []
        for shape in cluster.shapes:
            current = opened
            for part in sorted(shape, key=lambda part: part.change_g):  # goods leave, then arrive
                current = _continued(current, scenes[part.run])
            found += current
        return prune(found)


def _continued(beam: Sequence[Hypothesis], scene: Scene) -> list[Hypothesis]:
    """Return the likeliest accounts of a beam continued by one part."""
    found: list[Continuation] = []
    floor = -math.inf  # below this nothing found from here on survives
    for before in beam:
        for after in scene.explain(before, floor):
            found.append(after)
            if after.log_weight - BEAM_NATS > floor:
                floor = after.log_weight - BEAM_NATS
    return [after.tell() for after in prune(found)]
