"""A backup is worth what comes back from it."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from store_engine.adapters.database import open_database, open_existing
from store_engine.adapters.database.backup import backup, restore
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.checking import damage, row_counts
from store_engine.adapters.database.engine_tables import events, receipts
from store_engine.adapters.database.office_tables import payments
from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.subjects import SUBJECTS
from store_engine.adapters.database.tables import metadata
from store_engine.errors import RecordsError
from store_engine.events import EntryRequested
from store_engine.payment_events import Owed
from store_engine.ports import Kept, RawArrival
from store_engine.ports.office import PaymentRow
from tests.postgres_server import binary

assert SUBJECTS, "metadata must be whole"


@pytest.fixture(autouse=True)
def _programs(request):
    needs = "postgresql" in request.node.name and "programs" not in request.node.name
    if needs and (binary("pg_dump") is None or binary("pg_restore") is None):
        pytest.skip("PostgreSQL's pg_dump and pg_restore are not installed")


def value(column, number):
    """Something for a column of the row `number`, the same as what it points to."""
    for key in column.foreign_keys:
        return value(key.column, number)
    kind = column.type.python_type
    if kind is bytes:
        return bytes([number, 0, 255]) * 3
    if kind is str:
        return f"{column.table.name}.{column.name} {number}\t\\.\nnext 'line' \u20ac"
    return kind(number % 2) if kind is bool else kind(number)


def fill(database, rows=3):
    """Put rows into every table there is, whichever subject it belongs to."""
    with database.writing() as connection:
        for table in metadata.sorted_tables:
            filled = [{c.name: value(c, n) for c in table.columns} for n in range(1, rows + 1)]
            connection.execute(sa.insert(table), filled)


def everything(database):
    with database.reading() as connection:
        return {
            table.name: sorted(map(str, connection.execute(sa.select(table)).all()))
            for table in metadata.sorted_tables
        }


def raw(number):
    return RawArrival(number, "t", b"%d" % number)


def entry(number):
    return EntryRequested(
        event=f"entry/{number}", time_us=1, gate="door", scan=f"door/0/{number}", credential="c"
    )


def payment(name, events):
    row = PaymentRow(
        payment=name,
        store="tiny",
        state="open",
        currency="USD",
        exponent=2,
        held=0,
        owed=0,
        captured=0,
        refunded=0,
        waiting="",
        updated_us=1,
        try_at_us=None,
    )
    return row, [Owed(payment=name, time_us=n, request="r", receipt="r", amount=n) for n in events]


class BusyEngine(threading.Thread):
    """Commits batch after batch until it is stopped."""

    def __init__(self, database):
        super().__init__()
        self._records, self._books = SqlRecords(database, store="tiny"), SqlBooks(database)
        self._stop_it, self.began = threading.Event(), threading.Event()

    def run(self):
        number = 0
        while not self._stop_it.is_set():
            self._records.commit(Kept(journal=[raw(number)], events=[entry(number)]))
            row, words = payment(f"p{number}", [1, 2])
            self._books.append(row, words, after=0)
            number += 1
            if number == 5:
                self.began.set()

    def __enter__(self):
        self.start()
        assert self.began.wait(30)
        return self

    def __exit__(self, *_):
        self._stop_it.set()
        self.join(30)


# ---- both --------------------------------------------------------------------------------------


def test_every_row_of_every_table_comes_back(database, new_database_url, tmp_path):
    fill(database)
    kept = everything(database)
    counts = backup(database, tmp_path / "b" / "backup")
    url = new_database_url()
    assert restore(url, tmp_path / "b" / "backup", verify=lambda _: []) == counts
    restored = open_existing(url)
    assert everything(restored) == kept
    assert row_counts(restored) == row_counts(database) == counts
    restored.close()


def test_a_backup_while_an_engine_works_is_of_one_moment(database, new_database_url, tmp_path):
    with BusyEngine(database) as engine:
        backup(database, tmp_path / "backup")
        assert engine.is_alive()
    url = new_database_url()
    counts = restore(url, tmp_path / "backup")
    assert counts["journal"] == counts["events"] == counts["outbox"] >= 5
    assert counts["payments"] in (counts["events"] - 1, counts["events"])
    assert counts["payment_events"] == 2 * counts["payments"]


def test_an_engine_goes_on_from_what_was_restored(database, new_database_url, tmp_path):
    records = SqlRecords(database, store="tiny")
    records.begin_life()
    records.commit(Kept(journal=[raw(1)], events=[entry(1)]))
    backup(database, tmp_path / "backup")
    url = new_database_url()
    restore(url, tmp_path / "backup")
    records = SqlRecords(open_existing(url), store="tiny")
    assert records.begin_life() == 2
    assert records.commit(Kept(journal=[raw(2)], events=[entry(1), entry(2)])) == [entry(2)]
    assert list(records.journal()) == [raw(1), raw(2)]
    records.close()


def test_what_is_there_is_never_written_over(database, database_url, tmp_path):
    backup(database, tmp_path / "backup")
    with pytest.raises(RecordsError, match="backup: is there already"):
        backup(database, tmp_path / "backup")
    with pytest.raises(RecordsError, match=r"is there already|has tables"):
        restore(database_url, tmp_path / "backup")


def test_a_file_that_is_no_backup_is_a_clear_error(new_database_url, tmp_path):
    (tmp_path / "letter").write_text("Dear shop")
    with pytest.raises(RecordsError, match=r"not a database|not appear to be a valid archive"):
        restore(new_database_url(), tmp_path / "letter")
    with pytest.raises(RecordsError, match="no backup here"):
        restore(new_database_url(), tmp_path / "nothing")


def test_a_backup_that_was_cut_short_is_refused(database, new_database_url, tmp_path):
    fill(database, rows=200)
    backup(database, tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(RecordsError):
        restore(new_database_url(), tmp_path / "cut")


def test_a_restored_database_that_is_not_whole_is_refused(database, new_database_url, tmp_path):
    books = SqlBooks(database)
    books.append(*payment("p1", [1, 2]), after=0)
    with database.writing() as connection:
        connection.execute(sa.update(payments).values(events=3))
    backup(database, tmp_path / "backup")
    with pytest.raises(RecordsError, match="p1 stands at event 3, 2 are there, the last is 2"):
        restore(new_database_url(), tmp_path / "backup")


def test_a_receipt_without_its_event_is_damage(database):
    assert damage(database) == []
    fill(database, rows=1)
    found = "".join(damage(database))
    assert "has a receipt that no event issued" in found
    with database.writing() as connection:
        connection.execute(sa.delete(receipts))
        connection.execute(sa.update(events).values(type="receipt_issued"))
    assert "has an event that issued it, and no receipt" in "".join(damage(database))


# ---- one of them -------------------------------------------------------------------------------


def test_a_restore_that_fails_leaves_no_file_behind(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/a.sqlite")
    backup(database, tmp_path / "backup")
    database.close()
    (tmp_path / "new").mkdir()
    with pytest.raises(RecordsError, match="restored, but not whole: I do not like it"):
        restore(
            f"sqlite:///{tmp_path}/new/b.sqlite",
            tmp_path / "backup",
            verify=lambda _: ["I do not like it"],
        )
    assert list((tmp_path / "new").iterdir()) == []


def test_a_backup_of_version_1_is_brought_to_this_version(tmp_path):
    with sqlite3.connect(tmp_path / "old") as file:
        file.executescript(Path(__file__).with_name("records_version_1.sql").read_text())
    file.close()
    restore(f"sqlite:///{tmp_path}/new.sqlite", tmp_path / "old")
    records = SqlRecords(open_existing(f"sqlite:///{tmp_path}/new.sqlite"), store="tiny")
    assert [event.event for event in records.pending_effects()] == ["charge/1"]
    records.close()


def test_without_postgresqls_programs_the_error_names_what_is_missing(
    postgres, tmp_path, monkeypatch
):
    database = open_database(postgres.url(postgres.new_database()))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr("store_engine.adapters.database.postgres_backup.DEBIAN", tmp_path)
    with pytest.raises(RecordsError, match="pg_dump is not installed"):
        backup(database, tmp_path / "backup")
    database.close()
