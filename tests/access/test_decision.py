import msgspec
import pytest

from store_engine.access import Admitted, Code, Facts, decide, kind_of
from store_engine.ports.accounts import AccountRow, CredentialRow

ADA = AccountRow(account="ada", subject="s-ada")
TOKEN = CredentialRow(handle="h:1", account="ada", kind="token", expires_us=100)
CODE = Code("ed/one", "s-ada", 3, 1_000)


def decided(*, account=ADA, credential=TOKEN, entry="entry", time_us=0, **facts):
    facts = Facts(account=account, credential=credential, **facts)
    return decide(facts, entry=entry, time_us=time_us)


def test_whoever_holds_a_known_credential_may_come_in():
    assert decided() == Admitted(ADA, 1)


def test_nobody_comes_in_on_a_credential_of_nobody():
    assert decided(account=None, credential=None).reason == "unknown credential"
    assert decided(credential=None).reason == "unknown credential"


def test_a_credential_expires_at_its_moment():
    assert decided(time_us=99) == Admitted(ADA, 1)
    assert decided(time_us=100).reason == "credential expired"


def test_a_revoked_credential_is_refused():
    revoked = msgspec.structs.replace(TOKEN, revoked=True)
    assert decided(credential=revoked).reason == "credential revoked"


def test_a_blocked_account_is_refused_with_the_reason():
    blocked = msgspec.structs.replace(ADA, blocked="unpaid visit")
    assert decided(account=blocked).reason == "account blocked: unpaid visit"


def test_a_code_admits_as_many_as_it_says():
    assert decided(credential=None, code=CODE).people == 3


def test_a_card_or_badge_admits_as_many_as_it_was_given_for():
    family = msgspec.structs.replace(TOKEN, people=4)
    assert decided(credential=family).people == 4


def test_a_used_code_is_a_replay_except_for_the_entry_that_used_it():
    once = {"credential": None, "code": CODE, "used_for": "entry"}
    assert decided(**once) == Admitted(ADA, 3)
    assert decided(**once, entry="another").reason == "code used before"


@pytest.mark.parametrize("role", ["staff", "picker", "restocker", "tester"])
def test_whoever_works_here_comes_in_free(role):
    assert decided(account=msgspec.structs.replace(ADA, role=role)).free


def test_a_shopper_pays():
    assert not decided().free


@pytest.mark.parametrize(
    ("credential", "kind"),
    [
        ("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln", "code"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "code"),
        ("tok_ada", "card"),
        ("pm_1NVChw", "card"),
        ("demo-ada", "token"),
        ("tok_\x00", "token"),
        ("tok_" + "a" * 252, "token"),
        ("badge-7f3a", "token"),
        ("4111 1111 1111 1111", "card number"),
        ("tok_4111111111111111", "card number"),
    ],
)
def test_the_spelling_tells_what_a_credential_is(credential, kind):
    assert kind_of(credential) == kind
