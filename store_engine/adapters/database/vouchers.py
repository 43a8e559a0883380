"""Vouchers (port `VoucherBook`), on SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.voucher_tables import vouchers
from store_engine.ports.vouchers import VoucherRow

_UNUSED = vouchers.c.used_us.is_(None)
_FREE = sa.and_(_UNUSED, vouchers.c.void_us.is_(None), vouchers.c.receipt == "")
_SOONEST = (vouchers.c.until_us.is_(None), vouchers.c.until_us, vouchers.c.voucher)


class SqlVouchers:
    """The vouchers of one database: those of all its stores. Any number may use it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- what shopkeepers and shoppers do

    def add(self, voucher: VoucherRow) -> None:
        """Keep a new voucher. Raises `ConflictError` if there is one of this name."""
        with self._database.writing() as connection:
            connection.execute(sa.insert(vouchers), msgspec.structs.asdict(voucher))

    def voucher(self, voucher: str) -> VoucherRow | None:
        """Return a voucher."""
        found = self._read(sa.select(vouchers).where(vouchers.c.voucher == voucher))
        return found[0] if found else None

    def vouchers(self, *, account: str = "", limit: int = 1_000) -> list[VoucherRow]:
        """Return the vouchers of an account, or all of them, newest first."""
        query = sa.select(vouchers).order_by(vouchers.c.issued_us.desc(), vouchers.c.voucher)
        if account:
            query = query.where(vouchers.c.account == account)
        return self._read(query.limit(limit))

    def claim(self, voucher: str, *, account: str) -> bool:
        """Make a voucher that is nobody's an account's; return whether it is now."""
        one = vouchers.c.voucher == voucher
        nobodys = sa.and_(one, _FREE, vouchers.c.account == "")
        theirs = sa.and_(one, _FREE, vouchers.c.account == account)
        with self._database.writing() as connection:
            connection.execute(sa.update(vouchers).where(nobodys).values(account=account))
            return connection.scalar(sa.select(vouchers.c.voucher).where(theirs)) is not None

    def take_back(self, voucher: str, *, time_us: int) -> bool:
        """Let nobody redeem a voucher from now on; return False if it was used before."""
        one = sa.and_(vouchers.c.voucher == voucher, _UNUSED)
        first = sa.func.coalesce(vouchers.c.void_us, time_us)
        with self._database.writing() as connection:
            return bool(
                connection.execute(sa.update(vouchers).where(one).values(void_us=first)).rowcount
            )

    # ---- what visits do

    def keep(
        self, *, account: str, receipt: str, store: str, currency: str, time_us: int, limit: int
    ) -> list[VoucherRow]:
        """Keep an account's good vouchers for a receipt; return all that are kept for it."""
        until_us, their_currency = vouchers.c.until_us, vouchers.c.currency
        good = sa.and_(
            _FREE,
            vouchers.c.account == account,
            sa.or_(until_us.is_(None), until_us > time_us),
            sa.or_(their_currency == "", their_currency == currency),
        )
        some = sa.select(vouchers.c.voucher).where(good).order_by(*_SOONEST).limit(limit)
        with self._database.reading() as connection:  # most people have none: let writers be
            if connection.scalar(some.limit(1)) is None:
                return _kept_for(connection, receipt)
        # `_FREE` once more: PostgreSQL looks again at a row that it waited for, at this alone.
        taken = sa.update(vouchers).where(_FREE, vouchers.c.voucher.in_(some))
        with self._database.writing() as connection:
            connection.execute(taken.values(receipt=receipt, store=store, kept_us=time_us))
            return _kept_for(connection, receipt)

    def kept_for(self, receipt: str) -> list[VoucherRow]:
        """Return what is kept for a receipt and not used."""
        with self._database.reading() as connection:
            return _kept_for(connection, receipt)

    def settle(self, receipt: str, *, redeemed: Sequence[str], time_us: int) -> None:
        """Mark what a receipt redeemed as used, and let go of the rest that is kept for it."""
        kept = sa.and_(vouchers.c.receipt == receipt, _UNUSED)
        used = {"used_us": time_us, "account": ""}
        free = {"receipt": "", "store": "", "kept_us": None}
        with self._database.writing() as connection:
            ours = sa.and_(kept, vouchers.c.voucher.in_(list(redeemed)))
            connection.execute(sa.update(vouchers).where(ours).values(used))
            connection.execute(sa.update(vouchers).where(kept).values(free))

    def kept_before(self, time_us: int, *, store: str, limit: int) -> list[VoucherRow]:
        """Return what has been kept in a store since before then, longest first."""
        old = sa.and_(_UNUSED, vouchers.c.store == store, vouchers.c.kept_us < time_us)
        order = (vouchers.c.kept_us, vouchers.c.voucher)
        return self._read(sa.select(vouchers).where(old).order_by(*order).limit(limit))

    def _read(self, query: sa.Select[Any]) -> list[VoucherRow]:
        with self._database.reading() as connection:
            return _rows(connection, query)


def _kept_for(connection: sa.Connection, receipt: str) -> list[VoucherRow]:
    kept = sa.and_(vouchers.c.receipt == receipt, _UNUSED)
    return _rows(connection, sa.select(vouchers).where(kept).order_by(*_SOONEST))


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> list[VoucherRow]:
    return [VoucherRow(**row) for row in connection.execute(query).mappings()]
