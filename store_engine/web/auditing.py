"""Notes who did what, before it is done and again after: what cut short shows as outcome 0."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_engine.card_numbers import masked
from store_engine.ports.api import AuditEntry, AuditLog

NOBODY = "nobody known"
LINK = "receipt link"
READS = ("GET", "HEAD", "OPTIONS")
NOTED_READS = ("/v1/accounts", "/v1/audit")  # reading about a person is noted too
REFUSED = (401, 403)
ON_MAX = 500  # characters kept of what stood in a path
SECRETS = ("key",)  # parameters of paths that open something


class Audited:
    """Writes the audit log around an application."""

    def __init__(self, app: ASGIApp, *, log: AuditLog, now_us: Callable[[], int]) -> None:
        self._app = app
        self._log = log
        self._now_us = now_us

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, with notes about it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["who"] = NOBODY
        noted = scope["method"] not in READS or scope["path"].startswith(NOTED_READS)
        number = await self._begin(scope) if noted else None
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            await self._end(scope, number, status)

    async def _begin(self, scope: Scope) -> int:
        return await run_in_threadpool(self._log.begin, self._entry(scope, 0))

    async def _end(self, scope: Scope, number: int | None, status: int) -> None:
        if number is None and status in REFUSED:
            number = await self._begin(scope)
        if number is not None:
            await run_in_threadpool(self._log.end, number, self._entry(scope, status))

    def _entry(self, scope: Scope, status: int) -> AuditEntry:
        parameters = scope.get("path_params", {})
        told = (f"{name}={value}" for name, value in parameters.items() if name not in SECRETS)
        return AuditEntry(
            time_us=self._now_us(),
            who=scope["state"]["who"],
            what=f"{scope['method']} {_path(scope)}",
            on=masked(" ".join(told).replace("\0", ""))[:ON_MAX],
            outcome=status,
        )


def _path(scope: Scope) -> str:
    """Return the path as the API describes it; before it is known, no more than its beginning."""
    known = getattr(scope.get("route"), "path", None)
    return known or "/".join(scope["path"].split("/")[:2]) + "/..."
