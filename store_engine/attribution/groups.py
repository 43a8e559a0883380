"""Which clusters must be explained together, and the joint belief over each such group.

Takes by themselves are independent: the total over them is a convolution. What ties clusters
together is conservation. A return is tied to every earlier take that may have put the returned
piece into the cart of somebody within reach; a take is tied to an earlier return that may have
left a stray on its plate. Connected clusters form a group with one beam of hypotheses, so the
cost follows what is ambiguous, not the size of the store.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.goods import UNITS_MAX, Goods
from store_engine.attribution.hypotheses import (
    NOTHING_YET,
    Extender,
    Holder,
    HolderOf,
    Hypothesis,
    Move,
    Run,
    Take,
)
from store_engine.attribution.mass import could_reweigh
from store_engine.units import Gtin, PlateId

Spread = Mapping[int, float]  # quantity -> probability


class Group(NamedTuple):
    """Clusters explained together, and the surviving accounts with their probabilities."""

    clusters: tuple[Cluster, ...]
    accounts: tuple[Hypothesis, ...]
    weights: tuple[float, ...]  # sum to 1

    def spreads(self, holder: Holder) -> dict[Gtin, Spread]:
        """Return the distribution of every quantity that this group put into a cart."""
        gtins = sorted({gtin for h in self.accounts for who, gtin in h.held if who == holder})
        spreads: dict[Gtin, Spread] = {}
        for gtin in gtins:
            spread: dict[int, float] = {}
            for account, weight in zip(self.accounts, self.weights, strict=True):
                quantity = len(account.held.get((holder, gtin), ()))
                spread[quantity] = spread.get(quantity, 0.0) + weight
            spreads[gtin] = spread
        return spreads

    def explanations(self, cluster: Cluster) -> list[tuple[tuple[Move, ...], float]]:
        """Return (moves, probability) of one cluster, likeliest first; no moves: nobody."""
        at = next(i for i, one in enumerate(self.clusters) if one.key == cluster.key)
        found: dict[tuple[Move, ...], float] = {}
        for account, weight in zip(self.accounts, self.weights, strict=True):
            moves = tuple(sorted(account.path[at]))
            found[moves] = found.get(moves, 0.0) + weight
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

    def strays(self) -> dict[tuple[PlateId, Gtin], float]:
        """Return the probability that a product lies in a wrong place."""
        found: dict[tuple[PlateId, Gtin], float] = {}
        for account, weight in zip(self.accounts, self.weights, strict=True):
            for key in account.strays:
                found[key] = found.get(key, 0.0) + weight
        return found


class Joint:
    """Explains groups; remembers what it explained, which changes no result."""

    def __init__(self, goods: Goods) -> None:
        self._extender = Extender(goods)
        self._takes: dict[object, dict[Run, list[Take]]] = {}
        self._groups: dict[tuple[object, ...], Group] = {}
        self._beams: dict[object, list[_Stage]] = {}

    def takes(self, cluster: Cluster) -> Mapping[Run, Sequence[Take]]:
        """Return who may have taken what, part by part."""
        takes = self._takes.get(cluster.key)
        if takes is None:
            takes = {part.run: self._extender.takes(part) for part in cluster.parts}
            self._takes[cluster.key] = takes
        return takes

    def explain(self, clusters: tuple[Cluster, ...], holder_of: HolderOf) -> Group:
        """Return the joint belief over clusters, which come in event order."""
        stages = tuple(_stage_key(cluster, holder_of) for cluster in clusters)
        group = self._groups.get(stages)
        if group is None:
            group = self._groups[stages] = self._explain(clusters, stages, holder_of)
        return group

    def _explain(
        self, clusters: tuple[Cluster, ...], stages: tuple[object, ...], holder_of: HolderOf
    ) -> Group:
        """Extend the beam from where it last agreed: evidence mostly comes at the end."""
        known = self._beams.setdefault(stages[0], [])
        agreed = 0
        while agreed < min(len(known), len(stages)) and known[agreed].key == stages[agreed]:
            agreed += 1
        del known[agreed:]
        beam: Sequence[Hypothesis] = known[-1].beam if known else (NOTHING_YET,)
        for key, cluster in zip(stages[agreed:], clusters[agreed:], strict=True):
            beam = self._extender.extend(beam, cluster, self.takes(cluster), holder_of)
            known.append(_Stage(key, beam))
        likelihoods = [math.exp(one.log_weight - beam[0].log_weight) for one in beam]
        total = math.fsum(likelihoods)
        return Group(clusters, tuple(beam), tuple(one / total for one in likelihoods))

    def forget_all_but(self, clusters: Sequence[Cluster]) -> None:
        """Drop what is remembered of clusters that are gone."""
        keys = {cluster.key for cluster in clusters}
        self._takes = {key: takes for key, takes in self._takes.items() if key in keys}
        self._groups = {
            stages: group
            for stages, group in self._groups.items()
            if all(cluster.key in keys for cluster in group.clusters)
        }
        firsts = {stages[0] for stages in self._groups}
        self._beams = {first: beams for first, beams in self._beams.items() if first in firsts}

    def forget(self) -> None:
        """Drop everything remembered; needed when prior knowledge changed."""
        self.forget_all_but(())


class _Stage(NamedTuple):
    """The beam after one cluster of a group."""

    key: object
    beam: Sequence[Hypothesis]


def _stage_key(cluster: Cluster, holder_of: HolderOf) -> object:
    return (cluster.key, tuple(holder_of(track) for track in cluster.tracks))


class _Given(NamedTuple):
    """Pieces that a cluster may have put into a cart."""

    holder: Holder
    gtin: Gtin
    unit_g: float


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
        self._given: list[list[_Given]] = []  # by cluster
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
        given = [
            _Given(self.holder_of(reach.track), gtin, units[0].mass_g)
            for takes in self._joint.takes(cluster).values()
            for take in takes
            for reach, gtin, units in take.grabs
        ]
        self._given.append(list(dict.fromkeys(given)))
        for part in cluster.parts:
            if part.change_g > 0.0:
                self._tie_return(at, part)
            else:
                self._tie_retake(at, part)
        for holder in self.holders(cluster):
            self._by_holder.setdefault(holder, []).append(at)

    def _tie_return(self, at: int, part: Part) -> None:
        """Tie a return to the takes that it may undo, and note what it may leave astray."""
        std_g = math.sqrt(part.var_g2)
        for holder in self._within_reach(part):
            for earlier in self._by_holder.get(holder, []):
                for given in self._given[earlier]:
                    if given.holder == holder and _fits(part.change_g, std_g, given.unit_g):
                        self._tie(at, earlier)
                        self._note_stray(at, part, given)

    def _tie_retake(self, at: int, part: Part) -> None:
        """Tie a take to the returns that may have left what it took."""
        std_g = math.sqrt(part.var_g2)
        for plate in part.plates:
            for stray in self._strays.get(plate, []):
                if could_reweigh(-part.change_g, std_g, stray.unit_g, 1):
                    self._tie(at, stray.at)
                    self._given[at] += [
                        _Given(holder, stray.gtin, stray.unit_g)
                        for holder in self._within_reach(part)
                    ]

    def _within_reach(self, part: Part) -> list[Holder]:
        return sorted({self.holder_of(reach.track) for reach in part.reach()})

    def _note_stray(self, at: int, part: Part, given: _Given) -> None:
        if self._goods.belongs(given.gtin, part.plates):
            return
        noted = self._strays.setdefault(part.main_plate, [])
        stray = _Stray(at, given.gtin, given.unit_g)
        if stray not in noted:
            noted.append(stray)

    def _tie(self, at: int, earlier: int) -> None:
        self._tied[at].add(earlier)
        self._tied[earlier].add(at)


def _fits(mass_g: float, std_g: float, unit_g: float) -> bool:
    return any(could_reweigh(mass_g, std_g, unit_g, n) for n in range(1, UNITS_MAX + 1))
