"""Accounts, what they present and how they pay (port `AccountBook`), on SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.access_tables import accounts, credentials
from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.office_tables import parties as parties_
from store_engine.adapters.database.office_tables import payment_methods
from store_engine.adapters.database.rows import in_parts
from store_engine.ports.accounts import AccountRow, CredentialRow, Newcomer
from store_engine.ports.office import PaymentMethod

# Asked for at each entry, so built once.
_ACCOUNT = sa.select(accounts).where(accounts.c.account == sa.bindparam("account"))
_SUBJECT = sa.select(accounts).where(accounts.c.subject == sa.bindparam("subject"))
_CREDENTIAL = sa.select(credentials).where(credentials.c.handle == sa.bindparam("handle"))
_ADD_ACCOUNT, _ADD_CREDENTIAL = sa.insert(accounts), sa.insert(credentials)
_ADD_METHOD = sa.insert(payment_methods)
_LAST_RANK = sa.select(sa.func.coalesce(sa.func.max(payment_methods.c.rank), 0)).where(
    payment_methods.c.account == sa.bindparam("account")
)


class SqlAccountBook:
    """Keeps the accounts of one database: those of all its stores."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- accounts

    def add(self, *newcomers: Newcomer) -> None:
        """Keep new accounts: all of them or none."""
        with self._database.writing() as connection:
            for account, presents, methods in newcomers:
                connection.execute(_ADD_ACCOUNT, _row(account))
                for credential in presents:
                    _insert_credential(connection, credential)
                for method in methods:
                    _insert_method(connection, account.account, method)

    def change(self, account: AccountRow) -> None:
        """Keep an account as it is now."""
        row = _row(account)
        with self._database.writing() as connection:
            there = accounts.c.account == row.pop("account")
            connection.execute(sa.update(accounts).where(there).values(row))

    def account(self, account: str) -> AccountRow | None:
        """Return an account."""
        rows = self._rows(_ACCOUNT, account=account)
        return AccountRow(**rows[0]) if rows else None

    def account_of_subject(self, subject: str) -> AccountRow | None:
        """Return whom entry codes call so."""
        rows = self._rows(_SUBJECT, subject=subject)
        return AccountRow(**rows[0]) if rows else None

    def accounts(self, *, after: str = "", limit: int = 1_000) -> list[AccountRow]:
        """Return accounts in order of their names, those behind `after`."""
        query = sa.select(accounts).where(accounts.c.account > after)
        rows = self._rows(query.order_by(accounts.c.account).limit(limit))
        return [AccountRow(**row) for row in rows]

    def who_are(self, parties: Sequence[str]) -> dict[str, str]:
        """Return the accounts behind parties."""
        found: dict[str, str] = {}
        party, account = parties_.c.party, parties_.c.account
        for part in in_parts(parties):
            rows = self._rows(sa.select(party, account).where(party.in_(part)))
            found |= {row["party"]: row["account"] for row in rows}
        return found

    # ---- how they pay

    def add_method(self, account: str, method: PaymentMethod) -> None:
        """Keep one more way to pay, behind the others."""
        with self._database.writing() as connection:
            _insert_method(connection, account, method)

    def remove_method(self, account: str, method: str) -> None:
        """Forget a way to pay."""
        one = (payment_methods.c.account == account) & (payment_methods.c.method == method)
        with self._database.writing() as connection:
            connection.execute(sa.delete(payment_methods).where(one))

    def methods_of(self, account: str) -> list[PaymentMethod]:
        """Return how an account pays, its favourite first."""
        query = sa.select(payment_methods).where(payment_methods.c.account == account)
        rows = self._rows(query.order_by(payment_methods.c.rank, payment_methods.c.method))
        return [PaymentMethod(row["method"], row["token"]) for row in rows]

    # ---- what they present

    def add_credential(self, credential: CredentialRow) -> None:
        """Keep a new credential."""
        with self._database.writing() as connection:
            _insert_credential(connection, credential)

    def revoke(self, handle: str) -> None:
        """Refuse a credential from now on."""
        one = credentials.c.handle == handle
        with self._database.writing() as connection:
            connection.execute(sa.update(credentials).where(one).values(revoked=True))

    def credential(self, handle: str) -> CredentialRow | None:
        """Return what is known of a presented credential."""
        rows = self._rows(_CREDENTIAL, handle=handle)
        return CredentialRow(**rows[0]) if rows else None

    def credentials_of(self, account: str) -> list[CredentialRow]:
        """Return everything an account may present."""
        query = sa.select(credentials).where(credentials.c.account == account)
        rows = self._rows(query.order_by(credentials.c.handle))
        return [CredentialRow(**row) for row in rows]

    def _rows(self, query: sa.Select[Any], **asked: str) -> list[dict[str, Any]]:
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(query, asked).mappings()]


def _row(word: AccountRow | CredentialRow) -> dict[str, Any]:
    return msgspec.structs.asdict(word)


def _insert_credential(connection: sa.Connection, credential: CredentialRow) -> None:
    connection.execute(_ADD_CREDENTIAL, _row(credential))


def _insert_method(connection: sa.Connection, account: str, method: PaymentMethod) -> None:
    rank = connection.execute(_LAST_RANK, {"account": account}).scalar_one() + 1
    row = {"method": method.method, "account": account, "token": method.token, "rank": rank}
    connection.execute(_ADD_METHOD, row)
