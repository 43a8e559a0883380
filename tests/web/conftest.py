"""A front door for each test."""

import pytest

from store_engine.adapters.database import open_database, sqlite_url
from tests.web.office_world import OfficeWorld


@pytest.fixture
def office(tmp_path):
    """A front door over a new SQLite database."""
    database = open_database(sqlite_url(tmp_path / "office.sqlite"))
    yield OfficeWorld(database)
    database.close()
