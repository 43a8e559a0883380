"""The joint belief over clusters that must be explained together.

A group has one beam of hypotheses. Groups are independent of each other, so the cost follows
what is ambiguous, not the size of the store; `book.py` says which clusters belong together.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import takewhile
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster
from store_engine.attribution.extending import Extender
from store_engine.attribution.goods import Goods
from store_engine.attribution.handing import Hands, Passed
from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.hypotheses import Move
from store_engine.attribution.merging import NO_CLUSTERS, Beam, merged
from store_engine.attribution.readings import Reading
from store_engine.units import Gtin, MessageRef, PlateId

CAUSE_FROM = 0.05  # explanations this likely count as causes of a line (guess)
CONCERNED_FROM = 0.005  # carts touched with less than this are not told anew (guess)

Spread = Mapping[int, float]  # quantity -> probability


class Group:
    """Clusters explained together, and the surviving accounts with their probabilities."""

    def __init__(self, beam: Beam) -> None:
        self.beam = beam
        self.clusters, self.accounts = beam

    @cached_property
    def weights(self) -> Sequence[float]:
        """The probability of every account; they sum to 1."""
        top = self.accounts[0].log_weight
        likelihoods = [math.exp(account.log_weight - top) for account in self.accounts]
        total = math.fsum(likelihoods)
        return [likelihood / total for likelihood in likelihoods]

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
    def left_astray(self) -> frozenset[tuple[PlateId, Gtin]]:
        """What any account knows to have been put where it does not belong, taken again or not."""
        return frozenset(
            (move.plate, move.gtin)
            for explained in self.explained
            for moves, _ in explained
            for move in moves
            if move.is_left_astray
        )

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
        holders = {holder for account in self.accounts for holder, _ in account.held}
        found: dict[Holder, dict[frozenset[tuple[Gtin, int]], float]] = {who: {} for who in holders}
        for account, weight in zip(self.accounts, self.weights, strict=True):
            carts: dict[Holder, list[tuple[Gtin, int]]] = {who: [] for who in holders}
            for (holder, gtin), units in account.held.items():
                if units:
                    carts[holder].append((gtin, len(units)))
            for holder, goods in carts.items():
                cart = frozenset(goods)
                found[holder][cart] = found[holder].get(cart, 0.0) + weight
        return {holder: max(likely.values()) for holder, likely in found.items()}

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


class _Story(NamedTuple):
    """What a group rests on: the groups that a cluster ties together, and the cluster itself."""

    stage: Stage
    reading: Reading
    before: tuple[Group, ...]


class Joint:
    """Explains groups; remembers what it explained, which changes no result."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods
        self._extender = Extender(goods)
        self._readings: dict[Cluster, Reading] = {}
        self._groups: dict[_Story, Group] = {}  # a group comes after those it rests on

    def reading(self, cluster: Cluster) -> Reading:
        """Return what a cluster may have been by itself."""
        reading = self._readings.get(cluster)
        if reading is None:
            reading = self._readings[cluster] = Reading(cluster, self._goods)
        return reading

    def explain(self, stage: Stage, before: tuple[Group, ...], holder_of: HolderOf) -> Group:
        """Return the joint belief over a cluster and the groups of earlier ones that it ties."""
        story = _Story(stage, self.reading(stage.cluster), before)
        group = self._groups.get(story)
        if group is None:
            group = self._groups[story] = self._explain(story, holder_of)
        return group

    def _explain(self, story: _Story, holder_of: HolderOf) -> Group:
        stage, reading, before = story
        clusters, beam = reduce(merged, (group.beam for group in before), NO_CLUSTERS)
        at_once = sum(1 for _ in takewhile(stage.cluster.is_at_once_with, reversed(clusters)))
        hands = Hands(stage.passed)
        accounts = self._extender.extend(
            beam, stage.cluster, reading, hands, holder_of, at_once=at_once, swaps=stage.swaps
        )
        return Group(Beam((*clusters, stage.cluster), accounts))

    def forget_all_but(self, clusters: Iterable[Cluster]) -> None:
        """Drop what is remembered of clusters that are gone, or were read otherwise."""
        self._readings = {c: self._readings[c] for c in clusters if c in self._readings}
        kept: set[Group] = set()
        for story, group in list(self._groups.items()):
            known = self._readings.get(story.stage.cluster) is story.reading
            if known and kept.issuperset(story.before):
                kept.add(group)
            else:
                del self._groups[story]

    def forget_plates(self, plates: Iterable[PlateId]) -> frozenset[Cluster]:
        """Drop what is remembered of plates of which prior knowledge changed; return where."""
        gone = frozenset(plates)
        clusters = frozenset(one for one, it in self._readings.items() if it.plates & gone)
        for cluster in clusters:
            del self._readings[cluster]
        return clusters

    def reread(self, is_concerned: Callable[[Cluster], bool]) -> frozenset[Cluster]:
        """Read clusters anew that other knowledge may concern; return which now say otherwise."""
        concerned = [cluster for cluster in self._readings if is_concerned(cluster)]
        fresh = {cluster: Reading(cluster, self._goods) for cluster in concerned}
        changed = {c: it for c, it in fresh.items() if not it.agrees(self._readings[c])}
        self._readings |= changed
        return frozenset(changed)

    def forget(self) -> None:
        """Drop everything remembered."""
        self.forget_all_but(())
