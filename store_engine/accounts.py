"""Who may come in, and how they pay: a directory that never changes while it is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from store_engine.ports import Admission
from store_engine.promotions import Role, Shopper
from store_engine.units import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may shop, or who works here."""

    account: AccountId
    credentials: tuple[str, ...]  # what they present at a gate
    payment: str  # token of the linked payment method, "" for who never pays
    expires_us: int | None = None  # their credentials are refused from here on
    name: str = ""
    role: Role = ""  # "": a shopper
    people: int = 1  # how many one of their credentials admits at once
    member: bool = False
    adult: bool = False  # their age was checked
    blocked: str = ""  # why they may not come in, "" when they may


@dataclass(frozen=True)
class AccountDirectory:
    """Answers the port `Accounts` from memory: a pure function of credential and time.

    For simulations and replays: it keeps nothing apart, so the engine knows accounts by their ids.
    """

    accounts: tuple[Account, ...]

    @cached_property
    def by_credential(self) -> Mapping[str, Account]:
        """The account behind each credential."""
        return {credential: one for one in self.accounts for credential in one.credentials}

    @property
    def shoppers(self) -> tuple[Account, ...]:
        """Whoever comes to shop, on a credential of their own."""
        return tuple(one for one in self.accounts if not one.role and one.people == 1)

    @cached_property
    def payments(self) -> Mapping[AccountId, str]:
        """The payment method token of each account that has one."""
        return {one.account: one.payment for one in self.accounts if one.payment}

    def admit(self, credential: str, *, time_us: int, entry: str = "") -> Admission:
        """Return the account behind a credential, or why there is none."""
        del entry  # the same credential and time have the same answer anyway
        found = self.by_credential.get(credential)
        if found is None:
            return Admission(accepted=False, account="", reason="unknown credential")
        if found.expires_us is not None and time_us >= found.expires_us:
            return Admission(accepted=False, account="", reason="credential expired")
        if found.blocked:
            reason = f"account blocked: {found.blocked}"
            return Admission(accepted=False, account="", reason=reason)
        shopper = Shopper(member=found.member, adult=found.adult, role=found.role)
        return Admission(True, found.account, "", shopper, found.people)
