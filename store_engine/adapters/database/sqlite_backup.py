"""Backup and restore of a SQLite file, through SQLite itself."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from store_engine.adapters.database.connection import Database, sqlite_url
from store_engine.adapters.database.failures import saying_what_failed
from store_engine.errors import RecordsError


def backup(database: Database, to: Path) -> dict[str, int]:
    """Copy the database as it is at one moment; see `backup.backup`."""
    with _arriving(to) as part:
        _copy(Path(database.name), part)
        return _read_back(part)


def restore(path: Path, source: Path, check: Callable[[str], None]) -> dict[str, int]:
    """Copy a backup to where no database is; see `backup.restore`."""
    if path.exists():
        raise RecordsError(f"{path}: is there already; restore into a file that is not")
    counts = _read_back(source)
    with saying_what_failed(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _arriving(path) as part:
        _copy(source, part)
        if _read_back(part) != counts:
            raise RecordsError(f"{path}: rows went missing on the way from {source}")
        check(sqlite_url(part))
        _make_one_file(part)
    return counts


@contextlib.contextmanager
def _arriving(path: Path) -> Iterator[Path]:
    """Return a file to fill; it becomes `path` when the block ends well, else it is no more."""
    part = path.with_name(f".{path.name}.part")
    try:
        with _saying(path):
            part.unlink(missing_ok=True)
            yield part
            _settle(part)
            part.rename(path)
            _settle(path.parent)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy in one go: what writers do meanwhile goes on beside it, and is not in the copy."""
    with (
        contextlib.closing(_open(source)) as origin,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        origin.backup(copy)
    _make_one_file(target)


def _make_one_file(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode=DELETE")  # all in the file, nothing beside it


def _read_back(path: Path) -> dict[str, int]:
    """Return the rows of each table, after a look at every page."""
    with _saying(path), contextlib.closing(_open(path)) as file:
        (said,) = file.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise RecordsError(f"{path}: damaged: {said}")
        tables = file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        return {
            table: file.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
            for (table,) in sorted(tables)
        }


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _settle(path: Path) -> None:
    """Have a file, or a folder's list of files, on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextlib.contextmanager
def _saying(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise RecordsError(f"{path}: {error}") from error
    except OSError as error:
        raise RecordsError(f"{path}: {error.strerror}") from error
