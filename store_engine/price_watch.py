"""Tells a running engine when somebody put other prices in the store of record."""

import threading
from collections.abc import Callable

import structlog

from store_engine.catalog import Catalog
from store_engine.errors import RecordsError

LOOK_EVERY_S = 1.0  # (guess: a shopkeeper who changes a price walks to the shelf anyway)

_log = structlog.get_logger(__name__)


class PriceWatch:
    """Looks which prices were put last, again and again."""

    def __init__(
        self,
        *,
        version: Callable[[], str],
        book: Callable[[], Catalog | None],
        say: Callable[[Catalog], None],
        known: str,
    ) -> None:
        """Args: `version` and `book` put last, whom to `say` a new one, and the one `known`."""
        self._version = version
        self._book = book
        self._say = say
        self._known = known
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="price-watch", daemon=True)

    def look(self) -> None:
        """Say the prices that were put last, unless they are known."""
        if self._version() == self._known:
            return
        book = self._book()
        if book is not None:
            self._say(book)
            self._known = book.version

    def start(self) -> None:
        """Look on a thread of its own until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(LOOK_EVERY_S)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                self.look()
            except RecordsError as error:
                _log.warning("prices cannot be read", error=str(error))
