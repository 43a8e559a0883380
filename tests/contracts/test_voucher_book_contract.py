"""Every store of record keeps these promises about vouchers."""

import itertools
import threading

import pytest

from store_engine.adapters.database.vouchers import SqlVouchers
from store_engine.errors import ConflictError
from store_engine.ports.vouchers import VoucherRow


@pytest.fixture
def book(database):
    return SqlVouchers(database)


def row(voucher="v-1", **known):
    given = {"account": "ada", "name": "Five off", "amount": 500, "currency": "USD"} | known
    return VoucherRow(voucher=voucher, issued_us=1, **given)


def keep(book, receipt="r1", *, account="ada", time_us=100, limit=20):
    return [
        kept.voucher
        for kept in book.keep(
            account=account,
            receipt=receipt,
            store="shop",
            currency="USD",
            time_us=time_us,
            limit=limit,
        )
    ]


def at_once(*calls):
    """Call all at one moment; return what they returned, in order."""
    answers, together = [None] * len(calls), threading.Barrier(len(calls))

    def call(place):
        together.wait(5)
        answers[place] = calls[place]()

    threads = [threading.Thread(target=call, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_voucher_is_read_back_as_it_was_issued(book):
    book.add(row())
    assert book.voucher("v-1") == row()
    assert book.vouchers(account="ada") == book.vouchers() == [row()]
    assert book.voucher("v-2") is None


def test_a_name_is_given_once(book):
    book.add(row())
    with pytest.raises(ConflictError):
        book.add(row(account="bob"))


def test_a_voucher_that_is_nobodys_is_claimed_by_one(book):
    book.add(row(account=""))
    won = at_once(*[lambda who=who: book.claim("v-1", account=who) for who in ("ada", "bob")])
    assert sorted(won) == [False, True]
    winner = ("ada", "bob")[won.index(True)]
    assert book.voucher("v-1").account == winner
    assert book.claim("v-1", account=winner)  # told twice
    assert not book.claim("v-9", account="ada")


def test_of_two_visits_that_ask_at_one_moment_one_gets_it(book):
    for number in range(5):
        book.add(row(f"v-{number}"))
    got = at_once(*[lambda r=r: keep(book, r) for r in ("r1", "r2", "r3", "r4")])
    assert sorted(itertools.chain(*got)) == [f"v-{number}" for number in range(5)]


def test_the_same_visit_may_ask_again(book):
    book.add(row())
    assert keep(book) == keep(book) == ["v-1"]
    assert keep(book, "r2") == []


def test_those_that_run_out_first_come_first(book):
    for voucher, until_us in (("never", None), ("late", 900), ("soon", 200)):
        book.add(row(voucher, until_us=until_us))
    assert keep(book, limit=2) == ["soon", "late"]


@pytest.mark.parametrize(
    "known",
    [{"until_us": 100}, {"void_us": 50}, {"used_us": 50}, {"currency": "EUR"}, {"account": "bob"}],
    ids=str,
)
def test_what_is_not_good_is_not_kept(book, known):
    book.add(row(**known))
    assert keep(book) == []


def test_a_share_is_good_in_any_currency(book):
    book.add(row(amount=0, rate_ppm=100_000, currency=""))
    assert keep(book) == ["v-1"]


def test_what_a_receipt_redeemed_is_used_and_the_rest_let_go_of_however_often_it_is_said(book):
    for voucher in ("v-1", "v-2"):
        book.add(row(voucher))
    keep(book)
    for time_us in (150, 250):
        book.settle("r1", redeemed=["v-1"], time_us=time_us)
    used, free = book.voucher("v-1"), book.voucher("v-2")
    assert (used.used_us, used.receipt, used.account) == (150, "r1", "")
    assert free == row("v-2")
    assert keep(book, "r2") == ["v-2"]


def test_a_receipt_uses_nothing_that_is_kept_for_another(book):
    book.add(row())
    keep(book, "r1")
    book.settle("r2", redeemed=["v-1"], time_us=150)
    assert [kept.voucher for kept in book.kept_for("r1")] == ["v-1"]


def test_a_voucher_is_taken_back_unless_it_was_used(book):
    book.add(row())
    assert book.take_back("v-1", time_us=50)
    assert keep(book) == []
    book.add(row("v-2"))
    keep(book)
    book.settle("r1", redeemed=["v-2"], time_us=60)
    assert not book.take_back("v-2", time_us=70)


def test_what_has_been_kept_for_long_is_found(book):
    book.add(row())
    keep(book, time_us=100)
    assert book.kept_before(100, store="shop", limit=9) == []
    assert [kept.voucher for kept in book.kept_before(101, store="shop", limit=9)] == ["v-1"]
    assert book.kept_before(101, store="elsewhere", limit=9) == []
