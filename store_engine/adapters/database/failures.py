"""What a database or disk says, as an error of ours that names the database and nothing secret."""

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from store_engine.errors import ConflictError, RecordsError

# Somebody else wrote meanwhile: reading and deciding again can succeed.
_CONFLICTS = {
    "23505",  # PostgreSQL: unique violation
    "40001",  # PostgreSQL: serialization failure
    "40P01",  # PostgreSQL: deadlock
    "SQLITE_CONSTRAINT_UNIQUE",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_BUSY_SNAPSHOT",
}


@contextlib.contextmanager
def saying_what_failed(name: str) -> Iterator[None]:
    """Turn what a database or disk says into a `RecordsError` that begins with `name`.

    Raises:
        ConflictError: a row exists already, or two transactions got into each other's way.
        RecordsError: anything else.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        kind = ConflictError if _code(error) in _CONFLICTS else RecordsError
        raise kind(f"{name}: {_text(error)}") from error
    except sa.exc.TimeoutError as error:
        raise RecordsError(f"{name}: all connections are in use, and stayed so") from error
    except OSError as error:
        raise RecordsError(f"{name}: {error.strerror}") from error


def _code(error: sa.exc.DBAPIError) -> str:
    return str(
        getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or ""
    )


def _text(error: sa.exc.DBAPIError) -> str:
    """The first line only: PostgreSQL quotes the row in those after it."""
    said = getattr(getattr(error.orig, "diag", None), "message_primary", None) or str(error.orig)
    return str(said).strip().split("\n", 1)[0]
