"""The attribution room: signals in, beliefs about carts out."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from store_engine.attribution import beliefs
from store_engine.attribution.book import Book
from store_engine.attribution.clusters import Cluster, Order, order_of
from store_engine.attribution.evidence import Steps
from store_engine.attribution.exits import Exits
from store_engine.attribution.forgetting import closed_groups, learn_strays
from store_engine.attribution.giving import Givings
from store_engine.attribution.goods import Goods
from store_engine.attribution.groups import Group
from store_engine.attribution.history import (
    MEMORY_US,
    Bindings,
    Holder,
    Moves,
    RestlessPlates,
)
from store_engine.attribution.known import Known
from store_engine.attribution.late import LateStep, LateSteps
from store_engine.attribution.lessons import lessons
from store_engine.attribution.meetings import Meetings
from store_engine.catalog import Catalog
from store_engine.signals import (
    CartBelief,
    PlateUnsettled,
    ShelfDoubt,
    TrackEnded,
    TrackMoved,
    VisitLeaving,
    VisitorBound,
    WeightStep,
)
from store_engine.store import Policy
from store_engine.store_map import StoreMap
from store_engine.units import TrackId, VisitId, to_us

TIDY_EVERY_US = to_us(5.0)  # how often old evidence is looked through (guess)
SETTLED_KEPT_US = to_us(600.0)  # late steps are told for this long after an exit (guess)
EXPLAINED_KEPT = 32  # settled visits whose explanations are kept


class Attribution:
    """Who took what, and how many.

    Steps are explained at once with the moves heard so far, again when everything within their
    reach window is heard, and once more, from event times alone, when a visit is settled.
    `settled_us` of a step is taken as the time of the batch that made it known: steps that settle
    after a visit's cutoff stay out of its cart and are listed in `late_steps`.
    """

    def __init__(self, store_map: StoreMap, catalog: Catalog, policy: Policy) -> None:
        learns = "learning" not in policy.ablate
        self._goods = Goods(store_map, catalog, learns=learns)
        self._moves = Moves()
        self._meetings = Meetings(self._moves)
        last_holder_pays = policy.hand_over == "last_holder"
        self._givings = Givings(self._meetings) if last_holder_pays else None
        self._bindings = Bindings()
        self._restless = RestlessPlates()
        self._steps = Steps(store_map, self._moves)
        self._known = Known(
            store_map, self._goods, self._steps, self._bindings, self._meetings, self._givings
        )
        self._exits = Exits(store_map, policy)
        self._told: dict[VisitId, CartBelief] = {}  # last live belief of each visit
        self._weighed: dict[VisitId, list[Group]] = {}  # what that belief, or a like one, rests on
        self._explained: dict[VisitId, list[dict[str, Any]]] = {}  # of settled visits
        self._late = LateSteps()
        self._people_us = self._shelves_us = 0
        self._latest_move_us = 0
        self._tidied_us = 0
        self._rebound: list[VisitId] = []  # visits that got a track since beliefs were told

    # ---- signals -----------------------------------------------------------------------------

    def move(self, moved: TrackMoved) -> None:
        """Remember where a person is, and whom they meet."""
        self._moves.add(moved)
        self._meetings.look(moved)
        if moved.time_us > self._latest_move_us:
            self._latest_move_us = moved.time_us

    def end(self, ended: TrackEnded) -> None:
        """A track ended: nothing to do, its moves fade from memory by themselves."""

    def bind(self, bound: VisitorBound) -> None:
        """A track shops for a visit (or nobody's) from now on; so did its earlier moves."""
        self._bindings.add(bound)
        self._book.rebind(bound.track)
        self._known.revise(self._people_us)
        if bound.visit is not None and bound.visit not in self._rebound:
            self._rebound.append(bound.visit)

    def step(self, step: WeightStep) -> list[CartBelief]:
        """Explain a step with what is known now; return the carts that changed."""
        heard_us = max(self._people_us, self._latest_move_us - 1)
        if not self._steps.add(step, heard_us):
            return []
        return self._tell([order_of(step)], step.settled_us)

    def unsettle(self, plate: PlateUnsettled) -> None:
        """Remember that steps of a plate may still come, or no longer."""
        self._restless.add(plate)

    def leave(self, leaving: VisitLeaving) -> None:
        """Settle this visit's cart as soon as its evidence is in."""
        for track in self._bindings.tracks_of(leaving.visit, leaving.time_us):
            self._moves.walk_out(track, leaving.time_us)
        if leaving.visit not in self._exits.settled:
            self._exits.leaving.setdefault(leaving.visit, leaving.time_us)

    def pass_time(self, *, people_us: int, shelves_us: int) -> list[CartBelief]:
        """Everything up to these event times is heard: refine, settle, forget."""
        self._people_us = max(self._people_us, people_us)
        self._shelves_us = max(self._shelves_us, shelves_us)
        found: list[CartBelief] = []
        if self._rebound:
            found += self._tell_about(self._rebound, self._people_us)
            self._rebound = []
        if self._steps.waits_for(self._people_us):
            found += self._refine()
        if self._exits.leaving:
            found += self._settle()
        if min(self._people_us, self._shelves_us) >= self._tidied_us + TIDY_EVERY_US:
            self._tidy()
        return found

    # ---- answers -----------------------------------------------------------------------------

    def explain(self, visit: str) -> list[dict[str, Any]]:
        """Return the competing explanations of every cluster that may concern a visit.

        Plain values, in event order; of a settled visit as they were when it was settled.
        """
        name = VisitId(visit)
        if name in self._explained:
            return self._explained[name]
        return beliefs.explain(self._book, name)

    def take_doubts(self) -> list[ShelfDoubt]:
        """Return, once, where catalog or planogram turned out wrong since this was asked last."""
        return self._goods.knowledge.doubts.take()

    @property
    def late_steps(self) -> tuple[LateStep, ...]:
        """Steps that came too late for the visits that probably caused them; the latest few."""
        return self._late.all()

    @property
    def _book(self) -> Book:
        return self._known.book

    # ---- live --------------------------------------------------------------------------------

    def _refine(self) -> list[CartBelief]:
        completed = self._steps.complete(self._people_us)
        return self._tell(completed, self._people_us) if completed else []

    def _tell(self, orders: Sequence[Order], time_us: int) -> list[CartBelief]:
        """Return the live carts that new evidence on some steps changed materially."""
        book = self._book
        concerned = _concerned(book, book.with_steps(orders))
        self._known.revise(self._people_us)
        touched = book.with_steps(orders)
        concerned |= _concerned(book, touched)
        self._late.note(book, touched, self._exits.settled)
        shopping = sorted(who for who in concerned if not who.startswith("track:"))
        return self._tell_about([VisitId(who) for who in shopping], time_us)

    def _tell_about(self, visits: Iterable[VisitId], time_us: int) -> list[CartBelief]:
        """Return those live carts that changed materially since they were told."""
        found = []
        for visit in visits:
            if visit in self._exits.settled:
                continue
            groups = self._book.groups_of(visit)
            if self._weighed.get(visit) == groups:
                continue
            self._weighed[visit] = groups
            belief = beliefs.cart_belief(self._book, visit, time_us=time_us, kind="live")
            if beliefs.is_material(self._told.get(visit), belief):
                self._told[visit] = belief
                found.append(belief)
        return found

    # ---- final -------------------------------------------------------------------------------

    def _settle(self) -> list[CartBelief]:
        found = []
        leaving = self._exits.leaving
        for visit in sorted(leaving, key=lambda visit: (leaving[visit], visit)):
            belief = self._settled(visit)
            if belief is None:
                break  # who left later is judged by what this visit teaches
            found.append(belief)
        return found

    def _settled(self, visit: VisitId) -> CartBelief | None:
        """Return a leaving visit's final cart, None while evidence may still come."""
        left_us = self._exits.leaving[visit]
        if self._people_us < left_us or self._shelves_us < self._exits.earliest_us(visit):
            return None
        cutoff_us = self._exits.cutoff_us(visit, self._moves, self._bindings, self._restless)
        if self._shelves_us < cutoff_us:
            return None
        steps = [one.step for one in self._steps.all() if one.step.settled_us <= cutoff_us]
        horizon_us = self._exits.horizon_us(visit, self._moves, self._bindings, steps)
        if self._people_us < horizon_us:
            return None
        book = self._known.as_of(cutoff_us, horizon_us)
        if self._learn(book, visit, cutoff_us):
            book = self._known.as_of(cutoff_us, horizon_us)
        belief = beliefs.cart_belief(book, visit, time_us=cutoff_us, kind="final")
        self._close(visit, cutoff_us, beliefs.explain(book, visit))
        return belief

    def _learn(self, book: Book, visit: VisitId, time_us: int) -> bool:
        """Learn from a visit before it is judged; whether that may explain anything otherwise.

        Visits are settled in the order in which they were told to leave, so what is known then
        does not depend on how messages arrived.
        """
        if not self._goods.learns:
            return False
        concerned = self._goods.learn(lessons(book, self._goods, visit), time_us)
        if concerned is None:
            return False
        changed = self._known.joint.reread(concerned)
        if not changed:
            return False
        self._known.redo(changed, self._people_us)
        return True

    def _close(self, visit: VisitId, cutoff_us: int, explained: list[dict[str, Any]]) -> None:
        del self._exits.leaving[visit]
        self._exits.settled[visit] = cutoff_us
        self._told.pop(visit, None)
        self._weighed.pop(visit, None)
        self._explained[visit] = explained
        while len(self._explained) > EXPLAINED_KEPT:
            del self._explained[next(iter(self._explained))]

    # ---- forgetting --------------------------------------------------------------------------

    def _tidy(self) -> None:
        """Drop what can no longer change any cart."""
        self._tidied_us = min(self._people_us, self._shelves_us)
        horizon_us = self._tidied_us - MEMORY_US
        self._moves.forget_before(horizon_us)
        self._restless.forget_before(horizon_us)
        first_us = min([horizon_us, *self._steps.first_us()])
        self._meetings.forget_before(first_us)
        if self._givings is not None:
            self._givings.forget_before(first_us)
            self._known.revise(self._people_us)  # hands may have met since the last step
        closed = closed_groups(self._book, horizon_us, self._is_closed)
        if closed:
            changed = self._known.joint.forget_plates(learn_strays(self._goods, closed))
            self._steps.drop([one.order for g in closed for c in g.clusters for one in c.evidence])
            self._known.redo(changed, self._people_us)
            self._goods.knowledge.keep_only(one.order for one in self._steps.all())
        self._known.joint.forget_all_but(self._book.clusters)
        self._forget_visits()

    def _is_closed(self, holder: Holder) -> bool:
        """Whether a cart can no longer change: settled, or of a track that is gone."""
        if holder.startswith("track:"):
            return holder.removeprefix("track:") not in self._moves
        return VisitId(holder) in self._exits.settled

    def _forget_visits(self) -> None:
        """Forget settled visits and tracks that no evidence concerns any more."""
        book = self._book
        old_us = self._tidied_us - SETTLED_KEPT_US
        for visit, cutoff_us in list(self._exits.settled.items()):
            if cutoff_us < old_us and not book.of_holder(visit):
                del self._exits.settled[visit]
        gone = [
            track
            for track in self._bindings.tracks
            if track not in self._moves
            and self._bindings.bound_before(track, old_us)
            and self._bindings.holder(track) not in self._exits.leaving
            and not self._is_evident(track)
        ]
        self._bindings.forget(gone)
        for track in gone:
            self._book.rebind(track)

    def _is_evident(self, track: TrackId) -> bool:
        """Whether a track may have caused any step that still matters."""
        clusters = self._book.of_holder(self._bindings.holder(track))
        return any(track in cluster.tracks for cluster in clusters)

    # ---- snapshots ---------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain values."""
        return {
            "goods": self._goods.snapshot(),
            "moves": self._moves.snapshot(),
            "meetings": self._meetings.snapshot(),
            "bindings": self._bindings.snapshot(),
            "restless": self._restless.snapshot(),
            "steps": self._steps.snapshot(),
            "exits": self._exits.snapshot(),
            "told": {visit: msgspec.to_builtins(told) for visit, told in self._told.items()},
            "explained": dict(self._explained),
            "late": self._late.snapshot(),
            "people_us": self._people_us,
            "shelves_us": self._shelves_us,
            "rebound": list(self._rebound),
            "latest_move_us": self._latest_move_us,
            "tidied_us": self._tidied_us,
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the room that took `snapshot`."""
        self._goods.restore(snapshot["goods"])
        self._moves.restore(snapshot["moves"])
        self._meetings.restore(snapshot["meetings"])
        self._bindings.restore(snapshot["bindings"])
        self._restless.restore(snapshot["restless"])
        self._steps.restore(snapshot["steps"])
        self._exits.restore(snapshot["exits"])
        self._told = {
            VisitId(visit): msgspec.convert(told, CartBelief)
            for visit, told in snapshot["told"].items()
        }
        self._explained = {VisitId(v): explained for v, explained in snapshot["explained"].items()}
        self._late.restore(snapshot["late"])
        self._people_us = snapshot["people_us"]
        self._shelves_us = snapshot["shelves_us"]
        self._rebound = [VisitId(visit) for visit in snapshot["rebound"]]
        self._latest_move_us = snapshot["latest_move_us"]
        self._tidied_us = snapshot["tidied_us"]
        self._weighed = {}
        self._known.start_over(self._people_us)


def _concerned(book: Book, touched: Iterable[Cluster]) -> set[Holder]:
    """Return every cart that the groups of some clusters probably touched."""
    return {who for group in book.groups_with(touched) for who in group.concerned}
