"""Protocols, one per kind of adapter. The core never sees what is behind them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

from store_engine.events import Event
from store_engine.messages import Arrival, ShelfWeights
from store_engine.promotions import Shopper
from store_engine.signals import TrackMoved, VisitorBound


class ChargeOutcome(NamedTuple):
    """What became of a request for money."""

    outcome: Literal["charged", "declined", "released"]
    amount: int  # minor units moved; when declined, the part that could be taken
    provider_ref: str
    reason: str  # why it was declined, or why nothing was asked for


class Payments(Protocol):
    """The till of the office. Every call may be repeated with the same key: it acts once.

    Both raise `UnreachableError` when the outcome is not known yet, and `EffectError` when the
    request itself is refused (a key used for something else): then nothing happened.
    """

    def charge(
        self, *, key: str, account: str, amount: int, currency: str, receipt: str = ""
    ) -> ChargeOutcome:
        """Take `amount` minor units for a receipt; released: this account never pays."""
        ...

    def release(self, *, key: str, account: str) -> ChargeOutcome:
        """Let go of what is held: nothing was taken, or nobody came in."""
        ...


class Admission(NamedTuple):
    """Whether a credential opens a gate."""

    accepted: bool
    account: str  # what the engine calls them: the party, where accounts are kept apart
    reason: str
    shopper: Shopper = Shopper()
    people: int = 1  # how many come in on it


class Accounts(Protocol):
    """Who may come in."""

    def admit(self, credential: str, *, time_us: int, entry: str) -> Admission:
        """Return who comes in on a credential, or why nobody does.

        `entry` is the id of the event that asks: the same entry gets the same answer.
        Raises `UnreachableError` when that cannot be found out now.
        """
        ...


class Publisher(Protocol):
    """Says messages to the store."""

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Hand a payload to the broker; empty payload with `retain` withdraws a topic."""
        ...

    def pending(self) -> int:
        """How many publications the broker has not confirmed yet."""
        ...


class RawArrival(NamedTuple):
    """A payload as it came in: what recordings and the journal keep."""

    received_us: int
    topic: str
    payload: bytes


class Delivery(NamedTuple):
    """One delivery by the broker, to be acknowledged once its message is kept."""

    connection: int  # which connection of ours it came over: its id means nothing on another
    packet: int


Deliver = Callable[[str, bytes, Delivery], None]  # topic, payload


class Listener(Protocol):
    """Hears the devices of a store."""

    def start(self, deliver: Deliver) -> None:
        """Begin to listen, and keep listening whatever becomes of the broker."""
        ...

    def acknowledge(self, deliveries: Iterable[Delivery]) -> None:
        """Tell the broker that these are kept; what is not acknowledged is delivered again."""
        ...

    def caught_up(self) -> bool:
        """Whether everything the broker held for us has been delivered."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class DeadLetter(NamedTuple):
    """A payload that was refused, and why."""

    raw: RawArrival
    reason: str


class Kept(NamedTuple):
    """What one commit keeps, all of it or nothing."""

    journal: Sequence[RawArrival] = ()  # accepted payloads, in the order they were handled
    events: Sequence[Event] = ()  # what they decided, in order
    dead_letters: Sequence[DeadLetter] = ()
    answered: Sequence[str] = ()  # event ids of effects whose answers are in `journal`
    published: bool = False  # everything committed before has reached the broker


class Records(Protocol):
    """The store of record. What `commit` returned from survives the loss of power."""

    def begin_life(self) -> int:
        """Count this start of the engine and return its number, from 1."""
        ...

    def commit(self, kept: Kept) -> list[Event]:
        """Keep everything of `kept`; return its events that were not known yet, in order.

        Raises `RecordsError` when it cannot, having kept nothing.
        """
        ...

    def save_snapshot(self, state: bytes) -> None:
        """Keep the engine's state after everything journaled; the journal starts anew."""
        ...

    def snapshot(self) -> bytes | None:
        """The last saved state, None before the first."""
        ...

    def journal(self) -> Iterator[RawArrival]:
        """Payloads accepted since the snapshot, in the order they were handled."""
        ...

    def decided(self, events: Sequence[str]) -> dict[str, Event]:
        """Return the known ones among these event ids."""
        ...

    def pending_effects(self) -> list[Event]:
        """Events whose effect has not been answered, in order."""
        ...

    def unpublished(self) -> list[Event]:
        """Events that may not have reached the broker, in order."""
        ...

    def live_carts(self) -> list[Event]:
        """The last `CartChanged` of every visit that has not ended."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class RecordingSource(Protocol):
    """A recorded session, in the order it was heard."""

    def __iter__(self) -> Iterator[RawArrival]: ...


class RecordingSink(Protocol):
    """Keeps a session as it is heard."""

    def write(self, arrival: RawArrival) -> None:
        """Append one payload. Raises `RecordingError` when the disk is full."""
        ...

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class Onlooker(Protocol):
    """Is told what an engine hears and infers, for explanations; it answers nothing."""

    def weighed(self, weights: ShelfWeights, time_us: int) -> None:
        """Take in a batch whose first sample is at `time_us`, aligned event time."""
        ...

    def moved(self, moved: TrackMoved) -> None:
        """Take in where a person is."""
        ...

    def bound(self, bound: VisitorBound) -> None:
        """Take in whose cart a track fills."""
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
    "DeadLetter",
    "Deliver",
    "Delivery",
    "Kept",
    "Listener",
    "Onlooker",
    "Payments",
    "Publisher",
    "RawArrival",
    "RecordingSink",
    "RecordingSource",
    "Records",
    "Responder",
]
