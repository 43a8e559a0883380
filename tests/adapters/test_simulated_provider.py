"""The simulated provider beyond the contract: its cards, its clock, its disputes, its troubles."""

import sqlite3

import pytest

from store_engine.adapters.provider_trouble import Trouble
from store_engine.adapters.simulated_bank import Terms
from store_engine.adapters.simulated_provider import SimulatedProvider
from store_engine.adapters.sqlite_bank_ledger import SqliteLedger
from store_engine.errors import EffectError, UnreachableError

HOUR_US = 3600 * 1_000_000


@pytest.fixture(params=["memory", "sqlite"])
def provider(request, tmp_path):
    if request.param == "memory":
        yield SimulatedProvider()
    else:
        ledger = SqliteLedger(tmp_path / "bank.sqlite")
        yield SimulatedProvider(ledger)
        ledger.close()


def hold(provider, amount=5000, method="tok_ada", key="hold"):
    return provider.authorise(key=key, method=method, amount=amount, currency="USD")


def captured(provider, amount=500, method="tok_ada"):
    held = hold(provider, method=method)
    return provider.capture(key="capture", hold=held.ref, amount=amount)


def done(provider):
    return [operation.key for operation in provider.ledger.operations()]


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("tok_declined", "card declined"),
        ("tok_expired_card", "card expired"),
        ("tok_insufficient_funds", "insufficient funds"),
        ("tok_limit_4999", "insufficient funds"),
    ],
)
def test_some_cards_hold_nothing(provider, token, reason):
    assert hold(provider, method=token)[:2] == ("declined", 0)
    assert hold(provider, method=token).reason == reason


def test_a_card_number_is_no_payment_method(provider):
    with pytest.raises(EffectError, match="tokens begin with 'tok_'"):
        hold(provider, method="4242424242424242")
    assert done(provider) == []


@pytest.mark.parametrize("token", ["tok_adjust_declined", "tok_limit_5000"])
def test_a_declined_adjustment_leaves_the_hold_as_it_was(provider, token):
    held = hold(provider, method=token)
    raised = provider.adjust(key="raise", hold=held.ref, amount=5001)
    assert (raised.outcome, raised.reason) == ("declined", "insufficient funds")
    assert provider.capture(key="capture", hold=held.ref, amount=5000).outcome == "done"


def test_a_declined_capture_leaves_the_hold_as_it_was(provider):
    taken = captured(provider, method="tok_capture_declined")
    assert (taken.outcome, taken.amount) == ("declined", 0)
    assert provider.release(key="release", hold=taken.ref).outcome == "done"


def test_a_declined_refund_gives_nothing_back(provider):
    taken = captured(provider, method="tok_refund_declined")
    refund = provider.refund(key="refund", capture=taken.ref, amount=500)
    assert (refund.outcome, refund.amount) == ("declined", 0)
    assert provider.ledger.holds()[0].refunded == 0


def at(now_us, **terms):
    """A provider whose clock is the list `now_us`."""
    return SimulatedProvider(terms=Terms(**terms), now_us=lambda: now_us[0])


def test_a_hold_is_captured_until_it_expires():
    now_us = [0]
    provider = at(now_us, hold_lasts_us=HOUR_US)
    held = hold(provider)
    now_us[0] = HOUR_US - 1
    assert provider.capture(key="capture", hold=held.ref, amount=500).outcome == "done"


def test_an_expired_hold_is_neither_raised_nor_captured_but_let_go():
    now_us = [0]
    provider = at(now_us, hold_lasts_us=HOUR_US)
    ref = hold(provider).ref
    now_us[0] = HOUR_US
    assert provider.adjust(key="raise", hold=ref, amount=6000).reason == "hold expired"
    assert provider.capture(key="capture", hold=ref, amount=500).reason == "hold expired"
    assert provider.release(key="release", hold=ref).outcome == "done"


def test_an_answer_under_a_key_stays_when_the_hold_expires_later():
    now_us = [0]
    provider = at(now_us, hold_lasts_us=HOUR_US)
    held = hold(provider)
    first = provider.capture(key="capture", hold=held.ref, amount=500)
    now_us[0] = HOUR_US
    assert provider.capture(key="capture", hold=held.ref, amount=500) == first


