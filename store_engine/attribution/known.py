"""Everything known of what happened, as one book; and what was known of it by an earlier time."""

from collections.abc import Set as AbstractSet
from functools import partial

from store_engine.attribution.book import Book
from store_engine.attribution.clusters import Cluster
from store_engine.attribution.evidence import Steps
from store_engine.attribution.giving import Givings
from store_engine.attribution.goods import Goods
from store_engine.attribution.grouping import Clusters, Grouping
from store_engine.attribution.groups import Joint
from store_engine.attribution.handing import Chains
from store_engine.attribution.history import Bindings, HolderOf
from store_engine.attribution.meetings import Meetings
from store_engine.store_map import StoreMap


class Known:
    """The book of all steps, kept up to date.

    givings: hand-overs that move goods between carts, where the last holder pays.
    """

    def __init__(
        self,
        store_map: StoreMap,
        goods: Goods,
        steps: Steps,
        bindings: Bindings,
        meetings: Meetings,
        givings: Givings | None,
    ) -> None:
        self.joint = Joint(goods)
        self._goods = goods
        self._grouping = Grouping(Clusters(store_map))
        self._steps = steps
        self._bindings = bindings
        self._meetings = meetings
        self._givings = givings
        self.book = self._new_book(bindings.holder)

    def start_over(self, people_us: int) -> None:
        """Remember nothing that was worked out; work out what is known by moves up to then."""
        self.joint.forget()
        self.book = self._new_book(self._bindings.holder)
        self.revise(people_us)

    def revise(self, people_us: int) -> None:
        """Bring the book up to everything known, by moves up to `people_us`."""
        clusters = self._grouping.clusters(self._steps.all())
        clusters = self._with_givings(clusters, people_us, self._bindings.holder)
        self.book.revise(clusters, people_us)

    def redo(self, changed: AbstractSet[Cluster], people_us: int) -> None:
        """Bring the book up to other readings of some clusters."""
        self.book.redo(changed)
        self.revise(people_us)

    def as_of(self, cutoff_us: int, horizon_us: int) -> Book:
        """Return the book of what settled by the cutoff, by moves up to the horizon."""
        evidence = [
            self._steps.as_of(one, horizon_us)
            for one in self._steps.all()
            if one.step.settled_us <= cutoff_us
        ]
        clusters = self._grouping.clusters(evidence)
        unknown = self._bindings.bound_after(horizon_us)
        if all(unknown.isdisjoint(cluster.tracks) for cluster in clusters):
            clusters = self._with_givings(clusters, horizon_us, self.book.holder_of)
            return self.book.variant(clusters, horizon_us)
        holder_of = partial(self._bindings.holder_at, at_us=horizon_us)
        book = self._new_book(holder_of)
        book.revise(self._with_givings(clusters, horizon_us, holder_of), horizon_us)
        return book

    def _new_book(self, holder_of: HolderOf) -> Book:
        return Book(self.joint, self._goods, Chains(self._meetings, holder_of), holder_of)

    def _with_givings(
        self, clusters: list[Cluster], until_us: int, holder_of: HolderOf
    ) -> list[Cluster]:
        """Return clusters, with hand-overs among them where the last holder pays."""
        if self._givings is None or not clusters:
            return clusters
        return self._givings.among(
            clusters, since_us=clusters[0].moment_us, until_us=until_us, holder_of=holder_of
        )
