"""The command itself, as a process of its own, against a real broker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from drawn_store import NANOSTORE, encode, eye, film, line, nanostore

from store_engine.adapters.mqtt import BrokerAddress, LastWill, MqttLink
from store_engine.intake import FrontDoor
from store_engine.messages import Arrival, CameraFrame, DeviceStatus
from store_engine.ports import RawArrival
from tests.sim.mosquitto import Listener, Mosquitto

WALK = line((0.5, -1.2), (3.0, -0.8), from_s=1.5, to_s=30.0)
STATUS = "stores/nanostore/devices/camera-1/status"
FRAMES = "stores/nanostore/cameras/camera-1/frames"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Listener]:
    listening = Listener(broker.port)
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return encode(film(eye("camera-1"), [WALK], 30.0), tmp_path_factory.mktemp("v") / "shop.mp4")


@pytest.fixture
def node(broker: Mosquitto, video: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "store_engine", "camera", "camera-1", str(video)]
    command += ["--store", str(NANOSTORE), "--broker", f"127.0.0.1:{broker.port}"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ})
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(5.0)


def payloads(listener: Listener, topic: str) -> list[bytes]:
    return [payload for on, payload, _ in list(listener.heard) if on == topic]


def states(listener: Listener) -> list[str]:
    said = payloads(listener, STATUS)
    return [msgspec.json.decode(payload, type=DeviceStatus).state for payload in said]


def frames(listener: Listener) -> list[CameraFrame]:
    return [msgspec.json.decode(one, type=CameraFrame) for one in payloads(listener, FRAMES)]


def sees_somebody(listener: Listener) -> bool:
    return any(said.people for said in frames(listener))


def test_a_camera_node_plays_a_video_as_if_it_were_live_until_it_is_stopped(node, listener):
    listener.wait_for(lambda: sees_somebody(listener), limit_s=30.0)
    said = frames(listener)
    assert [one.sequence for one in said] == list(range(len(said)))
    assert abs(said[-1].time_us - time.time_ns() // 1_000) < 2_000_000
    door = FrontDoor(nanostore())
    heard = [RawArrival(0, topic, payload) for topic, payload, _ in list(listener.heard)]
    assert all(isinstance(door.accept(raw), Arrival) for raw in heard)
    node.send_signal(signal.SIGTERM)
    assert node.wait(15.0) == 0
    listener.wait_for(lambda: states(listener)[-1] == "offline")
    last = msgspec.json.decode(payloads(listener, STATUS)[-1], type=DeviceStatus)
    assert last.detail == "stopped"


def test_a_camera_node_that_is_killed_leaves_its_last_will(node, listener):
    listener.wait_for(lambda: "online" in states(listener), limit_s=30.0)
    listener.wait_for(lambda: frames(listener) != [], limit_s=30.0)
    node.send_signal(signal.SIGKILL)
    listener.wait_for(lambda: states(listener)[-1] == "offline")
    will = msgspec.json.decode(payloads(listener, STATUS)[-1], type=DeviceStatus)
    assert will.boot == frames(listener)[0].boot
    assert will.detail == ""


def test_a_device_takes_its_last_will_back_when_the_broker_returns(broker):
    will = LastWill("devices/d/status", b"offline", 1, True)
    address = BrokerAddress(port=broker.port, client_id="d")
    link = MqttLink(address, subscriptions=(), last_will=will)
    link.start()
    link.publish("devices/d/status", b"online", qos=1, retain=True)
    first = Listener(broker.port, "devices/#", name="first")
    first.wait_for(lambda: first.heard)
    first.close()
    broker.stop()
    broker.start()
    late = Listener(broker.port, "devices/#", name="late")
    late.wait_for(lambda: late.heard and late.heard[-1][1] == b"online")
    late.close()
    link.close()
