"""A cart follows what is believed, and says what changed."""

import pytest

from store_engine.cart import Carts
from store_engine.errors import InvariantError
from store_engine.events import CartChanged, Event, ItemAdded, ItemReturned
from tests.checkout.till import COLA, WATER, belief, line, started, till_store


@pytest.fixture
def carts() -> Carts:
    """One open cart, empty."""
    carts = Carts(till_store())
    carts.start(started())
    return carts


def moves(events: list[Event]) -> list[tuple[type, str, int]]:
    return [
        (type(event), event.gtin, event.quantity)
        for event in events
        if isinstance(event, ItemAdded | ItemReturned)
    ]


def test_a_visit_starts_with_an_empty_cart_to_publish():
    (changed,) = Carts(till_store()).start(started())
    assert isinstance(changed, CartChanged)
    assert (changed.cart.visit, changed.cart.lines, changed.cart.total) == ("door.0.1", (), 0)


def test_a_taken_item_is_added_and_the_cart_published(carts: Carts):
    added, changed = carts.believe(belief(line(COLA, 2, 0.93), final=False))
    assert (added.gtin, added.quantity, added.posterior) == (COLA, 2, 0.93)
    (row,) = changed.cart.lines
    assert (row.name, row.quantity, row.posterior) == ("Cola", 2, 0.93)
    assert added.causes == changed.causes == row.causes == ("shelf/0/46",)


def test_the_total_of_a_live_cart_includes_tax(carts: Carts):
    *_, changed = carts.believe(belief(line(WATER, 1), line(COLA, 2), final=False))
    assert (changed.cart.total, changed.cart.currency) == (129 + 398 + 33, "USD")


def test_an_item_put_back_is_returned(carts: Carts):
    carts.believe(belief(line(COLA, 2), final=False))
    assert moves(carts.believe(belief(line(COLA, 1)))) == [(ItemReturned, COLA, 1)]


def test_an_item_gone_from_the_belief_is_returned_with_what_it_rested_on(carts: Carts):
    carts.believe(belief(line(COLA, 2), final=False))
    returned, changed = carts.believe(belief())
    assert (returned.quantity, returned.posterior, returned.causes) == (2, 1.0, ("shelf/0/46",))
    assert changed.cart.lines == ()


def test_a_doubtful_return_says_how_doubtful(carts: Carts):
    carts.believe(belief(line(COLA, 1), final=False))
    returned, _ = carts.believe(belief(doubts=(line(COLA, 0, 0.7),)))
    assert returned.posterior == 0.7


def test_a_corrected_explanation_returns_one_product_before_it_adds_the_other(carts: Carts):
    carts.believe(belief(line(WATER, 1), line(COLA, 1), final=False))
    assert moves(carts.believe(belief(line(WATER, 2)))) == [
        (ItemReturned, COLA, 1),
        (ItemAdded, WATER, 1),
    ]


def test_the_same_belief_again_says_nothing(carts: Carts):
    carts.believe(belief(line(COLA, 1), final=False))
    assert carts.believe(belief(line(COLA, 1), time_us=99_000)) == []


@pytest.mark.parametrize(("posterior", "published"), [(0.904, 0), (0.95, 1)])
def test_a_cart_is_published_again_when_its_certainty_moved_visibly(
    carts: Carts, posterior: float, published: int
):
    carts.believe(belief(line(COLA, 1, 0.9), final=False))
    assert len(carts.believe(belief(line(COLA, 1, posterior)))) == published


def test_a_certainty_that_creeps_is_published_in_the_end(carts: Carts):
    carts.believe(belief(line(COLA, 1, 0.9), final=False))
    said = [carts.believe(belief(line(COLA, 1, 0.9 + 0.004 * i))) for i in range(1, 6)]
    assert [len(events) for events in said] == [0, 0, 1, 0, 0]


def test_carts_of_two_visits_do_not_mix(carts: Carts):
    carts.start(started("door.0.2"))
    carts.believe(belief(line(COLA, 1)))
    *_, changed = carts.believe(belief(line(WATER, 1), visit="door.0.2"))
    assert [row.gtin for row in changed.cart.lines] == [WATER]


def test_a_belief_about_a_cart_that_ended_says_nothing(carts: Carts):
    carts.end("door.0.1")
    assert carts.believe(belief(line(COLA, 1))) == []


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ((line("000000000000", 1),), "product 000000000000"),
        ((line(WATER, 0),), "quantity 0"),
        ((line(WATER, 1), line(WATER, 2)), "two lines"),
    ],
)
def test_a_belief_that_is_no_cart_is_refused(carts: Carts, lines, what: str):
    with pytest.raises(InvariantError, match=what):
        carts.believe(belief(*lines))


def test_starting_twice_is_a_bug(carts: Carts):
    with pytest.raises(InvariantError, match="started twice"):
        carts.start(started())
