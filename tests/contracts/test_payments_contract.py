"""Every payment provider keeps these promises."""

import threading

import pytest

from store_engine.adapters.payment_ledger import MemoryLedger
from store_engine.adapters.simulated_payments import SimulatedPayments, Trouble
from store_engine.adapters.sqlite_ledger import SqliteLedger
from store_engine.errors import EffectError, UnreachableError

METHODS = {"ada": "tok_ada", "bob": "tok_declined"}


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request, tmp_path):
    if request.param == "memory":
        yield MemoryLedger()
    else:
        on_disk = SqliteLedger(tmp_path / "ledger.sqlite")
        yield on_disk
        on_disk.close()


@pytest.fixture
def payments(ledger):
    return SimulatedPayments(ledger, payment_methods=METHODS, sleep=lambda _: None)


def charge(payments, key="k1", account="ada", amount=500):
    return payments.charge(key=key, account=account, amount=amount, currency="USD")


def moved(ledger):
    return [operation.moved for operation in ledger.operations()]


def test_a_charge_moves_the_amount(payments, ledger):
    outcome = charge(payments)
    assert (outcome.charged, outcome.amount, outcome.reason) == (True, 500, "")
    assert moved(ledger) == [500]


def test_the_same_key_acts_once_and_answers_alike(payments, ledger):
    assert charge(payments) == charge(payments)
    assert moved(ledger) == [500]


def test_the_same_key_with_another_amount_is_refused(payments, ledger):
    charge(payments)
    with pytest.raises(EffectError, match="'k1' was used for"):
        charge(payments, amount=501)
    assert moved(ledger) == [500]


def test_the_same_key_for_another_account_is_refused(payments):
    charge(payments)
    with pytest.raises(EffectError, match="'k1' was used for"):
        charge(payments, account="bob")


def test_a_declined_card_moves_nothing_and_says_why(payments, ledger):
    outcome = charge(payments, account="bob")
    assert (outcome.charged, outcome.amount, outcome.reason) == (False, 0, "card declined")
    assert charge(payments, account="bob") == outcome
    assert moved(ledger) == [0]


def test_an_account_without_a_payment_method_is_declined(payments):
    assert "no payment method" in charge(payments, account="eve").reason


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_that_is_not_positive_is_refused(payments, amount):
    with pytest.raises(EffectError, match="not positive"):
        charge(payments, amount=amount)


def test_refunds_stop_at_what_was_captured(payments, ledger):
    ref = charge(payments).provider_ref
    assert payments.refund(key="r1", provider_ref=ref, amount=300).amount == 300
    with pytest.raises(EffectError, match="500 captured, 300 refunded already"):
        payments.refund(key="r2", provider_ref=ref, amount=201)
    assert payments.refund(key="r3", provider_ref=ref, amount=200).amount == 200
    assert moved(ledger) == [500, 300, 200]


def test_a_refund_repeated_with_its_key_acts_once(payments, ledger):
    ref = charge(payments).provider_ref
    first = payments.refund(key="r1", provider_ref=ref, amount=500)
    assert payments.refund(key="r1", provider_ref=ref, amount=500) == first
    assert moved(ledger) == [500, 500]


def test_a_declined_charge_cannot_be_refunded(payments):
    ref = charge(payments, account="bob").provider_ref
    with pytest.raises(EffectError, match="0 captured"):
        payments.refund(key="r1", provider_ref=ref, amount=1)


def test_what_never_reached_the_provider_did_not_happen(payments, ledger):
    payments.trouble = Trouble(unreachable_before=1)
    with pytest.raises(UnreachableError):
        charge(payments)
    assert moved(ledger) == []
    assert charge(payments).charged


def test_an_answer_lost_on_the_way_back_is_given_again(payments, ledger):
    payments.trouble = Trouble(unreachable_after=1)
    with pytest.raises(UnreachableError):
        charge(payments)
    assert moved(ledger) == [500]
    assert charge(payments).amount == 500
    assert moved(ledger) == [500]


def test_a_slow_provider_answers_after_its_time(ledger):
    naps = []
    payments = SimulatedPayments(ledger, payment_methods=METHODS, sleep=naps.append)
    payments.trouble.slow_s = 3.0
    assert charge(payments).charged
    assert naps == [3.0]


def test_many_at_once_with_one_key_act_once(payments, ledger):
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
    assert moved(ledger) == [500]


def test_a_ledger_on_disk_outlives_the_process(tmp_path):
    for _ in range(2):
        ledger = SqliteLedger(tmp_path / "ledger.sqlite")
        charge(SimulatedPayments(ledger, payment_methods=METHODS))
        assert moved(ledger) == [500]
        ledger.close()
