"""Starts an MQTT broker on a free loopback port, for demonstrations and tests.

mosquitto where it is installed; otherwise the embedded iotcore broker, which keeps nothing when
it stops. A shop runs a broker of its own, with passwords and TLS.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from store_engine.errors import StoreEngineError

LOOPBACK = "127.0.0.1"
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 10.0
PAYLOAD_BYTES_MAX = 4 * 1024 * 1024  # what intake accepts; iotcore's own default is 20 KB
IN_FLIGHT_MAX = 1_000  # unacknowledged deliveries: bounds the engine's inbox (guess)


@dataclass
class RunningBroker:
    """A broker process on this machine."""

    kind: str
    port: int
    command: list[str]
    process: subprocess.Popen[bytes]
    host: str = LOOPBACK

    def stop(self) -> None:
        """End it as an operator would: it may save what it holds."""
        self.process.send_signal(signal.SIGTERM)
        self._wait()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self._wait()

    def start_again(self) -> None:
        """Start it again on the same port with the same data folder."""
        self.process = _launch(self.command, self.port)

    def _wait(self) -> None:
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_TIMEOUT_S)
        if self.process.stdin is not None:
            self.process.stdin.close()


@contextlib.contextmanager
def start_broker(
    folder: Path | None = None, *, kind: str = "best", port: int | None = None
) -> Iterator[RunningBroker]:
    """Run a broker until the end of the `with` block.

    Args:
        folder: where it keeps its files; a temporary one when None.
        kind: "mosquitto", "iotcore", or "best" for the first of these that is installed.
        port: a free one when None.
    """
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="broker-")))
        chosen = best_kind() if kind == "best" else kind
        if chosen not in BROKERS:
            raise StoreEngineError(f"broker {chosen!r} is not one of {', '.join(BROKERS)}")
        port = port or free_port()
        command = BROKERS[chosen](folder, port)
        broker = RunningBroker(chosen, port, command, _launch(command, port))
        try:
            yield broker
        finally:
            broker.stop()


def best_kind() -> str:
    """Return "mosquitto" where it is installed, else "iotcore"."""
    return "mosquitto" if _mosquitto() else "iotcore"


def free_port() -> int:
    """Return a TCP port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _mosquitto() -> str | None:
    # Debian installs it in a folder that only root's PATH lists.
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def lasting_queues(folder: Path, *, queued_max: int) -> list[str]:
    """Return the lines by which mosquitto keeps sessions and queues in `folder`, an absolute one.

    queued_max: messages waiting for one client, 0 for any number.
    """
    return [
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 1",  # seconds; the default of 30 minutes loses a day on a power cut
        f"max_queued_messages {queued_max}",  # the default of 1000 drops silently
        f"max_inflight_messages {IN_FLIGHT_MAX}",
        "set_tcp_nodelay true",
    ]


def _mosquitto_command(folder: Path, port: int) -> list[str]:
    program = _mosquitto()
    if program is None:
        raise StoreEngineError("mosquitto is not installed on this machine")
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"listener {port} {LOOPBACK}",
        "allow_anonymous true",  # loopback only
        *lasting_queues(folder.resolve(), queued_max=0),  # no limit
        "log_dest stderr",
        "log_type error",
    ]
    if os.geteuid() == 0:
        lines.append("user root")  # else it becomes user mosquitto, who cannot write our folder
    config = folder / "mosquitto.conf"
    config.write_text("\n".join(lines) + "\n")
    return [program, "-c", str(config)]


def _iotcore_command(_folder: Path, port: int) -> list[str]:
    limits = {"max_payload_size": PAYLOAD_BYTES_MAX, "max_inflight_count": IN_FLIGHT_MAX}
    options = json.dumps({"listen": LOOPBACK, "port": port, **limits})
    return [sys.executable, "-m", "store_engine.adapters.embedded_broker", options]


BROKERS: Mapping[str, Callable[[Path, int], list[str]]] = {
    "mosquitto": _mosquitto_command,
    "iotcore": _iotcore_command,
}


def _launch(command: list[str], port: int) -> subprocess.Popen[bytes]:
    if _listens(port):
        raise StoreEngineError(f"cannot start a broker: port {port} is taken")
    process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - built above, no shell
    give_up_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_s:
        if process.poll() is not None:
            raise StoreEngineError(f"the broker ended at once with code {process.returncode}")
        if _listens(port):
            return process
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise StoreEngineError(f"the broker still does not listen after {START_TIMEOUT_S:.0f} s")


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=0.2):
            return True
    except OSError:
        return False
