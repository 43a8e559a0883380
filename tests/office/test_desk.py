"""Who may come in, and why others may not."""

import msgspec
import pytest

from store_engine.access import SigningOrder, sign_code
from tests.access.signed_codes import ED
from tests.office.desk_world import STORE, DeskWorld


@pytest.fixture
def world(tmp_path):
    world = DeskWorld(tmp_path)
    world.registry.add("ada", name="Ada", methods=["tok_ada"], credentials=["qr-ada", "tok_ada"])
    yield world
    world.close()


def reason(admission):
    assert not admission.accepted
    assert admission.account == ""
    return admission.reason


def test_a_code_lets_somebody_in_under_a_pseudonym(world):
    admission = world.tap(world.code())
    assert admission.accepted
    assert admission.account == "shop.door.0.1"
    assert world.accounts.who_are([admission.account]) == {"shop.door.0.1": "ada"}


@pytest.mark.parametrize("credential", ["qr-ada", "tok_ada"], ids=["printed", "card"])
def test_a_card_or_a_printed_code_does_too(world, credential):
    assert world.tap(credential).accepted


def test_money_is_held_before_anybody_comes_in(world):
    world.tap("qr-ada")
    assert len(world.holds()) == 1


def test_a_declined_card_keeps_the_gate_closed(world):
    world.registry.add("declan", credentials=["qr-declan"], methods=["tok_declined"])
    assert reason(world.tap("qr-declan")) == "card declined"


def test_after_a_declined_card_another_one_may_be_tried(world):
    world.registry.add("declan", credentials=["qr-declan"], methods=["tok_declined"])
    world.tap("qr-declan")
    world.registry.add_method("declan", "tok_good")
    assert world.tap("qr-declan").accepted


def test_an_unknown_credential_is_refused(world):
    assert reason(world.tap("qr-nobody")) == "unknown credential"


def test_an_expired_credential_is_refused(world):
    world.registry.add_credential("ada", "qr-day", expires_us=world.now_us)
    assert reason(world.tap("qr-day")) == "credential expired"


def test_a_revoked_credential_is_refused(world):
    world.accounts.revoke(world.vault.handle("qr-ada"))
    assert reason(world.tap("qr-ada")) == "credential revoked"


def test_a_blocked_account_is_refused_whatever_it_presents(world):
    world.registry.block("ada", "unpaid visit")
    for credential in ("qr-ada", world.code()):
        assert reason(world.tap(credential)) == "account blocked: unpaid visit"


def test_a_used_code_is_refused_and_the_first_holder_stays_in(world):
    code = world.code()
    assert world.tap(code).accepted
    assert reason(world.tap(code)) == "code used before"


def test_a_code_is_not_used_up_by_a_blocked_account(world):
    code = world.code()
    world.registry.block("ada", "unpaid visit")
    world.tap(code)
    world.registry.block("ada", "")
    assert world.tap(code).accepted


def test_an_expired_code_is_refused(world):
    code = world.code()
    world.pass_s(66)
    assert reason(world.tap(code)) == "code expired"


def test_a_code_for_another_store_is_refused(world):
    assert reason(world.tap(world.code(store="elsewhere"))) == "code for another store"


def test_a_forged_code_is_refused(world):
    forged = msgspec.structs.replace(ED, key=next(iter(keys_of(world))), issuer="store-engine")
    order = SigningOrder(
        subject=world.registry.account("ada").subject, store=STORE, jti="x", issued_us=world.now_us
    )
    assert reason(world.tap(sign_code(forged, order))) == "code forged"


def test_a_code_of_an_account_that_is_not_there_is_refused(world):
    world.code()
    (key,) = keys_of(world).values()
    order = SigningOrder(subject="s-nobody", store=STORE, jti="x", issued_us=world.now_us)
    assert reason(world.tap(sign_code(key, order))) == "unknown credential"


def keys_of(world):
    if not world.gates.code_keys():
        world.registry.ring.rotate()
    return world.gates.code_keys()


def test_codes_of_a_retired_key_stay_good_until_they_expire(world):
    code = world.code()
    world.pass_s(1)
    world.registry.ring.rotate()
    assert world.tap(code).accepted
    assert [bool(key.private_pem) for key in keys_of(world).values()].count(True) == 1


@pytest.mark.parametrize(
    "number", ["4111111111111111", "3782 822463 10005", "tok_5555555555554444"]
)
def test_a_card_number_is_refused_without_being_repeated(world, number):
    said = reason(world.tap(number))
    assert "card number" in said
    assert number not in said


def test_nobody_is_let_in_long_after_they_asked(world):
    entry, handle, asked_us = world.entry(), world.vault.take("qr-ada"), world.now_us
    world.pass_s(61)
    late = world.desk.admit(handle, time_us=asked_us, entry=entry)
    assert "too late" in reason(late)
    assert world.holds() == []


@pytest.mark.parametrize("role", ["staff", "picker", "restocker", "tester"])
def test_a_badge_lets_staff_in_and_nothing_is_held(world, role):
    world.registry.add("rob", role=role)
    admission = world.tap(world.registry.add_badge("rob"))
    assert admission.shopper.role == role
    assert world.holds() == []
    assert world.till.payment(admission.account).state == "free"


def test_members_and_grown_ups_are_known_as_such(world):
    world.registry.add("bea", member=True, adult=True, credentials=["qr-bea"], methods=["tok_bea"])
    shopper = world.tap("qr-bea").shopper
    assert (shopper.member, shopper.adult, shopper.role) == (True, True, "")


def test_a_group_comes_in_on_one_credential(world):
    assert world.tap(world.code(people=5)).people == 5
    world.registry.add_credential("ada", "qr-family", people=4)
    assert world.tap("qr-family").people == 4


# ---- cards that nobody has


def test_an_unknown_card_is_refused(world):
    assert reason(world.tap("tok_stranger")) == "unknown credential"


def test_where_cards_are_enough_an_unknown_one_opens_an_account(tmp_path):
    world = DeskWorld(tmp_path, unknown_cards="guest")
    first, again = world.tap("tok_stranger"), world.tap("tok_stranger")
    assert first.account == again.account
    assert len(world.holds()) == 1
    world.close()


def test_even_there_a_made_up_text_opens_nothing(tmp_path):
    world = DeskWorld(tmp_path, unknown_cards="guest")
    assert reason(world.tap("qr-stranger")) == "unknown credential"
    world.close()


# ---- the provider does not answer


def test_without_a_provider_nobody_comes_in(world):
    world.trouble.unreachable = True
    assert "payments cannot be reached" in reason(world.tap("qr-ada"))


def test_once_it_answers_again_a_new_tap_works(world):
    world.trouble.unreachable_after = 1  # the hold is made, its answer lost
    world.tap("qr-ada")
    assert world.tap("qr-ada").accepted


def test_a_shopkeeper_may_trust_people_meanwhile(tmp_path):
    world = DeskWorld(tmp_path, unreachable_provider="admit")
    world.registry.add("ada", methods=["tok_ada"], credentials=["qr-ada"])
    world.trouble.unreachable = True
    assert world.tap("qr-ada").accepted
    world.close()
