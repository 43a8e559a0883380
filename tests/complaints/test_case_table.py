"""The table of a case, read as a graph."""

import pytest

from store_engine.case_events import CaseSettled
from store_engine.complaints import MOVES, fold
from store_engine.errors import InvariantError


def reachable(state: str) -> set[str]:
    found, ahead = {state}, [state]
    while ahead:
        for after in MOVES[ahead.pop()].values():
            if after not in found:
                found.add(after)
                ahead.append(after)
    return found


def test_every_state_can_be_reached():
    assert reachable("opened") == set(MOVES)


@pytest.mark.parametrize("state", MOVES)
def test_every_case_can_be_closed(state):
    assert "closed" in reachable(state)


def test_a_closed_case_stays_closed():
    assert not MOVES["closed"]


def test_money_moves_only_after_a_decision():
    before = [state for state, moves in MOVES.items() if "settle" in moves]
    assert before == ["to refund", "to charge"]


def test_a_case_begins_by_being_opened():
    with pytest.raises(InvariantError, match=r"case c1: begins with CaseSettled"):
        fold([CaseSettled(case="c1", time_us=0, moved=1)])


def test_no_case_is_nothing():
    assert fold([]) is None
