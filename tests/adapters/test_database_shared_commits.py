"""Threads that write to SQLite at one moment share a commit, and nothing else."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from store_engine.adapters.database import Database, open_database, sqlite_url
from store_engine.adapters.database.engine_tables import facts
from store_engine.adapters.database.shared_commits import SHARED_BY_MAX
from store_engine.errors import ConflictError, RecordsError

WAIT_S = 10.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(sqlite_url(tmp_path / "records.sqlite"))
    yield opened
    opened.close()


def put(database: Database, name: str) -> None:
    with database.writing() as connection:
        connection.execute(sa.insert(facts), {"store": "tiny", "name": name, "value": ""})


def names(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.scalars(sa.select(facts.c.name).where(facts.c.store == "tiny")))


def together(
    database: Database, *works: Callable[[], None], begun: list[Future[None]] | None = None
) -> list[Future[None]]:
    """Do all this while somebody writes "first", so that it shares that commit."""
    shared, pool = database._shared, ThreadPoolExecutor(len(works))
    begun = [] if begun is None else begun
    with database.writing() as connection:
        connection.execute(sa.insert(facts), {"store": "tiny", "name": "first", "value": ""})
        begun += [pool.submit(work) for work in works]
        until = threading.Event()
        while shared._waiting < len(works):
            until.wait(0.001)
    pool.shutdown()
    return begun


def count_commits(database: Database) -> list[object]:
    commits: list[object] = []
    sa.event.listen(database.engine, "commit", commits.append)
    return commits


def test_who_waits_shares_a_commit(database):
    commits = count_commits(database)
    together(database, lambda: put(database, "second"), lambda: put(database, "third"))
    assert names(database) == {"first", "second", "third"}
    assert len(commits) == 1 + 1  # and the reading


def test_work_that_fails_is_undone_alone(database):
    [failed, fine] = together(
        database, lambda: put(database, "first"), lambda: put(database, "other")
    )
    assert isinstance(failed.exception(WAIT_S), ConflictError)
    assert fine.exception(WAIT_S) is None
    assert names(database) == {"first", "other"}


def test_nobody_is_told_before_the_commit(database):
    told = threading.Event()

    def second() -> None:
        put(database, "second")
        told.set()

    thread = threading.Thread(target=second)
    with database.writing():
        thread.start()
        assert not told.wait(0.05)
    thread.join(WAIT_S)
    assert told.is_set()
    assert "second" in names(database)


def test_a_commit_that_fails_fails_for_all(database):
    def full(connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", None, Exception("database or disk is full"))

    begun: list[Future[None]] = []
    sa.event.listen(database.engine, "commit", full)
    with pytest.raises(RecordsError, match="disk is full"):
        together(database, lambda: put(database, "second"), begun=begun)
    sa.event.remove(database.engine, "commit", full)
    assert isinstance(begun[0].exception(WAIT_S), RecordsError)
    assert names(database) == set()


def test_a_commit_has_an_end(database):
    commits = count_commits(database)
    works = [lambda n=n: put(database, f"{n}") for n in range(SHARED_BY_MAX)]
    together(database, *works)
    assert len(commits) == 2
    assert len(names(database)) == SHARED_BY_MAX + 1
