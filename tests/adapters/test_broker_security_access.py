"""What the access list allows, held against the table of topics. No broker here."""

import msgspec
import paho.mqtt.client as paho
import pytest

from store_engine.adapters.broker_security.access import (
    BROKER,
    ENGINE,
    OBSERVER,
    acl_file,
    check_device,
    check_observer,
    rights_of,
)
from store_engine.adapters.mqtt import caught_up_topic
from store_engine.errors import ConfigError
from store_engine.intake import FrontDoor
from store_engine.messages import DeviceStatus, ShelfWeights
from store_engine.ports import RawArrival
from store_engine.topics import TOPICS, heard_topic, own_topics, subscriptions
from tests.tiny_store import tiny_store

STORE = tiny_store()
DEVICES = sorted(STORE.map.devices)
KINDS = {"door": "gates", "cam": "cameras", "tracker": "trackers", "shelf-1": "shelves"}


def on(topic, name):
    """A topic of the table, about this device or visit."""
    return topic.pattern.format(store="tiny", id=name)


def may_publish(name, topic):
    return any(paho.topic_matches_sub(one, topic) for one in rights_of(STORE.map, name).publishes)


def may_hear(name, topic):
    return any(paho.topic_matches_sub(one, topic) for one in rights_of(STORE.map, name).hears)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.message.__name__)
@pytest.mark.parametrize("device", DEVICES)
def test_a_device_publishes_what_its_kind_says_about_itself_and_nothing_else(topic, device):
    speaks = topic.kind in (KINDS.get(device, "shelves"), "devices") and topic.flow == "heard"
    for about in (*DEVICES, "v1"):
        assert may_publish(device, on(topic, about)) == (speaks and about == device)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.message.__name__)
@pytest.mark.parametrize("device", DEVICES)
def test_a_device_hears_nothing(topic, device):
    assert not may_hear(device, on(topic, device))
    assert not may_hear(device, on(topic, "v1"))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.message.__name__)
def test_the_engine_says_what_it_says_and_hears_what_is_heard(topic):
    assert may_publish(ENGINE, on(topic, "v1")) == (topic.flow == "said")
    assert may_hear(ENGINE, on(topic, "v1")) == (topic.flow == "heard")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.message.__name__)
def test_an_observer_hears_all_that_the_broker_carries_and_says_nothing(topic):
    rights = rights_of(STORE.map, "screen", role=OBSERVER)
    hears = any(paho.topic_matches_sub(one, on(topic, "v1")) for one in rights.hears)
    assert hears == (topic.flow != "edge")
    assert rights.publishes == ()


def test_nobody_publishes_what_the_edge_says():
    edge = [on(topic, name) for topic in TOPICS for name in DEVICES if topic.flow == "edge"]
    assert edge
    assert not any(may_publish(name, topic) for topic in edge for name in [*DEVICES, ENGINE])


def test_the_engine_may_find_its_place_behind_the_backlog():
    place = caught_up_topic("any client id")
    assert may_publish(ENGINE, place)
    assert may_hear(ENGINE, place)


def test_the_engine_may_hear_all_it_subscribes_to():
    assert {one for one, _ in subscriptions("tiny")} <= set(rights_of(STORE.map, ENGINE).hears)


def test_a_status_may_be_a_last_will_of_every_device():
    for device in DEVICES:
        status = DeviceStatus(device=device, sequence=0, time_us=0, state="offline")
        assert may_publish(device, heard_topic("tiny", status))


@pytest.mark.parametrize("device", DEVICES)
def test_the_front_door_is_open_for_every_topic_a_device_may_publish(device):
    door = FrontDoor(STORE)
    for topic in own_topics(STORE.map, device):
        refusal = door.accept(RawArrival(0, topic, b"{}"))
        assert "invalid JSON" in refusal.reason  # not: unknown device, nothing is heard on


def test_the_front_door_is_shut_where_a_device_may_not_publish():
    door = FrontDoor(STORE)
    forged = ShelfWeights(device="cam", sequence=0, time_us=0, rate_hz=60.0, samples=((1.0,),))
    topic = heard_topic("tiny", forged)
    assert not may_publish("cam", topic)
    assert "unknown device" in door.accept(RawArrival(0, topic, msgspec.json.encode(forged))).reason


@pytest.mark.parametrize("name", ["stranger", BROKER, "authority"])
def test_whom_the_store_does_not_know_may_do_nothing(name):
    rights = rights_of(STORE.map, name)
    assert (rights.publishes, rights.hears) == ((), ())
    assert name not in acl_file([rights])


def test_the_access_list_has_a_paragraph_for_everybody():
    listed = acl_file([rights_of(STORE.map, "tracker"), rights_of(STORE.map, "cam")])
    cam, tracker = (part.splitlines() for part in listed.split("\n\n")[1:])
    assert cam == [
        "user cam",
        "topic write stores/tiny/cameras/cam/frames",
        "topic write stores/tiny/devices/cam/status",
    ]
    assert tracker[0] == "user tracker"


def test_a_device_the_store_does_not_know_is_refused_with_those_it_does():
    with pytest.raises(ConfigError, match=r"'cam-9': store 'tiny' knows cam, door, shelf-1, "):
        check_device(STORE.map, "cam-9")


@pytest.mark.parametrize("name", ["two words", "a\ntopic write #", "../cam", "x" * 65, ENGINE])
def test_a_device_whose_name_would_break_a_list_or_is_taken_is_refused(name):
    named = tiny_store().map
    object.__setattr__(named, "trackers", (name,))
    with pytest.raises(ConfigError, match=r"a name at the broker is|the name is taken"):
        check_device(named, name)


@pytest.mark.parametrize("name", ["cam", ENGINE, BROKER, "a/b"])
def test_an_observer_has_a_name_of_its_own(name):
    with pytest.raises(ConfigError, match=f"observer '{name}'"):
        check_observer(STORE.map, name)
