"""What the desk remembers of gates (port `GateBook`), on SQLite and PostgreSQL."""

import functools
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.access_tables import (
    code_keys,
    entry_answers,
    handle_secrets,
    used_codes,
    vault,
)
from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.statements import insert_new, insert_or_update
from store_engine.ports import Admission
from store_engine.ports.accounts import CodeKey, VaultItem

HANDLES = "handles"  # the name of the secret

_decode_admission = msgspec.json.Decoder(Admission).decode

_THROW_AWAY = sa.delete(vault).where(vault.c.handle == sa.bindparam("this"))


class SqlGateBook:
    """Keeps keys and codes, answers and the vault of one database: for all its stores."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def secret(self, fresh: bytes) -> bytes:
        """Return the secret that handles are made with: `fresh` if there was none so far."""
        row = {"name": HANDLES, "secret": fresh}
        return bytes(self._first_come(handle_secrets, row)["secret"])

    # ---- keys and codes

    def code_keys(self) -> dict[str, CodeKey]:
        """Return all keys, by key id."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(code_keys)).mappings().all()
        return {row["key"]: CodeKey(**row) for row in rows}

    def put_key(self, key: CodeKey) -> None:
        """Keep a key, or what became of it."""
        with self._database.writing() as connection:
            insert_or_update(connection, code_keys, msgspec.structs.asdict(key))

    def use_code(self, code: str, *, entry: str, expires_us: int) -> str:
        """Use a code up for an entry; return the entry that has it."""
        row = {"code": code, "entry": entry, "expires_us": expires_us}
        return str(self._first_come(used_codes, row)["entry"])

    # ---- answers

    def answer(self, entry: str) -> Admission | None:
        """Return what an entry was answered."""
        row = self._find(entry_answers, entry)
        return None if row is None else _decode_admission(row["payload"])

    def keep_answer(self, entry: str, admission: Admission, *, time_us: int) -> Admission:
        """Keep the answer to an entry; return the one that counts."""
        payload = msgspec.json.encode(admission).decode()
        row = {"entry": entry, "time_us": time_us, "payload": payload}
        return _decode_admission(self._first_come(entry_answers, row)["payload"])

    # ---- the vault

    def put_away(self, item: VaultItem) -> None:
        """Keep a credential until it is decided upon."""
        with self._database.writing() as connection:
            insert_or_update(connection, vault, item._asdict())

    def look_up(self, handle: str) -> VaultItem | None:
        """Return a credential that was put away."""
        row = self._find(vault, handle)
        return None if row is None else VaultItem(**row)

    def throw_away(self, handle: str) -> None:
        """Forget a credential that was put away."""
        with self._database.writing() as connection:
            connection.execute(_THROW_AWAY, {"this": handle})

    def forget(self, *, vault_us: int, answers_us: int, codes_us: int) -> None:
        """Forget what is from before then."""
        with self._database.writing() as connection:
            for over in (
                sa.delete(vault).where(vault.c.kept_us < vault_us),
                sa.delete(entry_answers).where(entry_answers.c.time_us < answers_us),
                sa.delete(used_codes).where(used_codes.c.expires_us < codes_us),
            ):
                connection.execute(over)

    def _first_come(self, table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
        """Keep `row` unless its key is taken; return the row that has the key."""
        with self._database.writing() as connection:
            if insert_new(connection, table, row):
                return row
            found = connection.execute(_row_of(table), {"this": row[_key(table).name]})
            return dict(found.mappings().one())

    def _find(self, table: sa.Table, name: str) -> dict[str, Any] | None:
        with self._database.reading() as connection:
            row = connection.execute(_row_of(table), {"this": name}).mappings().first()
        return None if row is None else dict(row)


@functools.cache
def _row_of(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).where(_key(table) == sa.bindparam("this"))


def _key(table: sa.Table) -> sa.Column[Any]:
    (column,) = table.primary_key
    return column
