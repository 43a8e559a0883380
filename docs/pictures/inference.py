"""The inference about a session, from the parts that the room of attribution is made of.

The room itself shows carts and explanations; a picture also shows what they rest on. Nobody
leaves here: nothing is settled, learned or forgotten, which the short sessions drawn do without.
"""

from collections.abc import Callable

from store_engine.attribution.book import Book
from store_engine.attribution.evidence import Steps
from store_engine.attribution.goods import Goods
from store_engine.attribution.grouping import Clusters, Grouping
from store_engine.attribution.groups import Joint
from store_engine.attribution.handing import Chains
from store_engine.attribution.history import Bindings, Moves
from store_engine.attribution.meetings import Meetings
from store_engine.signals import TrackMoved, VisitorBound, WeightStep
from store_engine.store import Store

Look = Callable[[Book], None]


class Inference:
    """Clusters of one session and what they may mean; `look` sees them whenever they change."""

    def __init__(self, store: Store, look: Look) -> None:
        self._look = look
        self._moves = Moves()
        self._meetings = Meetings(self._moves)
        self._bindings = Bindings()
        self._steps = Steps(store.map, self._moves)
        self._grouping = Grouping(Clusters(store.map))
        goods, holder_of = Goods(store.map, store.catalog), self._bindings.holder
        self._book = Book(Joint(goods), goods, Chains(self._meetings, holder_of), holder_of)
        self._heard_us = 0  # moves up to then are known

    def moved(self, moved: TrackMoved) -> None:
        """Somebody is there; steps whose reach window is over by now are judged in full."""
        self._moves.add(moved)
        self._meetings.look(moved)
        self._heard_us = max(self._heard_us, moved.time_us - 1)
        if self._steps.waits_for(self._heard_us) and self._steps.complete(self._heard_us):
            self._revise()

    def bound(self, bound: VisitorBound) -> None:
        """A track fills a visit's cart."""
        self._bindings.add(bound)
        self._book.rebind(bound.track)
        self._revise()

    def stepped(self, step: WeightStep) -> None:
        """A plate changed for good."""
        if self._steps.add(step, self._heard_us):
            self._revise()

    def _revise(self) -> None:
        self._book.revise(self._grouping.clusters(self._steps.all()), self._heard_us)
        self._look(self._book)
