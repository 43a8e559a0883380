"""The service as an operator meets it: a process that is started, stopped and killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import paho.mqtt.client as paho
import pytest

from store_engine.adapters.brokers import start_broker
from store_engine.adapters.database import open_existing, sqlite_url
from store_engine.adapters.database.records_reading import RecordsReader
from store_engine.adapters.recordings import McapRecording
from store_engine.app import unused_name
from store_engine.app.office import PAYMENTS
from store_engine.errors import RecordsError
from store_engine.messages import GateScan
from store_engine.settings import Settings
from store_engine.topics import heard_topic

ROOT = Path(__file__).parents[2]
RUN = "from store_engine.app import run; from store_engine.settings import load_settings; "
RUN += "run(load_settings())"


@pytest.fixture
def broker(tmp_path):
    with start_broker(tmp_path / "broker") as broker:
        yield broker


class Operator:
    """Starts the service on one data folder, stops it, looks at what it kept."""

    def __init__(self, folder, broker):
        self.folder = folder
        self.broker = broker

    def start(self):
        chosen = {
            "STORE_ENGINE_STORE": str(ROOT / "configs" / "nanostore"),
            "STORE_ENGINE_DATA": str(self.folder),
            "STORE_ENGINE_RECORD": str(self.folder / "session.mcap"),
            "STORE_ENGINE_BROKER__HOST": self.broker.host,
            "STORE_ENGINE_BROKER__PORT": str(self.broker.port),
        }
        return subprocess.Popen(
            [sys.executable, "-c", RUN],
            env=os.environ | chosen | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
        )

    def until_decided(self, count, *, meanwhile=lambda: None, timeout_s=30.0):
        give_up_s = time.monotonic() + timeout_s
        while len(self.entries()) < count:
            meanwhile()
            assert time.monotonic() < give_up_s, f"{self.entries()} after {timeout_s} s"
            time.sleep(0.05)

    def entries(self):
        """Return the scans that asked to come in and were answered."""
        try:
            reader = RecordsReader(open_existing(sqlite_url(self.folder / "records.sqlite")))
            found = [] if reader.pending_effects() else reader.events()
            reader.close()
        except RecordsError:
            return []
        return [event.scan for event in found if hasattr(event, "credential")]


def scan(broker, gate, *sequences):
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.connect(broker.host, broker.port)
    client.loop_start()
    for sequence in sequences:
        time_us = time.time_ns() // 1_000
        credential = f"stranger-{sequence}"  # a second tap with the same one would ask nothing
        said = GateScan(device=gate, sequence=sequence, time_us=time_us, credential=credential)
        topic = heard_topic("nanostore", said)
        client.publish(topic, msgspec.json.encode(said), qos=1).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()


def test_the_service_survives_a_kill_and_ends_well_on_request(tmp_path, broker):
    operator = Operator(tmp_path / "data", broker)
    service = operator.start()
    operator.until_decided(1, meanwhile=lambda: scan(broker, "door-1", 0))
    service.kill()
    service.wait()
    scan(broker, "door-1", 1)  # nobody listens: the broker keeps it
    service = operator.start()
    scan(broker, "door-1", 2)
    operator.until_decided(3)
    service.send_signal(signal.SIGTERM)
    assert service.wait(20) == 0
    assert operator.entries() == ["door-1/0/0", "door-1/0/1", "door-1/0/2"]
    assert [path.name for path in sorted((tmp_path / "data").glob("*.mcap"))] == [
        "session-2.mcap",
        "session.mcap",
    ]
    assert McapRecording(tmp_path / "data" / "session-2.mcap").damage == ""


def test_every_payment_provider_of_the_settings_can_be_built():
    chosen = Settings.model_fields["payments"].annotation
    assert set(PAYMENTS) == set(chosen.__args__)


def test_a_recording_is_never_written_over(tmp_path):
    first = tmp_path / "new folder" / "session.mcap"
    assert unused_name(first) == first
    first.touch()
    assert unused_name(first).name == "session-2.mcap"
    unused_name(first).touch()
    assert unused_name(first).name == "session-3.mcap"
