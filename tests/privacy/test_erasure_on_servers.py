"""Erasing on a real PostgreSQL server, down to the files of its data folder."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from store_engine.adapters.database.privacy_scrub import WAL_STAYS
from store_engine.errors import RequestError
from tests.privacy.byte_search import found_in
from tests.privacy.privacy_world import ADA, DAYS, HOLDER, NAME, PRINTED, TEXT, TOKEN, PrivacyWorld

OPENLY = [ADA, NAME, TOKEN, TEXT, HOLDER]


@pytest.fixture
def world(postgres, tmp_path):
    world = PrivacyWorld(tmp_path, url=postgres.url(postgres.new_database()))
    world.open_accounts()
    world.visits_of_ada()
    yield world
    world.close()


def sql(world, text):
    alone = world.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        result = connection.execute(sa.text(text))
        return result.scalar() if result.returns_rows else None


def files_of(world):
    """The folder of this database's tables, with everything written to it."""
    sql(world, "CHECKPOINT")
    number = sql(world, "SELECT oid FROM pg_database WHERE datname = current_database()")
    return Path(sql(world, "SHOW data_directory")) / "base" / str(number)


def test_before_an_erasure_the_search_finds_them_in_the_tables(world):
    sql(world, "ANALYZE")
    assert found_in(files_of(world), OPENLY).keys() == set(OPENLY)


def test_after_an_erasure_no_file_of_the_database_has_them(world):
    sql(world, "ANALYZE")  # samples of columns are in the statistics now
    world.settle_down()
    assert world.privacy.erase(ADA).left == [WAL_STAYS]
    left = found_in(files_of(world), OPENLY)
    assert left.keys() <= {HOLDER}, "only where a table became empty, its statistics stay"


def test_the_write_ahead_log_is_where_they_are_left(world):
    world.settle_down()
    world.privacy.erase(ADA)
    files_of(world)
    folder = Path(sql(world, "SHOW data_directory")) / "pg_wal"
    assert NAME in found_in(folder, [NAME])


def test_an_export_an_erasure_and_a_retention_do_the_same_as_on_sqlite(world):
    assert len(world.persons.everything(ADA)["receipts"]) == 3
    with pytest.raises(RequestError, match="ask again in a minute"):
        world.privacy.erase(ADA)
    world.settle_down()
    rows = world.privacy.erase(ADA).rows
    assert (rows["accounts"], rows["credentials"], rows["parties"]) == (1, 2, 3)
    world.pass_days(DAYS["money"] + 1)
    assert world.retention().run(world.now_us)["money"] == 4 + 4 + 1  # receipts, payments, a case
    assert +world.retention().run(world.now_us) == {}


def test_nobody_is_bound_to_a_party_while_they_are_erased(world):
    world.settle_down()
    answers = []

    def judge(standing):
        with world.database.engine.connect() as other:
            other.execute(sa.text("SET lock_timeout = 100"))
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                other.execute(
                    sa.text("INSERT INTO parties VALUES ('p', :a, 'shop', 1, true)"), {"a": ADA}
                )
        answers.append(standing)
        return []

    assert world.persons.erase(ADA, judge).rows["accounts"] == 1
    assert len(answers) == 1
    assert world.tap(PRINTED, entry="shop/door.9.9/entry_requested").reason == "unknown credential"
