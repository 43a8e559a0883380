"""Backup while engines run, and restore into an empty database: both verified before they count."""

from collections.abc import Callable, Sequence
from pathlib import Path

from store_engine.adapters.database import open_database, postgres_backup, sqlite_backup
from store_engine.adapters.database.checking import damage
from store_engine.adapters.database.connection import Database, parse_url
from store_engine.errors import RecordsError

Verify = Callable[[Database], Sequence[str]]  # returns what is wrong


def backup(database: Database, to: Path) -> dict[str, int]:
    """Write everything, as it is at one moment, to a new file; return the rows of each table.

    The file appears under its name when it is whole and on the disk, never before.

    Raises:
        RecordsError: the file is there already, or what was written cannot be read back.
    """
    if to.exists():
        raise RecordsError(f"{to}: is there already; a backup is never written over")
    to.parent.mkdir(parents=True, exist_ok=True)
    if database.is_sqlite:
        return sqlite_backup.backup(database, to)
    return postgres_backup.backup(database, to)


def restore(url: str, source: Path, *, verify: Verify = damage) -> dict[str, int]:
    """Fill an empty database with a backup; return the rows of each table as they were in it.

    A backup of an older version is brought to this one.

    Args:
        url: of the database: a file that is not there yet, or a PostgreSQL database without tables.
        source: what `backup` wrote.
        verify: says what is wrong with what was restored.

    Raises:
        RecordsError: the database is not empty, the file is no backup of its kind, rows are
            missing, or `verify` found something.
    """
    if not source.is_file():
        raise RecordsError(f"{source}: no backup here")
    parsed = parse_url(url)
    if parsed.drivername == "sqlite":
        return sqlite_backup.restore(Path(str(parsed.database)), source, verified(verify))
    database = Database(parsed)
    try:
        return postgres_backup.restore(database, source, verified(verify))
    finally:
        database.close()


def verified(verify: Verify) -> Callable[[str], None]:
    """Return what brings the database at a URL to this version and has it verified."""

    def check(url: str) -> None:
        database = open_database(url)
        try:
            wrong = verify(database)
        finally:
            database.close()
        if wrong:
            raise RecordsError("restored, but not whole: " + "; ".join(wrong))

    return check
