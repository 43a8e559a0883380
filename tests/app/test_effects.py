import threading
import time

import pytest

from store_engine import effects
from store_engine.effects import Effects
from store_engine.errors import EffectError, UnreachableError
from store_engine.events import ChargeRequested, EntryRequested, VisitEnded
from store_engine.ports import Admission, ChargeOutcome


class Provider:
    """Accounts and payments that do as they are told."""

    def __init__(self, *troubles):
        self.troubles = list(troubles)
        self.charged = []
        self.may_charge = threading.Event()
        self.may_charge.set()

    def admit(self, credential, *, time_us):
        return Admission(accepted=True, account=credential, reason="")

    def charge(self, *, key, account, amount, currency):
        assert self.may_charge.wait(5)
        self.charged.append(key)
        if self.troubles:
            raise self.troubles.pop(0)
        return ChargeOutcome(charged=True, amount=amount, provider_ref=f"ch_{key}", reason="")


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
        give_up_s = time.monotonic() + timeout_s
        while len(self.answers) < count:
            assert time.monotonic() < give_up_s, self.answers
            time.sleep(0.002)
        return [event for _, event, _ in self.answers]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(effects, "RETRY_FIRST_S", 0.002)


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def desk(provider):
    desk = Desk(provider)
    yield desk
    desk.effects.close()


def charge(event):
    return ChargeRequested(
        event=event, time_us=0, visit="v", account="a", receipt="r", amount=5, currency="USD"
    )


def entry(event):
    return EntryRequested(event=event, time_us=0, gate="door", scan="door/0/0", credential="ada")


def test_each_kind_is_answered_by_its_device(desk):
    desk.effects.perform([entry("e"), VisitEnded(event="x", time_us=0, visit="v"), charge("c")])
    desk.answered(2)
    assert sorted((device, event) for device, event, _ in desk.answers) == [
        ("accounts", "e"),
        ("payments", "c"),
    ]


def test_an_unreachable_provider_is_asked_again_with_the_same_key(desk, provider):
    provider.troubles = [UnreachableError("down")] * 3
    desk.effects.perform([charge("c")])
    assert desk.answered(1) == ["c"]
    assert provider.charged == ["c"] * 4
    assert desk.alarms == [("payments_unreachable", "c")]


def test_other_charges_go_on_while_one_is_retried(desk, provider, monkeypatch):
    monkeypatch.setattr(effects, "RETRY_FIRST_S", 0.05)
    provider.troubles = [UnreachableError("down")]
    desk.effects.perform([charge("first"), charge("second")])
    assert desk.answered(2) == ["second", "first"]


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
    result = desk.answers[0][2](device="payments", boot=0, sequence=0, time_us=0)
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
    provider.may_charge.set()
