"""The vault: what was presented at a gate, out of sight from the moment it comes in.

    GateScan(credential) ─▶ veil ─▶ GateScan(handle)
                             └─ codes, cards ─▶ put away ─▶ reveal (to the desk) ─▶ gone

The desk needs a credential itself only to check a code's signature and to open an account for a
card it has not seen; those are put away, in memory and in the store of record, until they are
decided upon and for `KEPT_S` at most, so that an engine that restarts can still answer. The
secret of the handles is the database's.
"""

import threading
from collections.abc import Callable, Sequence

import structlog

from store_engine.access import Kind
from store_engine.errors import RecordsError
from store_engine.office.handles import handle_of, kind_of_handle, veil
from store_engine.ports import RawArrival
from store_engine.ports.accounts import GateBook, VaultItem
from store_engine.units import to_us

KEPT_S = 600.0  # a credential that was never decided upon (guess: no restart takes longer)
PUT_AWAY: tuple[Kind, ...] = ("code", "card")
PUT_AWAY_FOR_RETAILER: tuple[Kind, ...] = ("code", "card", "token")  # who knows codes we do not

_log = structlog.get_logger(__name__)


class Vault:
    """Veils credentials. Any number of threads may use it."""

    def __init__(
        self,
        book: GateBook,
        *,
        secret: bytes,
        now_us: Callable[[], int],
        card_prefixes: Sequence[str],
        put_away: Sequence[Kind] = PUT_AWAY,
    ) -> None:
        self._book = book
        self._secret = secret
        self._now_us = now_us
        self._card_prefixes = tuple(card_prefixes)
        self._put_away_kinds = tuple(put_away)
        self._items: dict[str, VaultItem] = {}  # by handle, oldest first
        self._lock = threading.Lock()

    def handle(self, credential: str) -> str:
        """Return what stands for a credential in everything that is kept."""
        return handle_of(credential, secret=self._secret, card_prefixes=self._card_prefixes)

    def take(self, credential: str) -> str:
        """Return a credential's handle, and put it away if the desk will need it."""
        handle = self.handle(credential)
        if kind_of_handle(handle) in self._put_away_kinds:
            self._put_away(VaultItem(handle, credential, self._now_us()))
        return handle

    def reveal(self, handle: str) -> str | None:
        """Return the credential behind a handle, None when it is not (or no longer) here."""
        with self._lock:
            item = self._items.get(handle)
        item = item or self._book.look_up(handle)
        if item is None or item.kept_us < self.oldest_us():
            return None
        return item.credential

    def throw_away(self, handle: str) -> None:
        """Forget a credential: it was decided upon."""
        if kind_of_handle(handle) in self._put_away_kinds:
            with self._lock:
                self._items.pop(handle, None)
            self._book.throw_away(handle)

    def veil(self, raw: RawArrival) -> RawArrival:
        """Return a payload from a device without what must not be kept of it."""
        return veil(raw, self.take)

    def _put_away(self, item: VaultItem) -> None:
        with self._lock:
            self._items.pop(item.handle, None)
            self._items[item.handle] = item
            while next(iter(self._items.values())).kept_us < self.oldest_us():
                self._items.pop(next(iter(self._items)))
        try:
            self._book.put_away(item)
        except RecordsError as error:  # only a restart at this very moment would need it
            _log.warning("a credential is in memory only", error=str(error))

    def oldest_us(self) -> int:
        """Return since when credentials are kept, microseconds since the epoch."""
        return self._now_us() - to_us(KEPT_S)
