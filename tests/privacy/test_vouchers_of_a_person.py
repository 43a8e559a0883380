"""Vouchers are somebody's until they are used, and then nobody's."""

import msgspec
import pytest

from store_engine.adapters.database.vouchers import SqlVouchers
from store_engine.office.vouchers import Vouchers
from tests.privacy.privacy_world import ADA, DAYS


@pytest.fixture
def vouchers(shop):
    """One of Ada's that she used long ago, one that is good, one that is Bob's."""
    book = SqlVouchers(shop.database)
    office = Vouchers(book, shop.accounts, now_us=shop.now)
    used = office.issue(account=ADA, rate_ppm=1)
    book.keep(account=ADA, receipt="r1", store="s", currency="USD", time_us=1, limit=9)
    book.settle("r1", redeemed=[used.voucher], time_us=shop.now_us)
    good, bobs = office.issue(account=ADA, rate_ppm=2), office.issue(account="bob", rate_ppm=3)
    return book, used.voucher, good.voucher, bobs.voucher


def test_an_export_shows_those_that_are_theirs(shop, vouchers):
    document = msgspec.json.decode(shop.privacy.export(ADA))
    assert [row["voucher"] for row in document["vouchers"]] == [vouchers[2]]


def test_an_erasure_deletes_those_that_are_theirs_and_leaves_no_name_on_the_rest(shop, vouchers):
    shop.settle_down()
    book, used, _, bobs = vouchers
    shop.privacy.erase(ADA)
    assert {row.voucher: row.account for row in book.vouchers()} == {used: "", bobs: "bob"}


def test_those_that_are_used_are_deleted_with_the_money_of_their_time(shop, vouchers):
    book, used, good, bobs = vouchers
    for days, left in ((DAYS["money"] - 1, {used, good, bobs}), (2, {good, bobs})):
        shop.pass_days(days)
        shop.book.drop("money", before_us=shop.later_us(-DAYS["money"]), limit=100)
        assert {row.voucher for row in book.vouchers()} == left
