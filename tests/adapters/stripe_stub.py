"""A local server that plays recorded exchanges with Stripe: each request must be the expected one.

The exchanges are written by hand after Stripe's public documentation (`source` in the file).
They show what this adapter sends and how it reads what is documented. Nobody has verified them
against Stripe itself.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

EXCHANGES = json.loads((Path(__file__).parent / "stripe_exchanges.json").read_text())


class Stub:
    """What was expected, what came, and what did not match."""

    def __init__(self, url: str, names: list[str]) -> None:
        self.url = url
        self.expected = [EXCHANGES[name] for name in names]
        self.mismatches: list[str] = []


@contextlib.contextmanager
def stripe_stub(*names: str) -> Iterator[str]:
    """Play the named exchanges in this order; yields the address of the API.

    Fails unless every one was asked for, and nothing else.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Player)
    server.daemon_threads = True
    stub = Stub(f"http://127.0.0.1:{server.server_port}", list(names))
    server.stub = stub
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield stub.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert not stub.mismatches, stub.mismatches
    assert not stub.expected, f"never asked for: {stub.expected}"


class Player(BaseHTTPRequestHandler):
    """Answers one request with the next exchange."""

    def do_GET(self) -> None:
        self.play()

    def do_POST(self) -> None:
        self.play()

    def play(self) -> None:
        stub = self.server.stub
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        url = urlsplit(self.path)
        came = {
            "call": f"{self.command} {url.path}",
            "fields": dict(parse_qsl(url.query) + parse_qsl(body)),
            "key": self.headers.get("Idempotency-Key"),
        }
        exchange = stub.expected.pop(0) if stub.expected else {"request": None}
        if exchange["request"] != came:
            stub.mismatches.append(f"expected {exchange['request']}, came {came}")
            return self.answer(501, {"error": {"message": "not the recorded request"}})
        if exchange["status"] is None:  # the connection breaks before the answer
            return self.connection.close()
        return self.answer(exchange["status"], exchange["body"])

    def answer(self, status: int, body: object) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *arguments: object) -> None:
        pass
