"""Who may come in, and how they pay: a directory that never changes while it is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from store_engine.ports import Admission
from store_engine.units import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may shop."""

    account: AccountId
    credentials: tuple[str, ...]  # what they present at a gate
    payment: str  # token of the linked payment method
    expires_us: int | None = None  # their credentials are refused from here on


@dataclass(frozen=True)
class AccountDirectory:
    """Answers the port `Accounts` from memory: a pure function of credential and time."""

    accounts: tuple[Account, ...]

    @cached_property
    def by_credential(self) -> Mapping[str, Account]:
        """The account behind each credential."""
        return {credential: one for one in self.accounts for credential in one.credentials}

    @cached_property
    def payments(self) -> Mapping[AccountId, str]:
        """The payment method token of each account."""
        return {one.account: one.payment for one in self.accounts}

    def admit(self, credential: str, *, time_us: int) -> Admission:
        """Return the account behind a credential, or why there is none."""
        found = self.by_credential.get(credential)
        if found is None:
            return Admission(accepted=False, account="", reason="unknown credential")
        if found.expires_us is not None and time_us >= found.expires_us:
            return Admission(accepted=False, account="", reason="credential expired")
        return Admission(accepted=True, account=found.account, reason="")
