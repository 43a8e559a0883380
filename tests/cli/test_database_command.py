"""`store-engine database`, as an operator types it."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from store_engine.adapters.database import open_database, sqlite_url
from store_engine.adapters.database.books import SqlBooks
from store_engine.adapters.database.connection import Database, parse_url
from store_engine.adapters.database.office_tables import payments
from store_engine.cli import app
from tests.office.test_inspection import PAID, ROW

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"


@pytest.fixture
def url(tmp_path):
    """A database with one payment in it."""
    url = sqlite_url(tmp_path / "records.sqlite")
    database = open_database(url)
    SqlBooks(database).append(ROW, PAID, after=0)
    database.close()
    return url


def store_engine(*arguments, **environment):
    return CliRunner().invoke(app, ["database", *map(str, arguments)], env=environment)


@pytest.mark.parametrize("command", ["backup", "restore", "migrate", "check"])
def test_every_command_has_help_and_a_place_in_the_guide(command):
    assert store_engine(command, "--help").exit_code == 0
    assert f"store-engine database {command}" in GUIDE.read_text()


def test_a_backup_is_restored_into_a_new_file_and_checked(url, tmp_path):
    done = store_engine("backup", "--to", tmp_path / "backup", "--database", url)
    assert (done.exit_code, "rows in" in done.stderr) == (0, True)
    new = sqlite_url(tmp_path / "new.sqlite")
    assert store_engine("restore", tmp_path / "backup", "--database", new).exit_code == 0
    checked = store_engine("check", "--database", new)
    assert checked.exit_code == 0
    assert "cash 7.00 USD" in checked.stdout


def test_the_database_may_be_named_by_the_environment_or_the_settings(url, tmp_path):
    assert store_engine("check", STORE_ENGINE_DATABASE=url).exit_code == 0
    (tmp_path / "settings.toml").write_text(f'store = "s"\ndata = "{tmp_path}"\n')
    assert store_engine("check", "--settings", tmp_path / "settings.toml").exit_code == 0


def test_a_ledger_that_is_out_fails_the_check_and_the_restore(url, tmp_path):
    database = open_database(url)
    with database.writing() as connection:
        connection.execute(sa.update(payments).values(captured=1))
    database.close()
    checked = store_engine("check", "--database", url)
    assert (checked.exit_code, "captured is 1, told 700" in checked.stderr) == (1, True)
    store_engine("backup", "--to", tmp_path / "backup", "--database", url)
    new = tmp_path / "new.sqlite"
    restored = store_engine("restore", tmp_path / "backup", "--database", sqlite_url(new))
    assert (restored.exit_code, new.exists()) == (1, False)


def test_migrating_says_which_steps_were_taken(url, tmp_path):
    assert "nothing to do" in store_engine("migrate", "--database", url).stderr
    new = sqlite_url(tmp_path / "new.sqlite")
    Database(parse_url(new)).close()
    assert "office_0001" in store_engine("migrate", "--database", new).stderr


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    missing = tmp_path / "nothing.sqlite"
    for command in (["check"], ["backup", "--to", tmp_path / "backup"]):
        done = store_engine(*command, "--database", sqlite_url(missing))
        assert (done.exit_code, "no store of record here" in done.stderr) == (1, True)
    assert not missing.exists()
