"""What the simulated provider remembers: every operation it was asked for, and its answer.

Kept apart from the engine's store of record: a real provider outlives the engine too.
"""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol


class Operation(NamedTuple):
    """One thing the provider was asked for once, under one idempotency key."""

    key: str
    kind: Literal["charge", "refund"]
    account: str  # of a charge
    currency: str  # of a charge
    charge: str  # provider_ref of the charge that a refund takes back from
    asked: int  # minor units
    moved: int  # minor units; 0 when declined
    provider_ref: str
    reason: str  # why it was declined


class Ledger(Protocol):
    """Append-only memory of operations."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Nobody else reads or writes meanwhile; an exception undoes what was appended."""
        ...

    def find(self, key: str) -> Operation | None:
        """Return the operation done under `key`."""
        ...

    def operations(self) -> list[Operation]:
        """Return all operations, oldest first."""
        ...

    def append(self, operation: Operation) -> None:
        """Remember one operation."""
        ...


class MemoryLedger:
    """A ledger for replays and simulations: gone with the process."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._lock = threading.Lock()

    def exclusive(self) -> AbstractContextManager[None]:
        """Nobody else reads or writes meanwhile."""
        return self._held()

    def find(self, key: str) -> Operation | None:
        """Return the operation done under `key`."""
        return self._operations.get(key)

    def operations(self) -> list[Operation]:
        """Return all operations, oldest first."""
        return list(self._operations.values())

    def append(self, operation: Operation) -> None:
        """Remember one operation."""
        self._operations[operation.key] = operation

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        with self._lock:
            yield
