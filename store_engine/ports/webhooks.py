"""Words and protocols of webhooks: what happened, who wants to hear it, how far they are."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, TypeAlias

import msgspec

from store_engine.case_events import CaseEvent
from store_engine.events import Event
from store_engine.payment_events import PaymentEvent

Happened: TypeAlias = Event | PaymentEvent | CaseEvent


class Note(NamedTuple):
    """One thing that happened, where it stands in its feed, and a name that is unique for ever."""

    position: int
    name: str
    store: str
    happened: Happened


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants to hear what."""

    subscription: str
    url: str
    secret: str  # whsec_ and base64
    types: tuple[str, ...] = ()  # CloudEvents types; () for all


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How far a subscription is in one feed."""

    position: int = 0  # of the last note that was heard or did not concern it
    failing_since_us: int | None = None
    failures: int = 0
    try_at_us: int = 0
    stopped: str = ""  # why nothing more is sent, "" while it is


class Feed(Protocol):
    """Things that happened, in an order that never changes."""

    def after(self, position: int, limit: int) -> list[Note]:
        """Return up to `limit` notes behind `position`, in order."""
        ...


class Subscriptions(Protocol):
    """Who wants to hear what, and how far they are, in the store of record."""

    def subscriptions(self) -> list[Subscription]:
        """Return all of them."""
        ...

    def place(self, subscription: str, feed: str) -> Place:
        """Return how far one is."""
        ...

    def move(self, subscription: str, feed: str, place: Place) -> None:
        """Remember how far one is."""
        ...


class Post(Protocol):
    """Speaks HTTP."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Return the status of a POST. Raises `UnreachableError` when there is none."""
        ...
