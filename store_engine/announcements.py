"""What a store is told about each event: topic, payload, quality of service, retained flag."""

from typing import NamedTuple

import msgspec

from store_engine.events import AlertRaised, CartChanged, Event, ReceiptIssued, VisitEnded
from store_engine.messages import Alert, LiveCart, Receipt
from store_engine.topics import said_topic, topic_for


class Announcement(NamedTuple):
    """One publication."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


def announcement(store: str, event: Event) -> Announcement | None:
    """Return what to publish about an event, None when nobody is told."""
    match event:
        case CartChanged():
            return say(store, event.cart)
        case ReceiptIssued():
            return say(store, event.receipt)
        case AlertRaised():
            return say(store, event.alert)
        case VisitEnded():
            return _withdraw_cart(store, event.visit)
        case _:
            return None


def say(store: str, said: LiveCart | Receipt | Alert) -> Announcement:
    """Return the publication of a said message."""
    how = topic_for(type(said))
    return Announcement(said_topic(store, said), msgspec.json.encode(said), how.qos, how.retain)


def _withdraw_cart(store: str, visit: str) -> Announcement:
    """An empty retained payload makes the broker forget the cart (MQTT 3.1.1, 3.3.1.3)."""
    how = topic_for(LiveCart)
    return Announcement(how.pattern.format(store=store, id=visit), b"", how.qos, how.retain)
