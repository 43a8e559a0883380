"""Who calls: requests signed as AWS signs them (Signature Version 4), or with an API key.

The published connectors authenticate by AWS IAM, where AWS checks the signature. Here the retailer
signs with a key that we gave it, and we check (inferred: no other way is published). Source of the
method: AWS, "Create a signed AWS API request".
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.datastructures import Headers

from store_engine.units import seconds_between, to_us

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "execute-api"
CLOCK_S = 300.0  # a signature is good for five minutes, as at AWS
SIGNED_AT_LEAST = {"host", "x-amz-date"}

_AUTHORIZATION = re.compile(
    ALGORITHM + r" Credential=(?P<key>[\w-]{1,128})/(?P<day>\d{8})/(?P<region>[\w-]+)"
    r"/(?P<service>[\w-]+)/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)


class NotAllowedError(Exception):
    """Nobody whom we know sent this."""


class Incoming(NamedTuple):
    """A request as it came in."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes


class Callers:
    """Those who may call.

    Args:
        secrets: by key id, of those who sign.
        api_keys: by name, of those who send a key instead.
        region: that signatures must name.
        now_us: the clock, microseconds since the epoch.
    """

    def __init__(
        self,
        *,
        secrets: Mapping[str, str],
        region: str,
        now_us: Callable[[], int],
        api_keys: Mapping[str, str] | None = None,
    ) -> None:
        self._secrets = dict(secrets)
        self._api_keys = dict(api_keys or {})
        self._region = region
        self._now_us = now_us

    def caller(self, request: Incoming) -> str:
        """Return who sent a request. Raises `NotAllowedError`, without saying what was wrong."""
        key = request.headers.get("x-api-key")
        name = self._by_key(key) if key is not None else self._by_signature(request)
        if name is None:
            raise NotAllowedError
        return name

    def _by_key(self, given: str) -> str | None:
        found = None
        for name, key in self._api_keys.items():  # all of them: how long it takes says nothing
            if hmac.compare_digest(given.encode(), key.encode()):
                found = name
        return found

    def _by_signature(self, request: Incoming) -> str | None:
        said = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if said is None or request.query or not self._is_now(request, said["day"]):
            return None
        secret = self._secrets.get(said["key"])
        names = said["headers"].split(";")
        if secret is None or not set(names) >= SIGNED_AT_LEAST:
            return None
        if (said["region"], said["service"]) != (self._region, SERVICE):
            return None
        scope = f"{said['day']}/{said['region']}/{said['service']}/aws4_request"
        wanted = signature(request, names, secret=secret, scope=scope)
        return said["key"] if hmac.compare_digest(wanted, said["signature"]) else None

    def _is_now(self, request: Incoming, day: str) -> bool:
        try:
            date = datetime.strptime(request.headers.get("x-amz-date", ""), "%Y%m%dT%H%M%SZ")
        except ValueError:
            return False
        signed_us = to_us(date.replace(tzinfo=UTC).timestamp())
        return (
            abs(seconds_between(signed_us, self._now_us())) <= CLOCK_S
            and date.strftime("%Y%m%d") == day
        )


def signature(request: Incoming, names: list[str], *, secret: str, scope: str) -> str:
    """Return the signature of a request over the named headers, hexadecimal."""
    canonical = "\n".join(
        (
            request.method,
            request.path,
            request.query,
            *(f"{name}:{_trimmed(request.headers.getlist(name))}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    to_sign = "\n".join(
        (
            ALGORITHM,
            request.headers["x-amz-date"],
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def _trimmed(values: list[str]) -> str:
    return ",".join(" ".join(value.split()) for value in values)
