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
from collections.abc import Set as AbstractSet

from store_engine.attribution.clusters import Cluster, Order, Part
from store_engine.attribution.entries import Back, Entry, Stray, slack_of, within_reach
from store_engine.attribution.giving import Giving
from store_engine.attribution.goods import STRAY, TAKEN, Goods
from store_engine.attribution.grouping import agreeing
from store_engine.attribution.groups import Group, Joint, Stage
from store_engine.attribution.guests import log_leaving
from store_engine.attribution.handing import Chains, Hands, Passed
from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.mass import HANDLING_STD_G, Unit, log_units
from store_engine.attribution.meetings import Meetings
from store_engine.attribution.readings import Gain, Supplies, Supply
from store_engine.units import PlateId, TrackId

TIE_NATS = 4.6  # pieces this much less likely to have come back are not considered (1 %; guess)
HANDED_NATS = 2.3  # ... and pieces out of another's cart that much less likely (10 %; guess)


class Book:
    """Clusters in event order, tied into groups. Revised cheaply where only the end changed."""

    def __init__(self, joint: Joint, goods: Goods, meetings: Meetings, holder_of: HolderOf) -> None:
        self._joint = joint
        self._goods = goods
        self._heard_us = 0  # meetings up to then are known
        self._chains = Chains(meetings, holder_of)
        self.holder_of = holder_of
        self._entries: list[Entry] = []
        self._clusters: list[Cluster] = []  # of the entries
        self._by_holder: dict[Holder, list[int]] = {}
        self._by_plate: dict[PlateId, list[int]] = {}  # clusters that may have left anything there
        self._at: dict[Order, int] = {}  # the cluster of each step
        self._supplies: dict[Holder, list[tuple[int, Supplies]]] = {}  # and which cluster's
        self._members: dict[int, list[int]] = {}  # remembered until the next revision
        self._groups: dict[int, Group] = {}

    def revise(self, clusters: Sequence[Cluster], heard_us: int) -> None:
        """Hold exactly these clusters, which come in event order; meetings up to `heard_us`."""
        same = agreeing(self._clusters, clusters)
        self._leave_from(min(same, self._met_until(min(heard_us, self._heard_us))))
        self._heard_us = heard_us
        for cluster in clusters[len(self._entries) :]:
            self._enter(cluster)
        self._members, self._groups = {}, {}

    def rebind(self, track: TrackId) -> None:
        """Let go of all that may rest on whose cart a track fills; the next revision redoes it."""
        self._chains.forget()
        concerned = (track in entry.fills for entry in self._entries)
        self._leave_from(next((at for at, one in enumerate(concerned) if one), len(self._entries)))

    def redo(self, clusters: AbstractSet[Cluster]) -> None:
        """Let go of all that may rest on what these clusters were read as."""
        concerned = (at for at, one in enumerate(self._clusters) if one in clusters)
        self._leave_from(next(concerned, len(self._entries)))

    @property
    def clusters(self) -> list[Cluster]:
        """All clusters, in event order."""
        return list(self._clusters)

    def holders(self, cluster: Cluster) -> list[Holder]:
        """Return every cart that a cluster may concern, sorted; `NOBODY` where there is none."""
        return list(self._entries[self._at[cluster.order]].holders)

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

    def _met_until(self, heard_us: int) -> int:
        """Return how many entries rest on no meetings after `heard_us`."""
        late = (at for at in reversed(range(len(self._clusters))))
        known = next((at for at in late if self._clusters[at].moment_us <= heard_us), -1) + 1
        returns = range(known, len(self._clusters))
        return next((at for at in returns if self._reads_gains(at)), len(self._clusters))

    def _reads_gains(self, at: int) -> bool:
        return bool(self._joint.reading(self._clusters[at]).gains)

    def _enter(self, cluster: Cluster) -> None:
        at = len(self._entries)
        reading = self._joint.reading(cluster)
        stage = Stage(cluster, tuple(map(self.holder_of, cluster.tracks)))
        entry = Entry(stage)
        if reading.gains:
            entry.stage = stage._replace(passed=self._passed(cluster, entry, reading.gains))
        self._entries.append(entry)
        self._clusters.append(cluster)
        hands = Hands(entry.stage.passed)
        backs = [Back(gain, list(self._back(entry, gain, hands))) for gain in reading.gains]
        slack = slack_of(cluster, backs, reading.losses) if entry.stage.passed else {}
        for back in backs:
            self._tie_swaps(at, entry, back.gain.part, back.best)
            self._tie_gain(at, entry, back, slack.get(back.gain.part.run, 0.0))
        for part, best in reading.losses:
            nearest = max(within_reach(part, entry.fills).values(), default=0.0)
            self._tie_swaps(at, entry, part, best + nearest)
            self._tie_loss(at, entry, part, best)
        self._tie_simultaneous(at, cluster)
        entry.supplies = reading.supplies(stage.holders)
        if isinstance(cluster, Giving):
            self._tie_giving(at, entry, cluster)
        for order in _orders(cluster):
            self._at[order] = at
        for holder in entry.holders:
            self._by_holder.setdefault(holder, []).append(at)
        for holder, supplies in entry.supplied():
            self._supplies.setdefault(holder, []).append((at, supplies))
        for plate in entry.left_on():
            self._by_plate.setdefault(plate, []).append(at)

    def _leave_from(self, at: int) -> None:
        while len(self._entries) > at:
            self._leave()
        self._members, self._groups = {}, {}

    def _leave(self) -> None:
        entry = self._entries.pop()
        at = len(self._entries)
        for order in _orders(self._clusters.pop()):
            del self._at[order]
        for holder in entry.holders:
            self._by_holder[holder].pop()
        for holder, _ in entry.supplied():
            self._supplies[holder].pop()
        for plate in entry.left_on():
            self._by_plate[plate].pop()
        for tied in entry.tied:
            self._entries[tied].tied.discard(at)

    def _tie(self, at: int, earlier: int) -> None:
        self._entries[at].tied.add(earlier)
        self._entries[earlier].tied.add(at)

    def _passed(self, cluster: Cluster, entry: Entry, gains: Sequence[Gain]) -> tuple[Passed, ...]:
        """Return what may have come into the hands of those who probably made any of the gains."""
        receivers: dict[Holder, None] = {}
        for gain in gains:
            reached = within_reach(gain.part, entry.fills)
            nearest = max(reached.values(), default=0.0)
            receivers |= {
                who: None for who, reach in reached.items() if reach >= nearest - TIE_NATS
            }
        since_us = self._clusters[0].moment_us if self._clusters else cluster.moment_us
        until_us = min(cluster.moment_us, self._heard_us)
        return tuple(
            one
            for receiver in sorted(receivers)
            for one in self._chains.to(receiver, since_us, until_us)
            if self._supplies.get(one.owner)
        )

    def _tie_gain(self, at: int, entry: Entry, back: Back, slack: float) -> None:
        """Tie a gain to the takes that it may undo, and note what it may leave astray.

        slack: how much less likely the gain's best shape is than its cluster's, <= 0.
        """
        gain, best = back.gain, back.best
        if gain.guest is not None and gain.log_nothing >= best - TIE_NATS:
            entry.guests[gain.guest] = gain.log_nothing - best
        for weight, is_own, earlier, supply in back.pieces:
            if weight >= best - (TIE_NATS if is_own else HANDED_NATS + slack):
                self._tie(at, earlier)
                entry.concern(supply.holder)
                if not self._goods.belongs(supply.gtin, gain.part.plates):
                    share = min(0.0, weight - best)
                    stray = Stray(gain.part.main_plate, supply.gtin, supply.unit_g, share)
                    entry.strays[stray] = None

    def _back(
        self, entry: Entry, gain: Gain, hands: Hands
    ) -> Iterator[tuple[float, bool, int, Supply]]:
        """Yield (log weight, out of one's own cart, cluster, piece) of all that may come back.

        Except for what is not worth a tie beside something yielded before.
        """
        least = gain.log_nothing - TIE_NATS
        for holder, reached in within_reach(gain.part, entry.fills).items():
            for owner in (holder, *hands.of(holder)):
                for earlier, supplies in self._supplies.get(owner, ()):
                    for supply, log_weight in gain.fits(supplies):
                        log_share = reached + supply.log_share
                        if log_share < least or log_share + log_weight < least:
                            continue
                        if owner != holder:
                            taken_us = self._clusters[earlier].moment_us
                            log_share += hands.log_probability(holder, owner, taken_us)
                        weight = log_share + log_weight
                        if log_share >= least and weight >= least:
                            least = max(least, weight - TIE_NATS)
                            yield weight, owner == holder, earlier, supply

    def _tie_swaps(self, at: int, entry: Entry, part: Part, best: float) -> None:
        """Tie a part to the takes of what may have been put down while something was taken."""
        swaps = self._joint.reading(entry.stage.cluster).swaps[part.run]
        near = within_reach(part, entry.fills)
        nearest = max(near.values(), default=0.0)
        for holder, reached in near.items():
            if reached < nearest - TIE_NATS:
                continue
            for earlier, supplies in self._supplies.get(holder, ()):
                for supply in supplies.pieces:
                    if (
                        supply.log_share < -TIE_NATS
                        or not swaps.may_be_for(supply.unit_g)
                        or self._goods.belongs(supply.gtin, part.plates)
                    ):
                        continue
                    brought = Unit(supply.unit_g, HANDLING_STD_G**2)
                    for swap in swaps.of(supply.gtin, brought):
                        share = reached + swap.log_weight + supply.log_share - best
                        if share >= -TIE_NATS:
                            self._tie(at, earlier)
                            entry.stage = entry.stage._replace(swaps=True)
                            share, plate = min(0.0, share), part.main_plate
                            entry.strays[Stray(plate, supply.gtin, supply.unit_g, share)] = None
                            taken = Supply(holder, swap.gtin, swap.unit.mass_g, share)
                            entry.more[taken] = None

    def _tie_simultaneous(self, at: int, cluster: Cluster) -> None:
        """Tie it to those of about the same moment that the same people may have caused.

        Who has a hand here has only one left for elsewhere, which tells two people apart.
        """
        for earlier in reversed(range(at)):
            other = self._clusters[earlier]
            if not other.is_at_once_with(cluster):
                return
            if cluster.likely & other.likely and len(cluster.likely | other.likely) > 1:
                self._tie(at, earlier)

    def _tie_giving(self, at: int, entry: Entry, giving: Giving) -> None:
        """Tie a contact of hands to the takes of what may have changed carts by it."""
        one, two = entry.stage.holders
        for giver, taker in ((one, two), (two, one)):
            for earlier, supplies in self._supplies.get(giver, ()):
                for supply in supplies.pieces:
                    log_share = supply.log_share + giving.meeting.log_probability
                    if log_share >= -TIE_NATS:
                        self._tie(at, earlier)
                        passed = Supply(taker, supply.gtin, supply.unit_g, log_share)
                        entry.more[passed] = None

    def _tie_loss(self, at: int, entry: Entry, part: Part, best: float) -> None:
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
        self, at: int, entry: Entry, part: Part, earlier: int, stray: Stray, best: float
    ) -> None:
        unit = Unit(stray.unit_g, HANDLING_STD_G**2)
        mass = log_units(-part.change_g, part.var_g2, (unit,))
        log_share = TAKEN + math.log(STRAY) + mass + stray.log_share - best
        if log_share >= -TIE_NATS:
            self._tie(at, earlier)
            reached = within_reach(part, entry.fills)
            nearest = max(reached.values(), default=0.0)
            for holder, reach in reached.items():
                share = min(0.0, log_share) + reach - nearest
                entry.more[Supply(holder, stray.gtin, stray.unit_g, share)] = None


def _orders(cluster: Cluster) -> list[Order]:
    return [one.order for one in cluster.evidence] or [cluster.order]
