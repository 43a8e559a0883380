"""Topics under `stores/{store}/...`: which message travels where, and how.

One table, read by adapters, the simulator, docs/protocol.md and docs/asyncapi.yaml.
Devices publish `heard` topics; the engine publishes `said` topics; `edge` topics exist only in
recordings and the journal: the broker is never allowed to carry an answer to an effect.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from store_engine.messages import (
    AgeChecked,
    Alert,
    CameraFrame,
    DeviceStatus,
    EntryDecision,
    GateCrossing,
    GateScan,
    LiveCart,
    Message,
    PaymentResult,
    PricesChanged,
    Receipt,
    ShelfWeights,
    Tick,
    TrackedPeople,
)
from store_engine.store_map import StoreMap


class Topic(NamedTuple):
    """How one message type travels."""

    message: type[msgspec.Struct]
    pattern: str  # {store} and {id}: the device (heard), the visit (said)
    flow: Literal["heard", "edge", "said"]
    qos: int
    retain: bool
    note: str

    @property
    def kind(self) -> str:
        """What speaks or is spoken about here: the third level, `cameras` for example."""
        return self.pattern.split("/")[2]


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
    Topic(PricesChanged, "stores/{store}/edge/{id}/prices", "edge", 1, False,
          "the prices of visits that start from now on"),
    Topic(AgeChecked, "stores/{store}/edge/{id}/age-checks", "edge", 1, False,
          "somebody looked at the age of a visit's shopper"),
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


def speakers(store_map: StoreMap) -> Mapping[str, frozenset[str]]:
    """Return who may publish under each kind of heard topic."""
    return {
        "gates": frozenset(store_map.gates),
        "cameras": frozenset(store_map.cameras),
        "trackers": frozenset(store_map.trackers),
        "shelves": frozenset(store_map.cells),
        "devices": frozenset(store_map.devices),
    }


def own_topics(store_map: StoreMap, device: str) -> tuple[str, ...]:
    """Return every topic a device may publish on; none if the store does not know it."""
    who = speakers(store_map)
    return tuple(
        topic.pattern.format(store=store_map.store, id=device)
        for topic in TOPICS
        if topic.flow == "heard" and device in who[topic.kind]
    )
