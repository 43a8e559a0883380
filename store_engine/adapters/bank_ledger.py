"""What the simulated provider remembers: everything it was asked for, its answers, and the holds.

Kept apart from the engine's store of record: a real provider outlives the engine too.
"""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol

from store_engine.ports.office import ProviderAnswer

Kind = Literal[
    "authorise", "adjust", "capture", "release", "refund", "dispute", "dispute_won", "dispute_lost"
]


class Request(NamedTuple):
    """What the provider is asked for; a key stands for exactly one of these."""

    key: str
    kind: Kind
    asked: int  # minor units; 0 for a release
    method: str = ""  # of an authorisation
    currency: str = ""  # of an authorisation
    on: str = ""  # the hold or the capture that it acts on


class Operation(NamedTuple):
    """A request that was carried out, once, and its answer."""

    key: str
    kind: Kind
    asked: int
    method: str
    currency: str
    on: str
    outcome: Literal["done", "declined"]
    moved: int  # minor units held, captured, given back or disputed; 0 when declined or released
    ref: str
    reason: str  # why it was declined
    time_us: int

    @property
    def request(self) -> Request:
        """What was asked."""
        return Request(self.key, self.kind, self.asked, self.method, self.currency, self.on)

    @property
    def answer(self) -> ProviderAnswer:
        """What was answered."""
        return ProviderAnswer(self.outcome, self.moved, self.ref, self.reason)


class Hold(NamedTuple):
    """Money set aside on a payment method, and what became of it. Amounts are minor units."""

    ref: str
    method: str
    currency: str
    held: int
    expires_us: int
    state: Literal["open", "captured", "released", "expired"] = "open"
    capture: str = ""  # name of the capture, once there is one
    captured: int = 0
    refunded: int = 0
    disputed: int = 0  # taken back by the shopper's bank, for now or for good


class Book(Protocol):
    """The ledger in the hands of one caller; everything is kept together when they are done."""

    def find(self, key: str) -> Operation | None:
        """Return what was done under `key`."""
        ...

    def hold(self, ref: str) -> Hold | None:
        """Return the hold of that name, or the one whose capture has that name."""
        ...

    def keep(self, operation: Operation, hold: Hold | None) -> None:
        """Remember an operation, and the hold as it left it."""
        ...


class Ledger(Protocol):
    """The provider's memory. Reading it needs no turn; changing it does."""

    def exclusive(self) -> AbstractContextManager[Book]:
        """Nobody else writes meanwhile; an exception undoes what was kept."""
        ...

    def find(self, key: str) -> Operation | None:
        """Return what was done under `key`."""
        ...

    def operations(self, *, after: int = 0, limit: int | None = None) -> list[Operation]:
        """Return the operations behind the first `after` ones, oldest first."""
        ...

    def holds(self) -> list[Hold]:
        """Return all holds, oldest first."""
        ...


class MemoryLedger:
    """A ledger for replays and simulations: gone with the process."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._holds: dict[str, Hold] = {}
        self._hold_of_capture: dict[str, str] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def exclusive(self) -> Iterator["MemoryLedger"]:
        """Nobody else writes meanwhile. `keep` comes last in a turn and cannot fail."""
        with self._lock:
            yield self

    def find(self, key: str) -> Operation | None:
        """Return what was done under `key`."""
        return self._operations.get(key)

    def hold(self, ref: str) -> Hold | None:
        """Return the hold of that name, or the one whose capture has that name."""
        return self._holds.get(self._hold_of_capture.get(ref, ref))

    def keep(self, operation: Operation, hold: Hold | None) -> None:
        """Remember an operation, and the hold as it left it."""
        if hold is not None:
            self._holds[hold.ref] = hold
            self._hold_of_capture[hold.capture or hold.ref] = hold.ref
        self._operations[operation.key] = operation

    def operations(self, *, after: int = 0, limit: int | None = None) -> list[Operation]:
        """Return the operations behind the first `after` ones, oldest first."""
        return list(self._operations.values())[after:][:limit]

    def holds(self) -> list[Hold]:
        """Return all holds, oldest first."""
        return list(self._holds.values())
