"""A real PostgreSQL server for tests, on a free loopback port, that can be stopped and killed.

The fixture `postgres` starts it when the first test of a process asks for it.
"""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
UNPRIVILEGED = ("postgres", "nobody")  # whom to run as: PostgreSQL refuses to run as root
STARTS_WITHIN_S = 60


def binary(name: str) -> str | None:
    """Where a program of PostgreSQL is: on the path, or where Debian puts the newest."""
    return shutil.which(name) or shutil.which(name, path=str(DEBIAN[-1]) if DEBIAN else "")


class PostgresServer:
    """A server in a folder of its own, with its settings for durability as they are shipped."""

    def __init__(self, folder: Path) -> None:
        psycopg = pytest.importorskip("psycopg", reason="psycopg (extra postgres) is missing")
        if binary("initdb") is None or binary("pg_ctl") is None:
            pytest.skip("PostgreSQL's initdb and pg_ctl are not installed")
        self._connect = psycopg.connect
        self._folder = folder
        self._user = _unprivileged()
        self._databases = itertools.count(1)
        self._emptied: list[str] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        if self._user is not None:
            shutil.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._run(
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--username=tester",
            "--encoding=UTF8",
            "--locale=C",
        )
        self.start()

    def start(self) -> None:
        """Come back as the server that was stopped."""
        options = f"-p {self.port} -h 127.0.0.1 -k ''"
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "-w", f"-t{STARTS_WITHIN_S}", "-l", log, "-o", options)

    def stop(self, *, how: str = "fast") -> None:
        """End every connection ("fast"), or fall over without a word ("immediate")."""
        self._run("pg_ctl", "stop", "-w", "-m", how)

    def url(self, database: str, *, port: int | None = None) -> str:
        """The URL of a database; `port` is for a proxy before the server."""
        return f"postgresql+psycopg://tester@127.0.0.1:{port or self.port}/{database}"

    def new_database(self) -> str:
        """Return the name of an empty database."""
        if self._emptied:
            return self._emptied.pop()
        name = f"test_{next(self._databases)}"
        self._say("postgres", f"CREATE DATABASE {name}")
        return name

    def empty(self, name: str) -> None:
        """Take a database back, to be given out again: much faster than making one."""
        self._say(name, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        self._emptied.append(name)

    def _say(self, database: str, *statements: str) -> None:
        address = f"host=127.0.0.1 port={self.port} user=tester dbname={database}"
        options = "-c lock_timeout=10s"  # a test that left a transaction open must not hang others
        with self._connect(address, options=options, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: PLW1510 - checked below, with what it said
            [str(binary(program)), "-D", str(self._folder / "data"), *arguments],
            cwd=self._folder,
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=2 * STARTS_WITHIN_S,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to run as: nobody else, unless we are root."""
    if os.getuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of this process; each test takes a database of its own."""
    folder = Path(tempfile.mkdtemp(prefix="store-engine-postgres-"))
    try:
        server = PostgresServer(folder)
        yield server
        server.stop(how="immediate")
    finally:
        shutil.rmtree(folder)