# ---- troubles ----------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [{"unreachable": True}, {"lost_before": 1.0}])
def test_an_unreachable_provider_does_nothing_and_says_nothing(provider, trouble):
    provider.trouble = Trouble(**trouble)
    with pytest.raises(UnreachableError):
        hold(provider)
    with pytest.raises(UnreachableError):
        provider.find(key="hold")
    assert done(provider) == []


def test_what_never_reached_the_provider_did_not_happen(provider):
    provider.trouble = Trouble(unreachable_before=1)
    with pytest.raises(UnreachableError):
        hold(provider)
    assert provider.find(key="hold") is None
    assert hold(provider).outcome == "done"


def test_an_answer_lost_on_the_way_back_is_found_and_given_again(provider):
    provider.trouble = Trouble(unreachable_after=1)
    with pytest.raises(UnreachableError):
        hold(provider)
    assert provider.find(key="hold") == hold(provider)
    assert done(provider) == ["hold"]


def test_a_call_that_arrives_twice_acts_once(provider):
    provider.trouble = Trouble(stutters=2)
    assert captured(provider).amount == 500
    assert done(provider) == ["hold", "capture"]


def test_a_slow_provider_answers_after_its_time(provider):
    naps = []
    provider.trouble = Trouble(slow_s=3.0, sleep=naps.append)
    assert hold(provider).outcome == "done"
    assert naps == [3.0]


def test_a_share_of_answers_is_lost_repeatably():
    def lost(seed):
        provider = SimulatedProvider(trouble=Trouble(lost_after=0.5, seed=seed))
        return [_is_lost(provider, f"hold-{n}") for n in range(40)]

    assert lost(seed=1) == lost(seed=1) != lost(seed=2)
    assert 5 < sum(lost(seed=1)) < 35


def _is_lost(provider, key):
    try:
        return hold(provider, key=key) is None
    except UnreachableError:
        return True


STEPS = ["authorise", "adjust", "capture", "refund", "release"]


def steps(provider):
    """Take a payment through every step, and stop at the first that fails. Returns why."""
    hold(provider, key="spare")
    for step in (
        lambda: hold(provider),
        lambda: provider.adjust(key="raise", hold="ho_hold", amount=6000),
        lambda: provider.capture(key="capture", hold="ho_hold", amount=6000),
        lambda: provider.refund(key="refund", capture="ca_capture", amount=1),
        lambda: provider.release(key="release", hold="ho_spare"),
    ):
        answer = step()
        if answer.outcome == "declined":
            return answer.reason
    return ""


@pytest.mark.parametrize("kind", STEPS)
def test_every_step_can_be_made_to_decline(provider, kind):
    hold(provider, key="spare")
    provider.trouble = Trouble(declines={kind: "not today"})
    assert steps(provider) == "not today"
    assert provider.ledger.operations()[-1].kind == kind


@pytest.mark.parametrize("kind", STEPS)
def test_every_step_can_be_made_to_refuse(provider, kind):
    hold(provider, key="spare")
    provider.trouble = Trouble(refusals={kind: "not today"})
    with pytest.raises(EffectError, match="not today"):
        steps(provider)
    assert kind not in [operation.kind for operation in provider.ledger.operations()[1:]]


def test_without_trouble_every_step_is_done(provider):
    assert steps(provider) == ""
    assert provider.ledger.holds()[1].refunded == 1


# ---- disputes and notices ----------------------------------------------------------------------


def test_disputed_money_is_not_refunded(provider):
    taken = captured(provider, amount=500)
    provider.dispute(capture=taken.ref, amount=400, dispute="dp_1")
    assert provider.refund(key="r1", capture=taken.ref, amount=101).reason == "disputed"
    assert provider.refund(key="r2", capture=taken.ref, amount=100).outcome == "done"


