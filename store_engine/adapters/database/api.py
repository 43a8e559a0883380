"""Tokens, secrets of links, the audit log and prices put (ports in `ports.api`)."""

from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.api_tables import api_secrets, api_tokens, audit, price_books
from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.statements import insert_new
from store_engine.catalog import Catalog
from store_engine.ports.api import ApiToken, AuditEntry, SavedPrices, Scope

FILES = "files"  # who put the prices of a store's folder

_decode_book = msgspec.json.Decoder(Catalog).decode
_ENTRY = [audit.c[name] for name in AuditEntry.__struct_fields__]


class SqlTokens:
    """API tokens of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: ApiToken) -> None:
        """Keep a new token."""
        row = msgspec.structs.asdict(token)
        for name in ("scopes", "stores"):
            row[name] = msgspec.json.encode(row[name]).decode()
        with self._database.writing() as connection:
            connection.execute(sa.insert(api_tokens), row)

    def with_digest(self, digest: str) -> ApiToken | None:
        """Return the token with this hash, whatever became of it."""
        found = self._tokens(sa.select(api_tokens).where(api_tokens.c.digest == digest))
        return found[0] if found else None

    def tokens(self) -> list[ApiToken]:
        """Return all of them, oldest first."""
        order = (api_tokens.c.created_us, api_tokens.c.token)
        return self._tokens(sa.select(api_tokens).order_by(*order))

    def revoke(self, token: str, *, time_us: int) -> bool:
        """Refuse a token from now on; return whether it is there."""
        one = sa.update(api_tokens).where(api_tokens.c.token == token)
        first = sa.func.coalesce(api_tokens.c.revoked_us, time_us)
        with self._database.writing() as connection:
            return bool(connection.execute(one.values(revoked_us=first)).rowcount)

    def _tokens(self, query: sa.Select[Any]) -> list[ApiToken]:
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            ApiToken(**{**row, "scopes": _scopes(row["scopes"]), "stores": _names(row["stores"])})
            for row in rows
        ]


class SqlSecrets:
    """Secrets that never leave the database and the processes over it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def secret(self, name: str, fresh: bytes) -> bytes:
        """Return the secret of this name: `fresh` if there was none so far."""
        with self._database.writing() as connection:
            if insert_new(connection, api_secrets, {"name": name, "secret": fresh}):
                return fresh
            query = sa.select(api_secrets.c.secret).where(api_secrets.c.name == name)
            return bytes(connection.execute(query).scalar_one())


class SqlAudit:
    """Who did what, in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, entry: AuditEntry) -> int:
        """Keep an entry and return its number."""
        with self._database.writing() as connection:
            kept = connection.execute(sa.insert(audit).values(**msgspec.structs.asdict(entry)))
            return int((kept.inserted_primary_key or (0,))[0])

    def end(self, number: int, entry: AuditEntry) -> None:
        """Say what came of it: the entry as a whole, but for its time."""
        row = msgspec.structs.asdict(entry)
        del row["time_us"]
        with self._database.writing() as connection:
            connection.execute(sa.update(audit).where(audit.c.position == number).values(**row))

    def entries(self, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Return entries, newest first."""
        query = sa.select(*_ENTRY).order_by(audit.c.position.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.time_us < before)
        with self._database.reading() as connection:
            return [AuditEntry(**row) for row in connection.execute(query).mappings()]


class SqlPriceBooks:
    """Price books that were put."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, store: str, prices: SavedPrices) -> None:
        """Have visits that start from now on priced by a book."""
        row = {
            "store": store,
            "version": prices.book.version,
            "by": prices.by,
            "put_us": prices.put_us,
            "payload": msgspec.json.encode(prices.book).decode(),
        }
        with self._database.writing() as connection:
            connection.execute(sa.insert(price_books), row)

    def newest(self, store: str) -> SavedPrices | None:
        """Return the book that was put last."""
        query = sa.select(price_books).where(price_books.c.store == store)
        query = query.order_by(price_books.c.position.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return SavedPrices(_decode_book(row.payload), row.by, row.put_us) if row else None

    def follow_files(self, store: str, book: Catalog, *, now_us: int) -> None:
        """Have the prices of a store's files hold, if they changed since they last did."""
        query = sa.select(price_books.c.version).where(
            price_books.c.store == store, price_books.c.by == FILES
        )
        query = query.order_by(price_books.c.position.desc()).limit(1)
        with self._database.reading() as connection:
            known = connection.scalar(query)
        if known != book.version:
            self.put(store, SavedPrices(book, FILES, now_us))

    def newest_version(self, store: str) -> str:
        """Return which book was put last, "" when none was: what an engine looks at often."""
        query = sa.select(price_books.c.version).where(price_books.c.store == store)
        query = query.order_by(price_books.c.position.desc()).limit(1)
        with self._database.reading() as connection:
            return str(connection.scalar(query) or "")


def _scopes(text: str) -> tuple[Scope, ...]:
    return msgspec.json.decode(text, type=tuple[Scope, ...])


def _names(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])
