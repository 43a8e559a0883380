"""Statements that both databases know, but SQLAlchemy spells once for each."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless a unique key forbids it; return whether it was inserted.

    A row that another transaction is about to insert is waited for.
    """
    statement = _insert(connection, table).on_conflict_do_nothing()
    counted = statement.execution_options(preserve_rowcount=True)
    return bool(connection.execute(counted, dict(row)).rowcount == 1)


def insert_or_update(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Insert `row`, or overwrite the one with the same primary key."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in row.items() if name not in keys}
    statement = _insert(connection, table).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))


def keep_row(
    connection: sa.Connection, table: sa.Table, row: Mapping[str, Any], *, after: int
) -> bool:
    """Write where something stands if it stands at `after` events; return whether it did.

    `table` has one primary key column, and its version in a column `events`. One statement: it
    waits for whoever else is writing this row, and then looks.
    """
    if after == 0 and insert_new(connection, table, row):
        return True
    key = next(iter(table.primary_key))
    there = sa.and_(key == sa.bindparam("this"), table.c.events == sa.bindparam("after"))
    moved = connection.execute(
        sa.update(table).where(there), {**row, "this": row[key.name], "after": after}
    )
    return bool(moved.rowcount == 1)


def _insert(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    on_sqlite = connection.dialect.name == "sqlite"
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)
