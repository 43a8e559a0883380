"""From `devices init` to a charged receipt: everything over a broker that asks for certificates."""

import contextlib
import getpass
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from store_engine.adapters.broker_security.client_files import client_tls
from store_engine.adapters.brokers import free_port
from store_engine.adapters.mqtt import caught_up_topic
from store_engine.adapters.recordings import McapRecording
from store_engine.cli import app
from store_engine.messages import Receipt
from tests.adapters.secured_broker import Client, eventually, running

ROOT = Path(__file__).parents[2]
STORE = ROOT / "configs" / "nanostore"
SHORT = """
name = "short"
shoppers = 1
actions_each = [1, 1]
people_from = "tracker"
[mix]
take = 1.0
"""
SPEED = 20.0  # store seconds per second
STARTS_WITHIN_S = 60.0  # on a busy machine


def call(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def secure(tmp_path):
    """A folder in which everybody is enrolled, the settings of the engine, and the port."""
    folder, port = tmp_path / "secure", free_port()
    to = ("--store", STORE, "--to", folder)
    call("devices", "init", *to, "--port", port, "--run-as", getpass.getuser())
    within = ("--store", STORE, "--in", folder)
    broker = call("devices", "enroll", "--engine", *within)
    call("devices", "enroll", "--all", "--observer", "screen", *within)
    settings = tmp_path / "settings.toml"
    own = [f'store = "{STORE}"', f'data = "{tmp_path / "data"}"', f"clock_speed = {SPEED}"]
    settings.write_text("\n".join(own) + "\n" + broker)
    return folder, settings, port


@contextlib.contextmanager
def engine(settings):
    command = [sys.executable, "-m", "store_engine", "run", "--settings", str(settings)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_a_shopper_gets_a_receipt_over_a_secured_broker(secure, tmp_path):
    folder, settings, port = secure
    scenario = tmp_path / "short.toml"
    scenario.write_text(SHORT)
    with running(folder / "broker", port) as broker:
        screen = Client(broker, client_tls(folder / "clients", "screen"))
        screen.listen(caught_up_topic("store-engine"), "stores/nanostore/receipts/+")
        with engine(settings):
            eventually(lambda: screen.heard, timeout_s=STARTS_WITHIN_S)
            live = ("--live", f"127.0.0.1:{port}", "--certificates", folder / "clients")
            to = ("--store", STORE, "--to", tmp_path / "session.mcap")
            call("simulate", scenario, "--seed", 7, "--speed", SPEED, *live, *to)
            eventually(lambda: len(screen.heard) == 2, timeout_s=STARTS_WITHIN_S)
        screen.leave()
    receipt = msgspec.json.decode(screen.heard[1][1], type=Receipt)
    assert receipt.total > 0


def test_what_a_secured_broker_carries_can_be_recorded_by_an_observer(secure, tmp_path):
    folder, _, port = secure
    with running(folder / "broker", port) as broker:
        door = Client(broker, client_tls(folder / "clients", "door-1"))
        door.say("stores/nanostore/devices/door-1/status", b"{}", retain=True)
        to, own = tmp_path / "heard.mcap", folder / "clients" / "screen"
        where = ("--store", STORE, "--to", to, "--certificate", own)
        call("record", f"127.0.0.1:{port}", "--seconds", 1, *where)
        door.leave()
    topics = {raw.topic for raw in McapRecording(to)}
    assert "stores/nanostore/devices/door-1/status" in topics


def test_a_simulated_device_without_a_certificate_is_named(secure, tmp_path):
    _, _, port = secure
    scenario = tmp_path / "short.toml"
    scenario.write_text(SHORT)
    words = ["simulate", scenario, "--store", STORE, "--live", f"127.0.0.1:{port}"]
    words += ["--certificates", tmp_path / "nobody", "--to", tmp_path / "session.mcap"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 1
    assert "has no certificate" in result.output
