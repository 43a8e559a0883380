"""Fixtures: empty databases of both kinds, for contract suites."""

import contextlib
import itertools

import pytest

from store_engine.adapters.database import open_database, sqlite_url

KINDS = ["sqlite", "postgresql"]


@contextlib.contextmanager
def empty_databases(kind, request, tmp_path):
    """Return what makes an empty database of a kind and returns its URL."""
    if kind == "sqlite":
        numbers = itertools.count(1)
        yield lambda: sqlite_url(tmp_path / f"records-{next(numbers)}.sqlite")
        return
    server, given = request.getfixturevalue("postgres"), []

    def give():
        given.append(server.new_database())
        return server.url(given[-1])

    yield give
    for name in given:
        server.empty(name)


@pytest.fixture(params=KINDS)
def new_database_url(request, tmp_path):
    """Makes an empty database and returns its URL: the test runs once on each kind."""
    with empty_databases(request.param, request, tmp_path) as give:
        yield give


@pytest.fixture
def database_url(new_database_url):
    """The URL of an empty database."""
    return new_database_url()


@pytest.fixture
def database(database_url):
    """An open database without rows."""
    opened = open_database(database_url)
    yield opened
    opened.close()
