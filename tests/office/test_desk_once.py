"""However often somebody taps, and whenever the power goes: one visit, one hold, one answer."""

import pytest

from tests.office.desk_world import DeskWorld


@pytest.fixture
def world(tmp_path):
    world = DeskWorld(tmp_path)
    world.registry.add("ada", methods=["tok_ada"], credentials=["qr-ada", "qr-phone", "tok_ada"])
    yield world
    world.close()


def test_taps_of_one_card_are_one_party_and_one_hold(world):
    parties = {world.tap("tok_ada").account for _ in range(5)}
    assert parties == {"shop.door.0.1"}
    assert len(world.holds()) == 1


def test_taps_of_one_card_at_many_gates_at_one_moment_are_one_party_and_one_hold(world):
    answers = world.taps(*["tok_ada"] * 6)
    assert all(answer.accepted for answer in answers)
    assert len({answer.account for answer in answers}) == 1
    assert len(world.holds()) == 1


def test_several_credentials_of_one_account_are_one_party(world):
    answers = [world.tap(one) for one in ("qr-ada", "qr-phone", world.code(), world.code())]
    assert len({answer.account for answer in answers}) == 1
    assert len(world.holds()) == 1


def test_of_one_code_at_many_gates_at_one_moment_one_opens(world):
    answers = world.taps(*[world.code()] * 6)
    assert [answer.accepted for answer in answers].count(True) == 1
    refused = {answer.reason for answer in answers if not answer.accepted}
    assert refused <= {"code used before", "code could not be kept; show a new one"}


def test_the_next_visit_is_another_party(world):
    first = world.tap("qr-ada").account
    world.till.release(key="first/nothing", account=first)
    assert world.tap("qr-ada").account != first


def test_an_account_whose_visit_is_being_charged_gets_another_party(world):
    first = world.tap("qr-ada").account
    world.till.charge(key="first/charge", account=first, amount=500, currency="USD")
    second = world.tap("qr-ada").account
    assert second != first
    assert world.till.payment(second).state == "held"


@pytest.mark.parametrize("credential", ["code", "tok_ada", "qr-ada", "qr-nobody"])
def test_an_entry_asked_again_after_a_restart_gets_the_same_answer(world, credential):
    entry, text = world.entry(), world.code() if credential == "code" else credential
    first = world.tap(text, entry=entry)
    world.start()
    assert world.tap(text, entry=entry) == first
    assert len(world.holds()) == (1 if first.accepted else 0)


class PowerCutError(Exception):
    pass


@pytest.mark.parametrize("step", ["use_code", "keep_answer", "bind", "open", "throw_away"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_power_may_go_at_any_step(world, monkeypatch, step, when):
    owner = {"bind": world.books, "open": world.till}.get(step, world.gates)
    whole = getattr(owner, step)

    def cut(*args, **named):
        if when == "after":
            whole(*args, **named)
        raise PowerCutError

    monkeypatch.setattr(owner, step, cut)
    entry, handle = world.entry(), world.vault.take(world.code())
    with pytest.raises(PowerCutError):
        world.desk.admit(handle, time_us=world.now_us, entry=entry)
    world.start()
    again = world.desk.admit(handle, time_us=world.now_us, entry=entry)
    assert (again.accepted, again.account) == (True, "shop.door.0.1")
    assert len(world.holds()) == 1


def test_a_refused_entry_is_refused_again_even_if_it_would_be_accepted_now(world):
    entry = world.entry()
    world.registry.block("ada", "unpaid visit")
    world.tap("qr-ada", entry=entry)
    world.registry.block("ada", "")
    assert not world.tap("qr-ada", entry=entry).accepted