@pytest.mark.parametrize(("won", "outcome"), [(True, "done"), (False, "declined")])
def test_a_dispute_that_is_won_brings_the_money_back(provider, won, outcome):
    taken = captured(provider, amount=500)
    provider.dispute(capture=taken.ref, amount=500, dispute="dp_1")
    provider.close_dispute(dispute="dp_1", won=won)
    assert provider.refund(key="refund", capture=taken.ref, amount=500).outcome == outcome


def test_a_dispute_is_decided_once_and_about_money_that_was_taken(provider):
    taken = captured(provider, amount=500)
    with pytest.raises(EffectError, match="500 left of the capture"):
        provider.dispute(capture=taken.ref, amount=501, dispute="dp_1")
    with pytest.raises(EffectError, match="no dispute 'dp_1'"):
        provider.close_dispute(dispute="dp_1", won=True)
    provider.dispute(capture=taken.ref, amount=500, dispute="dp_1")
    provider.close_dispute(dispute="dp_1", won=False)
    with pytest.raises(EffectError, match="was used for"):
        provider.close_dispute(dispute="dp_1", won=True)


def test_everything_that_happened_is_on_the_noticeboard_in_order(provider):
    taken = captured(provider, amount=500)
    provider.refund(key="refund", capture=taken.ref, amount=200)
    provider.dispute(capture=taken.ref, amount=300, dispute="dp_1")
    provider.close_dispute(dispute="dp_1", won=True)
    told = [(n.kind, n.ref, n.amount, n.dispute, n.won) for n in provider.notices()]
    assert told == [
        ("held", "ho_hold", 5000, "", False),
        ("captured", taken.ref, 500, "", False),
        ("refunded", taken.ref, 200, "", False),
        ("dispute_opened", taken.ref, 300, "dp_1", False),
        ("dispute_closed", taken.ref, 300, "dp_1", True),
    ]


def test_notices_are_read_on_from_the_last_one(provider):
    captured(provider)
    first, second = provider.notices()
    assert provider.notices(limit=1) == [first]
    assert provider.notices(after=first.notice) == [second]
    assert provider.notices(after=second.notice) == []


def test_notices_say_what_was_declined(provider):
    captured(provider, method="tok_refund_declined")
    provider.refund(key="refund", capture="ca_capture", amount=200)
    hold(provider, method="tok_declined", key="other")
    failed, declined = provider.notices()[-2:]
    assert (failed.kind, failed.ref, failed.amount) == ("refund_failed", "ca_capture", 200)
    assert (declined.kind, declined.reason) == ("declined", "card declined")


def test_notices_may_come_twice(provider):
    captured(provider)
    once = provider.notices()
    provider.trouble.notices_twice = True
    assert provider.notices() == [notice for notice in once for _ in range(2)]


# ---- the file ----------------------------------------------------------------------------------


def test_a_ledger_on_disk_outlives_the_process(tmp_path):
    for _ in range(2):
        ledger = SqliteLedger(tmp_path / "bank.sqlite")
        assert captured(SimulatedProvider(ledger)).amount == 500
        assert len(ledger.operations()) == 2
        ledger.close()


def test_two_processes_share_one_ledger(tmp_path):
    here, there = (SqliteLedger(tmp_path / "bank.sqlite") for _ in range(2))
    held = hold(SimulatedProvider(here))
    taken = SimulatedProvider(there).capture(key="capture", hold=held.ref, amount=500)
    assert SimulatedProvider(here).find(key="capture") == taken
    assert here.holds() == there.holds()
    here.close()
    there.close()


def keep_twice(ledger, operation, hold):
    with ledger.exclusive() as book:
        book.keep(operation, hold)
        book.keep(operation, hold)


def test_what_is_kept_before_an_error_is_undone(tmp_path):
    ledger = SqliteLedger(tmp_path / "bank.sqlite")
    hold(SimulatedProvider(ledger))
    (operation,), (held,) = before = ledger.operations(), ledger.holds()
    with pytest.raises(sqlite3.IntegrityError):
        keep_twice(ledger, operation._replace(key="other"), held._replace(held=1))
    assert (ledger.operations(), ledger.holds()) == before
    ledger.close()
