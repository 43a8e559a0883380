"""Vouchers as a shopkeeper handles them."""

import pytest

from store_engine.errors import RequestError
from tests.office.voucher_world import VoucherWorld, water


@pytest.fixture
def world(tmp_path):
    world = VoucherWorld(tmp_path)
    world.open()
    yield world
    world.close()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"account": "nobody", "rate_ppm": 1}, "account nobody: not known here"),
        ({}, "either an amount above 0, or above 0 and at most 100 %"),
        ({"amount": 1, "rate_ppm": 1}, "either an amount"),
        ({"amount": -1, "rate_ppm": 1}, "either an amount"),
        ({"rate_ppm": 1_000_001}, "at most 100 %"),
        ({"amount": 1}, "an amount needs a currency"),
        ({"rate_ppm": 1, "until_us": 0}, "would have run out already"),
        ({"rate_ppm": 1, "name": ""}, "a name has 1 to 60 characters, not 0"),
        ({"rate_ppm": 1, "name": "4111 1111 1111 1111"}, "looks like a card number"),
    ],
)
def test_what_makes_no_sense_is_not_issued(world, wrong, why):
    with pytest.raises(RequestError, match=why):
        world.vouchers.issue(**wrong)
    assert world.vouchers.all() == []


def test_no_two_vouchers_have_one_code(world):
    codes = {world.issue() for _ in range(20)}
    assert len(codes) == len(world.vouchers.all("ada")) == 20


def test_a_voucher_is_claimed_by_an_account_that_is_there_and_once(world):
    world.registry.add("bob")
    code = world.vouchers.issue(rate_ppm=100_000).voucher
    with pytest.raises(RequestError, match="account nobody: not known here"):
        world.vouchers.claim(code, account="nobody")
    assert world.vouchers.claim(code, account="ada").account == "ada"
    with pytest.raises(RequestError, match=f"voucher {code}: cannot be claimed: somebody else"):
        world.vouchers.claim(code, account="bob")


def test_what_is_void_comes_in_no_more_and_is_not_claimed(world):
    voucher, code = world.issue(), world.vouchers.issue(rate_ppm=1).voucher
    for one in (voucher, code):
        world.vouchers.take_back(one)
    assert world.tap("qr-ada").shopper.vouchers == ()
    with pytest.raises(RequestError, match="cannot be claimed: void"):
        world.vouchers.claim(code, account="ada")


def test_a_visit_that_has_it_already_may_still_redeem_it(world):
    voucher = world.issue()
    visit = world.come_in()
    world.vouchers.take_back(voucher)
    assert world.shop(visit, water(2)).redeemed == (voucher,)
    assert world.state(voucher) == "used"
    with pytest.raises(RequestError, match="was used"):
        world.vouchers.take_back(voucher)


def test_one_that_is_not_known_is_named(world):
    with pytest.raises(RequestError, match="voucher v-x: not known here"):
        world.vouchers.take_back("v-x")
