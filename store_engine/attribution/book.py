"""Which clusters must be explained together.

Takes by themselves are independent: the total over them is a convolution. What ties clusters
together is conservation. A return is tied to the earlier takes that may have put the returned
piece into the cart of somebody within reach; a take is tied to an earlier return that may have
left a stray on its plate, or a guest (`guests.py`). Connected clusters form a group.

Ties that hardly matter are not made: of all pieces that a return may be, those much less likely
than the best (by reach, mass and how likely they were taken), or than no goods at all, are left
out. Large groups would cost more truth, by pruning, than such a tie holds.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.goods import (
    RETURN_ASTRAY,
    RETURN_HOME,
    RETURNED,
    STRAY,
    TAKEN,
    UNITS_MAX,
    Goods,
    log_count,
    log_nothing,
)
from store_engine.attribution.groups import Group, Joint
from store_engine.attribution.guests import Guest, arriving, log_leaving
from store_engine.attribution.hypotheses import Holder, HolderOf
from store_engine.attribution.mass import HANDLING_STD_G, Unit, could_reweigh, log_units
from store_engine.units import Gtin, PlateId

TIE_NATS = 4.6  # pieces this much less likely to have come back are not considered (1 %; guess)


class _Supply(NamedTuple):
    """A product that a cluster may have put into a cart."""

    holder: Holder
    gtin: Gtin
    unit_g: float
    log_share: float  # how much less likely than something else, <= 0


class _Stray(NamedTuple):
    """A piece that a cluster may have left in a wrong place."""

    plate: PlateId
    gtin: Gtin
    unit_g: float
    log_share: float  # how much less likely than something else, <= 0


class _Entry:
    """What one cluster contributes to the book."""

    def __init__(self, cluster: Cluster, holders: Sequence[Holder]) -> None:
        self.cluster = cluster
        self.holders = holders
        self.supplies: dict[_Supply, None] = {}  # a set that keeps its order
        self.strays: dict[_Stray, None] = {}
        self.guests: dict[Guest, float] = {}  # with how much less likely than something else
        self.tied: set[int] = set()  # to earlier and later clusters

    def left_on(self) -> list[PlateId]:
        """Return the plates on which it may have left what does not belong there."""
        strays = [stray.plate for stray in self.strays]
        return list(dict.fromkeys([*strays, *(guest.plate for guest in self.guests)]))


class Book:
    """Clusters in event order, tied into groups. Revised cheaply where only the end changed."""

    def __init__(self, joint: Joint, goods: Goods, holder_of: HolderOf) -> None:
        self._joint = joint
        self._goods = goods
        self.holder_of = holder_of
        self._entries: list[_Entry] = []
        self._by_holder: dict[Holder, list[int]] = {}
        self._by_plate: dict[PlateId, list[int]] = {}  # clusters that may have left anything there
        self._members: dict[int, list[int]] = {}  # remembered until the next revision
        self._groups: dict[int, Group] = {}

    def revise(self, clusters: Sequence[Cluster]) -> None:
        """Hold exactly these clusters, which come in event order."""
        same = 0
        for entry, cluster in zip(self._entries, clusters, strict=False):
            if entry.cluster.key != cluster.key:
                break
            same += 1
        while len(self._entries) > same:
            self._leave()
        for cluster in clusters[same:]:
            self._enter(cluster)
        self._members, self._groups = {}, {}

    @property
    def clusters(self) -> list[Cluster]:
        """All clusters, in event order."""
        return [entry.cluster for entry in self._entries]

    def holders(self, cluster: Cluster) -> list[Holder]:
        """Return every cart that a cluster may concern, sorted."""
        return sorted({self.holder_of(track) for track in cluster.tracks})

    def of_holder(self, holder: Holder) -> list[Cluster]:
        """Return the clusters that may concern a cart, in event order."""
        return [self._entries[at].cluster for at in self._by_holder.get(holder, [])]

    def groups_of(self, holder: Holder) -> list[Group]:
        """Return the groups that may concern a cart, by their first cluster."""
        return self._groups_with(self._by_holder.get(holder, []))

    def groups(self, is_wanted: Callable[[Cluster], bool]) -> list[Group]:
        """Return the groups all of whose clusters are wanted, by their first cluster."""
        wanted = [is_wanted(entry.cluster) for entry in self._entries]
        whole = [
            at
            for at, one in enumerate(wanted)
            if one and all(wanted[tied] for tied in self._tied_to(at))
        ]
        return self._groups_with(whole)

    def groups_with(self, clusters: Iterable[Cluster]) -> list[Group]:
        """Return the groups of these clusters, by their first cluster."""
        keys = {cluster.key for cluster in clusters}
        return self._groups_with(
            [at for at, entry in enumerate(self._entries) if entry.cluster.key in keys]
        )

    # ---- groups ------------------------------------------------------------------------------

    def _groups_with(self, clusters: Iterable[int]) -> list[Group]:
        firsts = sorted({self._tied_to(at)[0] for at in clusters})
        return [self._group(first) for first in firsts]

    def _group(self, first: int) -> Group:
        group = self._groups.get(first)
        if group is None:
            members = tuple(self._entries[at].cluster for at in self._tied_to(first))
            group = self._groups[first] = self._joint.explain(members, self.holder_of)
        return group

    def _tied_to(self, at: int) -> list[int]:
        """Return everything tied to a cluster, directly or through others, and itself."""
        members = self._members.get(at)
        if members is None:
            reached, edge = {at}, [at]
            while edge:
                fresh = self._entries[edge.pop()].tied - reached
                reached |= fresh
                edge += fresh
            members = sorted(reached)
            self._members.update(dict.fromkeys(members, members))
        return members

    # ---- revision ----------------------------------------------------------------------------

    def _enter(self, cluster: Cluster) -> None:
        at = len(self._entries)
        entry = _Entry(cluster, self.holders(cluster))
        self._entries.append(entry)
        for part in cluster.parts:
            if part.change_g > 0.0:
                self._tie_gain(at, entry, part)
            else:
                self._tie_loss(at, entry, part)
        for track, gtin, unit_g, log_share in self._joint.grabs(cluster):
            entry.supplies[_Supply(self.holder_of(track), gtin, unit_g, log_share)] = None
        for holder in entry.holders:
            self._by_holder.setdefault(holder, []).append(at)
        for plate in entry.left_on():
            self._by_plate.setdefault(plate, []).append(at)

    def _leave(self) -> None:
        entry = self._entries.pop()
        at = len(self._entries)
        for holder in entry.holders:
            self._by_holder[holder].pop()
        for plate in entry.left_on():
            self._by_plate[plate].pop()
        for tied in entry.tied:
            self._entries[tied].tied.discard(at)

    def _tie(self, at: int, earlier: int) -> None:
        self._entries[at].tied.add(earlier)
        self._entries[earlier].tied.add(at)

    def _tie_gain(self, at: int, entry: _Entry, part: Part) -> None:
        """Tie a gain to the takes that it may undo, and note what it may leave astray."""
        found: list[tuple[float, int, _Supply]] = []
        for holder, reached in self._within_reach(part).items():
            for earlier in self._by_holder.get(holder, []):
                for supply in self._entries[earlier].supplies:
                    if supply.holder == holder:
                        found += [
                            (reached + weight, earlier, supply)
                            for weight in self._weights(part, supply)
                        ]
        best = max((weight for weight, _, _ in found), default=-math.inf)
        nothing = log_nothing(part) - part.log_split
        best = max(best, nothing)
        guest = arriving(part)
        if guest is not None and nothing >= best - TIE_NATS:
            entry.guests[guest] = nothing - best
        for weight, earlier, supply in found:
            if weight >= best - TIE_NATS:
                self._tie(at, earlier)
                if not self._goods.belongs(supply.gtin, part.plates):
                    share = min(0.0, weight - best)
                    stray = _Stray(part.main_plate, supply.gtin, supply.unit_g, share)
                    entry.strays[stray] = None

    def _tie_loss(self, at: int, entry: _Entry, part: Part) -> None:
        """Tie a loss to earlier gains that may have left what it took away."""
        takes = self._joint.takes(entry.cluster)[part.run]
        best = max((take.log_weight for take in takes), default=log_nothing(part))
        reached = self._within_reach(part)
        nearest = max(reached.values(), default=0.0)
        for plate in part.plates:
            for earlier in self._by_plate.get(plate, []):
                for guest, share in self._entries[earlier].guests.items():
                    if log_leaving(part, guest) + share >= best - TIE_NATS:
                        self._tie(at, earlier)
                for stray in self._entries[earlier].strays:
                    unit = Unit(stray.unit_g, HANDLING_STD_G**2)
                    mass = log_units(-part.change_g, part.var_g2, (unit,))
                    share = TAKEN + math.log(STRAY) + mass + stray.log_share - best
                    if stray.plate == plate and share >= -TIE_NATS:
                        self._tie(at, earlier)
                        for holder, reach in reached.items():
                            share = min(0.0, share) + reach - nearest
                            supply = _Supply(holder, stray.gtin, stray.unit_g, share)
                            entry.supplies[supply] = None

    def _within_reach(self, part: Part) -> dict[Holder, float]:
        """Return the best reach of every cart's people, as log likelihood ratios."""
        best: dict[Holder, float] = {}
        for reach in part.reach:
            holder = self.holder_of(reach.track)
            best[holder] = max(best.get(holder, -math.inf), reach.log_ratio)
        return best

    def _weights(self, part: Part, supply: _Supply) -> Iterator[float]:
        """Return the log weight of a return being pieces of a supply, if it may be at all.

        More pieces than one cluster supplied may come back together, taken one by one.
        """
        nearest = max(1, min(round(part.change_g / supply.unit_g), UNITS_MAX))
        if could_reweigh(part.change_g, math.sqrt(part.var_g2), supply.unit_g, nearest):
            place = RETURN_HOME if self._goods.belongs(supply.gtin, part.plates) else RETURN_ASTRAY
            units = (Unit(supply.unit_g, HANDLING_STD_G**2),) * nearest
            mass = log_units(part.change_g, part.var_g2, units)
            yield RETURNED + place + log_count(nearest) + mass + supply.log_share
