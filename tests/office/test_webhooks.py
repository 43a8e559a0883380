"""Webhooks: in order, signed, again until heard, nobody held up by another."""

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook

from store_engine.errors import ConfigError, UnreachableError
from store_engine.events import VisitEnded, VisitStarted
from store_engine.office.cloud_events import ALL_TYPES
from store_engine.office.webhooks import GIVE_UP_S, Webhooks, check_secret, check_types
from store_engine.ports.webhooks import Note, Place, Subscription

SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()


def ended(position: int) -> Note:
    visit = f"door.0.{position}"
    word = VisitEnded(event=f"shop/{visit}/visit_ended", time_us=position * 1_000_000, visit=visit)
    return Note(position, word.event, "shop", word)


def started(position: int) -> Note:
    word = VisitStarted(
        event=f"shop/{position}/visit_started",
        time_us=0,
        visit="door.0.1",
        account="shop.door.0.1",
        gate="door",
        track="t1",
    )
    return Note(position, word.event, "shop", word)


class Shelf:
    """A feed and the places of its readers, in memory."""

    def __init__(self, *notes: Note, readers: tuple[Subscription, ...]) -> None:
        self.notes, self.readers = list(notes), list(readers)
        self.places: dict[tuple[str, str], Place] = {}

    def after(self, position, limit):
        return [note for note in self.notes if note.position > position][:limit]

    def subscriptions(self):
        return self.readers

    def place(self, subscription, feed):
        return self.places.get((subscription, feed), Place())

    def move(self, subscription, feed, place):
        self.places[subscription, feed] = place


class BackEnd:
    """Remembers what it heard; answers as it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes, dict]] = []
        self.down: dict[str, int] = {}  # url -> status, 0: unreachable

    def __call__(self, url, body, headers):
        if self.down.get(url) == 0:
            raise UnreachableError("connection refused")
        if url in self.down:
            return self.down[url]
        self.heard.append((url, body, dict(headers)))
        return 204

    def ids(self, url="https://a"):
        return [json.loads(body)["id"] for to, body, _ in self.heard if to == url]


A = Subscription(subscription="a", url="https://a", secret=SECRET)
B = Subscription(subscription="b", url="https://b", secret=SECRET)


class World:
    """Webhooks over a shelf and a back end, with a clock to turn."""

    def __init__(self, *notes: Note, readers: tuple[Subscription, ...] = (A,)) -> None:
        self.now_us = 1_700_000_000_000_000
        self.shelf, self.back_end = Shelf(*notes, readers=readers), BackEnd()
        feeds = {"engine": self.shelf}
        self.webhooks = Webhooks(self.shelf, feeds, self.back_end, now_us=lambda: self.now_us)


def test_what_happened_is_told_in_order_and_once():
    world = World(ended(1), ended(2), ended(3))
    assert world.webhooks.deliver() == 3
    assert world.webhooks.deliver() == 0
    assert world.back_end.ids() == [note.name for note in world.shelf.notes]


def test_a_back_end_that_was_down_hears_everything_later_in_order():
    world = World(ended(1), ended(2))
    world.back_end.down["https://a"] = 0
    assert world.webhooks.deliver() == 0
    world.back_end.down.clear()
    assert world.webhooks.deliver() == 0  # it is not hammered
    world.now_us += 1_000_000
    assert world.webhooks.deliver() == 2
    assert world.back_end.ids() == [ended(1).name, ended(2).name]


def test_one_that_fails_holds_up_nobody_else():
    world = World(ended(1), readers=(A, B))
    world.back_end.down["https://a"] = 500
    assert world.webhooks.deliver() == 1
    assert world.back_end.ids("https://b") == [ended(1).name]


def test_the_wait_grows_between_tries():
    world = World(ended(1))
    world.back_end.down["https://a"] = 503
    waits = []
    for _ in range(4):
        world.webhooks.deliver()
        waits.append(world.shelf.place("a", "engine").try_at_us - world.now_us)
        world.now_us += waits[-1]
    assert waits == [1_000_000, 2_000_000, 4_000_000, 8_000_000]


def test_gone_means_stop():
    world = World(ended(1))
    world.back_end.down["https://a"] = 410
    world.webhooks.deliver()
    assert world.shelf.place("a", "engine").stopped == "the back end answered 410 Gone"


def test_after_days_of_failure_it_stops_and_says_why():
    world = World(ended(1))
    world.back_end.down["https://a"] = 500
    world.webhooks.deliver()
    world.now_us += int(GIVE_UP_S * 1_000_000)
    world.webhooks.deliver()
    assert world.shelf.place("a", "engine").stopped == "no success for 3 days, last status 500"


def test_only_the_types_asked_for_are_sent():
    only = Subscription(
        subscription="a", url="https://a", secret=SECRET, types=("store.visit.ended",)
    )
    world = World(started(1), ended(2), readers=(only,))
    assert world.webhooks.deliver() == 1
    assert world.shelf.place("a", "engine").position == 2


def test_signatures_are_those_of_standard_webhooks():
    world = World(ended(1))
    world.now_us = time.time_ns() // 1_000  # the library has no other clock
    world.webhooks.deliver()
    [(_, body, headers)] = world.back_end.heard
    assert Webhook(SECRET).verify(body, headers)["id"] == ended(1).name


def test_bodies_are_cloud_events():
    world = World(ended(7))
    world.webhooks.deliver()
    [(_, body, headers)] = world.back_end.heard
    said = from_http_event(HTTPMessage(headers, body))
    assert said.get_type() == "store.visit.ended"
    assert said.get_time() == datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)
    assert (said.get_source(), said.get_subject()) == ("/stores/shop", "door.0.7")


@pytest.mark.parametrize("secret", ["abc", "whsec_***", "whsec_YWJj"])
def test_a_weak_secret_is_refused(secret):
    with pytest.raises(ConfigError, match="webhook secret"):
        check_secret(secret)


def test_an_unknown_type_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"webhook type 'store\.visit\.begun': unknown"):
        check_types(["store.visit.begun"], ALL_TYPES)
