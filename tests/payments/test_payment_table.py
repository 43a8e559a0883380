"""The table of a payment's life, and the fold over it, hold for whatever is said."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.payment_events import (
    Answered,
    Asked,
    DisputeClosed,
    DisputeOpened,
    LinkOffered,
    LinkPaid,
    Opened,
    Owed,
    RefundFailed,
    Refused,
    WrittenOff,
)
from store_engine.payments import MOVES, Move, Payment, State, balance, fold, next_step
from store_engine.payments.fold import apply

ENDS = {"refused", "released", "waived"}
MONEY_MOVED = {"paid", "refunded in part", "refunded", "disputed", "charged back", "written off"}

amounts = st.integers(0, 900)
names = st.sampled_from(["a", "b", "c"])
kinds = st.sampled_from(["authorise", "adjust", "capture", "release", "refund"])
said = {"payment": st.just("p"), "time_us": st.integers(0, 10**15)}
words = st.one_of(
    st.builds(
        Opened, **said, party=names, store=names, entry=names, currency=st.just("USD"),
        exponent=st.just(2), hold=amounts, free=st.booleans(),
    ),
    st.builds(Asked, **said, operation=names, kind=kinds, amount=amounts, method=names, on=names),
    st.builds(
        Answered, **said, operation=names, outcome=st.sampled_from(["done", "declined"]),
        amount=amounts, ref=names,
    ),
    st.builds(Refused, **said, reason=names),
    st.builds(Owed, **said, request=names, receipt=names, amount=amounts),
    st.builds(LinkOffered, **said, link=names, amount=amounts),
    st.builds(LinkPaid, **said, link=names, amount=amounts, ref=names),
    st.builds(WrittenOff, **said, amount=amounts, reason=names, request=names),
    st.builds(RefundFailed, **said, operation=names, capture=names, amount=amounts, reason=names),
    st.builds(DisputeOpened, **said, dispute=names, amount=amounts),
    st.builds(DisputeClosed, **said, dispute=names, won=st.booleans()),
)  # fmt: skip


def reachable(start):
    found, waiting = set(), [start]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting += MOVES[state].values()
    return found


def test_the_table_speaks_of_every_state_and_every_move():
    assert set(MOVES) == set(get_args(State))
    assert {move for moves in MOVES.values() for move in moves} == set(get_args(Move))


def test_every_state_is_reached_from_the_beginning():
    assert reachable("new") == set(MOVES)


@pytest.mark.parametrize("state", sorted(MOVES))
def test_from_everywhere_there_is_a_way_to_an_end(state):
    assert reachable(state) & (ENDS | MONEY_MOVED)


def test_the_ends_are_named_and_nothing_follows_them():
    assert {state for state, moves in MOVES.items() if not moves} == ENDS


@pytest.mark.parametrize("state", sorted(MONEY_MOVED))
def test_once_money_moved_it_can_only_be_given_back_or_disputed_or_paid_after_all(state):
    assert reachable(state) <= MONEY_MOVED | {"in debt", "link offered"}


@given(history=st.lists(words, max_size=30))
def test_the_fold_takes_whatever_is_said(history):
    payment = fold(history)
    assert payment.count == len(history)
    assert payment.state in MOVES


@given(history=st.lists(words, max_size=20), cut=st.integers(0, 20))
def test_a_payment_continues_from_where_it_stood(history, cut):
    assert fold(history[cut:], fold(history[:cut])) == fold(history)


@given(history=st.lists(words, max_size=20), word=words)
def test_no_word_leads_where_the_table_does_not(history, word):
    before = fold(history)
    after = apply(before, word)
    assert after.state in {before.state, *MOVES[before.state].values()}


@given(history=st.lists(words, max_size=20))
def test_the_books_balance_whatever_is_said(history):
    assert balance(history).difference == 0


@given(history=st.lists(words, max_size=20), answer=words)
def test_an_answer_counts_once(history, answer):
    if isinstance(answer, Answered):
        once = fold([*history, answer])
        again = apply(once, answer)
        same = msgspec.structs.replace(again, count=once.count, updated_us=once.updated_us)
        assert same == once


@settings(max_examples=300)
@given(history=st.lists(words, max_size=25), methods=st.lists(names, unique=True, max_size=2))
def test_what_comes_next_is_asked_or_ends(history, methods):
    """Nothing comes next for ever without the provider being asked."""
    payment = fold(history)
    for _ in range(4):
        step = next_step(payment, methods, now_us=10**18)
        if not step:
            return
        payment = fold(step, payment)
    raise AssertionError(payment)


def test_a_payment_that_nobody_opened_is_new():
    assert fold([]) == Payment(payment="")
    assert fold([]).state == "new"
