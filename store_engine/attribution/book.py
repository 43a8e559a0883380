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
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Order, Part
from store_engine.attribution.goods import STRAY, TAKEN, Goods
from store_engine.attribution.grouping import agreeing
from store_engine.attribution.groups import Group, Joint, Stage
from store_engine.attribution.guests import Guest, log_leaving
from store_engine.attribution.hypotheses import Holder, HolderOf
from store_engine.attribution.mass import HANDLING_STD_G, Unit, log_units
from store_engine.attribution.readings import Gain
from store_engine.units import Gtin, PlateId, TrackId

NOBODY: Holder = ""  # stands for the carts of a cluster that nobody was near
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

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.fills = dict(zip(stage.cluster.tracks, stage.holders, strict=True))  # whose cart
        self.holders = sorted(set(stage.holders)) or [NOBODY]
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
        self._clusters: list[Cluster] = []  # of the entries
        self._by_holder: dict[Holder, list[int]] = {}
        self._by_plate: dict[PlateId, list[int]] = {}  # clusters that may have left anything there
        self._at: dict[Order, int] = {}  # the cluster of each step
        self._supplies: dict[Holder, list[tuple[int, _Supply]]] = {}  # and which cluster's
        self._members: dict[int, list[int]] = {}  # remembered until the next revision
        self._groups: dict[int, Group] = {}

    def revise(self, clusters: Sequence[Cluster]) -> None:
        """Hold exactly these clusters, which come in event order."""
        same = agreeing(self._clusters, clusters)
        self._leave_from(same)
        for cluster in clusters[same:]:
            self._enter(cluster)
        self._members, self._groups = {}, {}

    def rebind(self, track: TrackId) -> None:
        """Let go of all that may rest on whose cart a track fills; the next revision redoes it."""
        concerned = (track in entry.fills for entry in self._entries)
        self._leave_from(next((at for at, one in enumerate(concerned) if one), len(self._entries)))

    @property
    def clusters(self) -> list[Cluster]:
        """All clusters, in event order."""
        return list(self._clusters)

    def holders(self, cluster: Cluster) -> list[Holder]:
        """Return every cart that a cluster may concern, sorted."""
        return sorted({self.holder_of(track) for track in cluster.tracks})

    def with_steps(self, orders: Iterable[Order]) -> list[Cluster]:
        """Return the clusters that have any of these steps, in event order."""
        found = {self._at[order] for order in orders if order in self._at}
        return [self._clusters[at] for at in sorted(found)]

    def of_holder(self, holder: Holder) -> list[Cluster]:
        """Return the clusters that may concern a cart, in event order."""
        return [self._clusters[at] for at in self._by_holder.get(holder, [])]

    def groups_of(self, holder: Holder) -> list[Group]:
        """Return the groups that may concern a cart, by their first cluster."""
        return self._groups_with(self._by_holder.get(holder, []))

    @property
    def everybody(self) -> list[Holder]:
        """Every cart that any cluster may concern, and `NOBODY`."""
        return [holder for holder, clusters in self._by_holder.items() if clusters]

    def groups(
        self, holders: Iterable[Holder], is_wanted: Callable[[Cluster], bool]
    ) -> list[Group]:
        """Return the groups all of whose clusters are wanted, by their first cluster.

        Only clusters that may concern any of `holders` are asked about; others are not wanted.
        """
        asked = {at for holder in holders for at in self._by_holder.get(holder, [])}
        wanted = {at for at in asked if is_wanted(self._clusters[at])}
        return self._groups_with([at for at in wanted if wanted.issuperset(self._tied_to(at))])

    def groups_with(self, clusters: Iterable[Cluster]) -> list[Group]:
        """Return the groups of these clusters, by their first cluster."""
        return self._groups_with([self._at[cluster.order] for cluster in clusters])

    # ---- groups ------------------------------------------------------------------------------

    def _groups_with(self, clusters: Iterable[int]) -> list[Group]:
        firsts = sorted({self._tied_to(at)[0] for at in clusters})
        return [self._group(first) for first in firsts]

    def _group(self, first: int) -> Group:
        group = self._groups.get(first)
        if group is None:
            stages = tuple(self._entries[at].stage for at in self._tied_to(first))
            group = self._groups[first] = self._joint.explain(stages, self.holder_of)
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
        entry = _Entry(Stage(cluster, tuple(map(self.holder_of, cluster.tracks))))
        self._entries.append(entry)
        self._clusters.append(cluster)
        reading = self._joint.reading(cluster)
        for gain in reading.gains:
            self._tie_gain(at, entry, gain)
        for part, best in reading.losses:
            self._tie_loss(at, entry, part, best)
        for track, gtin, unit_g, log_share in reading.grabs:
            entry.supplies[_Supply(entry.fills[track], gtin, unit_g, log_share)] = None
        for one in cluster.evidence:
            self._at[one.order] = at
        for holder in entry.holders:
            self._by_holder.setdefault(holder, []).append(at)
        for supply in entry.supplies:
            self._supplies.setdefault(supply.holder, []).append((at, supply))
        for plate in entry.left_on():
            self._by_plate.setdefault(plate, []).append(at)

    def _leave_from(self, at: int) -> None:
        while len(self._entries) > at:
            self._leave()
        self._members, self._groups = {}, {}

    def _leave(self) -> None:
        entry = self._entries.pop()
        at = len(self._entries)
        for one in self._clusters.pop().evidence:
            del self._at[one.order]
        for holder in entry.holders:
            self._by_holder[holder].pop()
        for supply in entry.supplies:
            self._supplies[supply.holder].pop()
        for plate in entry.left_on():
            self._by_plate[plate].pop()
        for tied in entry.tied:
            self._entries[tied].tied.discard(at)

    def _tie(self, at: int, earlier: int) -> None:
        self._entries[at].tied.add(earlier)
        self._entries[earlier].tied.add(at)

    def _tie_gain(self, at: int, entry: _Entry, gain: Gain) -> None:
        """Tie a gain to the takes that it may undo, and note what it may leave astray."""
        found: list[tuple[float, int, _Supply]] = []
        best = gain.log_nothing
        for holder, reached in _within_reach(gain.part, entry.fills).items():
            for earlier, supply in self._supplies.get(holder, ()):
                weight = reached + (gain.log_weight(supply.gtin, supply.unit_g) + supply.log_share)
                if weight >= best - TIE_NATS:
                    best = max(best, weight)
                    found.append((weight, earlier, supply))
        if gain.guest is not None and gain.log_nothing >= best - TIE_NATS:
            entry.guests[gain.guest] = gain.log_nothing - best
        for weight, earlier, supply in found:
            if weight >= best - TIE_NATS:
                self._tie(at, earlier)
                if not self._goods.belongs(supply.gtin, gain.part.plates):
                    share = min(0.0, weight - best)
                    stray = _Stray(gain.part.main_plate, supply.gtin, supply.unit_g, share)
                    entry.strays[stray] = None

    def _tie_loss(self, at: int, entry: _Entry, part: Part, best: float) -> None:
        """Tie a loss to earlier gains that may have left what it took away."""
        for plate in part.plates:
            for earlier in self._by_plate.get(plate, []):
                for guest, share in self._entries[earlier].guests.items():
                    if log_leaving(part, guest) + share >= best - TIE_NATS:
                        self._tie(at, earlier)
                for stray in self._entries[earlier].strays:
                    if stray.plate == plate:
                        self._tie_stray(at, entry, part, earlier, stray, best)

    def _tie_stray(
        self, at: int, entry: _Entry, part: Part, earlier: int, stray: _Stray, best: float
    ) -> None:
        unit = Unit(stray.unit_g, HANDLING_STD_G**2)
        mass = log_units(-part.change_g, part.var_g2, (unit,))
        share = TAKEN + math.log(STRAY) + mass + stray.log_share - best
        if share >= -TIE_NATS:
            self._tie(at, earlier)
            reached = _within_reach(part, entry.fills)
            nearest = max(reached.values(), default=0.0)
            for holder, reach in reached.items():
                share = min(0.0, share) + reach - nearest
                entry.supplies[_Supply(holder, stray.gtin, stray.unit_g, share)] = None


def _within_reach(part: Part, fills: Mapping[TrackId, Holder]) -> dict[Holder, float]:
    """Return the best reach of every cart's people, as log likelihood ratios."""
    best: dict[Holder, float] = {}
    for reach in part.reach:
        holder = fills[reach.track]
        best[holder] = max(best.get(holder, -math.inf), reach.log_ratio)
    return best
