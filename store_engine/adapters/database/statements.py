"""Statements that both databases know, but SQLAlchemy spells once for each.

They are built once per table: building one costs five times what running it does.
"""

import functools
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless a unique key forbids it; return whether it was inserted.

    A row that another transaction is about to insert is waited for.
    """
    statement = _insert_new(table, connection.dialect.name)
    return bool(connection.execute(statement, dict(row)).rowcount == 1)


def insert_or_update(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Insert `row`, or overwrite the one with the same primary key."""
    connection.execute(_insert_or_update(table, connection.dialect.name, tuple(row)), dict(row))


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
    moved = connection.execute(
        _move_row(table, tuple(row)), {**row, "this": row[key.name], "after": after}
    )
    return bool(moved.rowcount == 1)


@functools.cache
def _insert_new(table: sa.Table, dialect: str) -> sa.Insert:
    statement = _insert(table, dialect).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


@functools.cache
def _insert_or_update(table: sa.Table, dialect: str, columns: tuple[str, ...]) -> sa.Insert:
    keys = [column.name for column in table.primary_key]
    statement = _insert(table, dialect)
    rest = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


@functools.cache
def _move_row(table: sa.Table, columns: tuple[str, ...]) -> sa.Update:
    key = next(iter(table.primary_key))
    there = sa.and_(key == sa.bindparam("this"), table.c.events == sa.bindparam("after"))
    return sa.update(table).where(there).values({name: sa.bindparam(name) for name in columns})


def _insert(table: sa.Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
