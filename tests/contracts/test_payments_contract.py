"""Whoever takes the engine's money keeps these promises (port `Payments`)."""

import threading

import pytest

from store_engine.adapters.database import open_database, sqlite_url
from store_engine.adapters.database.accounts import SqlAccountBook
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.memory_books import MemoryBooks
from store_engine.adapters.provider_trouble import Trouble
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.errors import EffectError, UnreachableError
from store_engine.office.till import Terms, Till
from store_engine.ports.accounts import AccountRow, Newcomer
from store_engine.ports.office import PaymentMethod

METHODS = {"ada": "tok_ada", "bob": "tok_declined"}
TERMS = Terms(store="tiny", currency="USD", exponent=2, hold=5_000)


@pytest.fixture
def provider():
    return SimulatedProvider(trouble=Trouble(sleep=lambda _: None))


@pytest.fixture(params=["in memory", "till over memory", "till over a database"])
def payments(request, provider, tmp_path):
    if request.param == "in memory":
        yield InMemoryPayments(METHODS, provider=provider)
        return
    database = open_database(sqlite_url(tmp_path / "books.sqlite"))
    books = memory_books() if request.param == "till over memory" else kept_books(database)
    yield Till(books, provider, terms=TERMS, now_us=lambda: 1_700_000_000_000_000)
    database.close()


def memory_books():
    methods = {name: [PaymentMethod(f"m-{name}", token)] for name, token in METHODS.items()}
    return MemoryBooks(methods)


def kept_books(database):
    accounts, books = SqlAccountBook(database), SqlBooks(database)
    for name, token in METHODS.items():
        row = AccountRow(account=name, subject=f"s-{name}")
        accounts.add(Newcomer(row, [], [PaymentMethod(f"m-{name}", token)]))
        books.bind(party=name, account=name, store="tiny", time_us=1)
    return books


def charge(payments, key="k1", account="ada", amount=500):
    return payments.charge(key=key, account=account, amount=amount, currency="USD", receipt="r1")


def captured(provider):
    return [hold.captured for hold in provider.ledger.holds() if hold.captured]


def test_a_charge_moves_the_amount(payments, provider):
    outcome = charge(payments)
    assert (outcome.outcome, outcome.amount, outcome.reason) == ("charged", 500, "")
    assert captured(provider) == [500]


def test_the_same_key_acts_once_and_answers_alike(payments, provider):
    assert charge(payments) == charge(payments)
    assert captured(provider) == [500]


def test_another_key_is_another_charge(payments, provider):
    assert charge(payments, "k1").outcome == charge(payments, "k2").outcome == "charged"
    assert captured(provider) == [500, 500]


def test_the_same_key_with_another_amount_is_refused(payments, provider):
    charge(payments)
    with pytest.raises(EffectError, match="501"):
        charge(payments, amount=501)
    assert captured(provider) == [500]


def test_a_declined_card_moves_nothing_and_says_why(payments, provider):
    outcome = charge(payments, account="bob")
    assert (outcome.outcome, outcome.amount, outcome.reason) == ("declined", 0, "card declined")
    assert charge(payments, account="bob") == outcome
    assert captured(provider) == []


def test_an_account_without_a_payment_method_is_declined(payments):
    outcome = charge(payments, account="eve")
    assert outcome.outcome == "declined"
    assert "no payment method" in outcome.reason


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_that_is_not_positive_is_refused(payments, amount):
    with pytest.raises(EffectError, match="not positive"):
        charge(payments, amount=amount)


def test_letting_go_of_nothing_is_done(payments, provider):
    assert payments.release(key="k1", account="ada").outcome == "released"
    assert provider.ledger.operations() == []


def test_what_never_reached_the_provider_did_not_happen(payments, provider):
    provider.trouble.unreachable_before = 1
    with pytest.raises(UnreachableError):
        charge(payments)
    assert captured(provider) == []
    assert charge(payments).outcome == "charged"


@pytest.mark.parametrize("lost", [1, 2])
def test_an_answer_lost_on_the_way_back_is_given_again(payments, provider, lost):
    provider.trouble.unreachable_after = lost
    for _ in range(lost):
        with pytest.raises(UnreachableError):
            charge(payments)
    assert charge(payments).amount == 500
    assert captured(provider) == [500]


def test_many_at_once_with_one_key_act_once(payments, provider):
    together = threading.Barrier(8)
    outcomes = []

    def ask():
        together.wait()
        outcomes.append(charge(payments))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [outcomes[0]] * 8
    assert captured(provider) == [500]
