"""Fixtures: empty databases of both kinds, for contract suites."""

import pytest

from store_engine.adapters.database import open_database, sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The URL of an empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "records.sqlite")
    server = request.getfixturevalue("postgres")
    return server.url(server.new_database())


@pytest.fixture
def database(database_url):
    """An open database without rows."""
    opened = open_database(database_url)
    yield opened
    opened.close()
