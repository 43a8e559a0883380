"""What both databases promise to every transaction."""

import contextlib
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from store_engine.adapters.database import connection as connections
from store_engine.adapters.database import open_database
from store_engine.adapters.database.engine_tables import facts
from store_engine.adapters.database.statements import insert_or_update
from store_engine.errors import ConfigError, ConflictError, RecordsError
from tests.tcp_proxy import TcpProxy


@pytest.fixture
def proxied(postgres):
    """A database on the server behind a network that fails on purpose."""
    proxy = TcpProxy(postgres.port)
    database = open_database(postgres.url(postgres.new_database(), port=proxy.port))
    yield database, proxy
    database.close()
    proxy.close()


def put(database, value, *, meanwhile=lambda: None):
    with database.writing() as connection:
        insert_or_update(connection, facts, {"store": "tiny", "name": "n", "value": value})
        meanwhile()


def get(database):
    with database.reading() as connection:
        return connection.scalar(sa.select(facts.c.value))


def count_up(database, times):
    for _ in range(times):
        with database.writing() as connection:
            found = connection.execute(sa.select(facts.c.value).with_for_update())
            value = str(int(found.scalar_one()) + 1)
            connection.execute(sa.update(facts).values(value=value))


# ---- both --------------------------------------------------------------------------------------


def test_writers_wait_for_one_another(database):
    put(database, "0")
    threads = [threading.Thread(target=count_up, args=(database, 10)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert get(database) == "80"


def test_a_writer_waits_for_another_process(database, database_url):
    put(database, "0")
    script = (
        "import sys; from store_engine.adapters.database import open_database;"
        "from tests.adapters.test_database_connection import count_up;"
        "count_up(open_database(sys.argv[1]), 20)"
    )
    other = subprocess.Popen([sys.executable, "-c", script, database_url])
    count_up(database, 20)
    assert other.wait(30) == 0
    assert get(database) == "40"


def test_a_transaction_that_fails_leaves_nothing(database):
    put(database, "before")
    with contextlib.suppress(ZeroDivisionError), database.writing() as connection:
        connection.execute(sa.update(facts).values(value="after"))
        raise ZeroDivisionError
    assert get(database) == "before"


def test_a_reader_sees_one_moment_and_holds_nobody_up(database):
    put(database, "before")
    query = sa.select(facts.c.value)
    with database.reading() as connection:
        assert connection.scalar(query) == "before"
        put(database, "after")
        assert connection.scalar(query) == "before"
    assert get(database) == "after"


def test_a_reader_does_not_wait_for_a_writer(database):
    put(database, "before")
    with database.writing() as connection:
        connection.execute(sa.update(facts).values(value="after"))
        assert get(database) == "before"


def test_a_row_that_exists_already_is_a_conflict_and_its_content_is_not_repeated(database):
    put(database, "secret")
    with pytest.raises(ConflictError) as raised, database.writing() as connection:
        connection.execute(sa.insert(facts), {"store": "tiny", "name": "n", "value": "secret"})
    assert str(raised.value).startswith(database.name)
    assert "secret" not in str(raised.value)


def test_a_row_that_is_not_whole_is_an_error_and_no_conflict(database):
    with pytest.raises(RecordsError) as raised, database.writing() as connection:
        connection.execute(sa.insert(facts), {"store": "tiny", "name": "n", "value": None})
    assert not isinstance(raised.value, ConflictError)


def test_a_writer_does_not_wait_for_ever(database_url, monkeypatch):
    monkeypatch.setattr(connections, "LOCK_TIMEOUT_MS", 100)
    database, other = open_database(database_url), open_database(database_url)
    put(database, "before")
    with database.writing() as connection:
        connection.execute(sa.update(facts).values(value="after"))
        for one in (other, database):
            with pytest.raises(RecordsError, match="lock"):
                put(one, "other")
    put(other, "other")
    assert get(database) == "other"
    database.close()
    other.close()


# ---- durability --------------------------------------------------------------------------------


def test_a_sqlite_file_is_durable_to_loss_of_power(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/a.sqlite")
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


def test_a_server_whose_default_is_not_durable_is_told_otherwise(postgres):
    name = postgres.new_database()
    database = open_database(postgres.url(name))
    with database.writing() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    database.close()
    with database.writing() as connection:
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"
    database.close()


# ---- a server that goes away -------------------------------------------------------------------


def test_a_cut_connection_fails_its_transaction_and_no_other(proxied):
    database, proxy = proxied
    put(database, "before")
    with pytest.raises(RecordsError, match=r"127\.0\.0\.1:\d+/test_\d+: "):
        put(database, "after", meanwhile=proxy.cut)
    assert get(database) == "before"
    put(database, "again")
    assert get(database) == "again"


def test_a_connection_that_was_cut_while_idle_is_no_error(proxied):
    database, proxy = proxied
    put(database, "before")
    proxy.cut()
    put(database, "after")
    assert get(database) == "after"


def test_a_restarted_server_has_what_was_kept(postgres):
    database = open_database(postgres.url(postgres.new_database()))
    put(database, "kept")
    postgres.stop(how="immediate")
    try:
        with pytest.raises(RecordsError, match="refused"):
            put(database, "lost")
    finally:
        postgres.start()
    assert get(database) == "kept"
    database.close()


def test_messages_name_the_database_and_never_the_password(postgres):
    url = postgres.url("nothing_here").replace("tester@", "tester:hunter2@")
    with pytest.raises(RecordsError) as raised:
        open_database(url)
    assert f"127.0.0.1:{postgres.port}/nothing_here" in str(raised.value)
    assert "hunter2" not in f"{raised.value} {raised.value.__cause__}"


@pytest.mark.parametrize(
    "url", ["", "hunter2", "mysql://u:hunter2@h/d", "sqlite://", "postgresql://u:hunter2@h"]
)
def test_a_url_of_no_use_is_a_clear_error_that_does_not_repeat_it(url):
    with pytest.raises(ConfigError, match="write sqlite:///folder") as raised:
        open_database(url)
    assert "hunter2" not in f"{raised.value} {raised.value.__cause__}"
