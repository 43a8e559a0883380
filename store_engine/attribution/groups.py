"""The joint belief over clusters that must be explained together.

A group has one beam of hypotheses. Groups are independent of each other, so the cost follows
what is ambiguous, not the size of the store; `book.py` says which clusters belong together.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster
from store_engine.attribution.extending import Extender
from store_engine.attribution.goods import Goods
from store_engine.attribution.handing import Hands, Passed
from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.hypotheses import NOTHING_YET, Hypothesis, Move
from store_engine.attribution.readings import Reading
from store_engine.units import Gtin, MessageRef, PlateId

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

    def certainty(self, holder: Holder) -> float:
        """Return the probability of the likeliest goods that this group put into a cart."""
        return self._certainties.get(holder, 1.0)

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
        return self.explained[self.clusters.index(cluster)]

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
    def _certainties(self) -> dict[Holder, float]:
        holders = sorted({holder for account in self.accounts for holder, _ in account.held})
        found: dict[Holder, float] = {}
        for holder in holders:
            carts: dict[tuple[tuple[Gtin, int], ...], float] = {}
            for account, weight in zip(self.accounts, self.weights, strict=True):
                cart = tuple(
                    (gtin, len(units))
                    for (who, gtin), units in sorted(account.held.items())
                    if who == holder and units
                )
                carts[cart] = carts.get(cart, 0.0) + weight
            found[holder] = max(carts.values())
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
                found.setdefault((holder, gtin), []).extend(cluster.told(track))
        return found

    def _explain(self, at: int) -> list[tuple[tuple[Move, ...], float]]:
        found: dict[tuple[Move, ...], float] = {}
        for account, weight in zip(self.accounts, self.weights, strict=True):
            found[account.path[at]] = found.get(account.path[at], 0.0) + weight
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))


class Stage(NamedTuple):
    """A cluster, and whose carts the people fill who may have caused it."""

    cluster: Cluster
    holders: tuple[Holder, ...]  # of the cluster's tracks, in their order
    passed: tuple[Passed, ...] = ()  # into their hands, from other carts
    swaps: bool = False  # something may have been put down while something was taken


def _at_once(before: Sequence[Stage], stage: Stage) -> int:
    """Return how many of the stages just before are of about the same moment."""
    clusters = (one.cluster for one in reversed(before))
    return sum(1 for _ in takewhile(stage.cluster.is_at_once_with, clusters))


class _Beam(NamedTuple):
    """The accounts that survive one stage of a group."""

    stage: Stage
    accounts: Sequence[Hypothesis]


class Joint:
    """Explains groups; remembers what it explained, which changes no result."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods
        self._extender = Extender(goods)
        self._readings: dict[Cluster, Reading] = {}
        self._groups: dict[tuple[Stage, ...], Group] = {}
        self._beams: dict[Stage, list[_Beam]] = {}

    def reading(self, cluster: Cluster) -> Reading:
        """Return what a cluster may have been by itself."""
        reading = self._readings.get(cluster)
        if reading is None:
            reading = self._readings[cluster] = Reading(cluster, self._goods)
        return reading

    def explain(self, stages: tuple[Stage, ...], holder_of: HolderOf) -> Group:
        """Return the joint belief over clusters, which come in event order."""
        group = self._groups.get(stages)
        if group is None:
            group = self._groups[stages] = self._explain(stages, holder_of)
        return group

    def _explain(self, stages: tuple[Stage, ...], holder_of: HolderOf) -> Group:
        """Extend the beam from where it last agreed: evidence mostly comes at the end."""
        known = self._beams.setdefault(stages[0], [])
        agreed = 0
        while agreed < min(len(known), len(stages)) and known[agreed].stage == stages[agreed]:
            agreed += 1
        del known[agreed:]
        beam: Sequence[Hypothesis] = known[-1].accounts if known else (NOTHING_YET,)
        for stage in stages[agreed:]:
            reading, hands = self.reading(stage.cluster), Hands(stage.passed)
            at_once = _at_once([one.stage for one in known], stage)
            beam = self._extender.extend(
                beam, stage.cluster, reading, hands, holder_of, at_once=at_once, swaps=stage.swaps
            )
            known.append(_Beam(stage, beam))
        return Group(tuple(stage.cluster for stage in stages), beam)

    def forget_all_but(self, clusters: Iterable[Cluster]) -> None:
        """Drop what is remembered of clusters that are gone."""
        kept = set(clusters)
        self._forget([cluster for cluster in self._readings if cluster not in kept])

    def forget_plates(self, plates: Iterable[PlateId]) -> frozenset[Cluster]:
        """Drop what is remembered of plates of which prior knowledge changed; return where."""
        gone = frozenset(plates)
        clusters = frozenset(one for one, it in self._readings.items() if it.plates & gone)
        self._forget(clusters)
        return clusters

    def reread(self, is_concerned: Callable[[Cluster], bool]) -> frozenset[Cluster]:
        """Read clusters anew that other knowledge may concern; return which now say otherwise."""
        concerned = [cluster for cluster in self._readings if is_concerned(cluster)]
        fresh = {cluster: Reading(cluster, self._goods) for cluster in concerned}
        changed = {c: it for c, it in fresh.items() if not it.agrees(self._readings[c])}
        self._forget(changed)
        self._readings |= changed
        return frozenset(changed)

    def forget(self) -> None:
        """Drop everything remembered."""
        self.forget_all_but(())

    def _forget(self, clusters: Iterable[Cluster]) -> None:
        gone = set(clusters)
        if not gone:
            return
        for cluster in gone:
            del self._readings[cluster]
        self._groups = {
            stages: group
            for stages, group in self._groups.items()
            if gone.isdisjoint(group.clusters)
        }
        firsts = {stages[0] for stages in self._groups}
        self._beams = {
            first: list(takewhile(lambda beam: beam.stage.cluster not in gone, beams))
            for first, beams in self._beams.items()
            if first in firsts
        }
