"""accounts.toml: who may come in."""

from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field

from store_engine.accounts import Account, AccountDirectory
from store_engine.store_files.reading import Entry, Problems, read_toml
from store_engine.units import AccountId, to_us

FILE = "accounts.toml"


class AccountEntry(Entry):
    """One [[accounts]] table."""

    account: Annotated[str, Field(min_length=1)]
    credentials: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=4096)], ...], Field(min_length=1)
    ]
    payment: Annotated[str, Field(min_length=1)]
    expires: AwareDatetime | None = None


class AccountsFile(Entry):
    """The whole of accounts.toml."""

    accounts: tuple[AccountEntry, ...] = ()


def load_accounts(folder: Path) -> AccountDirectory:
    """Return the accounts in a store's folder. Raises `ConfigError` with every mistake."""
    entries = read_toml(folder / FILE, AccountsFile).accounts
    _check(entries)
    return AccountDirectory(tuple(_account(entry) for entry in entries))


def _check(entries: tuple[AccountEntry, ...]) -> None:
    problems = Problems(FILE)
    holders: dict[str, str] = {}
    accounts: set[str] = set()
    for entry in entries:
        where = f'account "{entry.account}"'
        if entry.account in accounts:
            problems.add(where, "this account is already above")
        accounts.add(entry.account)
        for credential in entry.credentials:
            if credential in holders:
                problems.add(where, f'credential "{credential}" is {holders[credential]}\'s')
            holders[credential] = entry.account
    problems.raise_if_any()


def _account(entry: AccountEntry) -> Account:
    expires_us = None if entry.expires is None else to_us(entry.expires.timestamp())
    return Account(
        account=AccountId(entry.account),
        credentials=entry.credentials,
        payment=entry.payment,
        expires_us=expires_us,
    )
