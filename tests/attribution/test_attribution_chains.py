"""Chains of meetings that are remembered: asked for again, or for a shorter time."""

from hypothesis import given
from hypothesis import strategies as st

from store_engine.attribution.handing import Chains, passed_to
from store_engine.attribution.history import Moves
from store_engine.attribution.meetings import Meetings
from store_engine.signals import Hand, TrackMoved
from store_engine.units import MessageRef, TrackId

PEOPLE = ("a", "b", "c")
LAST_US = 20_000_000


def whose(track: TrackId) -> str:
    """Everybody has a cart of their own."""
    return f"visit {track}"


def met(times_us: list[int]) -> Meetings:
    """Three people stand in a row; at each time, two of them hold their hands together."""
    moves = Moves()
    meetings = Meetings(moves)
    for turn, time_us in enumerate(sorted(times_us)):
        together = (turn % 2) + 0.5  # between a and b, then between b and c
        for at, track in enumerate(PEOPLE):
            hands = (Hand(x=0.6 * together, y=0.0, z=1.0, std_m=0.05),) * 2
            moved = TrackMoved(
                track=TrackId(track),
                time_us=time_us,
                x=0.6 * at,
                y=0.0,
                var_xx=0.01,
                var_xy=0.0,
                var_yy=0.01,
                head=None,
                hands=hands if abs(at - together) < 1 else (),
                in_hand=(),
                cause=MessageRef(f"m{turn}"),
            )
            moves.add(moved)
            meetings.look(moved)
    return meetings


@given(
    times_us=st.lists(st.integers(1, LAST_US), min_size=1, max_size=12, unique=True),
    asked=st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, LAST_US)), min_size=2),
)
def test_remembered_chains_are_those_that_are_followed_anew(
    times_us: list[int], asked: list[tuple[str, int]]
) -> None:
    meetings = met(times_us)
    chains = Chains(meetings, whose)
    for who, since_us in asked:
        receiver = whose(TrackId(who))
        anew = passed_to(receiver, meetings, since_us=since_us, until_us=LAST_US, holder_of=whose)
        assert chains.to(receiver, since_us, LAST_US) == anew


def test_hands_that_were_together_make_a_chain() -> None:
    chains = Chains(met([1_000_000, 2_000_000, 3_000_000]), whose)
    assert {one.owner for one in chains.to("visit c", 0, LAST_US)} == {"visit a", "visit b"}
