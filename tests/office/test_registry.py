"""Accounts, badges, codes and keys, as the command line and the HTTP API keep them."""

import msgspec
import pytest

from store_engine.access import SigningOrder, read_code, sign_code
from store_engine.accounts import Account
from store_engine.errors import RequestError
from tests.access.signed_codes import ED
from tests.office.desk_world import STORE, DeskWorld

VISA = "4111 1111 1111 1111"


@pytest.fixture
def world(tmp_path):
    world = DeskWorld(tmp_path)
    world.registry.add("ada", methods=["tok_ada", "tok_spare"], credentials=["qr-ada"])
    yield world
    world.close()


@pytest.fixture
def registry(world):
    return world.registry


def test_methods_are_named_by_chance(world):
    methods = world.accounts.methods_of("ada")
    assert [method.token for method in methods] == ["tok_ada", "tok_spare"]
    assert not any("ada" in method.method for method in methods)


def test_what_codes_call_an_account_does_not_tell_who_it_is(registry):
    assert "ada" not in registry.account("ada").subject
    assert registry.account("ada").subject != registry.add("bea").subject


def test_an_account_is_opened_once(registry):
    with pytest.raises(RequestError, match="account ada: it is there already"):
        registry.add("ada")


def test_a_credential_belongs_to_one_account(registry):
    registry.add("bea")
    with pytest.raises(RequestError, match="somebody has this credential"):
        registry.add_credential("bea", "qr-ada")


@pytest.mark.parametrize("people", [0, 21])
def test_a_credential_admits_a_sensible_number(registry, people):
    with pytest.raises(RequestError, match="1 to 20 are allowed"):
        registry.add_credential("ada", "qr-crowd", people=people)


def test_a_shopper_gets_no_badge(registry):
    with pytest.raises(RequestError, match="a badge needs an account with a role"):
        registry.add_badge("ada")


def test_a_code_is_no_lasting_credential(world):
    with pytest.raises(RequestError, match="codes are signed, not kept"):
        world.registry.add_credential("ada", world.code())


def test_nobody_gets_a_code_without_a_key_or_an_account(registry):
    with pytest.raises(RequestError, match="no key signs codes"):
        registry.issue_code("ada", store=STORE)
    registry.ring.rotate()
    with pytest.raises(RequestError, match="account nobody: not known"):
        registry.issue_code("nobody", store=STORE)


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_new_key_signs_the_codes_from_now_on(world, algorithm):
    world.registry.ring.rotate()
    world.pass_s(1)
    key = world.registry.ring.rotate(algorithm=algorithm)
    text = world.registry.issue_code("ada", store=STORE)
    good = read_code(text, world.gates.code_keys(), store=STORE, time_us=world.now_us)
    assert good.code.startswith(f"{key.key}/")


def test_codes_of_a_retailers_own_app_are_accepted_until_its_key_is_retired(world):
    world.registry.ring.trust("app", ED.public_pem.encode(), issuer="app.example")
    theirs = msgspec.structs.replace(ED, key="app", issuer="app.example")
    subject = world.registry.account("ada").subject

    def tap(jti):
        order = SigningOrder(subject=subject, store=STORE, jti=jti, issued_us=world.now_us)
        return world.tap(sign_code(theirs, order))

    assert tap("1").accepted
    world.registry.ring.retire("app")
    assert tap("2").reason == "code signed with a retired key"


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PUBLIC KEY-----", b"secret"])
def test_what_is_no_public_key_is_refused(registry, pem):
    with pytest.raises(RequestError, match="neither an Ed25519 nor a P-256"):
        registry.ring.trust("app", pem, issuer="app.example")


def test_a_key_cannot_take_the_place_of_another(world):
    key = world.registry.ring.rotate()
    with pytest.raises(RequestError, match="there is one of that id already"):
        world.registry.ring.trust(key.key, ED.public_pem.encode(), issuer="store-engine")


def test_no_two_codes_are_the_same(world):
    assert world.code() != world.code()


@pytest.mark.parametrize(
    "act",
    [
        lambda registry: registry.add(VISA),
        lambda registry: registry.add("bea", name=f"Bea {VISA}"),
        lambda registry: registry.add("bea", methods=[VISA]),
        lambda registry: registry.add("bea", credentials=[VISA]),
        lambda registry: registry.add_method("ada", VISA),
        lambda registry: registry.add_credential("ada", VISA),
        lambda registry: registry.block("ada", f"stolen {VISA}"),
        lambda registry: registry.import_accounts(
            [Account(account="bea", credentials=("x",), payment=VISA)]
        ),
    ],
)
def test_a_card_number_is_refused_wherever_it_is_written(registry, act):
    with pytest.raises(RequestError, match="looks like a card number") as caught:
        act(registry)
    assert "4111" not in str(caught.value)


def test_a_file_is_imported_once(world):
    bea = Account(account="bea", credentials=("qr-bea",), payment="tok_bea", people=3, adult=True)
    assert world.registry.import_accounts([bea]) == 1
    assert world.registry.import_accounts([bea]) == 0
    admission = world.tap("qr-bea")
    assert (admission.people, admission.shopper.adult) == (3, True)


def test_what_was_changed_here_survives_another_import(world):
    ada = Account(account="ada", credentials=("qr-ada",), payment="tok_ada")
    world.registry.block("ada", "unpaid visit")
    world.registry.import_accounts([ada])
    assert world.registry.account("ada").blocked == "unpaid visit"
