"""Every provider keeps these promises: the simulated one, and Stripe as localstripe imitates it.

What localstripe lacks is skipped here by name, and covered by tests/adapters/
test_stripe_as_documented.py.
"""

import threading
from typing import NamedTuple

import pytest

from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.adapters.stripe_provider import StripeProvider
from store_engine.errors import EffectError
from store_engine.ports.office import Provider, ProviderAnswer
from tests.local_stripe import client, local_stripe

LOCALSTRIPE_GAPS = {
    "keys": "localstripe ignores idempotency keys",
    "adjust": "localstripe cannot increment an authorisation",
    "find": "localstripe has no search",
    "refund limits": "localstripe accepts refunds beyond what was captured",
    "cancelled": "localstripe captures what was cancelled",
}


class Bank(NamedTuple):
    """A provider, and tokens that it knows."""

    provider: Provider
    good: str
    declined: str
    gaps: dict[str, str]

    def needs(self, feature):
        if feature in self.gaps:
            pytest.skip(self.gaps[feature])


@pytest.fixture(scope="module")
def stripe_bank():
    with local_stripe() as url:
        provider = StripeProvider(client(url))
        yield Bank(provider, "pm_card_visa", "pm_card_chargeCustomerFail", LOCALSTRIPE_GAPS)


@pytest.fixture(params=["memory", "sqlite", "localstripe"])
def bank(request, tmp_path):
    if request.param == "localstripe":
        yield request.getfixturevalue("stripe_bank")
    elif request.param == "memory":
        yield Bank(SimulatedProvider(), "tok_ada", "tok_declined", {})
    else:
        ledger = SqliteLedger(tmp_path / "bank.sqlite")
        yield Bank(SimulatedProvider(ledger), "tok_ada", "tok_declined", {})
        ledger.close()


_names = iter(range(1_000_000))


def name():
    """A key that nobody used yet: the localstripe of a module lives through all its tests."""
    return f"nanostore.door-1.{next(_names)}/operation"


def hold(bank, amount=5000, key=None):
    return bank.provider.authorise(
        key=key or name(), method=bank.good, amount=amount, currency="USD"
    )


def captured(bank, amount=500):
    held = hold(bank)
    return bank.provider.capture(key=name(), hold=held.ref, amount=amount)


def test_a_good_card_is_held_for_the_amount(bank):
    held = hold(bank)
    assert (held.outcome, held.amount, held.reason) == ("done", 5000, "")
    assert held.ref


def test_a_declined_card_holds_nothing_and_says_why(bank):
    answer = bank.provider.authorise(key=name(), method=bank.declined, amount=5000, currency="USD")
    assert (answer.outcome, answer.amount, answer.reason) == ("declined", 0, "card declined")


def test_a_method_that_nobody_knows_is_refused(bank):
    with pytest.raises(EffectError, match=r"no such payment method|Not Found"):
        bank.provider.authorise(key=name(), method="pm_nobody", amount=5000, currency="USD")


@pytest.mark.parametrize("amount", [0, -1, 100_000_000])
def test_an_amount_that_no_bank_holds_is_refused(bank, amount):
    with pytest.raises(EffectError, match="not positive, or beyond 99999999"):
        hold(bank, amount=amount)


def test_the_same_key_acts_once_and_answers_alike(bank):
    bank.needs("keys")
    key = name()
    assert hold(bank, key=key) == hold(bank, key=key)


def test_the_same_key_with_another_amount_is_refused(bank):
    bank.needs("keys")
    key = name()
    hold(bank, key=key)
    with pytest.raises(EffectError, match="was used for"):
        hold(bank, key=key, amount=5001)


def test_the_key_of_a_hold_does_not_capture(bank):
    bank.needs("keys")
    key = name()
    held = hold(bank, key=key)
    with pytest.raises(EffectError, match="was used for"):
        bank.provider.capture(key=key, hold=held.ref, amount=500)


