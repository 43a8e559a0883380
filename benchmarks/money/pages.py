"""Is a receipt's page ready: the real web office in a process of its own, asked by a shopper.

python -m benchmarks.money.pages FOLDER --broker 127.0.0.1:1883 --port 8080 [--database URL]
"""

import argparse
import contextlib
import http.client
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.money.shop import settings_of
from store_engine.adapters.brokers import free_port
from store_engine.adapters.database import Database
from store_engine.app import configure_logging
from store_engine.app.office import open_links
from store_engine.messages import Receipt
from store_engine.settings import OfficeSettings, Settings

HOST = "127.0.0.1"
STARTS_WITHIN_S = 30.0
LOOK_AGAIN_S = 0.01
GIVE_UP_S = 60.0  # a page that is not there by then counts as this late
ONE_IN = 10  # receipts whose page is asked for: the office limits what one address may ask


class Shopper:
    """Opens the link of some receipts the moment they are issued, on a thread of its own."""

    def __init__(self, settings: Settings, database: Database, *, port: int) -> None:
        self._links = open_links(settings, database)
        self._port = port
        self._to_open: queue.Queue[tuple[Receipt, int] | None] = queue.Queue()
        self._seen = 0
        self.took_s: list[float] = []  # from the exit to the whole page
        self._thread = threading.Thread(target=self._open_all, name="shopper")
        self._thread.start()

    def issued(self, receipt: Receipt, left_ns: int) -> None:
        """Open this receipt's page, if it is one of the sample."""
        self._seen += 1
        if self._seen % ONE_IN == 0:
            self._to_open.put((receipt, left_ns))

    def close(self) -> None:
        """Wait until the last page is there."""
        self._to_open.put(None)
        self._thread.join()

    def _open_all(self) -> None:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=GIVE_UP_S)
        while (asked := self._to_open.get()) is not None:
            receipt, left_ns = asked
            path = self._links.path(receipt.store, receipt.receipt)
            give_up_s = time.monotonic() + GIVE_UP_S
            while not _opens(connection, path) and time.monotonic() < give_up_s:
                time.sleep(LOOK_AGAIN_S)
            self.took_s.append((time.monotonic_ns() - left_ns) / 1e9)
        connection.close()


def _opens(connection: http.client.HTTPConnection, path: str) -> bool:
    connection.request("GET", path)
    answer = connection.getresponse()
    page = answer.read()
    return answer.status == 200 and page.rstrip().endswith(b"</html>")


@contextlib.contextmanager
def serving(folder: Path, *, broker: str, database: str) -> Iterator[int]:
    """Run the web office beside an engine for the length of the block; yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.money.pages", str(folder)]
    command += ["--broker", broker, "--database", database, "--port", str(port)]
    process = subprocess.Popen(command)
    try:
        _wait_until_open(port)
        yield port
    finally:
        process.terminate()
        process.wait(STARTS_WITHIN_S)


def _wait_until_open(port: int) -> None:
    give_up_s = time.monotonic() + STARTS_WITHIN_S
    while True:
        connection = http.client.HTTPConnection(HOST, port)
        try:
            connection.request("GET", "/favicon.ico")
            connection.getresponse().read()
        except OSError:
            if time.monotonic() > give_up_s:
                raise
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--database", default="")
    parser.add_argument("--port", type=int, required=True)
    told = parser.parse_args()
    # Only this process serves: what is measured beside it must not carry a web framework.
    from store_engine.app.web import run_office  # noqa: PLC0415

    settings = settings_of(told.folder, broker=told.broker, database=told.database)
    configure_logging("error")
    run_office(settings.model_copy(update={"office": OfficeSettings(listen=HOST, port=told.port)}))


if __name__ == "__main__":
    main()
