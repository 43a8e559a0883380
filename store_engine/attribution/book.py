"""Which clusters must be explained together.

Takes by themselves are independent: the total over them is a convolution. What ties clusters
together is conservation. A return is tied to every earlier take that may have put the returned
piece into the cart of somebody within reach; a take is tied to an earlier return that may have
left a stray on its plate. Connected clusters form a group.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.goods import UNITS_MAX, Goods
from store_engine.attribution.groups import Group, Joint
from store_engine.attribution.hypotheses import Holder, HolderOf
from store_engine.attribution.mass import could_reweigh
from store_engine.units import Gtin, PlateId


class _Supply:
    """What one cart may hold of one product: since which clusters, and how many at most."""

    def __init__(self) -> None:
        self.since: dict[int, float] = {}  # cluster -> grams a piece
        self.quantity = 0

    def add(self, at: int, unit_g: float, quantity: int) -> None:
        if at not in self.since:
            self.quantity += quantity
        self.since[at] = unit_g


class _Stray(NamedTuple):
    """A piece that a cluster may have left in a wrong place."""

    at: int  # the cluster
    gtin: Gtin
    unit_g: float


class Book:
    """All clusters known at one point, tied into groups."""

    def __init__(
        self, clusters: Sequence[Cluster], joint: Joint, goods: Goods, holder_of: HolderOf
    ) -> None:
        self.clusters = clusters  # in event order
        self._joint = joint
        self._goods = goods
        self.holder_of = holder_of
        self._by_holder: dict[Holder, list[int]] = {}
        self._supplies: dict[Holder, dict[Gtin, _Supply]] = {}
        self._tied: list[set[int]] = [set() for _ in clusters]
        self._strays: dict[PlateId, list[_Stray]] = {}
        for at, cluster in enumerate(clusters):
            self._enter(at, cluster)

    def holders(self, cluster: Cluster) -> list[Holder]:
        """Return every cart that a cluster may concern, sorted."""
        return sorted({self.holder_of(track) for track in cluster.tracks})

    def of_holder(self, holder: Holder) -> list[Cluster]:
        """Return the clusters that may concern a cart, in event order."""
        return [self.clusters[at] for at in self._by_holder.get(holder, [])]

    def groups_of(self, holder: Holder) -> list[Group]:
        """Return the groups that may concern a cart, by their first cluster."""
        return self._groups(self._by_holder.get(holder, []))

    def groups(self, is_wanted: Callable[[Cluster], bool]) -> list[Group]:
        """Return the groups all of whose clusters are wanted, by their first cluster."""
        wanted = [is_wanted(cluster) for cluster in self.clusters]
        whole = [
            at
            for at, one in enumerate(wanted)
            if one and all(wanted[tied] for tied in self._members(at))
        ]
        return self._groups(whole)

    def group_of(self, cluster: Cluster) -> Group:
        """Return the group a cluster belongs to."""
        return self._group(self._members(self.clusters.index(cluster)))

    def _groups(self, clusters: Iterable[int]) -> list[Group]:
        found: dict[int, Group] = {}
        done: set[int] = set()
        for at in clusters:
            if at not in done:
                members = self._members(at)
                done |= set(members)
                found[members[0]] = self._group(members)
        return [found[first] for first in sorted(found)]

    def _group(self, members: Sequence[int]) -> Group:
        return self._joint.explain(tuple(self.clusters[at] for at in members), self.holder_of)

    def _members(self, at: int) -> list[int]:
        """Return everything tied to a cluster, directly or through others."""
        reached, edge = {at}, [at]
        while edge:
            fresh = self._tied[edge.pop()] - reached
            reached |= fresh
            edge += fresh
        return sorted(reached)

    def _enter(self, at: int, cluster: Cluster) -> None:
        for part in cluster.parts:
            if part.change_g > 0.0:
                self._tie_return(at, part)
            else:
                self._tie_retake(at, part)
        for grab in self._joint.grabs(cluster):
            self._supply(self.holder_of(grab.track), grab.gtin, at, grab.unit_g, grab.quantity)
        for holder in self.holders(cluster):
            self._by_holder.setdefault(holder, []).append(at)

    def _supply(self, holder: Holder, gtin: Gtin, at: int, unit_g: float, quantity: int) -> None:
        supplies = self._supplies.setdefault(holder, {})
        supplies.setdefault(gtin, _Supply()).add(at, unit_g, quantity)

    def _tie_return(self, at: int, part: Part) -> None:
        """Tie a return to the takes that it may undo, and note what it may leave astray."""
        std_g = math.sqrt(part.var_g2)
        for holder in self._within_reach(part):
            for gtin, supply in self._supplies.get(holder, {}).items():
                for earlier, unit_g in supply.since.items():
                    if _fits(part.change_g, std_g, unit_g, supply.quantity):
                        self._tie(at, earlier)
                        self._note_stray(at, part, gtin, unit_g)

    def _tie_retake(self, at: int, part: Part) -> None:
        """Tie a take to the returns that may have left what it took."""
        std_g = math.sqrt(part.var_g2)
        for plate in part.plates:
            for stray in self._strays.get(plate, []):
                if could_reweigh(-part.change_g, std_g, stray.unit_g, 1):
                    self._tie(at, stray.at)
                    for holder in self._within_reach(part):
                        self._supply(holder, stray.gtin, at, stray.unit_g, 1)

    def _within_reach(self, part: Part) -> list[Holder]:
        return sorted({self.holder_of(reach.track) for reach in part.reach()})

    def _note_stray(self, at: int, part: Part, gtin: Gtin, unit_g: float) -> None:
        if not self._goods.belongs(gtin, part.plates):
            noted = self._strays.setdefault(part.main_plate, [])
            stray = _Stray(at, gtin, unit_g)
            if stray not in noted:
                noted.append(stray)

    def _tie(self, at: int, earlier: int) -> None:
        self._tied[at].add(earlier)
        self._tied[earlier].add(at)


def _fits(mass_g: float, std_g: float, unit_g: float, quantity: int) -> bool:
    """Whether some of at most `quantity` pieces may have come back."""
    nearest = max(1, min(round(mass_g / unit_g), quantity, UNITS_MAX))
    return could_reweigh(mass_g, std_g, unit_g, nearest)
