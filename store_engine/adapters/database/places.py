"""Single values of a store (table `facts`), and its place: how far its engine has come.

Each commit moves the place (life of the engine, commits in that life) on by one, and is kept only
if nobody else moved it. That settles two questions at once. A commit whose answer was lost on the
wire: when it is tried again, the place tells that it was kept. And an engine that was replaced by
another one, but does not know yet: its place is gone, it keeps nothing more.
"""

from typing import NamedTuple

import sqlalchemy as sa

from store_engine.adapters.database.engine_tables import facts
from store_engine.adapters.database.statements import insert_new, insert_or_update

PLACE = "place"

_IS = sa.and_(facts.c.store == sa.bindparam("of"), facts.c.name == sa.bindparam("called"))
_VALUE = sa.select(facts.c.value).where(_IS)
_MOVE = (
    sa.update(facts)
    .where(_IS, facts.c.value == sa.bindparam("origin"))
    .values(value=sa.bindparam("to"))
)


class Place(NamedTuple):
    """How far an engine has come."""

    life: int = 0
    commits: int = 0

    def next(self) -> "Place":
        """Return where the next commit leads."""
        return self._replace(commits=self.commits + 1)

    def __str__(self) -> str:
        return f"{self.life}/{self.commits}"


class Facts:
    """The single values of one store."""

    def __init__(self, store: str) -> None:
        self._store = store

    def get(self, connection: sa.Connection, name: str) -> str | None:
        """Return a value, None when it was never set."""
        return connection.scalar(_VALUE, {"of": self._store, "called": name})

    def set(self, connection: sa.Connection, name: str, value: str) -> None:
        """Set a value."""
        insert_or_update(connection, facts, {"store": self._store, "name": name, "value": value})

    def lock_place(self, connection: sa.Connection) -> Place:
        """Return the store's place; nobody else moves it until the transaction ends."""
        first = {"store": self._store, "name": PLACE, "value": str(Place())}
        insert_new(connection, facts, first)
        locked = connection.execute(_VALUE.with_for_update(), {"of": self._store, "called": PLACE})
        life, commits = str(locked.scalar_one()).split("/")
        return Place(int(life), int(commits))

    def move_place(self, connection: sa.Connection, *, origin: Place, to: Place) -> bool:
        """Move the store's place from `origin`; return False when it is not there.

        Nobody else moves it until the transaction ends. One statement, because a transaction whose
        connection was lost may still be ending on the server: the row's lock waits for it.
        """
        named = {"of": self._store, "called": PLACE, "origin": str(origin), "to": str(to)}
        return bool(connection.execute(_MOVE, named).rowcount == 1)
