"""Persons in the store of record: found, shown, erased (port `PersonBook`).

privacy_register.py    what each table holds about a person, how long, what erasure does to it
privacy_person.py      who a person is in the tables
privacy_export.py      all that is kept about one
privacy_texts.py       what people wrote, taken out of words that stay
privacy_retention.py   what is deleted when its time is over
privacy_scrub.py       until no byte of a file has it any more
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.access_tables import (
    accounts,
    credentials,
    entry_answers,
    vault,
)
from store_engine.adapters.database.api_tables import api_tokens, audit
from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.engine_tables import dead_letters, events, receipts
from store_engine.adapters.database.office_tables import parties, payment_methods
from store_engine.adapters.database.privacy_export import everything_about
from store_engine.adapters.database.privacy_person import Person, person_of, standing
from store_engine.adapters.database.privacy_texts import clear_trips, rewrite, without_person
from store_engine.adapters.database.rows import decode_event, in_parts
from store_engine.adapters.database.voucher_tables import vouchers
from store_engine.ports import Admission
from store_engine.ports.privacy import ERASED, Erasure, Judge

SHORTEST_MARK = 4  # characters of a name that refused payloads are searched for (guess)

_decode_admission = msgspec.json.Decoder(Admission).decode


class SqlPersonBook:
    """Everybody in one database, in all its stores."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, text: str, *, handle: str) -> list[str]:
        """Return the accounts that `text` leads to."""
        paper = sa.select(receipts.c.account).where(
            sa.or_(receipts.c.receipt == text, receipts.c.visit == text)
        )
        known = sa.or_(accounts.c.account == text, accounts.c.name.icontains(text, autoescape=True))
        named = sa.or_(parties.c.party == text, parties.c.party.in_(paper))
        presented = sa.or_(credentials.c.handle == handle, credentials.c.handle == text)
        queries = (
            sa.select(accounts.c.account).where(known),
            sa.select(payment_methods.c.account).where(payment_methods.c.token == text),
            sa.select(credentials.c.account).where(presented),
            sa.select(parties.c.account).where(named),
        )
        with self._database.reading() as connection:
            return sorted({one for query in queries for one in connection.scalars(query)})

    def everything(self, account: str) -> dict[str, Any] | None:
        """Return all that is kept about a person, as plain values; None when nothing is."""
        with self._database.reading() as connection:
            person = person_of(connection, account)
            return None if person is None else everything_about(connection, person)

    def erase(self, account: str, judge: Judge) -> Erasure | None:
        """Erase a person unless `judge` says why not, in one transaction; None when unknown."""
        with self._database.writing() as connection:
            if not self._database.is_sqlite:  # there, writers wait for one another anyway
                connection.execute(sa.text("LOCK TABLE parties IN SHARE ROW EXCLUSIVE MODE"))
            person = person_of(connection, account)
            if person is None:
                return None
            refused = judge(standing(connection, person))
            return Erasure(refused=refused) if refused else _erase(connection, person)

    def idle(self, *, before_us: int, after: str, limit: int) -> list[str]:
        """Return shoppers behind the account `after` who have not come in since, in order."""
        came = sa.exists().where(
            parties.c.account == accounts.c.account, parties.c.opened_us >= before_us
        )
        shoppers = sa.and_(accounts.c.role == "", accounts.c.account > after)
        query = sa.select(accounts.c.account).where(shoppers, accounts.c.created_us < before_us)
        with self._database.reading() as connection:
            return list(
                connection.scalars(query.where(~came).order_by(accounts.c.account).limit(limit))
            )


def _erase(connection: sa.Connection, person: Person) -> Erasure:
    theirs = person.account
    rows = rewrite(
        connection, without_person, payments=person.payments, cases=person.cases
    ) | clear_trips(connection, person.receipts)
    rows["events"] = _clear_entries(connection, person)
    rows["audit"] = _clear_audit(connection, theirs)
    rows["dead_letters"] = _delete_letters(connection, person)
    rows["entry_answers"] = _delete_answers(connection, set(person.parties))
    for table, where in (
        (vault, vault.c.handle.in_(person.handles)),
        (api_tokens, api_tokens.c.account == theirs),
        (parties, parties.c.account == theirs),
        (payment_methods, payment_methods.c.account == theirs),
        (credentials, credentials.c.account == theirs),
        (vouchers, vouchers.c.account == theirs),
        (accounts, accounts.c.account == theirs),
    ):
        rows[table.name] = connection.execute(sa.delete(table).where(where)).rowcount
    return Erasure(rows=rows)


def _clear_entries(connection: sa.Connection, person: Person) -> int:
    """Take the handles of credentials out of the questions that gates asked with them."""
    if not person.handles:
        return 0
    named = sa.or_(*(events.c.payload.contains(one, autoescape=True) for one in person.handles))
    asked = sa.select(events.c.position, events.c.payload).where(
        events.c.type == "entry_requested", named
    )
    rows = connection.execute(asked).all()
    for row in rows:
        cleared = msgspec.structs.replace(decode_event(row.payload), credential=ERASED)
        payload = msgspec.json.encode(cleared).decode()
        here = events.c.position == row.position
        connection.execute(sa.update(events).where(here).values(payload=payload))
    return len(rows)


def _clear_audit(connection: sa.Connection, account: str) -> int:
    """Take an account's id out of what was done on it; that it was done, and by whom, stays."""
    mark = f"account={account}"
    query = sa.select(audit.c.position, audit.c.on).where(
        audit.c.on.contains(mark, autoescape=True)
    )
    count = 0
    for row in connection.execute(query).all():
        changed = f" {row.on} ".replace(f" {mark} ", f" account={ERASED} ")[1:-1]
        if changed != row.on:
            here = audit.c.position == row.position
            count += connection.execute(sa.update(audit).where(here).values(on=changed)).rowcount
    return count


def _delete_letters(connection: sa.Connection, person: Person) -> int:
    marks = [*person.handles, *person.tokens]
    marks += [mark for mark in (person.account, person.name) if len(mark) >= SHORTEST_MARK]
    sought = [mark.encode() for mark in marks]

    def is_theirs(row: sa.Row[Any]) -> bool:
        text = f"{row.topic}\n{row.reason}\n".encode() + row.payload
        return any(mark in text for mark in sought)

    return _delete_those(connection, dead_letters, dead_letters.c.position, is_theirs)


def _delete_answers(connection: sa.Connection, theirs: set[str]) -> int:
    return _delete_those(
        connection,
        entry_answers,
        entry_answers.c.entry,
        lambda row: _decode_admission(row.payload).account in theirs,
    )


def _delete_those(
    connection: sa.Connection,
    table: sa.Table,
    key: sa.Column[Any],
    wanted: Callable[[sa.Row[Any]], bool],
) -> int:
    """Delete the rows that only a look inside can tell; both tables are small, and short-lived."""
    rows: Iterable[sa.Row[Any]] = connection.execute(sa.select(table))
    found = [getattr(row, key.name) for row in rows if wanted(row)]
    for part in in_parts(found):
        connection.execute(sa.delete(table).where(key.in_(part)))
    return len(found)