def test_many_at_once_with_one_key_act_once(bank):
    bank.needs("keys")
    held, key, together, answers = hold(bank), name(), threading.Barrier(8), []

    def ask():
        together.wait()
        answers.append(bank.provider.capture(key=key, hold=held.ref, amount=500))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [ProviderAnswer("done", 500, answers[0].ref)] * 8


def test_a_capture_takes_less_than_was_held(bank):
    taken = captured(bank, amount=1234)
    assert (taken.outcome, taken.amount) == ("done", 1234)
    assert taken.ref


def test_a_capture_of_more_than_was_held_is_refused_and_takes_nothing(bank):
    held = hold(bank, amount=500)
    with pytest.raises(EffectError):
        bank.provider.capture(key=name(), hold=held.ref, amount=501)
    assert bank.provider.capture(key=name(), hold=held.ref, amount=500).outcome == "done"


def test_a_hold_is_captured_once(bank):
    held = hold(bank)
    bank.provider.capture(key=name(), hold=held.ref, amount=500)
    with pytest.raises(EffectError):
        bank.provider.capture(key=name(), hold=held.ref, amount=500)


def test_a_hold_that_nobody_knows_is_refused(bank):
    for act in (bank.provider.release, lambda **on: bank.provider.capture(**on, amount=1)):
        with pytest.raises(EffectError):
            act(key=name(), hold="pi_nobody")


def test_a_hold_is_released(bank):
    released = bank.provider.release(key=name(), hold=hold(bank).ref)
    assert (released.outcome, released.amount) == ("done", 0)


def test_a_hold_that_is_gone_is_released_again(bank):
    held = hold(bank)
    first = bank.provider.release(key=name(), hold=held.ref)
    assert bank.provider.release(key=name(), hold=held.ref) == first


def test_what_is_captured_is_not_released(bank):
    held = hold(bank)
    bank.provider.capture(key=name(), hold=held.ref, amount=500)
    with pytest.raises(EffectError):
        bank.provider.release(key=name(), hold=held.ref)


def test_what_is_released_is_not_captured(bank):
    bank.needs("cancelled")
    held = hold(bank)
    bank.provider.release(key=name(), hold=held.ref)
    with pytest.raises(EffectError, match="released already"):
        bank.provider.capture(key=name(), hold=held.ref, amount=500)


def test_a_raised_hold_captures_more(bank):
    bank.needs("adjust")
    held = hold(bank, amount=500)
    raised = bank.provider.adjust(key=name(), hold=held.ref, amount=900)
    assert (raised.outcome, raised.amount, raised.ref) == ("done", 900, held.ref)
    assert bank.provider.capture(key=name(), hold=held.ref, amount=900).outcome == "done"


def test_refunds_in_parts(bank):
    taken = captured(bank, amount=500)
    for part in (300, 200):
        refund = bank.provider.refund(key=name(), capture=taken.ref, amount=part)
        assert (refund.outcome, refund.amount) == ("done", part)


def test_refunds_stop_at_what_was_captured(bank):
    bank.needs("refund limits")
    taken = captured(bank, amount=500)
    bank.provider.refund(key=name(), capture=taken.ref, amount=300)
    with pytest.raises(EffectError, match="500 captured, 300 refunded already"):
        bank.provider.refund(key=name(), capture=taken.ref, amount=201)


def test_what_is_only_held_is_not_refunded(bank):
    bank.needs("refund limits")
    with pytest.raises(EffectError):
        bank.provider.refund(key=name(), capture=hold(bank).ref, amount=1)


def test_a_call_is_found_by_its_key(bank):
    bank.needs("find")
    key = name()
    held = hold(bank, key=key)
    assert bank.provider.find(key=key) == held


def test_a_declined_call_is_found_as_declined(bank):
    bank.needs("find")
    key = name()
    answer = bank.provider.authorise(key=key, method=bank.declined, amount=1, currency="USD")
    assert bank.provider.find(key=key) == answer


def test_a_refused_call_never_happened(bank):
    bank.needs("find")
    key = name()
    with pytest.raises(EffectError):
        bank.provider.capture(key=key, hold="pi_nobody", amount=1)
    assert bank.provider.find(key=key) is None
