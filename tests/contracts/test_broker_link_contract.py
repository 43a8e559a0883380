"""The link to the broker keeps these promises over every broker we start ourselves."""

import contextlib
import threading
import time

import paho.mqtt.client as paho
import pytest

from store_engine.adapters.brokers import best_kind, start_broker
from store_engine.adapters.mqtt import BrokerAddress, MqttLink

KINDS = ["mosquitto", "iotcore"]
TOPIC = "stores/tiny/gates/door/scans"


def running(kind, folder):
    if kind == "mosquitto" and best_kind() != "mosquitto":
        pytest.skip("mosquitto is not installed")
    return start_broker(folder, kind=kind)


@pytest.fixture(params=KINDS, scope="module")
def broker(request, tmp_path_factory):
    with running(request.param, tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def client_id(request):
    return request.node.name


class Ear:
    """Hears through a link; keeps nothing acknowledged unless told to."""

    def __init__(self, broker, client_id, *, acknowledges=True):
        self.heard = []
        self.deliveries = []
        self._acknowledges = acknowledges
        address = BrokerAddress(port=broker.port, client_id=client_id)
        self.link = MqttLink(address, subscriptions=[("stores/tiny/gates/+/scans", 1)], grace_s=0)

    def __enter__(self):
        self.link.start(self._hear)
        eventually(self.link.caught_up)
        return self

    def __exit__(self, *exc):
        self.link.close()

    def _hear(self, topic, payload, delivery):
        self.heard.append((topic, payload))
        self.deliveries.append(delivery)
        if self._acknowledges:
            self.link.acknowledge([delivery])


@contextlib.contextmanager
def device(broker):
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.connect(broker.host, broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def send(broker, *payloads, topic=TOPIC, **how):
    with device(broker) as client:
        for payload in payloads:
            client.publish(topic, payload, qos=1, **how).wait_for_publish(5)


def eventually(happens, timeout_s=10.0):
    give_up_s = time.monotonic() + timeout_s
    while not happens():
        assert time.monotonic() < give_up_s, "did not happen in time"
        time.sleep(0.005)


def test_what_devices_publish_is_heard_byte_for_byte(broker, client_id):
    payloads = [b"{}", b"\x81\xa1x\x01", bytes(100_000)]
    with Ear(broker, client_id) as ear:
        send(broker, *payloads)
        eventually(lambda: len(ear.heard) == 3)
    assert ear.heard == [(TOPIC, payload) for payload in payloads]


def test_what_was_published_while_we_were_away_arrives_in_order(broker, client_id):
    with Ear(broker, client_id):
        pass
    payloads = [b"%d" % number for number in range(500)]
    send(broker, *payloads)
    with Ear(broker, client_id) as ear:  # until caught up
        assert [payload for _, payload in ear.heard] == payloads


def test_what_was_not_acknowledged_is_delivered_again(broker, client_id):
    with Ear(broker, client_id, acknowledges=False) as ear:
        send(broker, b"precious")
        eventually(lambda: ear.heard)
    with Ear(broker, client_id) as ear:
        assert ear.heard == [(TOPIC, b"precious")]
    with Ear(broker, client_id) as ear:
        assert ear.heard == []


def test_what_was_published_without_a_promise_needs_no_acknowledgement(broker, client_id):
    with Ear(broker, client_id) as ear, device(broker) as client:
        client.publish(TOPIC, b"fleeting", qos=0)
        eventually(lambda: ear.heard)
        send(broker, b"after")
        eventually(lambda: len(ear.heard) == 2)


def test_topics_of_the_edge_are_not_heard_from_the_broker(broker, client_id):
    with Ear(broker, client_id) as ear:
        send(broker, b"forged", topic="stores/tiny/edge/payments/payment-results")
        send(broker, b"scan")
        eventually(lambda: ear.heard)
    assert ear.heard == [(TOPIC, b"scan")]


def test_a_retained_cart_reaches_who_comes_later_until_it_is_withdrawn(broker, client_id):
    topic = "stores/tiny/carts/v1"
    with Ear(broker, client_id) as ear:
        ear.link.publish(topic, b"cart", qos=1, retain=True)
        eventually(lambda: ear.link.pending() == 0)
        assert retained(broker, topic) == [b"cart"]
        ear.link.publish(topic, b"", qos=1, retain=True)
        eventually(lambda: ear.link.pending() == 0)
        assert retained(broker, topic) == []


def retained(broker, topic):
    """Return what a newcomer is told about a topic."""
    told, subscribed = [], threading.Event()
    with device(broker) as client:
        client.on_message = lambda *args: told.append(args[-1].payload)
        client.on_subscribe = lambda *_: subscribed.set()
        client.subscribe([(topic, 1), ("stores/tiny/hello", 1)])
        assert subscribed.wait(5)
        client.publish("stores/tiny/hello", b"hello", qos=1)
        eventually(lambda: b"hello" in told)
    return [payload for payload in told if payload != b"hello"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_we_come_back_after_the_broker_and_say_what_waited(kind, ending, tmp_path):
    with running(kind, tmp_path) as broker, Ear(broker, "engine") as ear:
        getattr(broker, ending)()
        eventually(lambda: not ear.link.caught_up())
        for number in range(50):
            ear.link.publish(f"stores/tiny/receipts/v{number}", b"r", qos=1, retain=True)
        broker.start_again()
        eventually(ear.link.caught_up)
        eventually(lambda: ear.link.pending() == 0)
        assert retained(broker, "stores/tiny/receipts/v49") == [b"r"]
        send(broker, b"scan")
        eventually(lambda: ear.heard == [(TOPIC, b"scan")])


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_mosquitto_keeps_our_messages_over_its_own_restart(ending, tmp_path):
    with running("mosquitto", tmp_path) as broker:
        with Ear(broker, "engine"):
            pass
        payloads = [b"%d" % number for number in range(300)]
        send(broker, *payloads)
        if ending == "kill":
            time.sleep(3.0)  # a kill loses what came since the last autosave, 1 to 2 s ago
        getattr(broker, ending)()
        broker.start_again()
        with Ear(broker, "engine") as ear:
            assert [payload for _, payload in ear.heard] == payloads


def test_an_acknowledgement_of_an_old_connection_is_not_sent_on_the_new_one(tmp_path):
    with running("mosquitto", tmp_path) as broker:
        with Ear(broker, "engine", acknowledges=False) as ear:
            send(broker, b"first")
            eventually(lambda: ear.heard)
            broker.stop()
            eventually(lambda: not ear.link.caught_up())
            broker.start_again()
            eventually(lambda: len(ear.heard) == 2)
            ear.link.acknowledge(ear.deliveries[:1])
        with Ear(broker, "engine") as ear:
            assert ear.heard == [(TOPIC, b"first")]
