import itertools
import threading
import time

import pytest

from store_engine import effects, lanes
from store_engine.effects import Effects
from store_engine.errors import EffectError, UnreachableError
from store_engine.events import ChargeRequested, EntryRequested, ReleaseRequested, VisitEnded
from store_engine.ports import Admission, ChargeOutcome


class Provider:
    """Accounts and payments that do as they are told."""

    def __init__(self, *troubles):
        self.troubles = list(troubles)
        self.charged = []
        self.at_once, self.most_at_once = 0, 0
        self.may_charge = threading.Event()
        self.may_charge.set()
        self._counting = threading.Lock()

    def admit(self, credential, *, time_us, entry):
        return Admission(accepted=True, account=credential, reason="")

    def charge(self, *, key, account, amount, currency, receipt):
        self.wait()
        self.charged.append(key)
        if self.troubles:
            raise self.troubles.pop(0)
        return ChargeOutcome("charged", amount, f"ch_{key}", "")

    def release(self, *, key, account):
        self.wait()
        self.charged.append(key)
        return ChargeOutcome("released", 0, "", "")

    def wait(self):
        with self._counting:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.may_charge.wait(5)
        with self._counting:
            self.at_once -= 1


class Desk:
    """Collects answers and alarms."""

    def __init__(self, provider):
        self.answers = []
        self.alarms = []
        self.effects = Effects(
            accounts=provider,
            payments=provider,
            answer=lambda device, build, event: self.answers.append((device, event, build)),
            alarm=lambda kind, text, about: self.alarms.append((kind, about)),
        )

    def answered(self, count, timeout_s=5.0):
        wait_until(lambda: len(self.answers) >= count, timeout_s)
        return [event for _, event, _ in self.answers]

    def result(self):
        return self.answers[0][2](device="payments", boot=0, sequence=0, time_us=0)


def wait_until(done, timeout_s=5.0):
    give_up_s = time.monotonic() + timeout_s
    while not done():
        assert time.monotonic() < give_up_s
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(lanes, "RETRY_FIRST_S", 0.002)


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def desk(provider):
    desk = Desk(provider)
    yield desk
    provider.may_charge.set()
    desk.effects.close()


_accounts = itertools.count()


def charge(event, account=None):
    return ChargeRequested(
        event=event,
        time_us=0,
        visit="v",
        account=account or f"somebody-{next(_accounts)}",
        receipt="r",
        amount=5,
        currency="USD",
    )


def release(event, account="a"):
    return ReleaseRequested(event=event, time_us=0, visit="v", account=account)


def entry(event, credential="ada"):
    return EntryRequested(
        event=event, time_us=0, gate="door", scan="door/0/0", credential=credential
    )


def test_each_kind_is_answered_by_its_device(desk):
    words = [entry("e"), VisitEnded(event="x", time_us=0, visit="v"), charge("c"), release("r")]
    desk.effects.perform(words)
    desk.answered(3)
    assert sorted((device, event) for device, event, _ in desk.answers) == [
        ("accounts", "e"),
        ("payments", "c"),
        ("payments", "r"),
    ]


def test_a_release_is_answered_as_one(desk):
    desk.effects.perform([release("r")])
    desk.answered(1)
    assert (desk.result().request, desk.result().outcome) == ("r", "released")


def test_an_unreachable_provider_is_asked_again_with_the_same_key(desk, provider):
    provider.troubles = [UnreachableError("down")] * 3
    desk.effects.perform([charge("c")])
    assert desk.answered(1) == ["c"]
    assert provider.charged == ["c"] * 4
    assert desk.alarms == [("payments_unreachable", "c")]


def test_other_accounts_are_charged_while_one_is_retried(desk, provider, monkeypatch):
    monkeypatch.setattr(lanes, "RETRY_FIRST_S", 0.05)
    provider.troubles = [UnreachableError("down")]
    desk.effects.perform([charge("first")])
    wait_until(lambda: provider.charged)
    desk.effects.perform([charge("second")])
    assert desk.answered(2) == ["second", "first"]


def test_what_is_asked_of_one_account_stays_in_order(desk, provider):
    provider.troubles = [UnreachableError("down")]
    asked = [charge(str(number), account="ada") for number in range(20)] + [release("r", "ada")]
    desk.effects.perform(asked)
    assert desk.answered(21) == [event.event for event in asked]


def test_many_accounts_are_charged_at_one_moment_up_to_a_bound(desk, provider):
    provider.may_charge.clear()
    desk.effects.perform([charge(str(number)) for number in range(100)])
    wait_until(lambda: provider.at_once == effects.CHARGES_AT_ONCE)
    provider.may_charge.set()
    desk.answered(100)
    assert provider.most_at_once == effects.CHARGES_AT_ONCE


def test_a_slow_provider_does_not_hold_up_the_door(desk, provider):
    provider.may_charge.clear()
    desk.effects.perform([charge("c"), entry("e")])
    assert desk.answered(1) == ["e"]
    provider.may_charge.set()
    assert desk.answered(2) == ["e", "c"]


def test_a_refused_request_is_an_answer_and_is_not_repeated(desk, provider):
    provider.troubles = [EffectError("key was used")]
    desk.effects.perform([charge("c")])
    desk.answered(1)
    result = desk.result()
    assert (result.outcome, result.amount, result.reason) == ("declined", 0, "key was used")
    assert provider.charged == ["c"]


def test_a_bug_in_a_providers_client_does_not_lose_the_charge(desk, provider):
    provider.troubles = [ValueError("bug")]
    desk.effects.perform([charge("c")])
    assert desk.answered(1) == ["c"]
    assert provider.charged == ["c", "c"]


def test_performing_returns_at_once(desk, provider):
    provider.may_charge.clear()
    began_s = time.monotonic()
    desk.effects.perform([charge(str(number)) for number in range(100)])
    assert time.monotonic() - began_s < 1.0
