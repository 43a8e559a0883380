"""What holds whatever happens at the door."""

from collections import Counter
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.events import Decided, VisitStarted
from store_engine.messages import EntryDecision, GateCrossing, GateScan
from store_engine.signals import TrackEnded, TrackMoved, VisitLeaving, VisitorBound
from store_engine.store import Policy
from store_engine.units import MessageRef, TrackId
from store_engine.visits import Visits, VisitWord
from tests.visits.doorway import door_map

PLACES = st.floats(-3, 8, width=16)
TRACKS = st.sampled_from(["t1", "t2", "t3", "t4", "t5"])
CARDS = st.sampled_from(["ann", "bob"])

ANYTHING = st.one_of(
    st.tuples(st.just("scan"), CARDS),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("cross"), st.sampled_from(["in", "out"]), PLACES),
    st.tuples(st.just("move"), TRACKS, PLACES, PLACES),
    st.tuples(st.just("end"), TRACKS, PLACES, PLACES),
)


def arrive(card: str, track: str) -> list[tuple[Any, ...]]:
    """Somebody scans and walks in."""
    moves = [("move", track, x, 0.0) for x in (-0.6, 0.6, 1.5)]
    return [("scan", card), ("answer", True), moves[0], ("cross", "in", 0.0), *moves[1:]]


def depart(track: str) -> list[tuple[Any, ...]]:
    """Somebody walks out and is lost outside."""
    moves = [("move", track, x, 0.0) for x in (1.5, 0.6, -0.6)]
    return [*moves[:2], ("cross", "out", 0.0), moves[2], ("end", track, -0.6, 0.0)]


def timed(chunk: list[tuple[Any, ...]]) -> st.SearchStrategy[list[Any]]:
    """A chunk with milliseconds before each step: mostly walking pace, sometimes a long pause."""
    pace = st.sampled_from([500, 500, 500, 100, 0, 1_000, 1_000, 3_000, 90_000])
    return st.lists(pace, min_size=len(chunk), max_size=len(chunk)).map(
        lambda waits: list(zip(waits, chunk, strict=True))
    )


steps = st.lists(
    st.one_of(
        ANYTHING.map(lambda step: [step]),
        st.builds(arrive, CARDS, TRACKS),
        st.builds(depart, TRACKS),
        st.just([("wait",)]),
    ).flatmap(timed),
    min_size=6,
    max_size=25,
).map(lambda chunks: [step for chunk in chunks for step in chunk])


class Player:
    """Plays random steps into a room; remembers the scans that wait for an answer."""

    def __init__(self) -> None:
        self.room = Visits(door_map(), Policy())
        self.now_us = 10_000_000
        self.count = 0
        self.unanswered: list[GateScan] = []

    def play(self, step: tuple[int, tuple[Any, ...]]) -> list[VisitWord]:
        wait_ms, (kind, *what) = step
        self.now_us += wait_ms * 1_000
        self.count += 1
        return getattr(self, f"_{kind}")(*what)

    def _scan(self, card: str) -> list[VisitWord]:
        scan = GateScan(device="door", sequence=self.count, time_us=0, credential=card)
        self.unanswered.append(scan)
        return self.room.scan(scan, self.now_us)

    def _answer(self, accepted: bool) -> list[VisitWord]:
        if not self.unanswered:
            return []
        scan = self.unanswered.pop(0)
        decision = EntryDecision(
            device="accounts",
            sequence=self.count,
            time_us=0,
            scan=scan.ref,
            accepted=accepted,
            account=scan.credential if accepted else "",
        )
        return self.room.decide(decision, self.now_us)

    def _cross(self, direction: Any, y: float) -> list[VisitWord]:
        crossing = GateCrossing(
            device="door", sequence=self.count, time_us=0, direction=direction, position=(0.0, y)
        )
        return self.room.cross(crossing, self.now_us)

    def _move(self, track: str, x: float, y: float) -> list[VisitWord]:
        moved = TrackMoved(
            track=TrackId(track),
            time_us=self.now_us,
            x=x,
            y=y,
            var_xx=0.01,
            var_xy=0.0,
            var_yy=0.01,
            head=None,
            hands=(),
            in_hand=(),
            cause=MessageRef(f"tracker/0/{self.count}"),
        )
        return self.room.follow(moved)

    def _end(self, track: str, x: float, y: float) -> list[VisitWord]:
        return self.room.follow(TrackEnded(track=TrackId(track), time_us=self.now_us, x=x, y=y))

    def _wait(self) -> list[VisitWord]:
        return self.room.pass_time(self.now_us)


@settings(max_examples=100, deadline=None)
@given(steps)
def test_a_track_belongs_to_one_person_and_keeps_its_visit_until_somebody_leaves(history):
    player, bound = Player(), {}
    for step in history:
        bound |= {w.track: w.visit for w in player.play(step) if isinstance(w, VisitorBound)}
        people = player.room.snapshot()["book"]["people"]
        followed = {person["track"]: person["visit"] for person in people if person["track"]}
        assert len(followed) == sum(bool(person["track"]) for person in people)
        assert followed == {track: bound[track] or "" for track in followed}


@settings(max_examples=100, deadline=None)
@given(steps)
def test_a_visit_starts_before_anybody_is_bound_to_it_and_leaves_at_most_once(history):
    player, inside, left = Player(), set(), Counter()
    for step in history:
        for word in player.play(step):
            match word:
                case VisitStarted():
                    assert word.visit not in inside | set(left)
                    inside.add(word.visit)
                case VisitorBound(visit=visit):
                    assert visit is None or visit in inside
                case VisitLeaving(visit=visit):
                    inside.remove(visit)
                    left[visit] += 1
    assert all(count == 1 for count in left.values())


@settings(max_examples=100, deadline=None)
@given(steps)
def test_nobody_is_admitted_without_an_accepted_scan(history):
    player = Player()
    words = [word for step in history for word in player.play(step)]
    scans = [step for _, step in history if step[0] == "scan"]
    started = [word for word in words if isinstance(word, VisitStarted)]
    assert len(started) <= len(scans)
    assert len({word.visit for word in started}) == len(started)


@settings(max_examples=100, deadline=None)
@given(steps)
def test_event_ids_are_never_used_twice(history):
    player = Player()
    words = [word for step in history for word in player.play(step)]
    ids = [word.event for word in words if isinstance(word, Decided)]
    assert len(ids) == len(set(ids))


@settings(max_examples=100, deadline=None)
@given(steps, st.integers(0, 80))
def test_resuming_from_a_snapshot_changes_nothing(history, cut):
    player, straight = Player(), Player()
    for step in history[:cut]:
        player.play(step)
        straight.play(step)
    frozen = msgspec.msgpack.encode(player.room.snapshot())
    player.room = Visits(door_map(), Policy())
    player.room.restore(msgspec.msgpack.decode(frozen))
    for step in history[cut:]:
        assert player.play(step) == straight.play(step)
    assert player.room.snapshot() == straight.room.snapshot()
