"""A real mosquitto with the configuration that `store-engine devices` writes, and who meets it."""

import contextlib
import getpass
import queue
import shutil
import signal
import socket
import ssl
import threading
import time
from datetime import UTC, datetime

import paho.mqtt.client as paho
import pytest

from store_engine.adapters.broker_security.access_folder import AccessFolder
from store_engine.adapters.broker_security.client_files import client_tls
from store_engine.adapters.broker_security.mosquitto import BrokerPlan
from store_engine.adapters.brokers import LOOPBACK, RunningBroker, _launch, free_port
from tests.tiny_store import tiny_store

PROGRAM = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
TIMEOUT_S = 10.0
MAP = tiny_store().map
OBSERVER = "screen"
NOW = datetime.now(UTC)


@contextlib.contextmanager
def secured(root):
    """Everybody enrolled, the broker up: yields (access folder, running broker)."""
    plan = BrokerPlan(LOOPBACK, (LOOPBACK,), free_port(), run_as=getpass.getuser())
    access = AccessFolder.begin(root, MAP, plan, now=NOW)
    for device in sorted(MAP.devices):
        access.enroll(device, now=NOW)
    access.enroll_engine(now=NOW)
    access.enroll_observer(OBSERVER, now=NOW)
    with running(access.broker, plan.port) as broker:
        yield access, broker


@contextlib.contextmanager
def running(folder, port):
    """A mosquitto with the files in this folder, where there is a mosquitto."""
    if PROGRAM is None:
        pytest.skip("mosquitto is not installed")
    command = [PROGRAM, "-c", str(folder / "mosquitto.conf")]
    broker = RunningBroker("mosquitto", port, command, _launch(command, port))
    try:
        yield broker
    finally:
        if broker.process.poll() is None:
            broker.stop()


def reload(broker):
    broker.process.send_signal(signal.SIGHUP)


def eventually(happens, timeout_s=TIMEOUT_S):
    give_up_s = time.monotonic() + timeout_s
    while not happens():
        assert time.monotonic() < give_up_s, "did not happen in time"
        time.sleep(0.02)


# MQTT 3.1.1 CONNECT: clean session, keep-alive 60 s, client id "x".
CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x"
WELCOME = b"\x20\x02\x00\x00"


def answer(broker, context):
    """Return "welcome", or why the broker turned this client away in the TLS handshake.

    Over TLS 1.2, in which a client hears of its refusal before it has said anything; in TLS 1.3 it
    may find no more than a closed connection.
    """
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return attempt(broker, context)[0]


def attempt(broker, context, session=None):
    """Connect once; return (answer, TLS session to resume or None)."""
    with socket.create_connection((LOOPBACK, broker.port), timeout=TIMEOUT_S) as raw:
        try:
            with context.wrap_socket(raw, server_hostname=LOOPBACK, session=session) as talk:
                talk.sendall(CONNECT)
                return "welcome" if talk.recv(4) == WELCOME else "closed", talk.session
        except ssl.SSLError as error:
            return error.reason or "closed", None
        except ConnectionError:
            return "closed", None


class Client:
    """Speaks MQTT 5 to the broker, whose answers carry reasons."""

    def __init__(self, broker, context, *, name="", will=None):
        self.heard = []
        self.dropped = False
        self._answers = queue.SimpleQueue()
        self._subscribed = threading.Event()
        client = paho.Client(paho.CallbackAPIVersion.VERSION2, name, protocol=paho.MQTTv5)
        client.tls_set_context(context)
        if will is not None:
            client.will_set(will, b"gone", qos=1)
        client.on_connect = lambda *args: self._answers.put(args[3])
        client.on_disconnect = lambda *_: setattr(self, "dropped", True)
        client.on_publish = lambda *args: self._answers.put(args[3])
        client.on_subscribe = lambda *_: self._subscribed.set()
        client.on_message = lambda *args: self.heard.append((args[-1].topic, args[-1].payload))
        client.connect(LOOPBACK, broker.port)
        client.loop_start()
        self.client = client
        self._answer()

    def say(self, topic, payload=b"{}", *, retain=False):
        """Publish at QoS 1; return "allowed", or why the broker would not have it."""
        self.client.publish(topic, payload, qos=1, retain=retain)
        return self._answer()

    def listen(self, *filters):
        self._subscribed.clear()
        self.client.subscribe([(one, 1) for one in filters])
        assert self._subscribed.wait(TIMEOUT_S)

    def _answer(self):
        reason = self._answers.get(timeout=TIMEOUT_S)
        return str(reason) if reason.is_failure else "allowed"

    def vanish(self):
        """Lose the connection without a good-bye."""
        self.client.loop_stop()
        self.client.socket().close()

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()


@contextlib.contextmanager
def connected(access, broker, who, **how):
    client = Client(broker, client_tls(access.clients, who), **how)
    try:
        yield client
    finally:
        client.leave()
