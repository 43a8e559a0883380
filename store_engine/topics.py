"""Topics under `stores/{store}/...`: which message travels where, and how.

One table, read by adapters, the simulator, docs/protocol.md and docs/asyncapi.yaml.
Devices publish `heard` topics; the engine publishes `said` topics; `edge` topics exist only in
recordings and the journal: the broker is never allowed to carry an answer to an effect.
"""

from typing import Literal, NamedTuple

import msgspec

from store_engine.messages import (
    Alert,
    CameraFrame,
    DeviceStatus,
    EntryDecision,
    GateCrossing,
    GateScan,
    LiveCart,
    Message,
    PaymentResult,
    Receipt,
    ShelfWeights,
    Tick,
    TrackedPeople,
)


class Topic(NamedTuple):
    """How one message type travels."""

    message: type[msgspec.Struct]
    pattern: str  # {store} and {id}: the device (heard), the visit (said)
    flow: Literal["heard", "edge", "said"]
    qos: int
    retain: bool
    note: str


TOPICS: tuple[Topic, ...] = (
    Topic(GateScan, "stores/{store}/gates/{id}/scans", "heard", 1, False,
          "an entry credential was presented"),
    Topic(GateCrossing, "stores/{store}/gates/{id}/crossings", "heard", 1, False,
          "somebody passed, in or out"),
    Topic(CameraFrame, "stores/{store}/cameras/{id}/frames", "heard", 1, False,
          "everyone seen in one frame"),
    Topic(TrackedPeople, "stores/{store}/trackers/{id}/people", "heard", 1, False,
          "everyone an upstream 3-D tracker follows"),
    Topic(ShelfWeights, "stores/{store}/shelves/{id}/weights", "heard", 1, False,
          "a batch of load-cell readings"),
    Topic(DeviceStatus, "stores/{store}/devices/{id}/status", "heard", 1, True,
          "health; the broker publishes `offline` as the device's last will"),
    Topic(Tick, "stores/{store}/edge/{id}/ticks", "edge", 1, False,
          "quiet time"),
    Topic(EntryDecision, "stores/{store}/edge/{id}/entry-decisions", "edge", 1, False,
          "answer to entry_requested"),
    Topic(PaymentResult, "stores/{store}/edge/{id}/payment-results", "edge", 1, False,
          "answer to charge_requested"),
    Topic(LiveCart, "stores/{store}/carts/{id}", "said", 1, True,
          "live cart of a visit; withdrawn (empty retained payload) when the visit ends"),
    Topic(Receipt, "stores/{store}/receipts/{id}", "said", 1, False,
          "what a visit owes, once"),
    Topic(Alert, "stores/{store}/alerts", "said", 1, False,
          "something a person should know about"),
)  # fmt: skip

_BY_TYPE = {topic.message: topic for topic in TOPICS}


def topic_for(message_type: type[msgspec.Struct]) -> Topic:
    """Return how messages of this type travel."""
    return _BY_TYPE[message_type]


def heard_topic(store: str, message: Message) -> str:
    """Return the topic a heard message is published or recorded on."""
    return _BY_TYPE[type(message)].pattern.format(store=store, id=message.device)


def said_topic(store: str, said: LiveCart | Receipt | Alert) -> str:
    """Return the topic the engine publishes this on."""
    about = "" if isinstance(said, Alert) else said.visit
    return _BY_TYPE[type(said)].pattern.format(store=store, id=about)


def subscriptions(store: str) -> tuple[tuple[str, int], ...]:
    """Return (topic filter, QoS) of everything an engine listens to on the broker."""
    heard = (topic for topic in TOPICS if topic.flow == "heard")
    return tuple((topic.pattern.format(store=store, id="+"), topic.qos) for topic in heard)
