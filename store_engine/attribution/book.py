"""Which clusters must be explained together.

Takes by themselves are independent: the total over them is a convolution. What ties clusters
together is conservation. A return is tied to the earlier takes that may have put the returned
piece into the cart of somebody within reach; a take is tied to an earlier return that may have
left a stray on its plate, or a guest (`guests.py`). Connected clusters form a group. `ties.py`
says which ties are made.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from store_engine.attribution.clusters import Cluster, Order
from store_engine.attribution.goods import Goods
from store_engine.attribution.grouping import agreeing
from store_engine.attribution.groups import Group, Joint
from store_engine.attribution.handing import Chains
from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.readings import Reading
from store_engine.attribution.register import Register
from store_engine.attribution.ties import Ties
from store_engine.units import TrackId


class Book:
    """Clusters in event order, tied into groups. Revised cheaply where only the end changed."""

    def __init__(self, joint: Joint, goods: Goods, chains: Chains, holder_of: HolderOf) -> None:
        self._joint = joint
        self._goods = goods
        self._chains = chains
        self.holder_of = holder_of
        self._heard_us = 0  # meetings up to then are known
        self._register = Register()
        self._ties = Ties(self._register, joint, goods, chains, holder_of)
        self._groups: dict[int, Group] = {}  # by their last entry, as far as anybody asked

    # ---- revision ----------------------------------------------------------------------------

    def revise(self, clusters: Sequence[Cluster], heard_us: int) -> None:
        """Hold exactly these clusters, which come in event order; meetings up to `heard_us`."""
        self._leave_from(self._same_until(clusters, heard_us))
        self._heard_us = heard_us
        for cluster in clusters[len(self._register) :]:
            self._register.append(self._ties.entry(cluster, heard_us))

    def variant(self, clusters: Sequence[Cluster], heard_us: int) -> "Book":
        """Return a book that holds these clusters instead; it shares what is the same."""
        other = Book(self._joint, self._goods, self._chains, self.holder_of)
        same = self._same_until(clusters, heard_us)
        for entry in self._register.entries[:same]:
            other._register.append(entry)
        other._groups = {last: group for last, group in self._groups.items() if last < same}
        other._heard_us = min(heard_us, self._heard_us)
        other.revise(clusters, heard_us)
        return other

    def rebind(self, track: TrackId) -> None:
        """Let go of all that may rest on whose cart a track fills; the next revision redoes it."""
        self._chains.forget()
        self._leave_if(track in entry.fills for entry in self._register.entries)

    def redo(self, clusters: AbstractSet[Cluster]) -> None:
        """Let go of all that may rest on what these clusters were read as."""
        self._leave_if(cluster in clusters for cluster in self._register.clusters)

    def _same_until(self, clusters: Sequence[Cluster], heard_us: int) -> int:
        """Return how many entries are those of `clusters`, and rest on no meetings unknown then."""
        own = self._register.clusters
        same = agreeing(own, clusters)
        heard_us = min(heard_us, self._heard_us)
        late = range(bisect_right(own, heard_us, hi=same, key=_moment), same)
        return next((at for at in late if self._joint.reading(own[at]).gains), same)

    def _leave_if(self, is_concerned: Iterable[bool]) -> None:
        """Let go of the first entry that is concerned, and of all after it."""
        at = next((at for at, it in enumerate(is_concerned) if it), len(self._register))
        self._leave_from(at)

    def _leave_from(self, at: int) -> None:
        while len(self._register) > at:
            self._register.pop()
            self._groups.pop(len(self._register), None)

    # ---- clusters ----------------------------------------------------------------------------

    @property
    def clusters(self) -> list[Cluster]:
        """All clusters, in event order."""
        return list(self._register.clusters)

    def holders(self, cluster: Cluster) -> list[Holder]:
        """Return every cart that a cluster may concern, sorted; `NOBODY` where there is none."""
        (at,) = self._register.at([cluster.order])
        return list(self._register.entries[at].holders)

    def with_steps(self, orders: Iterable[Order]) -> list[Cluster]:
        """Return the clusters that have any of these steps, in event order."""
        return [self._register.clusters[at] for at in self._register.at(orders)]

    def of_holder(self, holder: Holder) -> list[Cluster]:
        """Return the clusters that may concern a cart, in event order."""
        return [self._register.clusters[at] for at in self._register.of_holder(holder)]

    def reading(self, cluster: Cluster) -> Reading:
        """Return what a cluster may have been by itself."""
        return self._joint.reading(cluster)

    @property
    def everybody(self) -> list[Holder]:
        """Every cart that any cluster may concern, and `NOBODY`."""
        return self._register.holders

    # ---- groups ------------------------------------------------------------------------------

    def groups_of(self, holder: Holder) -> list[Group]:
        """Return the groups that may concern a cart, by their first cluster."""
        return self._groups_with(self._register.of_holder(holder))

    def groups_with(self, clusters: Iterable[Cluster]) -> list[Group]:
        """Return the groups of these clusters, by their first cluster."""
        return self._groups_with(self._register.at(cluster.order for cluster in clusters))

    def groups(
        self, holders: Iterable[Holder], is_wanted: Callable[[Cluster], bool]
    ) -> list[Group]:
        """Return the groups all of whose clusters are wanted, by their first cluster.

        Only clusters that may concern any of `holders` are asked about; others are not wanted.
        """
        register = self._register
        asked = {at for holder in holders for at in register.of_holder(holder)}
        wanted = {at for at in asked if is_wanted(register.clusters[at])}
        lasts = {last for last in wanted if register.last_tied_to(last) == last}
        return self._groups_with(
            [last for last in lasts if wanted.issuperset(register.all_tied_by(last))]
        )

    def _groups_with(self, entries: Iterable[int]) -> list[Group]:
        lasts = {self._register.last_tied_to(at) for at in entries}
        return sorted(map(self._group, lasts), key=_first)

    def _group(self, last: int) -> Group:
        if last not in self._groups:
            register = self._register
            for at in register.all_tied_by(last):
                if at not in self._groups:
                    before = tuple(self._groups[earlier] for earlier in register.tied_by(at))
                    stage = register.entries[at].stage
                    self._groups[at] = self._joint.explain(stage, before, self.holder_of)
        return self._groups[last]


def _moment(cluster: Cluster) -> int:
    return cluster.moment_us


def _first(group: Group) -> Order:
    return group.clusters[0].order
