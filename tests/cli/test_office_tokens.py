"""`store-engine office token`: made, listed, revoked; `office link`."""

import pytest
from typer.testing import CliRunner

from store_engine.adapters.database import open_database, sqlite_url
from store_engine.adapters.database.api import SqlTokens
from store_engine.cli import app


@pytest.fixture
def office(tmp_path):
    """Runs a command of the office over one database."""
    path = tmp_path / "shop.toml"
    path.write_text(f'store = "configs/nanostore"\ndata = "{tmp_path}"\n')

    def run(*arguments):
        return CliRunner().invoke(app, ["office", *arguments, "--settings", str(path)])

    return run


def create(office, *more):
    return office("token", "create", "eva", "--role", "support", "--store", "nanostore", *more)


def test_a_token_is_printed_once_and_listed_by_its_name(office):
    made = create(office)
    text = made.stdout.strip()
    assert text.startswith("set_")
    listed = office("token", "list").stdout
    assert "support" in listed
    assert text not in listed


def test_a_revoked_token_says_so(office, tmp_path):
    create(office)
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    (token,) = SqlTokens(database).tokens()
    database.close()
    assert "revoked" in office("token", "revoke", token.token).stdout
    assert "revoked" in office("token", "list").stdout


def test_what_is_not_there_is_named(office):
    assert "token t-1: not known here" in office("token", "revoke", "t-1").stderr
    assert "receipt r1: not known here" in office("link", "r1").stderr


def test_a_shoppers_token_needs_an_account(office):
    made = office("token", "create", "app", "--role", "shopper", "--store", "*")
    assert made.exit_code == 1
    assert "account" in made.stderr
