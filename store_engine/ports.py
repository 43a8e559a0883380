"""Protocols, one per kind of adapter. The core never sees what is behind them."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from store_engine.messages import Arrival, EntryDecision


class ChargeOutcome(NamedTuple):
    """What a payment provider says it did."""

    charged: bool
    amount: int  # minor units moved; 0 when declined
    provider_ref: str
    reason: str  # why it was declined


class Payments(Protocol):
    """A payment provider. Every call may be repeated with the same key: it acts once."""

    def charge(self, *, key: str, account: str, amount: int, currency: str) -> ChargeOutcome:
        """Authorise and capture `amount` minor units.

        Raises `UnreachableError` when it cannot ask.
        """
        ...

    def refund(self, *, key: str, provider_ref: str, amount: int) -> ChargeOutcome:
        """Give back up to what was captured. Raises `EffectError` beyond that limit."""
        ...


class Admission(NamedTuple):
    """Whether a credential opens a gate."""

    accepted: bool
    account: str
    reason: str


class Accounts(Protocol):
    """Who may come in."""

    def admit(self, credential: str, *, time_us: int) -> Admission:
        """Return the account behind a credential, or why there is none."""
        ...


class Publisher(Protocol):
    """Says messages to the store."""

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Hand a payload to the broker; empty payload with `retain` withdraws a topic."""
        ...


class RawArrival(NamedTuple):
    """A payload as it came in: what recordings and the journal keep."""

    received_us: int
    topic: str
    payload: bytes


class RecordingSource(Protocol):
    """A recorded session, in the order it was heard."""

    def __iter__(self) -> Iterator[RawArrival]: ...


class RecordingSink(Protocol):
    """Keeps a session as it is heard."""

    def write(self, arrival: RawArrival) -> None:
        """Append one payload. Raises `RecordingError` when the disk is full."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class Responder(Protocol):
    """Answers the effects an engine asks for, outside any real store (replay, simulation)."""

    def answer(self, event: object, *, received_us: int) -> list[Arrival]:
        """Return the messages that answer `event`, none when it asks for nothing."""
        ...


__all__ = [
    "Accounts",
    "Admission",
    "ChargeOutcome",
    "EntryDecision",
    "Payments",
    "Publisher",
    "RawArrival",
    "RecordingSink",
    "RecordingSource",
    "Responder",
]
