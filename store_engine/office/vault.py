"""The vault: what was presented at a gate, out of sight from the moment it comes in.

    GateScan(credential) ─▶ veil ─▶ GateScan(handle) ─▶ journal, events, recording, logs
                             └─ codes, unknown cards ─▶ put away ─▶ reveal (to the desk) ─▶ gone

A handle is a keyed hash (HMAC-SHA256, RFC 2104, cut to 128 bits) under a secret of this database:
the same card has the same handle, so a repeated tap is recognised, and no handle leads back. The
desk needs the credential itself only to check a code's signature and to open an account for a card
it has not seen; those are put away, in memory and in the store of record, until they are decided
upon and for `KEPT_S` at most, so that an engine that restarts can still answer.
"""

import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog

from store_engine.access import Kind, kind_of
from store_engine.account_ports import GateBook, VaultItem
from store_engine.card_numbers import masked, masked_bytes
from store_engine.errors import RecordsError
from store_engine.messages import GateScan
from store_engine.ports import RawArrival
from store_engine.topics import topic_for
from store_engine.units import to_us

KEPT_S = 600.0  # a credential that was never decided upon (guess: no restart takes longer)
CARD_NUMBER = "h:number:"  # stands for every card number: not even a hash of one is kept
PUT_AWAY: tuple[Kind, ...] = ("code", "card")

_KINDS: dict[str, Kind] = {
    "code": "code", "card": "card", "token": "token", "number": "card number",
}  # fmt: skip
_HANDLE = re.compile(r"h:(code|card|token):[a-z2-7]{26}|h:number:")
_SCANS = topic_for(GateScan).pattern.rpartition("/")[2]
_FIELDS = ("type", *GateScan.__struct_fields__)
_WORDS_OF_PEOPLE = ("gates", "devices")  # kinds of topic whose payloads hold text, not readings

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
    ) -> None:
        self._book = book
        self._secret = secret
        self._now_us = now_us
        self._card_prefixes = tuple(card_prefixes)
        self._items: dict[str, VaultItem] = {}  # by handle, oldest first
        self._lock = threading.Lock()

    def handle(self, credential: str) -> str:
        """Return what stands for a credential in everything that is kept."""
        kind = kind_of(credential, card_prefixes=self._card_prefixes)
        if kind == "card number":
            return CARD_NUMBER
        message = credential.encode("utf-8", "surrogatepass")
        mac = hmac.new(self._secret, message, hashlib.sha256).digest()[:16]
        return f"h:{kind}:{base64.b32encode(mac).decode().rstrip('=').lower()}"

    def take(self, credential: str) -> str:
        """Return a credential's handle, and put it away if the desk will need it."""
        handle = self.handle(credential)
        if kind_of_handle(handle) in PUT_AWAY:
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
        if kind_of_handle(handle) in PUT_AWAY:
            with self._lock:
                self._items.pop(handle, None)
            self._book.throw_away(handle)

    def veil(self, raw: RawArrival) -> RawArrival:
        """Return a payload from a device without what must not be kept of it."""
        kind, _, what = raw.topic.partition("/")[2].partition("/")[2].partition("/")
        if kind not in _WORDS_OF_PEOPLE:
            return raw
        payload = raw.payload
        if what.rpartition("/")[2] == _SCANS:
            payload = self._veiled_scan(payload)
        return RawArrival(raw.received_us, masked(raw.topic), masked_bytes(payload))

    def _veiled_scan(self, payload: bytes) -> bytes:
        """Return a scan with its handle; of anything else only how long it was."""
        scan = _fields_of(payload)
        if scan is None:
            return f"(a scan of {len(payload)} bytes that cannot be read)".encode()
        credential = scan.get("credential")
        scan["credential"] = self.take(credential) if isinstance(credential, str) else None
        return msgspec.json.encode({name: scan[name] for name in _FIELDS if name in scan})

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


def is_handle(text: str) -> bool:
    """Whether `text` is spelled like a handle."""
    return _HANDLE.fullmatch(text) is not None


def kind_of_handle(handle: str) -> Kind:
    """Return what kind of credential a handle stands for."""
    return _KINDS[handle.split(":")[1]]


def _fields_of(payload: bytes) -> dict[str, Any] | None:
    """Return the fields of a JSON or MessagePack map, None for anything else."""
    for decode in (msgspec.json.decode, msgspec.msgpack.decode):
        try:
            fields = decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            continue
        if isinstance(fields, dict):
            return fields
    return None
