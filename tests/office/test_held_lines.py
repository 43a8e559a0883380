"""From a line that was held for an age check to a charge that a person decided, in real books."""

import dataclasses

import pytest

from store_engine.adapters.database.cases import SqlCasebook
from store_engine.adapters.database.webhooks import EventFeed
from store_engine.complaints import Policy
from store_engine.office.counter import Counter
from store_engine.office.rounds import Reviews
from store_engine.office.till_money import TillMoney
from tests.checkout.till import COLA, line
from tests.office import voucher_world
from tests.office.desk_world import STORE
from tests.office.voucher_world import VoucherWorld, water


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Ada is inside with water and cola, which is for grown-ups here; nobody looked at her."""
    store = voucher_world.shop()
    cola = dataclasses.replace(store.catalog.products[COLA], minimum_age=18)
    book = dataclasses.replace(store.catalog, products={**store.catalog.products, COLA: cola})
    monkeypatch.setattr(voucher_world, "shop", lambda: store._replace(catalog=book))
    world = VoucherWorld(tmp_path)
    world.open()
    world.casebook = SqlCasebook(world.database, store=STORE)
    world.counter = Counter(
        casebook=world.casebook,
        receipts=world.reading,
        money=TillMoney(world.till),
        policy=Policy(open_days=36_500),  # the checkout's visits are of 1970
        now_us=world.now,
    )
    yield world
    world.close()


def taken(world, party):
    return [payment.captured for payment in world.till.payments(party)]


def waiting(world):
    """What a round of the office puts in the queue."""
    reviews = Reviews(EventFeed(world.database, store=STORE), world.counter)
    while reviews.look():
        pass
    return [row.case for row in world.casebook.cases(states=["waiting"])]


@pytest.mark.parametrize("others", [(), (water(),)], ids=["nothing else", "with water"])
def test_a_person_releases_a_held_line_and_it_is_charged_once(world, others):
    visit = world.come_in()
    receipt = world.shop(visit, line(COLA, 1), *others)
    (case,) = waiting(world)
    assert sum(taken(world, visit.account)) == receipt.total
    for _ in range(2):
        world.counter.answer(case, decision="charge", amount=215, by="eva")
        assert waiting(world) == []
    assert sum(taken(world, visit.account)) == receipt.total + 215


def test_one_that_a_person_does_not_release_is_never_charged(world):
    visit = world.come_in()
    receipt = world.shop(visit, line(COLA, 1), water())
    (case,) = waiting(world)
    world.counter.answer(case, decision="close", amount=0, by="eva")
    assert waiting(world) == []
    assert taken(world, visit.account) == [receipt.total]
