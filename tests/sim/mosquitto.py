"""A real broker for tests, on a free loopback port, that survives being stopped."""

import getpass
import shutil
import socket
import subprocess
import time
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

BINARY = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class Mosquitto:
    """Starts and stops by process, keeping its sessions in `folder`."""

    def __init__(self, folder: Path) -> None:
        if BINARY is None:
            pytest.skip("mosquitto is not installed")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"persistence true\npersistence_location {folder}/\n"
            f"user {getpass.getuser()}\n"  # it would give up the right to write into `folder`
            "max_queued_messages 0\nset_tcp_nodelay true\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(BINARY), "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 5.0
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("mosquitto did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(5.0)
            self._process = None


class Listener:
    """Collects what a broker carries, across its outages."""

    def __init__(self, port: int, topics: str = "#", *, name: str = "listener") -> None:
        self.heard: list[tuple[str, bytes, bool]] = []  # topic, payload, retained
        self._ready = False
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=False)
        client.reconnect_delay_set(1, 1)
        client.on_connect = lambda client, *_: client.subscribe(topics, qos=1)
        client.on_subscribe = lambda *_: setattr(self, "_ready", True)
        client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, message.payload, message.retain)
        )
        client.connect("127.0.0.1", port)
        client.loop_start()
        self._client = client
        self.wait_for(lambda: self._ready)

    def wait_for(self, condition, limit_s: float = 10.0) -> None:
        until = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < until, f"waited {limit_s} s, heard {len(self.heard)}"
            time.sleep(0.01)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
