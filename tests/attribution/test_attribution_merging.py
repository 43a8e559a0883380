"""Groups that were independent until something tied them: the product of their beliefs."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.attribution.hypotheses import BEAM, BEAM_NATS, Hypothesis, Move
from store_engine.attribution.mass import Unit
from store_engine.attribution.merging import NO_CLUSTERS, Beam, merged

COLA = ("ann", "cola")


def cluster(moment: int) -> Any:
    return SimpleNamespace(order=(moment, "A0", 0))


def account(log_weight: float, *path: tuple[Move, ...], held: Any = None) -> Hypothesis:
    return Hypothesis(log_weight, held or {}, {}, path)


def beam(moment: int, log_weights: list[float]) -> Beam:
    accounts = [account(weight, ()) for weight in sorted(log_weights, reverse=True)]
    return Beam((cluster(moment),), accounts)


def took(track: str) -> tuple[Move, ...]:
    return (Move(track, "ann", "cola", 1, "A0", stray=False),)


def test_what_is_likely_of_each_is_likely_of_both() -> None:
    both = merged(beam(1, [-1.0, -3.0]), beam(2, [-2.0]))
    assert [one.log_weight for one in both.accounts] == [-3.0, -5.0]


def test_what_happened_is_told_in_event_order() -> None:
    one = Beam((cluster(1), cluster(3)), [account(0.0, took("first"), took("third"))])
    both = merged(one, Beam((cluster(2),), [account(0.0, took("second"))]))
    assert [told.order[0] for told in both.clusters] == [1, 2, 3]
    assert [moves[0].track for moves in both.accounts[0].path] == ["first", "second", "third"]


def test_a_cart_holds_what_both_put_into_it() -> None:
    some, more = (Unit(530.0, 9.0),), (Unit(531.0, 9.0),)
    one = Beam((cluster(1),), [account(0.0, (), held={COLA: some})])
    both = merged(one, Beam((cluster(2),), [account(0.0, (), held={COLA: more})]))
    assert both.accounts[0].held == {COLA: (*some, *more)}


def test_with_nothing_before_a_group_stays_what_it_is() -> None:
    alone = beam(1, [-1.0])
    assert merged(NO_CLUSTERS, alone) is alone


weights = st.lists(st.floats(-30.0, 0.0), min_size=1, max_size=BEAM)


@given(some=weights, others=weights)
def test_no_likelier_account_of_both_is_left_out(some: list[float], others: list[float]) -> None:
    every = sorted((a + b for a in some for b in others), reverse=True)
    likeliest = [weight for weight in every[:BEAM] if weight >= every[0] - BEAM_NATS]
    found = [one.log_weight for one in merged(beam(1, some), beam(2, others)).accounts]
    assert found == pytest.approx(likeliest)
