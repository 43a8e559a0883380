"""Backup and restore of a PostgreSQL database, through PostgreSQL's own programs."""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from store_engine.adapters.database.checking import row_counts
from store_engine.adapters.database.connection import Database
from store_engine.errors import RecordsError

DEBIAN = Path("/usr/lib/postgresql")  # where Debian keeps them, one folder each version


def backup(database: Database, to: Path) -> dict[str, int]:
    """Dump the database as it is at one moment; see `backup.backup`."""
    part = to.with_name(f".{to.name}.part")
    try:
        _run(database, "pg_dump", "--format=custom", f"--file={part}", _address(database))
        counts = _read_back(database, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)
    return counts


def restore(database: Database, source: Path, check: Callable[[str], None]) -> dict[str, int]:
    """Fill a database without tables, all or nothing; see `backup.restore`."""
    with database.reading() as connection:
        tables = sa.inspect(connection).get_table_names()
    if tables:
        raise RecordsError(f"{database.name}: has tables; restore into an empty database")
    counts = _read_back(database, source)
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(database, "pg_restore", *options, f"--dbname={_address(database)}", str(source))
    there = row_counts(database)
    if there != counts:
        raise RecordsError(f"{database.name}: rows went missing on the way from {source}")
    check(database.url.render_as_string(hide_password=False))
    return counts


def _read_back(database: Database, dump: Path) -> dict[str, int]:
    """Return the rows of each table, after reading the dump from end to end."""
    counts: Counter[str] = Counter()
    for table in _lines(database, dump):
        counts[table] += 1
    return {table: count - 1 for table, count in sorted(counts.items())}


def _lines(database: Database, dump: Path) -> Iterator[str]:
    """Yield a table's name once for its heading and once for each of its rows."""
    command = [_program(database, "pg_restore"), "--data-only", "--file=-", str(dump)]
    reading = subprocess.Popen(  # noqa: S603 - no shell, and our own arguments
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reading.stdout is not None  # noqa: S101 - asked for above
    table = ""
    with reading:
        for line in reading.stdout:
            if table and line == b"\\.\n":
                table = ""
            elif not table and line.startswith(b"COPY "):
                table = line.split()[1].decode().rpartition(".")[2].strip('"')
                yield table
            elif table:
                yield table
        said = reading.stderr.read() if reading.stderr else b""
    if reading.returncode != 0:
        raise RecordsError(f"{dump}: {_last_line(said)}")


def _run(database: Database, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; the password travels where other users cannot see it."""
    password = {"PGPASSWORD": database.url.password} if database.url.password else {}
    done = subprocess.run(  # noqa: S603 - no shell, and our own arguments
        [_program(database, program), *arguments],
        env={**os.environ, **password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise RecordsError(f"{database.name}: {program}: {_last_line(done.stderr)}")


def _program(database: Database, name: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise RecordsError(
            f"{database.name}: {name} is not installed; it comes with PostgreSQL's client programs"
        )
    return str(versions[-1])


def _address(database: Database) -> str:
    bare = database.url.set(drivername="postgresql", password=None)
    return bare.render_as_string(hide_password=False)


def _last_line(said: bytes) -> str:
    return said.decode(errors="replace").strip().rpartition("\n")[2]
