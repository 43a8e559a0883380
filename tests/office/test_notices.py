"""What a provider says of its own accord changes what nobody here asked for, once."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.errors import UnreachableError
from store_engine.office.notices import BoardReader, heed
from store_engine.ports.office import ProviderNotice
from tests.office.till_world import World


@pytest.fixture
def world():
    return paid()


def paid():
    """Somebody paid 13.00 and got 3.00 back."""
    world = World()
    world.come_in()
    world.charge(1_300)
    world.till.refund("party-e1", refund="f1", amount=300, reason="not taken")
    return world


def tell(world, *notices):
    return [heed(notice, till=world.till, books=world.books) for notice in notices]


def capture(world):
    return world.reading.payment("party-e1").captures[0].ref


def failed(world, **other):
    notice = ProviderNotice(
        notice="no_9",
        kind="refund_failed",
        ref=capture(world),
        operation="party-e1/refund/3",
        amount=300,
        reason="account closed",
        time_us=1,
    )
    return msgspec.structs.replace(notice, **other)


@settings(max_examples=30)
@given(order=st.permutations(range(3)), twice=st.booleans())
def test_news_of_what_we_did_ourselves_changes_nothing(order, twice):
    world = paid()
    words, notices = world.words(), world.provider.notices()
    assert [notice.kind for notice in notices] == ["held", "captured", "refunded"]
    tell(world, *(notices[at] for at in order), *(notices if twice else []))
    assert world.words() == words


@settings(max_examples=30)
@given(order=st.permutations(range(2)), won=st.booleans())
def test_a_dispute_is_taken_in_whatever_order_it_is_told(order, won):
    world = paid()
    world.provider.dispute(capture=capture(world), amount=1_000, dispute="d1")
    world.provider.close_dispute(dispute="d1", won=won)
    news = world.provider.notices()[-2:]
    tell(world, *(news[at] for at in order), *news)
    assert world.state() == ("refunded in part" if won else "charged back")
    assert world.balance().charged_back == (0 if won else 1_000)


def test_a_refund_that_came_back_is_told_twice_and_counts_once(world):
    tell(world, failed(world), failed(world, notice="no_10"))
    assert (world.state(), world.balance().cash) == ("paid", 1_300)


def test_a_refund_that_was_declined_at_once_never_left(world):
    tell(world, failed(world, operation="party-e1/refund/77"))
    assert (world.state(), world.balance().cash) == ("refunded in part", 1_000)


def test_news_settles_an_open_question():
    world = World()
    world.come_in()
    world.trouble.unreachable_after = 1
    with pytest.raises(UnreachableError):
        world.charge(1_300)
    tell(world, world.provider.notices()[-1])
    assert world.state() == "paid"


def test_news_of_somebody_elses_money_is_nobodys(world):
    assert tell(world, failed(world, ref="ca_other", operation="other/refund/3")) == [
        "refund_failed ca_other: no payment here has it"
    ]


def test_a_dispute_told_before_the_answer_to_the_capture_is_taken_in():
    world = World()
    world.come_in()
    hold = world.reading.payment("party-e1").hold.ref  # Stripe calls what it captured so, too
    world.trouble.unreachable_after = 1
    with pytest.raises(UnreachableError):
        world.charge(1_300)
    opened = ProviderNotice(
        notice="no_9", kind="dispute_opened", ref=hold, amount=1_300, dispute="d1", time_us=1
    )
    tell(world, opened)
    assert world.state() == "disputed"


def test_a_dispute_is_kept_although_another_outcome_is_unknown(world):
    world.trouble.unreachable = True
    world.till.refund("party-e1", refund="f2", amount=100, reason="late")
    opened = ProviderNotice(
        notice="no_9",
        kind="dispute_opened",
        ref=capture(world),
        amount=900,
        dispute="d1",
        time_us=1,
    )
    with pytest.raises(UnreachableError):
        tell(world, opened)
    assert world.state() == "disputed"


# ---- the simulated provider's board --------------------------------------------------------------


def board_of(world):
    return BoardReader(world.provider, till=world.till, books=world.books)


def test_a_simulated_dispute_reaches_the_payment(world):
    board = board_of(world)
    board.look()
    world.provider.dispute(capture=capture(world), amount=1_000, dispute="d1")
    assert (board.look(), board.look()) == (1, 0)
    assert world.state() == "disputed"


def test_a_board_read_from_the_beginning_again_changes_nothing(world):
    world.provider.dispute(capture=capture(world), amount=1_000, dispute="d1")
    board_of(world).look()
    words = world.words()
    world.trouble.notices_twice = True
    assert board_of(world).look() == 8
    assert world.words() == words


def test_what_could_not_be_taken_in_is_read_again():
    world = World()
    world.come_in()
    world.trouble.unreachable_after = 1
    with pytest.raises(UnreachableError):
        world.charge(1_300)
    board = board_of(world)
    world.trouble.unreachable = True
    with pytest.raises(UnreachableError):
        board.look()
    world.trouble.unreachable = False
    assert (board.look(), world.state()) == (2, "paid")
