"""How much may be sent, and how often."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_engine.web.problems import ProblemError, document

BODY_MAX = 64 * 1024  # bytes; the largest ordinary request is a claim of 500 characters
PRICES_MAX = 3 * 1024 * 1024  # bytes of a price book: 15,000 products; an engine takes 4 MiB
FAILED_COSTS = 10.0  # a token that is none costs as much as so many requests (guess)
BUCKETS_MAX = 10_000  # remembered at once; whoever was away longest is forgotten

Clock = Callable[[], float]


class Buckets:
    """Token buckets, one for each name; in memory, so each process counts for itself."""

    def __init__(self, *, per_s: float, burst: float, clock: Clock = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # name -> left, seen
        self._lock = threading.Lock()

    def take(self, name: str, cost: float = 1.0) -> None:
        """Take from a bucket. Raises `ProblemError` 429 when too little is left in it."""
        with self._lock:
            now_s = self._clock()
            left, seen_s = self._left.pop(name, (self._burst, now_s))
            left = min(self._burst, left + (now_s - seen_s) * self._per_s)
            enough = left >= min(cost, 1.0)
            self._left[name] = (left - cost if enough else left, now_s)
            while len(self._left) > BUCKETS_MAX:
                self._left.popitem(last=False)
        if not enough:
            wait_s = math.ceil((1.0 - left) / self._per_s)
            raise ProblemError(
                429,
                f"too many requests: {self._per_s:g} a second, {self._burst:g} at once",
                headers={"Retry-After": str(max(1, wait_s))},
            )


class Limits:
    """Refuses bodies that are too large and addresses that ask too often, before anything else."""

    def __init__(self, app: ASGIApp, *, addresses: Buckets) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._addresses.take(address_of(scope))
            body = await _whole_body(scope, receive)
        except ProblemError as error:
            answer = document(error.status, error.detail, headers=error.headers)
            await answer(scope, receive, send)
            return
        await self._app(scope, _again(body, receive), send)


def address_of(scope: Scope) -> str:
    """Return whom a connection is from, as far as the server knows."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


async def _whole_body(scope: Scope, receive: Receive) -> bytes:
    most = PRICES_MAX if scope["path"].endswith("/prices") else BODY_MAX
    said = dict(scope["headers"]).get(b"content-length", b"0")
    if not said.isdigit() or int(said) > most:
        raise ProblemError(413, f"body: at most {most} bytes are taken here")
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            raise ProblemError(413, f"body: at most {most} bytes are taken here")
        if message["type"] != "http.request" or not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that hands over the body once, and then what else comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def handed() -> Message:
        return waiting.pop() if waiting else await receive()

    return handed
