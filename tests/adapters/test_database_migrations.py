"""However a database came to be, its tables are the ones the code expects, and its rows survive."""

import importlib
import pkgutil
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from store_engine.adapters import database as package
from store_engine.adapters.database import open_database, sqlite_url
from store_engine.adapters.database.connection import Database, parse_url
from store_engine.adapters.database.engine_tables import facts
from store_engine.adapters.database.migrating import migrate, replay_all, versions
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.database.subjects import SUBJECTS
from store_engine.adapters.database.tables import metadata
from store_engine.errors import RecordsError

VERSION_1 = Path(__file__).with_name("records_version_1.sql").read_text()


@pytest.fixture
def version_1(tmp_path):
    """A file as version 1 left it."""
    path = tmp_path / "records.sqlite"
    with sqlite3.connect(path) as file:
        file.executescript(VERSION_1)
    file.close()
    return path


def index_shape(index):
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return index["name"], index["column_names"], index["unique"], str(options)


def shape(database):
    """Everything a database says about its tables."""
    with database.reading() as connection:
        look = sa.inspect(connection)
        return {
            table: {
                "columns": {
                    c["name"]: (str(c["type"]), c["nullable"]) for c in look.get_columns(table)
                },
                "key": look.get_pk_constraint(table),
                "unique": sorted(look.get_unique_constraints(table), key=str),
                "foreign": sorted(look.get_foreign_keys(table), key=str),
                "indexes": sorted(map(index_shape, look.get_indexes(table))),
            }
            for table in look.get_table_names()
        }


def test_the_steps_lead_to_the_tables_of_the_code(database_url):
    database = Database(parse_url(database_url))
    replay_all(database)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_a_new_database_is_the_same_as_one_that_took_every_step(new_database_url):
    at_once = open_database(new_database_url())
    step_by_step = Database(parse_url(new_database_url()))
    replay_all(step_by_step)
    assert shape(step_by_step) == shape(at_once)
    assert versions(step_by_step) == versions(at_once)
    step_by_step.close()
    at_once.close()


def test_every_table_of_the_package_belongs_to_a_subject():
    known = set(metadata.tables)
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    assert set(metadata.tables) == known, f"a module is missing in SUBJECTS: {SUBJECTS}"


def test_a_database_of_this_version_needs_no_step(database):
    assert migrate(database) == []


def test_many_who_open_an_empty_database_at_once_make_it_once(database_url):
    opened, failed = [], []

    def open_one():
        try:
            opened.append(open_database(database_url))
        except RecordsError as error:
            failed.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(opened), failed) == (6, [])
    for database in opened:
        database.close()


def test_a_file_of_version_1_keeps_everything(version_1):
    records = SqlRecords(open_database(sqlite_url(version_1)), store="tiny")
    assert records.begin_life() == 3
    assert records.snapshot() == b"state"
    assert [raw.payload for raw in records.journal()] == [b"2", b"3"]
    assert [event.event for event in records.pending_effects()] == ["charge/1"]
    waiting = ["cart/v2/2", "ended/v1", "receipt/1", "charge/1"]
    assert [event.event for event in records.unpublished()] == waiting
    assert [event.event for event in records.live_carts()] == ["cart/v2/2"]
    reader = RecordsReader(open_database(sqlite_url(version_1)), store="tiny")
    assert [receipt.receipt for receipt in reader.receipts()] == ["r1"]
    assert [letter.reason for letter in reader.dead_letters()] == ["malformed JSON"]
    reader.close()
    records.close()


def test_a_migrated_file_is_the_same_as_a_new_one(version_1, tmp_path):
    migrated = open_database(sqlite_url(version_1))
    new = open_database(sqlite_url(tmp_path / "new.sqlite"))
    assert shape(migrated) == shape(new)
    new.close()
    migrated.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(version_1):
    with sqlite3.connect(version_1) as file:
        file.execute("INSERT INTO outbox VALUES ('nobody decided this', 'pending')")
    before = list(file.iterdump())
    with pytest.raises(RecordsError, match="rows point to nothing"):
        open_database(sqlite_url(version_1))
    assert list(file.iterdump()) == before
    file.close()


def test_a_newer_version_is_refused(database_url):
    database = open_database(database_url)
    with database.writing() as connection:
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('engine_9999')"))
    database.close()
    with pytest.raises(RecordsError, match=r"newer version of store-engine \(step engine_9999"):
        open_database(database_url)


def test_tables_of_another_program_are_left_alone(database_url):
    database = Database(parse_url(database_url))
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE events (mine INTEGER)"))
    with pytest.raises(RecordsError, match="table events is there, and not ours"):
        migrate(database)
    with database.reading() as connection:
        assert not sa.inspect(connection).has_table(facts.name)
    database.close()
