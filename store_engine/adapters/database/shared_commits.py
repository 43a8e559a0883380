"""Transactions of several threads in one commit of SQLite's.

A commit waits for the disk, a millisecond and more, and SQLite has one writer at a time. So what
waits to be written is committed together: each thread does its work behind a savepoint of its own,
one after the other, and whoever began commits for all when nobody waits any more. Nobody is told
anything before that, neither that their work is kept nor why it failed: it may have failed over
what others in the same commit had written.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from store_engine.errors import RecordsError

SHARED_BY_MAX = 16  # pieces of work of about a millisecond: who began waits for them all (guess)


class SharedCommits:
    """Lets threads write one at a time, and commits for all that wait."""

    def __init__(
        self,
        engine: sa.Engine,
        *,
        lock: Callable[[sa.Connection], None],
        name: str,
        timeout_s: float,
    ) -> None:
        """`lock`: takes SQLite's write lock for a connection, and so begins its transaction."""
        self._engine = engine
        self._lock = lock
        self._name = name
        self._timeout_s = timeout_s
        state = threading.Lock()
        self._free = threading.Condition(state)  # somebody may write
        self._quiet = threading.Condition(state)  # whoever began may commit
        self._busy = False  # somebody writes or commits
        self._waiting = 0
        self._open: _Commit | None = None  # to be joined

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Return a transaction; it is kept, with those of others, before the block is left."""
        commit = self._join()
        begun_here = commit.parts == 1
        try:
            with commit.part() as connection:
                yield connection
        finally:
            self._leave()
            if begun_here:
                self._end(commit)
            commit.ended.wait()
        if commit.error is not None:
            raise commit.error

    def _join(self) -> "_Commit":
        with self._free:
            self._waiting += 1
            try:
                if not self._free.wait_for(self._may_write, self._timeout_s):
                    raise RecordsError(f"{self._name}: database is locked by another thread")
            finally:
                self._waiting -= 1
                self._quiet.notify()
            self._busy = True
        try:
            self._open = self._open or _Commit(self._engine, self._lock)
        except BaseException:
            self._leave()
            raise
        self._open.parts += 1
        return self._open

    def _may_write(self) -> bool:
        return not self._busy and not (self._open and self._open.full)

    def _leave(self) -> None:
        with self._free:
            self._busy = False
            self._free.notify()
            self._quiet.notify()

    def _end(self, commit: "_Commit") -> None:
        with self._quiet:
            self._quiet.wait_for(lambda: not self._busy and (commit.full or not self._waiting))
            self._busy, self._open = True, None
        try:
            commit.end()
        finally:
            self._leave()


class _Commit:
    """One transaction that threads share, one at a time."""

    def __init__(self, engine: sa.Engine, lock: Callable[[sa.Connection], None]) -> None:
        self.parts = 0
        self.error: Exception | None = None  # why nothing of it is kept
        self.ended = threading.Event()
        self._connection = engine.connect()
        try:
            self._connection.begin()
            lock(self._connection)
        except BaseException:
            self._connection.close()
            raise

    @property
    def full(self) -> bool:
        """Whether it is time to end it."""
        return self.parts >= SHARED_BY_MAX or self.error is not None

    @contextlib.contextmanager
    def part(self) -> Iterator[sa.Connection]:
        """Return the connection for one piece of work; when that fails it alone is undone."""
        say = self._connection.exec_driver_sql
        say("SAVEPOINT part")
        try:
            yield self._connection
            say("RELEASE part")
        except BaseException:
            try:
                say("ROLLBACK TO part")
                say("RELEASE part")
            except sa.exc.DBAPIError as error:  # a full disk, say, undoes what all of them did
                self.error = error
            raise

    def end(self) -> None:
        """Keep what all of them did, or nothing; then let them know."""
        try:
            with self._connection as connection:
                if self.error is None:
                    self._commit(connection)
        except Exception as error:  # each of them raises it
            self.error = self.error or error
        finally:
            self.ended.set()

    def _commit(self, connection: sa.Connection) -> None:
        try:
            connection.commit()
        except Exception as error:
            self.error = error
            connection.invalidate()  # its transaction may be open still: closing it undoes that
