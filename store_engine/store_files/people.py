"""accounts.toml: who may come in, for demonstrations and for the first start of a store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field

from store_engine.accounts import Account, AccountDirectory
from store_engine.card_numbers import holds_card_number, masked
from store_engine.ports.accounts import PEOPLE_MAX
from store_engine.promotions import Role
from store_engine.store_files.reading import Entry, Problems, read_toml
from store_engine.units import AccountId, to_us

FILE = "accounts.toml"
NEVER_KEPT = "looks like a card number; write the provider's token instead"


class AccountEntry(Entry):
    """One [[accounts]] table."""

    account: Annotated[str, Field(min_length=1)]
    credentials: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=4096)], ...], Field(min_length=1)
    ]
    payment: str = ""
    expires: AwareDatetime | None = None
    name: str = ""
    role: Role = ""
    people: Annotated[int, Field(ge=1, le=PEOPLE_MAX)] = 1
    member: bool = False
    adult: bool = False
    blocked: str = ""

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield everything somebody wrote here, with what it is."""
        yield from (("account", self.account), ("name", self.name), ("blocked", self.blocked))
        yield "payment", self.payment
        yield from (("credentials", credential) for credential in self.credentials)


class AccountsFile(Entry):
    """The whole of accounts.toml."""

    accounts: tuple[AccountEntry, ...] = ()


def load_accounts(path: Path) -> AccountDirectory:
    """Return the accounts in a store's folder, or in a file of that kind.

    Raises:
        ConfigError: with every mistake.
    """
    entries = read_toml(path if path.is_file() else path / FILE, AccountsFile).accounts
    _check(entries)
    return AccountDirectory(tuple(_account(entry) for entry in entries))


def _check(entries: tuple[AccountEntry, ...]) -> None:
    problems = Problems(FILE)
    holders: dict[str, str] = {}
    accounts: set[str] = set()
    for entry in entries:
        where = f'account "{masked(entry.account)}"'
        for what, text in entry.texts():
            if holds_card_number(text):
                problems.add(where, f"{what}: {NEVER_KEPT}")
        if entry.account in accounts:
            problems.add(where, "this account is already above")
        accounts.add(entry.account)
        if not entry.payment and not entry.role:
            problems.add(where, "payment is missing; only who has a role pays nothing")
        for credential in entry.credentials:
            if credential in holders:
                problems.add(
                    where, f'credential "{masked(credential)}" is {holders[credential]}\'s'
                )
            holders[credential] = masked(entry.account)
    problems.raise_if_any()


def _account(entry: AccountEntry) -> Account:
    expires_us = None if entry.expires is None else to_us(entry.expires.timestamp())
    return Account(
        account=AccountId(entry.account),
        credentials=entry.credentials,
        payment=entry.payment,
        expires_us=expires_us,
        name=entry.name,
        role=entry.role,
        people=entry.people,
        member=entry.member,
        adult=entry.adult,
        blocked=entry.blocked,
    )
