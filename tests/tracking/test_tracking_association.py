import itertools
import math

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from store_engine.tracking.association import GATE, assign
from store_engine.tracking.cameras import Fix

SPOTS = lists(tuples(floats(0, 2), floats(0, 2)), max_size=5)


def fix(x, y, std_m=0.2):
    return Fix(x, y, std_m**2, 0.0, std_m**2)


def place(x, y, std_m=0.2):
    return (x, y, std_m**2, 0.0, std_m**2)


def paired(places, fixes, hint=None):
    return assign(places, fixes, [0.0] * len(places), hint)


def cost(expected, seen):
    x, y, xx, _, _ = expected
    var = xx + seen.xx
    square = ((seen.x - x) ** 2 + (seen.y - y) ** 2) / var
    return square + 2 * math.log(var) if square <= GATE else None


@given(expected=SPOTS, seen=SPOTS)
def test_no_other_pairing_explains_more_people_or_explains_them_better(expected, seen):
    places, fixes = [place(*at) for at in expected], [fix(*at) for at in seen]

    def rank(pairs):
        costs = [cost(places[i], fixes[j]) for i, j in pairs]
        return (-len(costs), sum(costs)) if None not in costs else (0, math.inf)

    size = min(len(places), len(fixes))
    best = min(
        rank(tuple(zip(rows, columns, strict=True)))
        for n in range(size + 1)
        for rows in itertools.combinations(range(len(places)), n)
        for columns in itertools.permutations(range(len(fixes)), n)
    )
    found = rank(paired(places, fixes))
    assert found[0] == best[0]
    assert found[1] == pytest.approx(best[1], abs=1e-6)


def test_a_sighting_beyond_the_gate_is_nobodys():
    assert paired([place(0, 0)], [fix(5, 0)]) == []


def test_a_handicap_can_turn_the_choice():
    places, fixes = [place(0, 0), place(0.1, 0)], [fix(0, 0)]
    assert assign(places, fixes, [0.0, 0.0]) == [(0, 0)]
    assert assign(places, fixes, [9.0, 0.0]) == [(1, 0)]


def test_a_hint_about_a_pair_can_turn_the_choice():
    places, fixes = [place(0, 0), place(0.1, 0)], [fix(0, 0)]
    assert paired(places, fixes, lambda row, column: -9.0 * (row == 1)) == [(1, 0)]


def test_an_impossible_pair_is_never_made():
    assert paired([place(0, 0)], [fix(0, 0)], lambda row, column: math.inf) == []
