"""Who may come in."""

from pathlib import Path

import pytest

from store_engine.accounts import Account, AccountDirectory
from store_engine.store_files import load_accounts
from store_engine.units import AccountId

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
EXPIRES_US = 1_000_000


@pytest.fixture
def directory() -> AccountDirectory:
    eve = Account(
        account=AccountId("eve"), credentials=("a", "b"), payment="tok", expires_us=EXPIRES_US
    )
    return AccountDirectory((eve,))


@pytest.mark.parametrize("credential", ["a", "b"])
def test_every_credential_of_an_account_opens_the_gate(directory, credential):
    admission = directory.admit(credential, time_us=0)
    assert (admission.accepted, admission.account) == (True, "eve")


def test_an_unknown_credential_does_not(directory):
    admission = directory.admit("c", time_us=0)
    assert (admission.accepted, admission.reason) == (False, "unknown credential")


def test_a_credential_expires_at_its_moment(directory):
    assert directory.admit("a", time_us=EXPIRES_US - 1).accepted
    assert directory.admit("a", time_us=EXPIRES_US).reason == "credential expired"


def test_a_blocked_account_is_told_why():
    eve = Account(account=AccountId("eve"), credentials=("a",), payment="tok", blocked="unpaid")
    assert AccountDirectory((eve,)).admit("a", time_us=0).reason == "account blocked: unpaid"


def test_a_group_and_a_role_are_passed_on():
    crew = Account(
        account=AccountId("crew"), credentials=("a",), payment="", people=3, role="restocker"
    )
    admission = AccountDirectory((crew,)).admit("a", time_us=0)
    assert (admission.people, admission.shopper.role) == (3, "restocker")


def test_the_demonstration_accounts_cover_the_unhappy_paths():
    directory = load_accounts(NANOSTORE)
    accounts = directory.accounts
    assert len(directory.shoppers) == 12
    assert "tok_declined" in directory.payments.values()
    assert [one.account for one in accounts if one.expires_us == 1_577_836_799_000_000] == [
        "expira"
    ]


def test_the_demonstration_has_a_group_and_somebody_at_work():
    others = {*load_accounts(NANOSTORE).accounts} - {*load_accounts(NANOSTORE).shoppers}
    assert {(one.account, one.people, one.role) for one in others} == {
        ("family", 4, ""),
        ("rob", 1, "restocker"),
    }
