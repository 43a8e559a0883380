"""The joint belief over clusters that must be explained together.

A group has one beam of hypotheses. Groups are independent of each other, so the cost follows
what is ambiguous, not the size of the store; `book.py` says which clusters belong together.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster
from store_engine.attribution.goods import Goods
from store_engine.attribution.hypotheses import (
    NOTHING_YET,
    Extender,
    Holder,
    HolderOf,
    Hypothesis,
    Move,
    Run,
)
from store_engine.attribution.takes import Take, takes_of
from store_engine.units import Gtin, MessageRef, PlateId, TrackId

CAUSE_FROM = 0.05  # explanations this likely count as causes of a line (guess)
CONCERNED_FROM = 0.005  # carts touched with less than this are not told anew (guess)

Spread = Mapping[int, float]  # quantity -> probability


class Group:
    """Clusters explained together, and the surviving accounts with their probabilities."""

    def __init__(self, clusters: tuple[Cluster, ...], accounts: Sequence[Hypothesis]) -> None:
        self.clusters = clusters
        self.accounts = accounts
        top = accounts[0].log_weight
        likelihoods = [math.exp(account.log_weight - top) for account in accounts]
        total = math.fsum(likelihoods)
        self.weights = [likelihood / total for likelihood in likelihoods]  # sum to 1

    def spreads(self, holder: Holder) -> Mapping[Gtin, Spread]:
        """Return the distribution of every quantity that this group put into a cart."""
        return self._spreads.get(holder, {})

    def causes(self, holder: Holder, gtin: Gtin) -> Sequence[tuple[int, MessageRef]]:
        """Return (time, message) of the evidence behind a quantity."""
        return self._causes.get((holder, gtin), ())

    @cached_property
    def concerned(self) -> frozenset[Holder]:
        """Every cart that this group probably put something into, or took something out of."""
        return frozenset(
            move.holder
            for explained in self.explained
            for moves, probability in explained
            if probability >= CONCERNED_FROM
            for move in moves
        )

    def explanations(self, cluster: Cluster) -> list[tuple[tuple[Move, ...], float]]:
        """Return (moves, probability) of one cluster, likeliest first; no moves: nobody."""
        return self.explained[[one.key for one in self.clusters].index(cluster.key)]

    @cached_property
    def explained(self) -> list[list[tuple[tuple[Move, ...], float]]]:
        """The explanations of every cluster, in order."""
        return [self._explain(at) for at in range(len(self.clusters))]

    @cached_property
    def strays(self) -> Mapping[tuple[PlateId, Gtin], float]:
        """The probability that a product lies in a wrong place."""
        found: dict[tuple[PlateId, Gtin], float] = {}
        for account, weight in zip(self.accounts, self.weights, strict=True):
            for key in account.strays:
                found[key] = found.get(key, 0.0) + weight
        return found

    @cached_property
    def _spreads(self) -> dict[Holder, dict[Gtin, dict[int, float]]]:
        found: dict[Holder, dict[Gtin, dict[int, float]]] = {}
        for key in sorted({key for account in self.accounts for key in account.held}):
            spread: dict[int, float] = {}
            for account, weight in zip(self.accounts, self.weights, strict=True):
                quantity = len(account.held.get(key, ()))
                spread[quantity] = spread.get(quantity, 0.0) + weight
            found.setdefault(key[0], {})[key[1]] = spread
        return found

    @cached_property
    def _causes(self) -> dict[tuple[Holder, Gtin], list[tuple[int, MessageRef]]]:
        found: dict[tuple[Holder, Gtin], list[tuple[int, MessageRef]]] = {}
        for cluster, explained in zip(self.clusters, self.explained, strict=True):
            likely = {
                (move.holder, move.gtin, move.track)
                for moves, probability in explained
                if probability >= CAUSE_FROM
                for move in moves
            }
            for holder, gtin, track in sorted(likely):
                found.setdefault((holder, gtin), []).extend(_evidence(cluster, track))
        return found

    def _explain(self, at: int) -> list[tuple[tuple[Move, ...], float]]:
        found: dict[tuple[Move, ...], float] = {}
        for account, weight in zip(self.accounts, self.weights, strict=True):
            found[account.path[at]] = found.get(account.path[at], 0.0) + weight
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _evidence(cluster: Cluster, track: TrackId) -> Iterable[tuple[int, MessageRef]]:
    for one in cluster.evidence:
        yield from ((one.step.moment_us, ref) for ref in one.step.causes)
        yield from ((r.time_us, r.cause) for r in one.reach if r.track == track)


class Grab(NamedTuple):
    """A product that somebody may have taken in one cluster."""

    track: TrackId
    gtin: Gtin
    unit_g: float
    log_share: float  # how much less likely than the likeliest explanation of its part, <= 0


def _grabs(parts: Iterable[Sequence[Take]]) -> list[Grab]:
    """Return the likeliest way to each (track, product, mass), over all parts."""
    found: dict[tuple[TrackId, Gtin, float], float] = {}
    for takes in parts:
        for take in takes:
            log_share = take.weight_alone - takes[0].weight_alone
            for reach, gtin, units in take.grabs:
                key = (reach.track, gtin, units[0].mass_g)
                found[key] = max(log_share, found.get(key, log_share))
    return [Grab(*key, log_share) for key, log_share in sorted(found.items())]


class _Stage(NamedTuple):
    """The beam after one cluster of a group."""

    key: object
    beam: Sequence[Hypothesis]


def _stage_key(cluster: Cluster, holder_of: HolderOf) -> object:
    return (cluster.key, tuple(holder_of(track) for track in cluster.tracks))


class Joint:
    """Explains groups; remembers what it explained, which changes no result."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods
        self._extender = Extender(goods)
        self._takes: dict[object, dict[Run, list[Take]]] = {}
        self._grabs: dict[object, list[Grab]] = {}
        self._groups: dict[tuple[object, ...], Group] = {}
        self._beams: dict[object, list[_Stage]] = {}

    def takes(self, cluster: Cluster) -> Mapping[Run, Sequence[Take]]:
        """Return who may have taken what, part by part."""
        takes = self._takes.get(cluster.key)
        if takes is None:
            takes = {part.run: takes_of(part, self._goods) for part in cluster.parts}
            self._takes[cluster.key] = takes
        return takes

    def grabs(self, cluster: Cluster) -> Sequence[Grab]:
        """Return the pieces that somebody may have taken in a cluster."""
        grabs = self._grabs.get(cluster.key)
        if grabs is None:
            grabs = self._grabs[cluster.key] = _grabs(self.takes(cluster).values())
        return grabs

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
        return Group(clusters, beam)

    def forget_all_but(self, clusters: Sequence[Cluster]) -> None:
        """Drop what is remembered of clusters that are gone."""
        keys = {cluster.key for cluster in clusters}
        self._takes = {key: takes for key, takes in self._takes.items() if key in keys}
        self._grabs = {key: grabs for key, grabs in self._grabs.items() if key in keys}
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
